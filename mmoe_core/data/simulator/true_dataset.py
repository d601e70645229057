"""A log at true rates as a dataset: many tokens per field, histories once per session, the truth beside the labels.

The layout is the converter's, so what trains on the one trains on the other.

Shape suffixes in this file:
    N rows of a split   S sessions of a split   K tokens of a field
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa

from ...config import FIRST_KNOWN, MISSING, PADDING, RARE, Schema, SimulatedAliCcp
from ..ali_ccp_schema import VALUE_NAMES, ali_ccp_schema
from ..manifest import SPLITS, Scaling, SplitName
from ..raw.options import RawOptions
from ..writing import SEGMENT, SESSION, TRUTH, WEIGHTS, DatasetWriter
from .profiles import TRUE_RATES
from .tokens import LogTable, Tokens, log_table
from .true_rates import TrueLog, simulate_true_rates

__all__ = ["write_true_rates"]

_QUANTILE = 0.999  # of a field's values in train; becomes 1
_SMALLEST_WEIGHT = 1e-6


def write_true_rates(config: SimulatedAliCcp, folder: Path) -> None:
    """Simulate a log and write it as a dataset; splits are cut between sessions."""
    log = simulate_true_rates(config)
    table = log_table(log, config.seed)
    encoder = _Encoder(table)
    with DatasetWriter(
        folder, encoder.schema, {name: known.astype(str) for name, known in encoder.known.items()}
    ) as writer:
        for split in SPLITS:
            writer.append_sessions(split, encoder.sessions(split))
            writer.append(split, encoder.rows(split, log))
        writer.finish(
            "Simulated in Ali-CCP's schema, at the real log's rates; no row is real.",
            config=config,
            segments=[segment.name for segment in TRUE_RATES.segments],
            scaling=encoder.scaling | {f"D{name}": of for name, of in encoder.scaling.items()},
        )


class _Encoder:
    """Raw ids and values become local ids and weights; fitted on train."""

    def __init__(self, table: LogTable) -> None:
        self._table = table
        train, sessions = table.rows["train"], table.sessions["train"]
        fitted = {name: tokens.part(train) for name, tokens in table.of_rows.items()}
        fitted |= {name: tokens.part(sessions) for name, tokens in table.of_sessions.items()}
        self.known = {name: _seen(tokens) for name, tokens in fitted.items()}
        self.scaling = {name: _scaling(fitted[name]) for name in (value.removeprefix("D") for value in VALUE_NAMES)}
        self._num_tokens = RawOptions().num_tokens
        self.schema = self._schema()

    def _schema(self) -> Schema:
        base = ali_ccp_schema({name: FIRST_KNOWN + len(ids) for name, ids in self.known.items()}, is_simulated=True)
        id_fields = tuple(
            field.model_copy(
                update={
                    "num_tokens": self._num_tokens.get(field.name, 1),
                    "per_session": field.name in self._table.of_sessions,
                }
            )
            for field in base.id_fields
        )
        return base.model_copy(update={"id_fields": id_fields})

    def sessions(self, split: SplitName) -> pa.Table:
        """The sessions of a split."""
        part = self._table.sessions[split]
        columns: dict[str, pa.Array] = {}
        for name, tokens in self._table.of_sessions.items():
            columns |= self._field(name, tokens.part(part))
        return pa.table(columns)

    def rows(self, split: SplitName, log: TrueLog) -> pa.Table:
        """The impressions of a split, with what the simulator knows of them."""
        table, part = self._table, self._table.rows[split]
        session_N = table.session_N[part] - table.sessions[split].start
        columns: dict[str, pa.Array] = {SESSION: pa.array(session_N.astype(np.int32))}
        for name, tokens in table.of_rows.items():
            columns |= self._field(name, tokens.part(part))
        for value in VALUE_NAMES:
            name = value.removeprefix("D")
            if name in table.of_rows:
                highest_N = table.of_rows[name].part(part).highest(1)[1][:, 0]
            else:
                highest_N = table.of_sessions[name].part(table.sessions[split]).highest(1)[1][session_N, 0]
            columns[value] = pa.array((highest_N / self.scaling[name].scale).astype(np.float32))
        behaviour = log.behaviour
        columns["click"] = pa.array(behaviour.click_N[part].astype(np.uint8))
        columns["purchase"] = pa.array(behaviour.purchase_N[part].astype(np.uint8))
        columns[TRUTH + "click"] = pa.array(behaviour.click_probability_N[part])
        columns[TRUTH + "purchase"] = pa.array(behaviour.purchase_probability_N[part])
        columns[SEGMENT] = pa.array(log.segment_N[part].astype(np.int8))
        return pa.table(columns)

    def _field(self, name: str, tokens: Tokens) -> dict[str, pa.Array]:
        width = self._num_tokens.get(name, 1)
        ids_RK, values_RK = tokens.highest(width)
        known = self.known[name]
        place_RK = np.searchsorted(known, ids_RK).clip(max=max(len(known) - 1, 0))
        is_known_RK = known[place_RK] == ids_RK if len(known) else np.zeros(ids_RK.shape, np.bool_)
        local_RK = np.where(is_known_RK, place_RK + FIRST_KNOWN, RARE)
        local_RK[ids_RK < 0] = PADDING
        is_missing_R = ids_RK[:, 0] < 0
        local_RK[is_missing_R, 0] = MISSING
        if width == 1:
            return {name: pa.array(local_RK[:, 0].astype(np.int32))}
        scale = self.scaling[name].scale if name in self.scaling else 1.0
        weights_RK = np.where(ids_RK < 0, 0, np.maximum(values_RK / scale, _SMALLEST_WEIGHT))
        weights_RK[is_missing_R, 0] = 1
        return {name: _lists(local_RK.astype(np.int32)), WEIGHTS + name: _lists(weights_RK.astype(np.float32))}


def _seen(tokens: Tokens) -> np.ndarray:
    if tokens.group_R is None:
        return np.unique(tokens.id_M)
    is_used_G = np.zeros(len(tokens.start_G) - 1, np.bool_)
    is_used_G[tokens.group_R] = True
    return np.unique(tokens.id_M[np.repeat(is_used_G, np.diff(tokens.start_G))])


def _scaling(tokens: Tokens) -> Scaling:
    if tokens.value_M is None or not len(tokens.value_M):
        return Scaling()
    if tokens.group_R is None:
        return Scaling(scale=float(np.quantile(tokens.value_M, _QUANTILE)))
    times_G = np.bincount(tokens.group_R, minlength=len(tokens.start_G) - 1)
    times_M = np.repeat(times_G, np.diff(tokens.start_G))
    order = np.argsort(tokens.value_M)
    up_to = np.cumsum(times_M[order])
    return Scaling(scale=float(tokens.value_M[order][np.searchsorted(up_to, _QUANTILE * up_to[-1])]))


def _lists(values_RK: np.ndarray) -> pa.Array:
    return pa.FixedSizeListArray.from_arrays(pa.array(values_RK.ravel()), values_RK.shape[1])
