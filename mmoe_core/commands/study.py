"""Comparisons over seeds: one command each trains all of it, keeps it, and prints it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import click

from ..errors import LabError
from .answer import as_json, say_json, say_table
from .choices import pairs

if TYPE_CHECKING:
    from ..studies import Architectures, Claim, Mechanisms, Race, SeedDifference
    from ..studies.results import Sizing, StudyName

__all__ = ["study_verb"]

_out = click.option("--out", type=click.Path(dir_okay=False, path_type=Path),
                    help="Where the result goes; default: studies under MMOE_HOME, where pages find it.")  # fmt: skip
_set = click.option("--set", "settings", multiple=True, metavar="KEY=VALUE", help="A choice, such as train.epochs=2.")


@click.group("study")
def study_verb() -> None:
    """Compare architectures over seeds, on one thread each.

    Ctrl-C keeps what is done: the same command goes on. A finished study is run anew.
    """


@study_verb.command("architectures")
@click.option("--seeds", "num_seeds", default=3, type=click.IntRange(1, 1000), show_default=True)
@click.option("--sizes", "sizing", default="matched", type=click.Choice(["matched", "preset"]), show_default=True,
              help="Experts: as many parameters as MMoE, or as in the preset.")  # fmt: skip
@_out
@_set
@as_json
def architectures(num_seeds: int, sizing: str, out: Path | None, settings: Sequence[str], is_json: bool) -> None:
    """Every architecture on census-income and on the classroom's log: AUC with intervals, parameters, rows/s."""
    from ..studies import run_architectures

    with _kept():
        table = run_architectures(
            pairs(settings),
            num_seeds=num_seeds,
            sizing=cast("Sizing", sizing),
            out=_place(out, "architectures"),
            command=_command("architectures", num_seeds, settings, sizing),
            say=_say,
        )
    if is_json:
        say_json(json.loads(table.model_dump_json()))
    else:
        _say_architectures(table)


@study_verb.command("kdd2018")
@click.option("--seeds", "num_seeds", default=30, type=click.IntRange(1, 1000), show_default=True)
@click.option("--sizes", "sizing", default="paper", type=click.Choice(["paper", "matched"]), show_default=True,
              help="Experts: as wide as in the paper, or as many parameters as MMoE.")  # fmt: skip
@_out
@_set
@as_json
def kdd2018(num_seeds: int, sizing: str, out: Path | None, settings: Sequence[str], is_json: bool) -> None:
    """The MMoE paper's race on its own generator: three architectures, three correlations, its five claims."""
    from ..studies import differences, judge, losses, run_race

    with _kept():
        race = run_race(
            pairs(settings),
            num_seeds=num_seeds,
            sizing=cast("Sizing", sizing),
            out=_place(out, "kdd2018"),
            command=_command("kdd2018", num_seeds, settings, sizing),
            say=_say,
        )
    found = judge(losses(race))
    if is_json:
        apart = [{"kind": kind, "correlation": p, **asdict(one)} for (kind, p), one in differences(race).items()]
        judged = [_as_object(claim) for claim in found]
        say_json({**json.loads(race.model_dump_json()), "differences": apart, "claims": judged})
    else:
        _say_race(race, found)


@study_verb.command("mechanisms")
@click.option("--seeds", "num_seeds", default=10, type=click.IntRange(1, 1000), show_default=True)
@_out
@_set
@as_json
def mechanisms(num_seeds: int, out: Path | None, settings: Sequence[str], is_json: bool) -> None:
    """Do the classroom's gates find the true mechanism of a row? Bits in the top expert, trained and untrained."""
    from ..studies import information, judge_recovery, run_mechanisms

    with _kept():
        study = run_mechanisms(
            pairs(settings),
            num_seeds=num_seeds,
            out=_place(out, "mechanisms"),
            command=_command("mechanisms", num_seeds, settings),
            say=_say,
        )
    claim = judge_recovery(information(study))
    if is_json:
        say_json({**json.loads(study.model_dump_json()), "claims": [_as_object(claim)]})
    else:
        _say_mechanisms(study, claim)


@contextmanager
def _kept() -> Iterator[None]:
    """Whoever stops a study learns that nothing is lost."""
    try:
        yield
    except KeyboardInterrupt:
        _say("Stopped. What is done is kept: the same command goes on.")
        raise


