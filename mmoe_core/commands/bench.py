"""The speed table: our engine, its peers where they are installed, and what the processor allows."""

from __future__ import annotations

import platform

import click

from .answer import as_json, say_json, say_table

__all__ = ["bench_verb"]


_BATCHES = (1_024, 4_096, 16_384, 65_536)
_SIZES = (100_000, 1_000_000, 10_000_000)


@click.command("bench")
@click.argument("what", default="peers", type=click.Choice(["peers", "growth", "scaling", "balancing"]))
@click.option("--rows", default=200_000, type=click.IntRange(10_000, 100_000_000), show_default=True,
              help="Of the train split; growth has sizes of its own.")  # fmt: skip
@click.option("--rounds", default=5, type=click.IntRange(1, 100), show_default=True,
              help="How often everybody has a turn.")  # fmt: skip
@click.option("--processes", default=2, type=click.IntRange(2, 64), show_default=True, help="For scaling.")
@as_json
def bench_verb(what: str, rows: int, rounds: int, processes: int, is_json: bool) -> None:
    """Time the engine, a process for each turn.

    \b
    peers     one epoch and one evaluation: ours, theirs (`pip install -r requirements-bench.txt`), the floor
    growth    one epoch of ours at 100 k, 1 M and 10 M rows: its pace and its memory
    scaling   one process against several, a core each, at four batch sizes
    balancing one epoch with every balancing method, against static weights
    """
    match what:
        case "peers":
            _peers(rows, rounds, is_json)
        case "growth":
            _growth(rounds, is_json)
        case "scaling":
            _scaling(processes, rows, rounds, is_json)
        case "balancing":
            _balancing(rows, rounds, is_json)


def _balancing(rows: int, rounds: int, is_json: bool) -> None:
    from ..bench import measure_balancing

    found = measure_balancing(rows, rounds, _say)
    if is_json:
        say_json(found.model_dump())
        return
    say_table(
        ("method", "train rows/s", "against static"),
        [(method, f"{rate:,.0f}", f"{found.ratio[method]:.2f}") for method, rate in found.rows_per_second.items()],
    )


def _scaling(processes: int, rows: int, rounds: int, is_json: bool) -> None:
    from ..bench import measure_scaling

    found = measure_scaling(processes, _BATCHES, rows, rounds, _say)
    if is_json:
        say_json({"machine": platform.platform(), "scaling": [one.model_dump() for one in found]})
        return
    say_table(
        ("batch", "rows/s of one process", f"of {processes}", "ratio"),
        [(f"{one.batch_size:,}", f"{one.alone:,.0f}", f"{one.together:,.0f}", f"{one.ratio:.2f}") for one in found],
    )


def _growth(rounds: int, is_json: bool) -> None:
    from ..bench import measure_growth

    found = measure_growth(_SIZES, rounds, _say)
    if is_json:
        say_json({"machine": platform.platform(), "growth": [one.model_dump() for one in found]})
        return
    pace = found[0].train_rows_per_second
    say_table(
        ("rows", "train rows/s", f"against {found[0].rows:,}", "peak memory beside mapped files, MB"),
        [
            (
                f"{one.rows:,}",
                f"{one.train_rows_per_second:,.0f}",
                f"{one.train_rows_per_second / pace:.2f}",
                "" if one.peak_mb is None else f"{one.peak_mb:,.0f}",
            )
            for one in found
        ],
    )


def _peers(rows: int, rounds: int, is_json: bool) -> None:
    from ..bench import measure

    report = measure(rows, rounds, _say)
    if is_json:
        by_peer = {
            f"{what}_ratio_{name.removeprefix('torch-').removesuffix('-torch')}": ratio
            for what, ratios in (("train", report.train_ratio), ("evaluate", report.evaluate_ratio))
            for name, ratio in ratios.items()
        }
        say_json({"machine": platform.platform(), **report.model_dump(), **by_peer})
        return
    say_table(
        ("", "train rows/s", "ours / theirs", "evaluate rows/s", "ours / theirs", "validation loss"),
        [
            (
                name,
                f"{rate:,.0f}",
                _ratio(report.train_ratio.get(name)),
                f"{report.evaluate[name]:,.0f}" if name in report.evaluate else "",
                _ratio(report.evaluate_ratio.get(name)),
                f"{report.validation_loss[name]:.4f}" if name in report.validation_loss else "",
            )
            for name, rate in report.train.items()
        ],
    )
    click.echo(f"Share of the floor: {report.share_of_floor:.0%}")
    say_table(("part of a step", "ms"), [(name, f"{spent:.2f}") for name, spent in report.milliseconds.items()])
    if report.peak_mb is not None:
        click.echo(f"Peak memory beside mapped files: {report.peak_mb:,.0f} MB")


def _say(text: str) -> None:
    click.echo(text, err=True)


def _ratio(ratio: float | None) -> str:
    return "" if ratio is None else f"{ratio:.1f}"
