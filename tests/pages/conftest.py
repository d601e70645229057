"""The real pages over an empty home of their own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

FRAME = Path(__file__).resolve().parents[2] / "pages" / "frame.py"
SMALL = {"data.source": "ali-ccp", "data.num_rows": "1000"}  # a log that is simulated at once


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setenv("MMOE_HOME", str(tmp_path))
    st.cache_data.clear()
    st.cache_resource.clear()
    yield tmp_path
    st.cache_resource.clear()


@pytest.fixture
def app(home: Path) -> AppTest:
    """The frame, not run yet: `app.query_params[...] = ...`, `app.run()`, then `app.switch_page("train.py").run()`."""
    del home
    return AppTest.from_file(str(FRAME), default_timeout=60)
