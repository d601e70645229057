"""A small log of one's own, and what an import of it says."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from mmoe_core.data.table import LabelColumn, TableMapping, ValueColumn, import_table
from mmoe_core.errors import DatasetError

MAPPING = TableMapping(
    ids=("user", "item"),
    values=(ValueColumn(name="price"),),
    labels=(LabelColumn(name="click"), LabelColumn(name="purchase", observed_if="click")),
    user="user",
    split="key",
)


@pytest.fixture
def mapping() -> TableMapping:
    return MAPPING


@pytest.fixture
def log() -> Callable[[int], pd.DataFrame]:
    """Rows of 60 users: user, item, price, when, click, purchase, dwell, note."""

    def table(num_rows: int) -> pd.DataFrame:
        draw = np.random.default_rng(3)
        click = (np.arange(num_rows) % 3 == 0).astype(int)
        return pd.DataFrame(
            {
                "user": [f"u{user}" for user in draw.integers(0, 60, num_rows)],
                "item": draw.integers(0, 9, num_rows),
                "price": draw.random(num_rows).round(3),
                "when": np.arange(num_rows) * 10,
                "click": click,
                "purchase": click * (np.arange(num_rows) % 6 == 0),
                "dwell": (draw.random(num_rows) * 20 + click).round(2),
                "note": "a, b",
            }
        )

    return table


@pytest.fixture
def refusal(tmp_path: Path) -> Callable[..., str]:
    """What the import of some bytes says; it must leave nothing behind."""

    def of(content: str | bytes, mapping: TableMapping = MAPPING, name: str = "bad.csv") -> str:
        path = tmp_path / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        with pytest.raises(DatasetError) as caught:
            import_table(path, mapping, tmp_path / "datasets" / "bad")
        datasets = tmp_path / "datasets"
        assert not datasets.exists() or list(datasets.iterdir()) == []
        assert "Nothing was imported." in str(caught.value)
        return str(caught.value)

    return of
