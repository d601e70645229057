"""Wait, warm, to become a run: what a server keeps ready."""

from __future__ import annotations

import click

from ..runs import wait_to_be_needed
from .train import be_run

__all__ = ["parked_verb"]


@click.command("parked", hidden=True)
@click.argument("descriptor", type=int)
def parked_verb(descriptor: int) -> int:
    """Of nobody's use but a server's, which hands over at DESCRIPTOR."""
    run_id = wait_to_be_needed(descriptor, _warm_up)
    return 0 if run_id is None else be_run(run_id)


def _warm_up() -> None:
    import pyarrow.parquet  # noqa: F401 - what opens a dataset and writes predictions

    from ..training import warm_up

    warm_up()
