"""An empty home for every test, and its store."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from mmoe_core.runs import Store


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Store]:
    monkeypatch.setenv("MMOE_HOME", str(tmp_path))
    found = Store()
    yield found
    found.close()
