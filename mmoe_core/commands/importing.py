"""A table of your own becomes a dataset: first a look and an offer, then, with `--labels`, the import."""

from __future__ import annotations

import json
import re
import shlex
import sys
from collections.abc import Sequence
from pathlib import Path

import click
from pydantic import ValidationError

from ..config import Stored, datasets_folder
from ..data import Dataset, import_table_in_child, look_in_child
from ..data.progress import Progress
from ..data.table import DELIMITERS, ColumnReport, Guess, TableReport, guess, mapping_from_json
from ..errors import DatasetError
from .answer import as_json, say_json, say_table

__all__ = ["import_verb"]

_DELIMITER_OF = {name: mark for mark, name in DELIMITERS.items()}
_WIDEST = 40
_SPACES = {"ctr": "CTR, over all rows", "ctcvr": "CTCVR, over all rows", "cvr": "CVR, over clicked rows"}


@click.command("import")
@click.argument("file", type=click.Path(path_type=Path))
@click.argument("out", required=False)
@click.option(
    "--labels", help="What to predict: click,purchase; dwell:regression for a number. Without it: only a look."
)
@click.option("--ids", default="", help="Columns of identities, with commas between them.")
@click.option("--values", default="", help="Columns of numbers; price:log where the tail is heavy.")
@click.option("--ignore", default="", help="Columns to leave out; what is named nowhere is left out as well.")
@click.option("--key", "user", help="The user's column; it may be one of --ids too.")
@click.option("--time", help="The column that says when.")
@click.option("--split", type=click.Choice(["key", "time", "random"]), help="Default: by key if there is one.")
@click.option(
    "--observed",
    multiple=True,
    metavar="LABEL:CONDITION",
    help="LABEL counts only where CONDITION is 1; after a click it is CVR.",
)
@click.option("--shares", default="0.8,0.1,0.1", help="Of train, validation and test.")
@click.option("--seed", default="2022", help="Equal seeds, equal splits.")
@click.option("--min-frequency", default="1", help="Ids that train has more seldom are rare.")
@click.option("--drop-bad-rows", is_flag=True, help="Leave out rows that cannot be read, instead of refusing the file.")
@click.option("--delimiter", type=click.Choice(list(_DELIMITER_OF)), help="Of CSV; default: comma.")
@as_json
def import_verb(
    file: Path,
    out: str | None,
    labels: str | None,
    ids: str,
    values: str,
    ignore: str,
    user: str | None,
    time: str | None,
    split: str | None,
    observed: Sequence[str],
    shares: str,
    seed: str,
    min_frequency: str,
    drop_bad_rows: bool,
    delimiter: str | None,
    is_json: bool,
) -> None:
    """Import a CSV or Parquet FILE as dataset OUT: a name for `train --data`, or a folder's path."""
    if labels is None:
        _say_look(file, look_in_child(file, _DELIMITER_OF[delimiter] if delimiter else None), out, is_json)
        return
    if out is None:
        raise click.UsageError("Say what the dataset shall be called: import FILE OUT --labels …")
    roles: dict[str, object] = {
        "ids": _list(ids),
        "values": [_value(text) for text in _list(values)],
        "labels": [_label(text, observed) for text in _list(labels)],
        "ignored": _list(ignore),
        "user": user,
        "time": time,
        "split": split or ("key" if user else "random"),
        "shares": [_number(text) for text in shares.split(",")],
        "seed": _number(seed),
        "min_frequency": _number(min_frequency),
        "drop_bad_rows": drop_bad_rows,
        "delimiter": _DELIMITER_OF[delimiter or "comma"],
    }
    _check_conditions(observed, _list(labels))
    mapping = mapping_from_json(json.dumps(roles))
    is_watched = sys.stderr.isatty() and not is_json

    def say_progress(progress: Progress) -> None:
        if is_watched:
            of = f"step {progress.step} of {progress.num_steps}"
            click.echo(f"\r{progress.share:4.0%} · {of} · {progress.stage} …\x1b[K", err=True, nl=False)

    made = import_table_in_child(file, mapping, _folder(out), on_progress=say_progress)
    if is_watched:
        click.echo("\r\x1b[K", err=True, nl=False)
    _say_made(made, is_json)


def _list(text: str) -> list[str]:
    """Names with commas between them; quotes around a name that has one itself."""
    lexer = shlex.shlex(text, posix=True)
    lexer.whitespace, lexer.whitespace_split, lexer.commenters, lexer.escape = ",", True, "", ""
    try:
        return [name.strip() for name in lexer if name.strip()]
    except ValueError:
        raise click.UsageError(f"A quote is never closed in {text[:80]}") from None


def _value(text: str) -> dict[str, object]:
    name, _, scale = text.rpartition(":")
    return {"name": name, "is_log": True} if name and scale == "log" else {"name": text}


def _label(text: str, observed: Sequence[str]) -> dict[str, object]:
    name, _, kind = text.rpartition(":")
    if not name or kind not in ("binary", "regression"):
        name, kind = text, "binary"
    pairs = [pair.rpartition(":") for pair in observed]
    return {
        "name": name,
        "kind": kind,
        "observed_if": next((condition for label, _, condition in pairs if label == name), None),
    }


