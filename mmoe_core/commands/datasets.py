"""What can be trained on."""

from __future__ import annotations

import click

from .answer import as_json, say_json, say_table

__all__ = ["datasets_verb"]


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
