"""How much faster is the converter than plain Python? `python -m tests.reference.bench_convert --rows 200000`.

Writes synthetic raw files of Ali-CCP's shape (13 features a line, 518 a session, 58 lines a session), then converts
them in turn with both, each in a process of its own, and prints rows per second and peak memory.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import click
import numpy as np

from mmoe_core.data.ali_ccp_schema import ID_NAMES
from mmoe_core.data.raw import RawOptions, convert_raw
from tests.reference.plain_converter import convert_plainly

_FIRST = {name: 400_000 * index for index, name in enumerate(ID_NAMES, start=1)}
_HISTORY = {"109_14": (59, 6_000), "110_14": (214, 110_000), "127_14": (131, 58_000), "150_14": (116, 34_000)}
_ROWS_PER_SESSION = 58


def main() -> None:
    """Time both in turn."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--rows", type=int, default=200_000, help="skeleton lines of train and test together")
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--only", choices=["ours", "plain"])
    given = parser.parse_args()
    options = RawOptions(num_threads=given.threads)
    ways: dict[str, Callable[[Path, Path, RawOptions], object]] = {"plain": convert_plainly, "ours": convert_raw}
    with tempfile.TemporaryDirectory() as folder:
        raw = Path(folder) / "raw"
        write_synthetic(raw, given.rows)
        size = sum(path.stat().st_size for path in raw.iterdir()) / 1e6
        click.echo(f"{given.rows:,} skeleton rows, {size:,.0f} MB of text")
        best: dict[str, float] = {}
        for _ in range(given.rounds):
            for name in [given.only] if given.only else ways:
                seconds, peak = _timed(ways[name], raw, Path(folder) / "out", options)
                best[name] = max(best.get(name, 0), given.rows / seconds)
                click.echo(f"{name:6} {given.rows / seconds:10,.0f} rows/s   peak RSS {peak:6,.0f} MB")
        if len(best) == 2:
            click.echo(f"ratio {best['ours'] / best['plain']:.1f}")


def _timed(
    way: Callable[[Path, Path, RawOptions], object], raw: Path, out: Path, options: RawOptions
) -> tuple[float, float]:
    start = time.perf_counter()
    child = os.fork()
    if child == 0:
        way(raw, out, options)
        os._exit(0)
    _, status, usage = os.wait4(child, 0)
    seconds = time.perf_counter() - start
    shutil.rmtree(out)
    if status:
        sys.exit("the conversion failed")
    return seconds, usage.ru_maxrss / 1024


def write_synthetic(folder: Path, num_rows: int, *, seed: int = 1) -> None:
    """Four raw files: two thirds of the lines in train."""
    folder.mkdir(parents=True)
    draw = np.random.default_rng(seed)
    for part, rows in (("train", num_rows * 2 // 3), ("test", num_rows - num_rows * 2 // 3)):
        num_sessions = max(rows // _ROWS_PER_SESSION, 1)
        keys = [f"{key:016x}" for key in draw.integers(0, 2**63, num_sessions).tolist()]
        with (folder / f"common_features_{part}.csv").open("w") as file:
            for key in keys:
                file.write(f"{key},{_joined(_session(draw))}\n")
        with (folder / f"sample_skeleton_{part}.csv").open("w") as file:
            for start in range(0, rows, 10_000):
                count = min(10_000, rows - start)
                for row, features in enumerate(_impressions(draw, count), start):
                    click = int(draw.random() < 0.04)
                    file.write(f"{row + 1},{click},{int(click and draw.random() < 0.1)},")
                    file.write(f"{keys[row * num_sessions // rows]},{_joined(features)}\n")


def _joined(features: list[str]) -> str:
    return f"{len(features)}," + "\x01".join(features)


def _zipf(draw: np.random.Generator, distinct: int, count: int) -> np.ndarray:
    return np.minimum((distinct ** draw.random(count)).astype(np.int64), distinct - 1)


def _session(draw: np.random.Generator) -> list[str]:
    found = [f"{name}\x02{_FIRST[name] + int(_zipf(draw, 300_000 if name == '101' else 5, 1)[0])}\x031.0" for name in
             ("101", "121", "122", "124", "125", "127", "128", "129")]  # fmt: skip
    for name, (mean, distinct) in _HISTORY.items():
        count = max(1, int(draw.exponential(mean)))
        values = np.log1p(draw.geometric(0.3, count)).round(5).tolist()
        places = (_FIRST[name] + _zipf(draw, distinct, count)).tolist()
        found += [f"{name}\x02{place}\x03{value}" for place, value in zip(places, values, strict=True)]
    return found


def _impressions(draw: np.random.Generator, count: int) -> list[list[str]]:
    rows: list[list[str]] = [[] for _ in range(count)]
    single = (("205", 390_000, 1.0), ("206", 8_000, 1.0), ("207", 200_000, 1.0), ("216", 90_000, 0.71), ("301", 3, 1.0))
    cross = (("508", 6_000, 0.7), ("509", 100_000, 0.22), ("702", 50_000, 0.22))
    for name, distinct, share in (*single, *cross):
        values = np.log1p(draw.geometric(0.3, count)).round(5) if (name, distinct, share) in cross else np.ones(count)
        ids = (_FIRST[name] + _zipf(draw, distinct, count)).tolist()
        for row, identity, value, chance in zip(rows, ids, values.tolist(), draw.random(count).tolist(), strict=True):
            if chance < share:
                row.append(f"{name}\x02{identity}\x03{value}")
    for name, distinct, share, mean in (("210", 80_000, 1.0, 6), ("853", 37_000, 0.41, 3)):
        sizes = np.where(draw.random(count) < share, draw.integers(1, 2 * mean, count), 0)
        ids = iter((_FIRST[name] + _zipf(draw, distinct, int(sizes.sum()))).tolist())
        for row, size in zip(rows, sizes.tolist(), strict=True):
            row += [f"{name}\x02{next(ids)}\x031.0" for _ in range(size)]
    return rows


if __name__ == "__main__":
    main()
