"""A small processed Ali-CCP table, and a place for datasets that no other test sees."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from mmoe_core.config import SimulatedAliCcp
from mmoe_core.data import Dataset, prepare
from mmoe_core.data.ali_ccp_schema import ID_NAMES, LABEL_NAMES, VALUE_NAMES

AliCcpTable = Callable[..., pd.DataFrame]


@pytest.fixture
def ali_ccp_table() -> AliCcpTable:
    """Rows in the processed layout: `table(num_rows, num_users=..., seed=...)`."""

    def table(num_rows: int, *, num_users: int = 20, seed: int = 1) -> pd.DataFrame:
        draw = np.random.default_rng(seed)
        click = (np.arange(num_rows) % 4 == 0).astype(int)
        columns = {"click": click, "purchase": click * (np.arange(num_rows) % 8 == 0)}
        columns |= {name: draw.integers(0, 9, num_rows) for name in ID_NAMES}
        columns["101"] = draw.integers(0, num_users, num_rows)
        columns |= {name: draw.random(num_rows).round(4) for name in VALUE_NAMES}
        return pd.DataFrame(columns)[[*LABEL_NAMES, *ID_NAMES, *VALUE_NAMES]]

    return table


@pytest.fixture(scope="session")
def simulated(tmp_path_factory: pytest.TempPathFactory) -> Dataset:
    """A classroom log of 20,000 rows."""
    return prepare(SimulatedAliCcp(num_rows=20_000, rho=0.3, seed=5), home=tmp_path_factory.mktemp("home"))


@pytest.fixture(scope="session")
def sample_folder() -> Path:
    """The real sample of the tutorials; it may not be shipped with the project."""
    folder = Path(__file__).resolve().parents[2] / "../shared/ali-ccp"
    if not folder.is_dir():
        pytest.skip("the Ali-CCP sample is not on this machine")
    return folder.resolve()
