"""The speed table: our engine, its peers where they are installed, and what the processor allows."""

from __future__ import annotations

import platform

import click

from .answer import as_json, say_json, say_table

__all__ = ["bench_verb"]


@click.command("bench")
@click.option("--rows", default=200_000, type=click.IntRange(10_000, 100_000_000), show_default=True,
              help="Of the train split.")  # fmt: skip
@click.option("--rounds", default=5, type=click.IntRange(1, 100), show_default=True,
              help="How often everybody has a turn.")  # fmt: skip
@as_json
def bench_verb(rows: int, rounds: int, is_json: bool) -> None:
    """Time one epoch and one evaluation: ours, the peers' (`pip install -r requirements-bench.txt`), the floor."""
    from ..bench import measure

    report = measure(rows, rounds, lambda text: click.echo(text, err=True))
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


def _ratio(ratio: float | None) -> str:
    return "" if ratio is None else f"{ratio:.1f}"
