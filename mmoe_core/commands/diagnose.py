"""What is wrong with a run, and what may help."""

from __future__ import annotations

import click

from ..analysis.clinic import FAULTS, REMEDIES, Finding, Remedy, diagnose, remedies
from ..config import RunConfig
from ..runs import LENS, Store, evidence
from .answer import as_json, say_json

__all__ = ["diagnose_verb"]


@click.command("diagnose")
@click.argument("run")
@as_json
def diagnose_verb(run: str, is_json: bool) -> None:
    """Gates, experts, ReLUs and tasks of RUN: the first cause of what is wrong, what follows from it, what may help."""
    store = Store()
    config = store.row(run).config
    with LENS.kept():
        found = evidence(run, store=store)
    diagnosis = diagnose(found)
    if is_json:
        say_json(
            {
                "run_id": run,
                "verdict": None if diagnosis.verdict is None else _told(diagnosis.verdict, config),
                "consequences": [_told(finding, config) for finding in diagnosis.consequences],
                "others": [_told(finding, config) for finding in diagnosis.others],
                "checked": diagnosis.checked,
                "evidence": found.model_dump(mode="json"),
            }
        )
        return
    if diagnosis.verdict is None:
        checked = "; ".join(FAULTS[code].title.lower() for code in diagnosis.checked)
        click.echo(f"{run} is healthy. Looked for: {checked}.")
        return
    _say("verdict", diagnosis.verdict, config)
    for finding in diagnosis.consequences:
        _say("follows from it", finding, config)
    for finding in diagnosis.others:
        _say("beside it", finding, config)


def _say(what: str, finding: Finding, config: RunConfig) -> None:
    click.echo(f"{what}: {finding.fault.title}. {finding}")
    click.echo(f"    {finding.fault.meaning}")
    for remedy in remedies(finding, config) if what != "follows from it" else ():
        click.echo(f"    {REMEDIES[remedy.code]}: {_how(remedy)}")
    click.echo()


def _how(remedy: Remedy) -> str:
    changes = " ".join(f"{path}={value}" for path, value in remedy.changes.items())
    return f"{changes or 'as it is'} ({'a branch' if remedy.way == 'branch' else 'a new run of the same seed'})"


def _told(finding: Finding, config: RunConfig) -> dict[str, object]:
    return {
        "code": finding.code,
        "title": finding.fault.title,
        "message": str(finding),
        "meaning": finding.fault.meaning,
        "values": dict(finding.values),
        "remedies": [
            {"code": one.code, "way": one.way, "changes": dict(one.changes)} for one in remedies(finding, config)
        ],
    }
