"""DeepCTR-Torch beside ours. Collected only when asked for, since it needs that library: `pytest tests/deepctr`."""

from __future__ import annotations

from pathlib import Path

import pytest

_HERE = Path(__file__).parent


def pytest_ignore_collect(config: pytest.Config) -> bool | None:
    asked = any(Path(argument.split("::")[0]).resolve().is_relative_to(_HERE) for argument in config.args)
    return None if asked else True
