"""How a simulated log comes to be, and how near it is to the real one."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, cast

import click

from ..config import DataConfig, MmoePaper, SimulatedAliCcp, SimulatedFeed
from ..errors import DatasetError
from .answer import as_json, say_json, say_table
from .choices import dials, pairs

if TYPE_CHECKING:
    from ..data import Mark

__all__ = ["simulate_verb"]

_UNEQUAL = 1


@click.command("simulate")
@click.argument("name", type=click.Choice(["ali-ccp", "feed", "mmoe-paper"]))
@click.argument("out", type=click.Path(path_type=Path), required=False)
@click.option("--profile", help="Rates and mechanisms of ali-ccp: true-rates (default) or classroom.")
@click.option("--rows", "num_rows", help="How many, over all splits.")
@click.option("--seed", help="Equal seeds, equal rows.")
@click.option("--set", "settings", multiple=True, metavar="KEY=VALUE", help="Any other dial: rho=0.5, bait=0.")
@click.option(
    "--format",
    "log_format",
    type=click.Choice(["parquet", "csv", "raw"]),
    default="parquet",
    help="A dataset; or, of ali-ccp at true rates, the tutorials' tables or the four raw files.",
)
@click.option(
    "--check",
    "is_check",
    is_flag=True,
    help="Compare with what is published, and with what the dials say: target, got, tolerance.",
)
@as_json
def simulate_verb(
    name: str,
    out: Path | None,
    profile: str | None,
    num_rows: str | None,
    seed: str | None,
    settings: Sequence[str],
    log_format: str,
    is_check: bool,
    is_json: bool,
) -> int:
    """Write a simulated log as a dataset folder OUT; `train --data OUT` trains on it. --check alone needs no OUT."""
    if name == "ali-ccp" and profile is None:
        profile = "true-rates"
    named = {"source": name, "profile": profile, "num_rows": num_rows, "seed": seed}
    config = dials({**{key: value for key, value in named.items() if value is not None}, **pairs(settings)})
    if out is None and not is_check:
        raise click.UsageError("Missing argument 'OUT'.")
    if is_check and isinstance(config, SimulatedAliCcp) and config.profile != "true-rates":
        raise click.UsageError("--check compares ali-ccp with the real log: it goes with --profile true-rates.")
    answer: dict[str, Any] = {}
    if out is not None:
        if out.exists():
            raise DatasetError("{folder} is already there. Choose a folder that is not, or delete it.", folder=str(out))
        answer |= _write(config, out, log_format, is_json)
    marks = _marks(config, is_json) if is_check else []
    if is_check:
        answer["checks"] = [
            {
                "quantity": str(mark),
                "target": mark.target,
                "got": mark.got,
                "tolerance": mark.tolerance,
                "holds": mark.holds,
            }
            for mark in marks
        ]
    if is_json:
        say_json(answer)
    return 0 if all(mark.holds for mark in marks) else _UNEQUAL


def _write(config: DataConfig, out: Path, log_format: str, is_json: bool) -> dict[str, Any]:
    if log_format != "parquet":
        return _write_text(config, out, cast(Literal["csv", "raw"], log_format), is_json)
    from ..data import open_dataset
    from ..data.feed import write_feed
    from ..data.paper import write_regressions
    from ..data.simulator import write_log

    match config:
        case SimulatedAliCcp():
            write_log(config, out)
        case SimulatedFeed():
            write_feed(config, out)
        case MmoePaper():
            write_regressions(config, out)
    made = open_dataset(out)
    rows, positives = dict(made.manifest.rows), {split: dict(of) for split, of in made.manifest.positives.items()}
    if not is_json:
        tasks = tuple(positives["train"])
        say_table(
            ("split", "rows", *tasks),
            [(split, count, *(positives[split][task] for task in tasks)) for split, count in rows.items()],
        )
    return {"folder": str(out.resolve()), "rows": rows, "positives": positives}


def _write_text(config: DataConfig, out: Path, log_format: Literal["csv", "raw"], is_json: bool) -> dict[str, Any]:
    from ..data.simulator import write_files

    if not isinstance(config, SimulatedAliCcp):
        raise click.UsageError(f"--format {log_format} goes with ali-ccp.")
    write_files(config, out, log_format)
    files = {path.name: path.stat().st_size for path in sorted(out.iterdir())}
    if not is_json:
        say_table(("file", "bytes"), list(files.items()))
    return {"folder": str(out.resolve()), "files": files}


def _marks(config: DataConfig, is_json: bool) -> list[Mark]:
    from ..data.feed import check_feed
    from ..data.paper_check import check_regressions
    from ..data.simulator import check_true_rates

    marks: list[Mark] = []
    match config:
        case SimulatedAliCcp():
            marks = check_true_rates(config)
        case SimulatedFeed():
            marks = check_feed(config)
        case MmoePaper():
            marks = check_regressions(config)
    if not is_json:
        say_table(
            ("quantity", "target", "got", "tolerance", "holds"),
            [(str(mark), mark.target, mark.got, mark.tolerance, mark.holds) for mark in marks],
        )
        click.echo(f"{sum(mark.holds for mark in marks)} of {len(marks)} within tolerance.")
    return marks
