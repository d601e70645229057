"""Spilled numbers become the tables of a dataset: local ids, scaled values, sessions.

Shape suffixes in this file:
    R rows of a block   K tokens of a field   S sessions of a split
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np
import pyarrow as pa

from ...config import MISSING, Schema
from ..ahead import in_order
from ..ali_ccp_schema import VALUE_NAMES, ali_ccp_schema
from ..manifest import Scaling, SplitName
from ..writing import SESSION, WEIGHTS
from .layout import COMMON_FIELDS, Side
from .options import RawOptions
from .reading import NO_SESSION, PartRead, is_validation
from .tally import Vocabulary

__all__ = ["Encoder", "raw_schema"]

_ROWS_AT_ONCE = 1 << 16
_SMALLEST_WEIGHT = 1e-6  # a token with value 0 is a token still


def raw_schema(vocabulary: Vocabulary, options: RawOptions) -> Schema:
    """Ali-CCP's schema, with many tokens per field and sessions apart unless single values were asked for."""
    base = ali_ccp_schema(vocabulary.sizes)
    if options.single_value:
        return base
    tokens = options.num_tokens
    id_fields = tuple(
        field.model_copy(update={"num_tokens": tokens.get(field.name, 1), "per_session": field.name in COMMON_FIELDS})
        for field in base.id_fields
    )
    return base.model_copy(update={"id_fields": id_fields})


