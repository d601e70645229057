"""Back to a state that a run has kept, and on from there with other choices."""

from __future__ import annotations

import re
from collections.abc import Sequence

import click

from ..errors import ConfigError, RunError
from ..runs import Store, branch, branch_points
from .answer import as_json, say_json
from .choices import pairs

__all__ = ["branch_verb"]

_AT = re.compile(r"(?P<epoch>epoch:)?(?P<number>[0-9]{1,12})")


@click.command("branch")
@click.argument("run")
@click.option("--at", required=True, metavar="STEP|epoch:N",
              help="Where both part: a step with a checkpoint, or an epoch's end; 0 is untrained.")  # fmt: skip
@click.option("--set", "settings", multiple=True, metavar="KEY=VALUE", help="A choice that the past has not settled.")
@click.option("--name", default="", help="What to call the branch.")
@as_json
def branch_verb(run: str, at: str, settings: Sequence[str], name: str, is_json: bool) -> None:
    """Start a run that is RUN up to a step, and from there on what its own choices make of it.

    Without any --set its numbers are those of RUN, to the last bit; what was set live after that step is not set again.
    """
    store = Store()
    row = branch(run, _step(store, run, at), pairs(settings), name, store=store)
    if is_json:
        say_json(
            {
                "run_id": row.run_id,
                "state": row.state,
                "parent_run_id": row.parent_run_id,
                "parent_step": row.parent_step,
            }
        )
    else:
        click.echo(f"{row.run_id} {row.state}: a branch of {row.parent_run_id} at step {row.parent_step:,}")


def _step(store: Store, run_id: str, at: str) -> int:
    found = _AT.fullmatch(at)
    if found is None:
        raise ConfigError(
            "'{at}' is neither a step nor an epoch. Write --at 120, or --at epoch:3.", at=ascii(at)[1:-1][:40]
        )
    number = int(found["number"])
    if found["epoch"] is None:
        return number
    points = branch_points(run_id, store=store)
    for point in points:
        if point.checkpoint == number:
            return point.step
    raise RunError(
        "Run {run_id} has kept no state of epoch {epoch} from which it could be branched. Epochs that have one: "
        "{epochs}.",
        run_id=run_id,
        epoch=number,
        epochs=", ".join(str(point.checkpoint) for point in points if point.checkpoint == point.epochs) or "none",
    )