def _place(out: Path | None, name: StudyName) -> Path:
    from ..studies import study_file

    if out is not None and not out.resolve().parent.is_dir():
        raise click.UsageError(f"The folder of {out} is not there.")
    return study_file(name) if out is None else out


def _command(name: str, num_seeds: int, settings: Sequence[str], sizing: str | None = None) -> str:
    """What gives these numbers again; where they were written is no part of it."""
    sizes = "" if sizing is None else f" --sizes {sizing}"
    changed = "".join(f" --set {setting}" for setting in settings)
    return f"python -m mmoe_core study {name} --seeds {num_seeds}{sizes}{changed}"


def _say_architectures(table: Architectures) -> None:
    rows: list[Sequence[object]] = []
    for cell in table.cells:
        runs = list(cell.trained.values())
        for task in runs[0].test if runs else ():
            found = [run.test[task] for run in runs]
            aucs = [one.auc for one in found if one.auc is not None]
            rows.append(
                (
                    cell.preset,
                    cell.config.model.kind,
                    ", ".join(map(str, cell.config.model.expert_widths)),
                    cell.parameters,
                    f"{sum(run.rows_per_second for run in runs) / len(runs):,.0f}",
                    task,
                    found[0].positives,
                    f"{sum(aucs) / len(aucs):.4f} ({min(aucs):.4f} – {max(aucs):.4f})" if aucs else None,
                    "  ".join(_interval(one.auc_low, one.auc_high) for one in found),
                )
            )
    columns = ("preset", "architecture", "experts", "parameters", "rows/s", "task", "positives")
    say_table((*columns, "test AUC: mean (range)", "DeLong 95 %, seed by seed"), rows)
    for cell in table.cells:
        if cell.refusal is not None:
            reason = LabError.from_json(cell.refusal)
            click.echo(f"\n{cell.config.model.kind} is not trained on {cell.preset}: {reason}")


def _say_race(race: Race, found: Sequence[Claim]) -> None:
    from ..studies import differences, mean_losses

    say_table(
        ("architecture", "expert width", "parameters", "as the paper counts", "learning rate"),
        [
            (one.kind, one.config.model.expert_widths[-1], one.parameters, one.weights, one.config.train.learning_rate)
            for one in race.entries
        ],
    )
    say_table(
        ("\narchitecture", "\np", "\nmean test MSE", "\nmean validation MSE"),
        [(kind, p, *means) for (kind, p), means in mean_losses(race).items()],
    )
    say_table(
        ("\ntest MSE of … less MMoE's", "\np", "\nmean", "\n95 % interval", "\ncheck by resampling", "\nseeds"),
        [(kind, p, *_numbers(one), one.pairs) for (kind, p), one in differences(race).items()],
    )
    for claim in found:
        _say_claim(claim)


def _say_mechanisms(study: Mechanisms, claim: Claim) -> None:
    from ..studies import information

    say_table(
        ("seed", "task", "bits, trained", "untrained", "most of its shuffles", "there are", "best epoch"),
        [
            (
                str(row.seed),
                row.task,
                f"{row.trained:.3f}",
                f"{row.untrained:.3f}",
                f"{row.shuffled:.3f}",
                f"{study.runs[row.seed].mechanism_bits:.3f}",
                study.runs[row.seed].best_epoch,
            )
            for row in information(study).itertuples()
        ],
    )
    _say_claim(claim)


def _say_claim(claim: Claim) -> None:
    click.echo(f"\n{claim.template} → {claim.verdict}")
    say_table(
        ("contrast", "mean", f"{claim.level:.1%} interval", "check by resampling", "margin", "verdict"),
        [
            (one.template.format(**one.values), *_numbers(one.difference), one.margin, one.verdict)
            for one in claim.contrasts
        ],
    )


def _as_object(claim: Claim) -> Mapping[str, Any]:
    return {
        "claim": claim.template,
        "verdict": claim.verdict,
        "level": claim.level,
        "contrasts": [
            {
                "contrast": one.template.format(**one.values),
                "verdict": one.verdict,
                "margin": one.margin,
                **asdict(one.difference),
            }
            for one in claim.contrasts
        ],
    }


def _numbers(one: SeedDifference) -> tuple[str, str, str]:
    return f"{one.mean:+.4f}", _interval(one.low, one.high), _interval(one.check_low, one.check_high)


def _interval(low: float | None, high: float | None) -> str:
    return "–" if low is None or high is None else f"{low:.4f} – {high:.4f}"


def _say(text: str) -> None:
    click.echo(text, err=True)