class Encoder:
    """Encodes one part of the log.

    Args:
        part: What was read.
        splits: The splits that come out of it: train and validation, or test.
        vocabulary: Fitted on train.
        scaling: Per field with values; fitted on train.
        options: The choices.
    """

    def __init__(
        self,
        part: PartRead,
        splits: tuple[SplitName, ...],
        vocabulary: Vocabulary,
        scaling: Mapping[str, Scaling],
        options: RawOptions,
    ) -> None:
        self._part = part
        self._splits = splits
        self._vocabulary = vocabulary
        self._scaling = scaling
        self._options = options
        self._highest = self._highest_values()
        is_validation_U = is_validation(part.keys_U, options)
        self._split_of_U = is_validation_U.astype(np.int8) if len(splits) == 2 else np.zeros_like(is_validation_U, int)
        self._row_of_U = np.empty(len(part.keys_U), np.int32)  # of a key's session in its split's table
        self._sessions = [self._number_sessions(index) for index in range(len(splits))]

    def _highest_values(self) -> dict[str, np.ndarray]:
        """Value of each session's first token, per field; last, for `NO_SESSION`, 0."""
        common = self._options.common
        fields = [field for field in (name.removeprefix("D") for name in VALUE_NAMES) if field in COMMON_FIELDS]
        columns = [common.values_of(field).start for field in fields]
        blocks = [block["values"][:, columns] for block in self._part.sessions.blocks(_ROWS_AT_ONCE)]
        highest = np.concatenate([*blocks, np.zeros((1, len(fields)), np.float32)])
        return {field: highest[:, place] for place, field in enumerate(fields)}

    def _number_sessions(self, index: int) -> np.ndarray:
        """The sessions of a split in file order; last, where a key of it has none, a row that knows nothing."""
        of_split_U = self._split_of_U == index
        sessions_S = np.unique(self._part.session_of_U[of_split_U])
        has_lost = len(sessions_S) > 0 and sessions_S[0] == NO_SESSION
        if has_lost:
            sessions_S = np.append(sessions_S[1:], NO_SESSION)
        found = self._part.session_of_U[of_split_U]
        rows = np.searchsorted(sessions_S[: len(sessions_S) - has_lost], found)
        self._row_of_U[of_split_U] = np.where(found == NO_SESSION, len(sessions_S) - 1, rows)
        return sessions_S

    def sessions(self) -> Iterator[tuple[SplitName, pa.Table]]:
        """The tables of sessions, piece by piece."""
        for split, sessions_S in zip(self._splits, self._sessions, strict=True):
            for start in range(0, len(sessions_S), _ROWS_AT_ONCE):
                ids, values = self._of_sessions(sessions_S[start : start + _ROWS_AT_ONCE])
                yield split, pa.table(self._columns(self._options.common, ids, values))

    def rows(self) -> Iterator[tuple[int, list[tuple[SplitName, pa.Table]]]]:
        """Impressions piece by piece: how many were read, and the rows of each split."""
        blocks = self._part.impressions.blocks(_ROWS_AT_ONCE)
        return in_order(self._encoded, blocks, self._options.threads_ahead)

    def _encoded(self, block: dict[str, np.ndarray]) -> tuple[int, list[tuple[SplitName, pa.Table]]]:
        places_R = np.searchsorted(self._part.keys_U, block["keys"][:, 0])
        splits_R = self._split_of_U[places_R]
        tables = []
        for index, split in enumerate(self._splits):
            is_in_R = splits_R == index
            if is_in_R.all():
                tables.append((split, self._table(block, places_R)))
            elif is_in_R.any():
                part = {name: array[is_in_R] for name, array in block.items()}
                tables.append((split, self._table(part, places_R[is_in_R])))
        return len(places_R), tables

    def _table(self, block: dict[str, np.ndarray], places_R: np.ndarray) -> pa.Table:
        skeleton, common, options = self._options.skeleton, self._options.common, self._options
        sessions_R = self._part.session_of_U[places_R]
        columns = self._columns(skeleton, block["ids"], block["values"])
        if options.single_value:
            columns |= self._columns(common, *self._of_sessions(sessions_R))
        else:
            columns[SESSION] = pa.array(self._row_of_U[places_R])
        for name in VALUE_NAMES:
            field = name.removeprefix("D")
            if field in skeleton.fields:
                values_R = block["values"][:, skeleton.values_of(field).start]
            else:
                values_R = self._highest[field][sessions_R]
            columns[name] = pa.array(values_R * np.float32(1 / self._scaling[field].scale))
        labels_R = block["labels"][:, 0]
        columns["click"], columns["purchase"] = pa.array(labels_R & 1), pa.array(labels_R >> 1)
        return pa.table(columns)

    def _of_sessions(self, sessions_R: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Raw ids and values of sessions; no token at all where there is no session."""
        side, is_found_R = self._options.common, sessions_R != NO_SESSION
        ids_RI = np.full((len(sessions_R), side.id_starts[-1]), -1, np.int32)
        values_RV = np.zeros((len(sessions_R), side.value_starts[-1]), np.float32)
        # Mapped anew each time, so that pages once touched do not pile up in memory.
        ids_RI[is_found_R] = self._part.sessions.mapped("ids")[sessions_R[is_found_R]]
        values_RV[is_found_R] = self._part.sessions.mapped("values")[sessions_R[is_found_R]]
        return ids_RI, values_RV

    def _columns(self, side: Side, ids_RI: np.ndarray, values_RV: np.ndarray) -> dict[str, pa.Array]:
        columns: dict[str, pa.Array] = {}
        for field in side.fields:
            ids_RK = ids_RI[:, side.ids_of(field)]
            local_RK = self._vocabulary.local(field, ids_RK)
            width = ids_RK.shape[1]
            if width == 1:
                columns[field] = pa.array(local_RK[:, 0])
                continue
            weights_RK = values_RV[:, side.values_of(field)] * np.float32(1 / self._scaling[field].scale)
            np.maximum(weights_RK, np.float32(_SMALLEST_WEIGHT), out=weights_RK)
            weights_RK[ids_RK < 0] = 0
            weights_RK[local_RK[:, 0] == MISSING, 0] = 1
            columns[field] = _lists(local_RK)
            columns[WEIGHTS + field] = _lists(weights_RK)
        return columns


def _lists(values_RK: np.ndarray) -> pa.Array:
    return pa.FixedSizeListArray.from_arrays(pa.array(values_RK.ravel()), values_RK.shape[1])
