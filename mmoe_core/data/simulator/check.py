"""Simulated marginals beside the published ones: target, got, tolerance.

Tolerances hold from 300,000 rows on; below, they widen by the square root of what is missing, as sampling noise does.

Shape suffixes in this file:
    N impressions   S sessions   U users   M tokens
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from ...config import SimulatedAliCcp
from ...metrics import expected_auc
from . import published
from .laws import broken_laws
from .profiles import TRUE_RATES
from .tokens import LogTable, Tokens, log_table
from .true_rates import TrueLog, simulate_true_rates

__all__ = ["Mark", "check_true_rates"]

_ROWS = 300_000  # from here on tolerances are as written
_MANY = 200  # rows of a long session
_BODY = slice(2, 39)  # quantiles .05 to .95; the ends rest on a few rows


@dataclass(frozen=True)
class Mark:
    """One line of the check."""

    quantity: str
    target: float
    got: float
    tolerance: float

    @property
    def holds(self) -> bool:
        """Whether what was got is near enough."""
        return abs(self.got - self.target) <= self.tolerance


def check_true_rates(config: SimulatedAliCcp) -> list[Mark]:
    """Simulate a log and compare it with what is published about the real one."""
    log = simulate_true_rates(config)
    table = log_table(log, config.seed)
    wider = max(1.0, (_ROWS / config.num_rows) ** 0.5)
    marks = [*_laws(config, log, table)]
    for quantity, target, got, tolerance in (
        *_labels(log),
        *_presence(table),
        *_tokens(table),
        *_values(table),
        *_sessions(log),
        *_items(log),
        *_people(log),
    ):
        marks.append(Mark(quantity, float(target), float(got), float(tolerance) * wider))
    return marks


_Line = tuple[str, float, float, float]


def _laws(config: SimulatedAliCcp, log: TrueLog, table: LogTable) -> Iterator[Mark]:
    click_N, purchase_N = log.utility_NT.T  # of mean 0 and variance 1
    rho = float((click_N * purchase_N).mean())
    yield Mark("correlation of utilities", config.rho, rho, 1e-9)
    truth = log.behaviour
    clicks = truth.click_probability_N.mean()
    yield Mark("CTR, expected", published.CTR, float(clicks), 1e-9)
    yield Mark("CVR, expected", published.CVR, float(truth.purchase_probability_N.mean() / clicks), 1e-9)
    yield Mark("purchases without click", 0, float((truth.purchase_N & ~truth.click_N).sum()), 0)
    for law, rows in broken_laws(table).items():
        yield Mark(f"broken: {law}", 0, rows, 0)


def _labels(log: TrueLog) -> Iterator[_Line]:
    truth, num_rows = log.behaviour, len(log.item_N)
    for quantity, p_N, label_N, per in (
        ("CTR, drawn", truth.click_probability_N, truth.click_N, num_rows),
        ("CVR, drawn", truth.purchase_probability_N, truth.purchase_N, published.CTR * num_rows),
    ):
        spread = float(np.sqrt((p_N * (1 - p_N)).sum())) / per / max(1.0, (_ROWS / num_rows) ** 0.5)
        yield quantity, float(p_N.sum()) / per, float(label_N.sum()) / per, 4 * spread
    oracle = expected_auc(truth.click_probability_N, truth.click_probability_N)
    yield "best possible click AUC", TRUE_RATES.click_oracle, oracle or 0.0, 0.012
    is_long_N = (log.people.length_S >= _MANY)[log.people.session_N]
    if is_long_N.any():
        long = float(truth.click_probability_N[is_long_N].mean())
        yield f"CTR of sessions of {_MANY} rows and more", published.CTR_OF_LONG_SESSIONS, long, 0.003


def _presence(table: LogTable) -> Iterator[_Line]:
    for name, target in published.PRESENCE.items():
        yield f"presence of {name}", target, float((_counts(table, name) > 0).mean()), 0.003


def _tokens(table: LogTable) -> Iterator[_Line]:
    for name, target in (*published.HISTORIES.items(), ("210", published.INTENTIONS_PER_ITEM)):
        yield f"tokens of {name} per impression", target, float(_counts(table, name).mean()), 0.02 * target
    looked_up = float(_counts(table, "853").mean())
    yield "tokens of 853 per impression", published.LOOK_UP_TOKENS, looked_up, 0.05 * published.LOOK_UP_TOKENS
    skeleton = np.sum([tokens.counts() for tokens in table.of_rows.values()], axis=0)
    common = np.sum([tokens.counts() for tokens in table.of_sessions.values()], axis=0)
    yield "features of a skeleton line", published.SKELETON_FEATURES, float(np.mean(skeleton)), 0.15
    yield "features of a common line", published.COMMON_FEATURES, float(np.mean(common)), 20


def _values(table: LogTable) -> Iterator[_Line]:
    for name, target in published.VALUE_QUANTILES.items():
        tokens = table.of_rows[name]
        assert tokens.value_M is not None  # look-ups have counts
        first = tokens.start_G[:-1][np.diff(tokens.start_G) > 0]
        found = np.asarray(np.quantile(tokens.value_M[first], published.QUANTILE_LEVELS))
        off = float(np.abs(found - target)[_BODY].max())
        yield f"values of {name}, quantiles .05 to .95: furthest off", 0, off, 0.25
        middle = len(target) // 2
        yield f"values of {name}, median", target[middle], float(found[middle]), 0.2


def _sessions(log: TrueLog) -> Iterator[_Line]:
    people = log.people
    yield "rows of a session", published.SESSION_MEAN, float(people.length_S.mean()), 1.0
    for rows, target in published.SESSION_SHARE_FROM.items():
        yield f"share of sessions of {rows} rows and more", target, float((people.length_S >= rows).mean()), 0.02
    yield "sessions of a user", published.SESSIONS_PER_USER, len(people.length_S) / len(people.rows_U), 0.15


def _items(log: TrueLog) -> Iterator[_Line]:
    scale = len(log.item_N) / published.ROWS
    times_I = np.bincount(log.item_N)
    times_I = times_I[times_I > 0]
    distinct = published.DISTINCT_ITEMS * scale
    yield "distinct items", distinct, len(times_I), 0.03 * distinct
    yield "share of items seen twice", published.SHARE_OF_ITEMS_SEEN_TWICE, float((times_I > 1).mean()), 0.02
    for times, number in published.ITEMS_BY_FREQUENCY.items():
        target = number * scale
        yield f"items seen {times} times and more", target, float((times_I >= times).sum()), 0.06 * target


def _people(log: TrueLog) -> Iterator[_Line]:
    people = log.people
    for name, shares in published.DEMOGRAPHICS.items():
        code_S = people.fields[name][people.user_S]
        for code, target in enumerate(shares):
            yield f"share of sessions with {name} = {code + 1}", target, float((code_S == code).mean()), 0.02
    for scene, rows in enumerate(published.SCENES):
        target = rows / sum(published.SCENES)
        yield f"share of impressions with 301 = {scene + 1}", target, float((log.scene_N == scene).mean()), 0.001


def _counts(table: LogTable, name: str) -> np.ndarray:
    if name in table.of_rows:
        return table.of_rows[name].counts()
    tokens: Tokens = table.of_sessions[name]
    return np.asarray(tokens.counts()[table.session_N])
