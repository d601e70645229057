"""The choices of a conversion."""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import Field

from ...config import Frozen
from .layout import COMMON_FIELDS, MANY_VALUED, SKELETON_FIELDS, Side

__all__ = ["RawOptions"]


class RawOptions(Frozen):
    """How the raw Ali-CCP log becomes a dataset."""

    min_frequency: int = Field(10, ge=1, le=1_000_000)  # impressions of train; an id with fewer is "rare"
    sample: float = Field(1.0, gt=0, le=1)  # share of sessions
    single_value: bool = False  # the 33 columns of the tutorials: of a field's tokens the one with the highest value
    history_tokens: int = Field(32, ge=2, le=512)  # kept of 109_14, 110_14, 127_14, 150_14
    item_tokens: int = Field(8, ge=2, le=512)  # kept of 210, 853
    validation_share: float = Field(0.1, gt=0, lt=1)  # of train's sessions
    seed: int = Field(2022, ge=0, le=2**32 - 1)  # of the hashes that pick sessions
    num_threads: int = Field(2, ge=1, le=64)  # the result does not depend on it

    @property
    def threads_ahead(self) -> int:
        """Threads beside the one that writes; none when there shall be one in all."""
        return 0 if self.num_threads == 1 else self.num_threads

    @property
    def num_tokens(self) -> Mapping[str, int]:
        """How many tokens of each many-valued field are kept."""
        if self.single_value:
            return dict.fromkeys(MANY_VALUED, 1)
        return {name: self.history_tokens if name.endswith("_14") else self.item_tokens for name in MANY_VALUED}

    @property
    def skeleton(self) -> Side:
        """Columns of an impression."""
        return self._side(SKELETON_FIELDS)

    @property
    def common(self) -> Side:
        """Columns of a session."""
        return self._side(COMMON_FIELDS)

    def _side(self, fields: tuple[str, ...]) -> Side:
        tokens = self.num_tokens
        return Side(fields, tuple(tokens.get(field, 1) for field in fields))
