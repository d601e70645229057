"""What train teaches: how often each id is seen, which ids are known, how large values are.

Shape suffixes in this file:
    R rows   I id columns   V value columns   G all ids there can be
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from ...config import FIRST_KNOWN, MISSING, PADDING, RARE
from ...errors import DatasetError
from ..manifest import Scaling
from .layout import Side

__all__ = ["Tally", "Vocabulary"]

_USUAL_IDS = 10_000_000  # room from the start; untouched memory costs nothing
_MAX_ID = 1 << 26  # Ali-CCP's are below 10 million
_BINS_PER_UNIT, _NUM_BINS = 1024, 1 << 16  # of values; ln(1 + n) stays below 64 for any n
_QUANTILE = 0.999
_UNKNOWN = -1  # in place of the running number of a known id


class Tally:
    """Counts over train's impressions, of the tokens that are kept."""

    def __init__(self, fields: tuple[str, ...]) -> None:
        self.fields = fields
        self.counts_G = np.zeros(_USUAL_IDS, np.int32)
        self.places_G = np.zeros(_USUAL_IDS, np.uint32)  # bit i: seen in field i
        self.bins = np.zeros((len(fields), _NUM_BINS), np.int64)

    def add(self, side: Side, ids_RI: np.ndarray, values_RV: np.ndarray, impressions_R: np.ndarray | None) -> None:
        """Count rows; `impressions_R` is how many impressions each stands for (None: one)."""
        self._reserve(int(ids_RI.max(initial=-1)))
        for field in side.fields:
            place = self.fields.index(field)
            ids_RK = ids_RI[:, side.ids_of(field)]
            is_token_RK = ids_RK >= 0
            ids_T = ids_RK[is_token_RK]
            times_T: np.ndarray | int = 1
            if impressions_R is not None:
                times_T = np.broadcast_to(impressions_R[:, None], ids_RK.shape)[is_token_RK]
            np.add.at(self.counts_G, ids_T, times_T)
            self.places_G[ids_T] |= np.uint32(1 << place)
            values_RK = values_RV[:, side.values_of(field)]
            if values_RK.shape[1]:
                bins_T = np.minimum(np.ceil(values_RK[is_token_RK] * _BINS_PER_UNIT), _NUM_BINS - 1).astype(np.int64)
                weights = None if impressions_R is None else times_T
                self.bins[place] += np.bincount(bins_T, weights, _NUM_BINS).astype(np.int64)

    def _reserve(self, highest: int) -> None:
        if highest >= _MAX_ID:
            raise DatasetError(
                "There is a feature id {found:,}, but Ali-CCP's ids are below {limit:,}. Are these its raw files? "
                "Nothing was imported.",
                found=highest,
                limit=_MAX_ID,
            )
        if highest >= len(self.counts_G):
            size = 1 << highest.bit_length()
            self.counts_G = np.concatenate([self.counts_G, np.zeros(size - len(self.counts_G), np.int32)])
            self.places_G = np.concatenate([self.places_G, np.zeros(size - len(self.places_G), np.uint32)])

    def add_arrays(self, arrays: Mapping[str, np.ndarray]) -> None:
        """Add what the `arrays` of another one say."""
        ids = arrays["seen_ids"]
        self._reserve(int(ids.max(initial=-1)))
        self.counts_G[ids] += arrays["seen_counts"]
        self.places_G[ids] |= arrays["seen_places"]
        self.bins += arrays["bins"]

    def arrays(self) -> dict[str, np.ndarray]:
        """To be kept in a file."""
        ids = np.flatnonzero(self.places_G)
        return {
            "seen_ids": ids,
            "seen_counts": self.counts_G[ids],
            "seen_places": self.places_G[ids],
            "bins": self.bins,
        }

    def scaling(self, field: str) -> Scaling:
        """Divides by the value that one token of train in a thousand exceeds, to 1/1024."""
        up_to = np.cumsum(self.bins[self.fields.index(field)])
        if up_to[-1] == 0:
            return Scaling()
        highest = int(np.searchsorted(up_to, _QUANTILE * up_to[-1]))
        return Scaling(scale=max(highest, 1) / _BINS_PER_UNIT)


class Vocabulary:
    """Raw ids become ids local to their field, by one look-up for all fields."""

    def __init__(self, tally: Tally, min_frequency: int) -> None:
        seen = np.flatnonzero(tally.places_G)
        places = tally.places_G[seen]
        in_many = seen[places & (places - np.uint32(1)) > 0]
        if len(in_many):
            raise DatasetError(
                "The feature id {id} occurs in more than one field (such ids: {count:,}), but Ali-CCP's ids belong to "
                "one field each. Are these its raw files? Nothing was imported.",
                id=int(in_many[0]),
                count=len(in_many),
            )
        is_known = tally.counts_G[seen] >= min_frequency
        self.known: dict[str, np.ndarray] = {}
        self._before: dict[str, int] = {}  # known ids of the fields before
        # The first place stands for no token, the last one for all ids beyond train's.
        self._number_G = np.full(int(seen.max(initial=0)) + 3, _UNKNOWN, np.int32)
        before = 0
        for place, field in enumerate(tally.fields):
            ids = seen[(places == 1 << place) & is_known]
            self.known[field], self._before[field] = ids, before
            self._number_G[ids + 1] = np.arange(before, before + len(ids))
            before += len(ids)

    @property
    def sizes(self) -> dict[str, int]:
        """Ids per field, the reserved ones included."""
        return {field: FIRST_KNOWN + len(ids) for field, ids in self.known.items()}

    def local(self, field: str, ids_RK: np.ndarray) -> np.ndarray:
        """Local ids; a row without any token starts with "missing"."""
        local_RK = self._number_G.take(ids_RK + 1, mode="clip")
        local_RK -= self._before[field]
        # Known from this field, not from another; read without sign, what is below 0 is huge.
        is_known_RK = local_RK.view(np.uint32) < len(self.known[field])
        # Sums and products, since to assign at random places is three times slower.
        local_RK += FIRST_KNOWN - RARE
        local_RK *= is_known_RK
        local_RK += RARE
        local_RK *= ids_RK >= 0  # to padding, 0
        local_RK[local_RK[:, 0] == PADDING, 0] = MISSING
        return local_RK
