"""What can be trained on, and how a simulated log comes to be."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click

from ..config import SimulatedAliCcp
from ..errors import DatasetError
from .answer import as_json, say_json, say_table
from .choices import dials, pairs

__all__ = ["datasets_verb", "simulate_verb"]


@click.command("datasets")
@click.option("--delete", "unwanted", metavar="NAME", help="Delete a prepared or imported dataset first.")
@as_json
def datasets_verb(unwanted: str | None, is_json: bool) -> None:
    """What can be trained on here."""
    from ..data import delete_dataset, known_datasets

    if unwanted is not None:
        delete_dataset(unwanted)
    known = known_datasets()
    if is_json:
        say_json(
            {
                "datasets": [
                    {
                        "name": dataset.name,
                        "title": dataset.title,
                        "rows": dataset.rows,
                        "is_ready": dataset.is_ready,
                        "is_simulated": dataset.is_simulated,
                    }
                    for dataset in known
                ]
            }
        )
        return
    say_table(
        ("name", "what it is", "rows", "ready", "simulated"),
        [(found.name, found.title, found.rows, found.is_ready, found.is_simulated) for found in known],
    )


@click.command("simulate")
@click.argument("name", type=click.Choice(["ali-ccp"]))
@click.argument("out", type=click.Path(path_type=Path))
@click.option("--profile", help="Rates and mechanisms of the log.")
@click.option("--rows", "num_rows", help="Impressions.")
@click.option("--seed", help="Equal seeds, equal rows.")
@click.option("--set", "settings", multiple=True, metavar="KEY=VALUE", help="Any other dial, such as rho=0.5.")
@as_json
def simulate_verb(
    name: str,
    out: Path,
    profile: str | None,
    num_rows: str | None,
    seed: str | None,
    settings: Sequence[str],
    is_json: bool,
) -> None:
    """Write a simulated log as a dataset folder OUT; `train --data OUT` trains on it."""
    from ..data import open_dataset
    from ..data.simulator import write_log

    named = {"source": name, "profile": profile, "num_rows": num_rows, "seed": seed}
    config = dials({**{key: value for key, value in named.items() if value is not None}, **pairs(settings)})
    if out.exists():
        raise DatasetError("{folder} is already there. Choose a folder that is not, or delete it.", folder=str(out))
    if isinstance(config, SimulatedAliCcp):
        write_log(config, out)
    made = open_dataset(out)
    rows, positives = dict(made.manifest.rows), {split: dict(of) for split, of in made.manifest.positives.items()}
    if is_json:
        say_json({"folder": str(out.resolve()), "rows": rows, "positives": positives})
        return
    tasks = made.schema.task_names
    say_table(
        ("split", "rows", *tasks),
        [(split, count, *(positives[split][task] for task in tasks)) for split, count in rows.items()],
    )
