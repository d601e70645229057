"""Which engine reads the raw Ali-CCP text fastest? `python -m tests.reference.bench_engines --rows 200000`.

Every engine turns the same simulated raw files into the same table of tokens on disk: line, field, id, value; one row
per feature of a line. Each runs in turn in a process of its own, several times; the median time, the peak memory of
the process, and whether its tokens are those of the first. Needs `requirements-bench.txt`.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

import click
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

_HEADS = {"sample_skeleton": ["id", "click", "purchase", "key", "num"], "common_features": ["key", "num"]}


def with_arrow(path: Path, out: Path, num_threads: int) -> None:
    """As the converter does: lines at commas, then every feature a line of its own."""
    from mmoe_core.data.ahead import in_order
    from mmoe_core.data.raw.blocks import Block, RawFile
    from mmoe_core.data.raw.tokens import _features, _joined, _token_counts, read_lines

    def work(block: Block) -> tuple[int, np.ndarray, pa.Table]:
        lines = read_lines(block, is_skeleton="skeleton" in path.name)
        joined = _joined(lines.features)
        return len(lines), _token_counts(lines.features, joined), _features(joined)

    first = 0
    with pq.ParquetWriter(out, _schema, compression="lz4", use_dictionary=False) as writer:
        for num_lines, counts_R, tokens in in_order(work, RawFile(path), 0 if num_threads == 1 else num_threads):
            line_T = np.repeat(np.arange(first, first + num_lines, dtype=np.uint32), counts_R)
            writer.write_table(pa.table([pa.array(line_T), *tokens.columns], schema=_schema))
            first += num_lines


def with_polars(path: Path, out: Path, num_threads: int) -> None:
    """Lists split and exploded, by the streaming engine."""
    import polars as pl

    parts = pl.col("feature").str.split_exact("\x02", 1).struct
    rest = parts.field("field_1").str.split_exact("\x03", 1).struct
    names = [*_heads(path), "feature"]
    lines = pl.scan_csv(
        path, has_header=False, quote_char=None, schema=dict.fromkeys(names, pl.String), row_index_name="line"
    )
    lines.select(pl.col("line").cast(pl.UInt32), pl.col("feature").str.split("\x01")).explode("feature").select(
        "line",
        parts.field("field_0").str.replace("_", "", literal=True).cast(pl.Int32).alias("field"),
        rest.field("field_0").cast(pl.Int32).alias("id"),
        rest.field("field_1").cast(pl.Float32).alias("value"),
    ).sink_parquet(out, compression="lz4", statistics=False)


def with_polars_twice(path: Path, out: Path, num_threads: int) -> None:
    """The converter's way with polars' CSV reader in both places, whole files at once."""
    import polars as pl

    names = [*_heads(path), "features"]
    lines = pl.read_csv(path, has_header=False, quote_char=None, schema=dict.fromkeys(names, pl.String))
    num_tokens = lines["features"].str.count_matches("\x01", literal=True) + 1
    text = lines["features"].str.join("\x01").item().encode().translate(bytes.maketrans(b"\x01\x03", b"\n\x02"), b"_")
    schema = {"field": pl.Int32, "id": pl.Int32, "value": pl.Float32}
    tokens = pl.read_csv(text, has_header=False, separator="\x02", quote_char=None, schema=schema)
    line_T = np.repeat(np.arange(len(lines), dtype=np.uint32), num_tokens.to_numpy())
    tokens.insert_column(0, pl.Series("line", line_T)).write_parquet(out, compression="lz4", statistics=False)


def with_duckdb(path: Path, out: Path, num_threads: int) -> None:
    """One query, written as it runs."""
    import duckdb

    names = [*_heads(path), "features"]
    columns = ", ".join(f"'{name}': 'VARCHAR'" for name in names)
    base = duckdb.connect()
    base.execute(f"SET threads = {num_threads}")
    base.execute(
        f"""
        COPY (
            WITH lines AS (
                SELECT row_number() OVER () - 1 AS line, features
                FROM read_csv('{path}', auto_detect = false, header = false, delim = ',', quote = '', escape = '',
                              max_line_size = 4000000, columns = {{{columns}}})
            ), tokens AS (SELECT line, unnest(string_split(features, chr(1))) AS feature FROM lines)
            SELECT line::UINTEGER AS line,
                   replace(split_part(feature, chr(2), 1), '_', '')::INTEGER AS field,
                   split_part(split_part(feature, chr(2), 2), chr(3), 1)::INTEGER AS id,
                   split_part(feature, chr(3), 2)::FLOAT AS value
            FROM tokens
        ) TO '{out}' (FORMAT parquet, COMPRESSION lz4)
        """
    )


_schema = pa.schema([("line", pa.uint32()), ("field", pa.int32()), ("id", pa.int32()), ("value", pa.float32())])
ENGINES: dict[str, Callable[[Path, Path, int], None]] = {
    "arrow, lines then features (ours)": with_arrow,
    "polars, split and explode": with_polars,
    "polars, lines then features": with_polars_twice,
    "duckdb, string_split and unnest": with_duckdb,
}


def main() -> None:
    """Write the files, time the engines in turn, compare what they found."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--rows", type=int, default=200_000, help="impressions of train and test together")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--one", nargs=3, metavar=("ENGINE", "RAW", "OUT"), help="what a child process is told")
    given = parser.parse_args()
    if given.one:
        _run(*given.one, given.threads)
        return
    from mmoe_core.config import SimulatedAliCcp
    from mmoe_core.data.simulator import write_files

    with tempfile.TemporaryDirectory() as folder:
        raw = Path(folder) / "raw"
        write_files(SimulatedAliCcp(profile="true-rates", num_rows=given.rows), raw, "raw")
        size = sum(path.stat().st_size for path in raw.iterdir()) / 1e6
        click.echo(f"{given.rows:,} skeleton rows, {size:,.0f} MB of text, {given.threads} threads")
        seconds: dict[str, list[float]] = {name: [] for name in ENGINES}
        peak: dict[str, float] = {}
        for _ in range(given.rounds):
            for name in ENGINES:
                out = Path(folder) / str(list(ENGINES).index(name))
                out.mkdir(exist_ok=True)
                said = _in_child(name, raw, out, given.threads)
                seconds[name].append(said["seconds"])
                peak[name] = max(peak.get(name, 0), said["megabytes"])
        wanted = _checksum(Path(folder) / "0")
        click.echo(f"{'engine':36}{'median s':>9}{'least s':>9}{'MB/s':>7}{'peak MB':>9}  same tokens")
        for index, name in enumerate(ENGINES):
            is_same = _checksum(Path(folder) / str(index)) == wanted
            middle, least = median(seconds[name]), min(seconds[name])
            click.echo(f"{name:36}{middle:9.2f}{least:9.2f}{size / middle:7.0f}{peak[name]:9,.0f}  {is_same}")


