"""The data doctor in the terminal."""

from __future__ import annotations

from pathlib import Path

import click

from ..data import Dataset, known_datasets, open_dataset, prepare
from ..data.doctor import SAMPLED, Finding, inspect_dataset
from ..errors import DatasetError
from .answer import as_json, say_json

__all__ = ["inspect_verb"]


@click.command("inspect")
@click.argument("dataset")
@as_json
def inspect_verb(dataset: str, is_json: bool) -> None:
    """What would make numbers from DATASET (a name, or a folder) mislead: problems, warnings, and what to know."""
    opened = _opened(dataset)
    findings = inspect_dataset(opened)
    if is_json:
        say_json({"dataset": opened.name, "findings": [_as_json(finding) for finding in findings]})
        return
    for finding in findings:
        click.echo(f"{finding.severity}: {finding}")
        click.echo(f"    {finding.explanation}\n")
    if all(finding.severity == "information" for finding in findings):
        click.echo(f"{opened.name}: nothing that would make its numbers mislead was found.")


def _opened(text: str) -> Dataset:
    for known in known_datasets():
        if known.name == text:
            return prepare(known.config)
    if not (Path(text) / "manifest.json").is_file():
        raise DatasetError(
            "'{data}' is neither a dataset here nor a dataset's folder. "
            "`python -m mmoe_core datasets` lists what there is.",
            data=text,
        )
    return open_dataset(Path(text))


def _as_json(finding: Finding) -> dict[str, object]:
    sampled = None if finding.sampled_rows is None else SAMPLED.format(sampled_rows=finding.sampled_rows)
    return {
        "code": finding.code,
        "severity": finding.severity,
        "message": finding.template.format(**finding.values),
        "meaning": finding.meaning.format(**finding.values),
        "remedy": finding.remedy.format(**finding.values),
        "values": dict(finding.values),
        "sampled_rows": finding.sampled_rows,
        "note": sampled,
    }