def _check_conditions(observed: Sequence[str], labels: Sequence[str]) -> None:
    names = {str(_label(text, ())["name"]) for text in labels}
    for pair in observed:
        label, _, condition = pair.rpartition(":")
        if label not in names or condition not in names:
            raise click.UsageError(f"--observed {pair}: write LABEL:CONDITION, both of them among --labels.")


def _number(text: str) -> object:
    """What a number says; anything else as it is, for the mapping to refuse."""
    try:
        return json.loads(text)
    except json.JSONDecodeError:
        return text


def _folder(out: str) -> Path:
    if "/" in out:
        return Path(out)
    try:
        return datasets_folder() / Stored(name=out).name
    except ValidationError:
        raise DatasetError(
            "'{name}' cannot be a dataset's name: use small letters, digits, dots and dashes, such as my-log.",
            name=out[:80],
        ) from None


def _say_made(made: Dataset, is_json: bool) -> None:
    rows = dict(made.manifest.rows)
    positives = {split: dict(of) for split, of in made.manifest.positives.items()}
    if is_json:
        say_json(
            {
                "dataset": made.name,
                "folder": str(made.folder),
                "rows": rows,
                "positives": positives,
                "label_spaces": {task.name: task.label_space for task in made.schema.tasks},
                "vocabularies": {field.name: field.vocabulary_size for field in made.schema.id_fields},
                "dropped": {dropped.reason: dropped.rows for dropped in made.manifest.dropped},
                "warnings": [str(warning) for warning in made.manifest.warnings],
            }
        )
        return
    tasks = [task.name for task in made.schema.tasks if task.kind == "binary"]
    say_table(
        ("split", "rows", *tasks),
        [(split, count, *(positives[split][task] for task in tasks)) for split, count in rows.items()],
    )
    for dropped in made.manifest.dropped:
        click.echo(f"Left out: {dropped.rows:,} rows. {dropped.reason}", err=True)
    for warning in made.manifest.warnings:
        click.echo(f"Note: {warning}", err=True)
    for task in made.schema.tasks:
        if task.label_space in _SPACES:
            click.echo(f"{task.name} is learnt as {_SPACES[task.label_space]}.")
    click.echo(f"Train on it with: python -m mmoe_core train --data {made.name}")


def _say_look(file: Path, report: TableReport, out: str | None, is_json: bool) -> None:
    offered = guess(report)
    if is_json:
        say_json({"report": report.model_dump(mode="json"), "guess": offered.model_dump(mode="json")})
        return
    role_of = {found.column: (found.role, str(found.reason)) for found in offered.columns}
    say_table(
        ("column", "holds", "missing", "different", "from", "to", "such as", "guess", "because"),
        [
            (
                _short(column.name),
                column.kind,
                column.missing,
                column.distinct,
                *_span(column),
                _short(", ".join(column.examples[:3])),
                role_of[column.name][0],
                str(column.problem) if column.problem is not None else role_of[column.name][1],
            )
            for column in report.columns
        ],
    )
    of = "all" if report.num_rows == report.rows_looked_at else "the first"
    click.echo(f"Looked at {of} {report.rows_looked_at:,} rows. Nothing was imported.")
    if report.ragged_rows:
        click.echo(f"{report.ragged_rows:,} rows have another number of cells than the header.")
    click.echo("If the guess is right, or after correcting it:")
    click.echo("  " + _command(file, out or _name_of(file), offered, report))


def _command(file: Path, out: str, offered: Guess, report: TableReport) -> str:
    kinds = {column.name: column.kind for column in report.columns}
    labels = [
        _quoted(name) + ("" if kinds[name] == "yes or no" else ":regression") for name in offered.named("label")
    ] or ["…"]
    words = ["python -m mmoe_core import", shlex.quote(str(file)), shlex.quote(out)]
    words += ["--labels", shlex.quote(",".join(labels)) if labels != ["…"] else "…"]
    for option, role in (("--ids", "id"), ("--values", "value")):
        names = [_quoted(name) for name in offered.named("id" if role == "id" else "value")]
        words += [option, shlex.quote(",".join(names))] if names else []
    words += ["--key", shlex.quote(offered.user)] if offered.user is not None else []
    words += ["--time", shlex.quote(offered.time)] if offered.time is not None else []
    words += ["--split", offered.split]
    words += ["--delimiter", DELIMITERS[report.delimiter]] if report.delimiter != "," else []
    return " ".join(words)


def _quoted(name: str) -> str:
    return f'"{name}"' if "," in name or " " in name else name


def _span(column: ColumnReport) -> tuple[object, object]:
    if column.first is not None:
        return _short(column.first), _short(column.last or "")
    return column.low, column.high


def _short(text: str) -> str:
    return text if len(text) <= _WIDEST else text[: _WIDEST - 1] + "…"


def _name_of(file: Path) -> str:
    return re.sub(r"[^a-z0-9._-]+", "-", file.name.split(".")[0].lower()).strip("-._")[:80] or "imported"