def _in_child(name: str, raw: Path, out: Path, num_threads: int) -> dict[str, float]:
    command = [sys.executable, "-m", __spec__.name, "--threads", str(num_threads), "--one", name, str(raw), str(out)]
    limits = {"POLARS_MAX_THREADS": str(num_threads), "OMP_NUM_THREADS": "1"}
    said = subprocess.run(command, check=True, stdout=subprocess.PIPE, env=os.environ | limits).stdout
    return json.loads(said)


def _run(name: str, raw: str, out: str, num_threads: int) -> None:
    ENGINES[name](next(Path(raw).glob("common_features_test.csv")), Path(out) / "warm-up", num_threads)
    start = time.perf_counter()
    for path in sorted(Path(raw).iterdir()):
        ENGINES[name](path, Path(out) / f"{path.stem}.parquet", num_threads)
    seconds = time.perf_counter() - start
    status = Path("/proc/self/status").read_text()  # getrusage would count the parent's peak as this process's own
    peak = next(line for line in status.splitlines() if line.startswith("VmHWM")).split()[1]
    click.echo(json.dumps({"seconds": seconds, "megabytes": int(peak) / 1024}))


def _heads(path: Path) -> list[str]:
    return next(heads for kind, heads in _HEADS.items() if path.name.startswith(kind))


def _checksum(folder: Path) -> list[tuple[int, int]]:
    """Of each file how many tokens there are, and a sum over a mixed number of each, whatever their order."""
    found = []
    for path in sorted(folder.glob("*.parquet")):
        table = pq.read_table(path)
        mixed = np.zeros(table.num_rows, np.uint64)
        for column in table.columns:
            bits = column.to_numpy()
            bits = bits.view(np.uint32) if bits.dtype == np.float32 else bits.astype(np.uint32)
            mixed = (mixed ^ bits) * np.uint64(0x9E3779B97F4A7C15)
            mixed ^= mixed >> np.uint64(29)
        found.append((table.num_rows, int(mixed.sum(dtype=np.uint64))))
    return found


if __name__ == "__main__":
    main()
