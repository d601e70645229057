"""A small sample of a simulation, made to be looked at and gone afterwards."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from ..config import Simulated
from .catalogue import prepare
from .dataset import Dataset

__all__ = ["PREVIEW_ROWS", "preview", "preview_of"]

PREVIEW_ROWS = 20_000  # simulated in less than a second


def preview_of(config: Simulated) -> Simulated:
    """The same dials with few rows."""
    return config.model_copy(update={"num_rows": min(config.num_rows, PREVIEW_ROWS)})


@contextmanager
def preview(config: Simulated) -> Iterator[Dataset]:
    """A simulator's dials with few rows, in a folder of its own that is removed at the end.

    Args:
        config: The dials; what they say of the number of rows is an upper bound.

    Raises:
        DatasetError: the rows could not be written.
    """
    with TemporaryDirectory(prefix="mmoe-preview-") as home:
        yield prepare(preview_of(config), home=Path(home))
