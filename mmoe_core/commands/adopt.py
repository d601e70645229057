"""A network that another library has trained: looked at here, with its gates."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click

from ..data import VOCABULARIES, Vocabulary, prepare
from ..runs import Store
from .answer import as_json, say_json
from .choices import dataset_of, pairs
from .summary import say_summary, summary

__all__ = ["adopt_verb"]

_HOW = """\
Where the library lives, with the trained `model` (torch-rechub; for DeepCTR-Torch: fields = list(model.feature_index)):

    import json
    from safetensors.torch import save_file
    fields = [feature.name for feature in model.embedding.features]
    tensors = {name: tensor.contiguous() for name, tensor in model.state_dict().items()}
    save_file(tensors, "model.safetensors", metadata={"fields": json.dumps(fields)})

Here, with the table that it was trained on (ids are those of the CSV; of a prepared dataset, those of its schema, which
reserves 0 to 2 in every field) and its tasks in its order:

    python -m mmoe_core adopt model.safetensors --from torch-rechub --data FOLDER --tasks purchase,click
"""


@click.command("adopt")
@click.argument("file", required=False, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--from", "library", type=click.Choice(["torch-rechub", "deepctr-torch"]), help="Who has trained it.")
@click.option("--data", help="What it was trained on: a dataset's name, or the processed Ali-CCP CSV.")
@click.option(
    "--vocabulary", type=click.Choice(VOCABULARIES), default="as_given", help="How the ids of a CSV are read."
)
@click.option("--tasks", default="", help="Its tasks in its order, such as purchase,click; default: the dataset's.")
@click.option("--set", "settings", multiple=True, metavar="KEY=VALUE",
              help="What it was built with, where its tensors do not tell, such as model.kind=mmoe.")  # fmt: skip
@click.option("--name", default="", help="What to call the run.")
@click.option("--how", is_flag=True, help="The lines that write FILE where the library lives; nothing else is done.")
@as_json
def adopt_verb(
    file: Path | None,
    library: str | None,
    data: str | None,
    vocabulary: Vocabulary,
    tasks: str,
    settings: Sequence[str],
    name: str,
    how: bool,
    is_json: bool,
) -> None:
    """Open a state dict of torch-rechub or DeepCTR-Torch, written as safetensors FILE, as a run with gates."""
    if how:
        click.echo(_HOW, nl=False)
        return
    if file is None or library is None or data is None:
        raise click.UsageError("Say which FILE, --from which library, and on what --data; --how says how to write it.")
    from ..foreign import LIBRARIES, adopt  # loads torch

    wanted, store = pairs(settings), Store()
    row = adopt(
        file,
        next(known for known in LIBRARIES if known == library),
        dataset_of(data, vocabulary),
        tasks=tuple(task.strip() for task in tasks.split(",") if task.strip()),
        settings=wanted,
        name=name,
        store=store,
    )
    for note in prepare(row.config.data).manifest.notes():
        click.echo(f"Note: {note}", err=True)
    found = summary(store, row)
    if is_json:
        say_json(found)
        return
    say_summary(found)
    click.echo(f"Its gates: python -m mmoe_core gates {row.run_id}")
