"""The rows of a split, and how some of them are taken.

Shape suffixes in this file:
    N rows   F id columns of a row   D, V value fields   T tasks
    S sessions   C id columns of a session   B rows taken   K id columns of all fields
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from ..config import FIRST_KNOWN, Schema
from ..errors import DatasetError
from .manifest import SplitName

__all__ = ["Rows", "Split"]


@dataclass(frozen=True)
class Rows:
    """Some rows, copied out; every id field's tokens side by side, in schema order (`Schema.id_columns`).

    Attributes:
        ids_BK: Global ids, int32; a padded place has its field's offset + 0.
        weights_BK: What each token weighs in its field's pooling, float32, 0 where padded; None when every field has
            one token.
        dense_BV: Scaled values, float32.
        labels_BT: As in `Split`.
        observed_BT: As in `Split`.
    """

    ids_BK: np.ndarray
    weights_BK: np.ndarray | None
    dense_BV: np.ndarray
    labels_BT: np.ndarray
    observed_BT: np.ndarray

    def __len__(self) -> int:
        return len(self.ids_BK)


@dataclass(frozen=True)
class Split:
    """The rows of one split as they are kept; `take` gives them as the network reads them.

    Attributes:
        name: train, validation or test.
        ids_NF: Global ids, int32: each field's offset in the shared id space is already added. One column per id
            field, unless fields have many tokens or belong to the session: then the tokens of the row's own fields.
        dense_ND: Scaled values, float32.
        labels_NT: 0 or 1 (binary), any number (regression), float32; 0 where not observed.
        observed_NT: Whether the label means anything on this row.
        truth_NT: True probabilities, float64; None unless simulated.
        segments_N: The mechanism behind each row, int8, an index into `Manifest.segments`; None unless simulated.
        schema: Says which columns are whose; None where every field has one token of the row's own.
        weights_NF: Weight of each token, float32, 0 on padding; None when every field of a row has one token.
        sessions_N: Which session a row belongs to, int32; None when nothing is kept per session.
        session_ids_SC: Global ids of the fields that are kept per session.
        session_weights_SC: Their weights; None when each has one token.
    """

    name: SplitName
    ids_NF: np.ndarray
    dense_ND: np.ndarray
    labels_NT: np.ndarray
    observed_NT: np.ndarray
    truth_NT: np.ndarray | None = None
    segments_N: np.ndarray | None = None
    schema: Schema | None = None
    weights_NF: np.ndarray | None = None
    sessions_N: np.ndarray | None = None
    session_ids_SC: np.ndarray | None = None
    session_weights_SC: np.ndarray | None = None

    def __len__(self) -> int:
        return len(self.ids_NF)

    def take(self, rows: NDArray[np.integer] | slice) -> Rows:
        """Copies of some rows, with what their sessions hold.

        Args:
            rows: Row numbers, in any order, or a slice.
        """
        rest = [_copied(values, rows) for values in (self.dense_ND, self.labels_NT, self.observed_NT)]
        ids_BF = _copied(self.ids_NF, rows)
        if self._is_plain:
            return Rows(ids_BF, None, *rest)
        of_row_K, of_session_K = self._places
        num_columns = len(of_row_K) + len(of_session_K)
        ids_BK = np.empty((len(ids_BF), num_columns), np.int32)
        ids_BK[:, of_row_K] = ids_BF
        has_weights = self.weights_NF is not None or self.session_weights_SC is not None
        weights_BK = np.ones((len(ids_BF), num_columns), np.float32) if has_weights else None
        if weights_BK is not None and self.weights_NF is not None:
            weights_BK[:, of_row_K] = self.weights_NF[rows]
        if self.sessions_N is not None and self.session_ids_SC is not None:
            sessions_B = self.sessions_N[rows]
            ids_BK[:, of_session_K] = self.session_ids_SC[sessions_B]
            if weights_BK is not None and self.session_weights_SC is not None:
                weights_BK[:, of_session_K] = self.session_weights_SC[sessions_B]
        return Rows(ids_BK, weights_BK, *rest)

    def num_observed(self, rows: NDArray[np.integer]) -> NDArray[np.float32]:
        """On how many of some rows each task's label means anything, (T,)."""
        observed_BT = _copied(self.observed_NT, rows).astype(np.float32)
        return np.ones(len(rows), np.float32) @ observed_BT  # a product: sums along the first axis are slow

    def pick(self, rows: NDArray[np.integer]) -> Split:
        """A split of some of the rows, in that order; sessions are shared with this one."""

        def picked(values: np.ndarray | None) -> np.ndarray | None:
            return None if values is None else values[rows]

        return replace(
            self,
            ids_NF=self.ids_NF[rows],
            dense_ND=self.dense_ND[rows],
            labels_NT=self.labels_NT[rows],
            observed_NT=self.observed_NT[rows],
            truth_NT=picked(self.truth_NT),
            segments_N=picked(self.segments_N),
            weights_NF=picked(self.weights_NF),
            sessions_N=picked(self.sessions_N),
        )

    def users(self, rows: slice = slice(None)) -> NDArray[np.int32] | None:
        """Whose some rows are: users that train knows, numbered from 0, and -1 for any other.

        `None` where the schema names no user, or gives a row several.
        """
        schema = self.schema
        names = [field.name for field in schema.id_fields] if schema is not None else []
        if schema is None or schema.user_field not in names:
            return None
        index = names.index(schema.user_field)
        user = schema.id_fields[index]
        if user.num_tokens > 1:
            return None
        beside = [field for field in schema.id_fields[:index] if field.per_session == user.per_session]
        column = sum(field.num_tokens for field in beside)
        if user.per_session:
            assert self.session_ids_SC is not None, "a field of the session has a table of sessions"
            assert self.sessions_N is not None, "and rows that point to it"
            global_B = self.session_ids_SC[:, column][self.sessions_N[rows]]
        else:
            global_B = self.ids_NF[rows, column]
        first_known = schema.offsets[index] + FIRST_KNOWN
        return np.asarray(np.maximum(global_B - first_known, -1), dtype=np.int32)

    def tokens(self, field: str, rows: NDArray[np.integer] | slice) -> tuple[np.ndarray, np.ndarray]:
        """Local ids of one id field on some rows, and their weights (0 on padding): two arrays (B, K of the field).

        Raises:
            DatasetError: the split does not know its schema's field of that name.
        """
        fields = self.schema.id_fields if self.schema is not None else ()
        names = [id_field.name for id_field in fields]
        if self.schema is None or field not in names:
            raise DatasetError("There is no id field '{field}'.", field=field)
        index = names.index(field)
        taken = self.take(rows)
        columns = self.schema.id_columns[index]
        local = taken.ids_BK[:, columns] - self.schema.offsets[index]
        return local, np.ones(local.shape, np.float32) if taken.weights_BK is None else taken.weights_BK[:, columns]

    @property
    def _is_plain(self) -> bool:
        return self.schema is None or self.schema.has_one_id_per_field

    @cached_property
    def _places(self) -> tuple[np.ndarray, np.ndarray]:
        """Which of the K columns are the row's own, and which its session's."""
        fields = self.schema.id_fields if self.schema is not None else ()
        of_session_K = np.repeat([field.per_session for field in fields], [field.num_tokens for field in fields])
        return np.flatnonzero(~of_session_K), np.flatnonzero(of_session_K)


def _copied(values: np.ndarray, rows: NDArray[np.integer] | slice) -> np.ndarray:
    """Some rows of an array; `take` reads scattered ones several times as fast as an index does."""
    return np.array(values[rows]) if isinstance(rows, slice) else np.asarray(values).take(rows, axis=0)
