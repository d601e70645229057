"""One small raw log, and the dataset that it becomes."""

from __future__ import annotations

from pathlib import Path

import pytest

from mmoe_core.data import Dataset
from mmoe_core.data.raw import convert_raw
from tests.data.raw.some_raw import OPTIONS, write_raw


@pytest.fixture(scope="module")
def raw(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_raw(tmp_path_factory.mktemp("raw") / "log")


@pytest.fixture(scope="module")
def converted(raw: Path) -> Dataset:
    return convert_raw(raw, raw.parent / "converted", OPTIONS)
