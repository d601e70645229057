"""Simulated marginals beside the published ones: target, got, tolerance.

Tolerances hold from 300,000 rows on; below, they widen by the square root of what is missing, as sampling noise does.

Shape suffixes in this file:
    N impressions   S sessions   U users   M tokens
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from ...config import SimulatedAliCcp
from ...metrics import expected_auc
from ..manifest import Comparison, Manifest
from ..marks import Mark
from . import published
from .laws import broken_laws
from .profiles import TRUE_RATES
from .tokens import LogTable, Tokens, log_table
from .true_rates import TrueLog, simulate_true_rates

__all__ = ["check_true_rates", "compare_rates"]

_ROWS = 300_000  # from here on tolerances are as written
_MANY = 200  # rows of a long session
_BODY = slice(2, 39)  # quantiles .05 to .95; the ends rest on a few rows


def check_true_rates(config: SimulatedAliCcp) -> list[Mark]:
    """Simulate a log and compare it with what is published about the real one."""
    log = simulate_true_rates(config)
    table = log_table(log, config.seed)
    wider = max(1.0, (_ROWS / config.num_rows) ** 0.5)
    noisy = (_labels(log), _presence(table), _tokens(table), _values(table), _sessions(log), _items(log), _people(log))
    return [
        *_laws(config, log, table),
        *(replace(mark, tolerance=mark.tolerance * wider) for marks in noisy for mark in marks),
    ]


def compare_rates(manifest: Manifest) -> list[Comparison]:
    """CTR and CVR of a simulated log's train rows beside the real log's, where they are not meant to agree."""
    rows, positives = manifest.rows["train"], manifest.positives["train"]
    clicks, purchases = positives["click"], positives["purchase"]
    return [
        Comparison(quantity="CTR, drawn", published=published.CTR, found=clicks / rows, agrees=False, is_share=True),
        Comparison(
            quantity="CVR, drawn",
            published=published.CVR,
            found=purchases / max(clicks, 1),
            agrees=False,
            is_share=True,
        ),
    ]


def _laws(config: SimulatedAliCcp, log: TrueLog, table: LogTable) -> Iterator[Mark]:
    click_N, purchase_N = log.utility_NT.T  # of mean 0 and variance 1
    rho = float((click_N * purchase_N).mean())
    yield Mark("correlation of utilities", config.rho, rho, 1e-9)
    truth = log.behaviour
    clicks = float(truth.click_probability_N.mean())
    cvr = float(truth.purchase_probability_N.mean()) / clicks
    yield Mark("CTR, expected", published.CTR, clicks, 1e-9, is_share=True)
    yield Mark("CVR, expected", published.CVR, cvr, 1e-9, is_share=True)
    yield Mark("purchases without click", 0, float((truth.purchase_N & ~truth.click_N).sum()), 0)
    for law, rows in broken_laws(table).items():
        yield Mark("broken: {law}", 0, rows, 0, {"law": law})


def _labels(log: TrueLog) -> Iterator[Mark]:
    truth, num_rows = log.behaviour, len(log.item_N)
    wider = max(1.0, (_ROWS / num_rows) ** 0.5)

    def drawn(p_N: np.ndarray, label_N: np.ndarray, per: float) -> tuple[float, float, float]:
        spread = float(np.sqrt((p_N * (1 - p_N)).sum())) / per / wider
        return float(p_N.sum()) / per, float(label_N.sum()) / per, 4 * spread

    yield Mark("CTR, drawn", *drawn(truth.click_probability_N, truth.click_N, num_rows), is_share=True)
    expected_clicks = published.CTR * num_rows
    yield Mark("CVR, drawn", *drawn(truth.purchase_probability_N, truth.purchase_N, expected_clicks), is_share=True)
    oracle = expected_auc(truth.click_probability_N, truth.click_probability_N)
    yield Mark("best possible click AUC", TRUE_RATES.click_oracle, oracle or 0.0, 0.012)
    is_long_N = (log.people.length_S >= _MANY)[log.people.session_N]
    if is_long_N.any():
        long = float(truth.click_probability_N[is_long_N].mean())
        target = published.CTR_OF_LONG_SESSIONS
        yield Mark("CTR of sessions of {rows} rows and more", target, long, 0.003, {"rows": _MANY}, is_share=True)


def _presence(table: LogTable) -> Iterator[Mark]:
    for name, target in published.PRESENCE.items():
        got = float((_counts(table, name) > 0).mean())
        yield Mark("share of rows with {field}", target, got, 0.003, {"field": name}, is_share=True)


def _tokens(table: LogTable) -> Iterator[Mark]:
    targets = {**published.HISTORIES, "210": published.INTENTIONS_PER_ITEM, "853": published.LOOK_UP_TOKENS}
    for name, target in targets.items():
        got, tolerance = float(_counts(table, name).mean()), (0.05 if name == "853" else 0.02) * target
        yield Mark("tokens of {field} per impression", target, got, tolerance, {"field": name})
    skeleton = np.sum([tokens.counts() for tokens in table.of_rows.values()], axis=0)
    common = np.sum([tokens.counts() for tokens in table.of_sessions.values()], axis=0)
    yield Mark("features of a skeleton line", published.SKELETON_FEATURES, float(np.mean(skeleton)), 0.15)
    yield Mark("features of a common line", published.COMMON_FEATURES, float(np.mean(common)), 20)


def _values(table: LogTable) -> Iterator[Mark]:
    for name, target in published.VALUE_QUANTILES.items():
        tokens = table.of_rows[name]
        assert tokens.value_M is not None  # look-ups have counts
        first = tokens.start_G[:-1][np.diff(tokens.start_G) > 0]
        found = np.asarray(np.quantile(tokens.value_M[first], published.QUANTILE_LEVELS))
        off = float(np.abs(found - target)[_BODY].max())
        yield Mark("values of {field}, quantiles .05 to .95: furthest off", 0, off, 0.25, {"field": name})
        middle = len(target) // 2
        yield Mark("values of {field}, median", target[middle], float(found[middle]), 0.2, {"field": name})


def _sessions(log: TrueLog) -> Iterator[Mark]:
    people = log.people
    yield Mark("rows of a session", published.SESSION_MEAN, float(people.length_S.mean()), 1.0)
    for rows, target in published.SESSION_SHARE_FROM.items():
        got = float((people.length_S >= rows).mean())
        yield Mark("share of sessions of {rows} rows and more", target, got, 0.02, {"rows": rows}, is_share=True)
    sessions = len(people.length_S) / len(people.rows_U)
    yield Mark("sessions of a user", published.SESSIONS_PER_USER, sessions, 0.15)


def _items(log: TrueLog) -> Iterator[Mark]:
    scale = len(log.item_N) / published.ROWS
    times_I = np.bincount(log.item_N)
    times_I = times_I[times_I > 0]
    distinct = published.DISTINCT_ITEMS * scale
    yield Mark("distinct items", distinct, len(times_I), 0.03 * distinct)
    twice = float((times_I > 1).mean())
    yield Mark("share of items seen twice", published.SHARE_OF_ITEMS_SEEN_TWICE, twice, 0.02, is_share=True)
    for times, number in published.ITEMS_BY_FREQUENCY.items():
        target, got = number * scale, float((times_I >= times).sum())
        yield Mark("items seen {times} times and more", target, got, 0.06 * target, {"times": times})


def _people(log: TrueLog) -> Iterator[Mark]:
    people = log.people
    for name, shares in published.DEMOGRAPHICS.items():
        code_S = people.fields[name][people.user_S]
        for code, target in enumerate(shares):
            said: dict[str, str | int] = {"field": name, "code": code + 1}
            got = float((code_S == code).mean())
            yield Mark("share of sessions with {field} = {code}", target, got, 0.02, said, is_share=True)
    for scene, rows in enumerate(published.SCENES):
        said = {"field": "301", "code": scene + 1}
        target, got = rows / sum(published.SCENES), float((log.scene_N == scene).mean())
        yield Mark("share of impressions with {field} = {code}", target, got, 0.001, said, is_share=True)


def _counts(table: LogTable, name: str) -> np.ndarray:
    if name in table.of_rows:
        return table.of_rows[name].counts()
    tokens: Tokens = table.of_sessions[name]
    return np.asarray(tokens.counts()[table.session_N])
