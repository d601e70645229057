"""Take a run away, or bring one in."""

from __future__ import annotations

from pathlib import Path

import click

from ..exports import WAYS, Way, export, open_in_child
from ..runs import Store
from .answer import as_json, say_json

__all__ = ["export_verb", "open_verb"]


@click.command("export")
@click.argument("run")
@click.option("--to", "way", required=True, type=click.Choice(WAYS), help="Which way out.")
@click.argument("out", type=click.Path(path_type=Path))
@as_json
def export_verb(run: str, way: Way, out: Path, is_json: bool) -> None:
    """Take away a run that has ended: its network, a script that trains it again, a bundle for `open`, and more."""
    export(Store(), run, way, out)
    if is_json:
        say_json({"run_id": run, "to": way, "out": str(out)})
    else:
        click.echo(f"{run} → {out}")


@click.command("open")
@click.argument("bundle", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@as_json
def open_verb(bundle: Path, is_json: bool) -> None:
    """Bring in a run that was exported as a bundle, here or elsewhere."""
    row = Store().row(open_in_child(bundle))
    if is_json:
        say_json({"run_id": row.run_id, "state": row.state})
    else:
        click.echo(f"{row.run_id} {row.state}")
