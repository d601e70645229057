"""Minutes, not seconds: real trainings on whole datasets. Collected only when asked for: `pytest tests/long`."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest

_HERE = Path(__file__).parent
_tables = pytest.StashKey[list[tuple[str, pd.DataFrame]]]()


def pytest_ignore_collect(config: pytest.Config) -> bool | None:
    asked = any(Path(argument.split("::")[0]).resolve().is_relative_to(_HERE) for argument in config.args)
    return None if asked else True


@pytest.fixture
def tables(request: pytest.FixtureRequest) -> Iterator[dict[str, pd.DataFrame]]:
    """Tables by title, shown when all tests are done, whether they passed or not."""
    found: dict[str, pd.DataFrame] = {}
    yield found
    request.config.stash.setdefault(_tables, []).extend(found.items())


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    for title, table in config.stash.get(_tables, []):
        terminalreporter.section(title)
        terminalreporter.write_line(table.to_string(float_format="{:.4f}".format))
