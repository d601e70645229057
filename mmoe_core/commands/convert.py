"""The four raw Ali-CCP files become a dataset, with a bar to watch."""

from __future__ import annotations

from pathlib import Path
from types import TracebackType

import click
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TaskProgressColumn, TextColumn, TimeRemainingColumn

from .answer import as_json, say_json, say_table

__all__ = ["convert_verb"]


@click.command("convert")
@click.argument("raw_dir", type=click.Path(path_type=Path))
@click.argument("out", type=click.Path(path_type=Path))
@click.option("--min-frequency", default=10, type=click.IntRange(1, 1_000_000), show_default=True,
              help="Impressions of train that an id needs; below it is 'rare'.")  # fmt: skip
@click.option("--sample", default=1.0, type=click.FloatRange(0, 1, min_open=True), show_default=True,
              help="Share of sessions, picked by a hash of their key.")  # fmt: skip
@click.option("--single-value", is_flag=True, help="The 33 columns of the tutorials: one value per field.")
@click.option("--history-tokens", default=32, type=click.IntRange(2, 512), show_default=True,
              help="Tokens kept of each of 109_14, 110_14, 127_14, 150_14.")  # fmt: skip
@click.option("--item-tokens", default=8, type=click.IntRange(2, 512), show_default=True,
              help="Tokens kept of 210 and of 853.")  # fmt: skip
@click.option("--threads", default=2, type=click.IntRange(1, 64), show_default=True,
              help="The result does not depend on it.")  # fmt: skip
@as_json
def convert_verb(
    raw_dir: Path,
    out: Path,
    min_frequency: int,
    sample: float,
    single_value: bool,
    history_tokens: int,
    item_tokens: int,
    threads: int,
    is_json: bool,
) -> None:
    """Convert the raw Ali-CCP log in RAW_DIR to a dataset folder OUT; ended early, the same command goes on."""
    from ..data.raw import RawOptions, convert_raw

    options = RawOptions(
        min_frequency=min_frequency,
        sample=sample,
        single_value=single_value,
        history_tokens=history_tokens,
        item_tokens=item_tokens,
        num_threads=threads,
    )
    with _Bar() as bar:
        made = convert_raw(raw_dir, out, options, watcher=bar)
    manifest = made.manifest
    if is_json:
        say_json(
            {
                "folder": str(out.resolve()),
                "rows": dict(manifest.rows),
                "positives": {split: dict(of) for split, of in manifest.positives.items()},
                "verdict": None if manifest.verdict is None else str(manifest.verdict),
                "warnings": [str(warning) for warning in manifest.warnings],
                "dropped": {dropped.reason: dropped.rows for dropped in manifest.dropped},
            }
        )
        return
    tasks = made.schema.task_names
    say_table(
        ("split", "rows", *tasks),
        [(split, rows, *(manifest.positives[split][task] for task in tasks)) for split, rows in manifest.rows.items()],
    )
    for dropped in manifest.dropped:
        click.echo(f"{dropped.reason} Rows left out: {dropped.rows:,}")
    for sentence in (*manifest.warnings, *filter(None, [manifest.verdict])):
        click.echo(str(sentence))


class _Bar:
    """A bar per stage, on standard error; nothing where nobody looks."""

    def __init__(self) -> None:
        self._bars = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            TaskProgressColumn(),
            TimeRemainingColumn(),
            console=Console(stderr=True),
            disable=not Console(stderr=True).is_terminal,
        )
        self._task_of: dict[str, TaskID] = {}

    def __enter__(self) -> _Bar:
        self._bars.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._bars.stop()

    def progress(self, stage: str, done: int, total: int) -> None:
        """Move the stage's bar."""
        if stage not in self._task_of:
            self._task_of[stage] = self._bars.add_task(stage, total=total)
        self._bars.update(self._task_of[stage], completed=done)

    def is_cancelled(self) -> bool:
        """Ctrl-C does that."""
        return False
