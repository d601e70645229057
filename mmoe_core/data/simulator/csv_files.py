"""A simulated log as the processed table of the tutorials: 33 columns, three files.

Of a field's tokens the one with the highest value is kept, missing is 0, and values are divided by train's highest.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.csv

from ..ali_ccp_schema import ID_NAMES, VALUE_NAMES
from ..manifest import SplitName
from .tokens import LogTable

__all__ = ["write_csv_files"]

_FILES: dict[SplitName, str] = {
    "train": "ali_ccp_train.csv",
    "validation": "ali_ccp_val.csv",
    "test": "ali_ccp_test.csv",
}
_DECIMALS = 6


def write_csv_files(table: LogTable, folder: Path) -> None:
    """Write ali_ccp_train.csv, ali_ccp_val.csv and ali_ccp_test.csv into a folder."""
    ids: dict[str, np.ndarray] = {}
    values: dict[str, np.ndarray] = {}
    for name in ID_NAMES:
        of = table.of_rows[name] if name in table.of_rows else table.of_sessions[name]
        raw, highest = (array[:, 0] for array in of.highest(1))
        known, place = np.unique(raw, return_inverse=True)
        local = place + (0 if len(known) and known[0] < 0 else 1)
        is_shared = name in table.of_sessions
        ids[name] = local[table.session_N] if is_shared else local
        values[f"D{name}"] = highest[table.session_N] if is_shared else highest
    train = table.rows["train"]
    columns: dict[str, np.ndarray] = {
        "click": table.click_N.astype(np.int8),
        "purchase": table.purchase_N.astype(np.int8),
        **ids,
    }
    for name in VALUE_NAMES:
        columns[name] = (values[name] / (values[name][train].max(initial=0) or 1)).round(_DECIMALS)
    whole = pa.table(columns)
    for split, file in _FILES.items():
        rows = table.rows[split]
        part = whole.slice(rows.start, rows.stop - rows.start)
        with (folder / file).open("wb") as out:  # Arrow would put the header in quotes, which the tutorials' has not
            out.write((",".join(whole.column_names) + "\n").encode())
            pa.csv.write_csv(part, out, pa.csv.WriteOptions(include_header=False, quoting_style="none"))
