"""Simulated raw files, converted, hold what the simulator's own table holds: every id and value of every row."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from mmoe_core.config import FIRST_KNOWN, MISSING, PADDING, SimulatedAliCcp
from mmoe_core.data import Dataset, SplitName
from mmoe_core.data.raw import RawOptions, convert_raw
from mmoe_core.data.raw.reading import is_validation
from mmoe_core.data.simulator import LogTable, Tokens, log_table, simulate_true_rates, write_files

CONFIG = SimulatedAliCcp(profile="true-rates", num_rows=3_000, seed=4)
EVERYTHING = RawOptions(min_frequency=1, history_tokens=512, item_tokens=16)


@pytest.fixture(scope="module")
def table() -> LogTable:
    return log_table(simulate_true_rates(CONFIG), CONFIG.seed)


@pytest.fixture(scope="module")
def raw(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("raw") / "log"
    write_files(CONFIG, folder, "raw")
    return folder


@pytest.fixture(scope="module")
def converted(raw: Path) -> Dataset:
    return convert_raw(raw, raw.parent / "converted", EVERYTHING)


def rows_of(table: LogTable) -> dict[SplitName, np.ndarray]:
    """Rows of each split: the converter keeps the files' order, and takes whole sessions of train for validation."""
    end = table.rows["test"].start
    is_held_S = is_validation(table.key_S, EVERYTHING)
    is_held_N = is_held_S[table.session_N[:end]]
    return {
        "train": np.flatnonzero(~is_held_N),
        "validation": np.flatnonzero(is_held_N),
        "test": np.arange(end, len(table.click_N)),
    }


def tokens_of(dataset: Dataset, split: SplitName, field: str, rows: np.ndarray) -> list[list[tuple[int, float]]]:
    """Raw id and value of each token, padding and missing left out; id -2 where train has never seen it."""
    schema = dataset.schema
    place = [known.name for known in schema.id_fields].index(field)
    taken = dataset.split(split).take(rows)
    columns = schema.id_columns[place]
    ids = taken.ids_BK[:, columns] - schema.offsets[place]
    is_token = (ids != PADDING) & (ids != MISSING)
    labels = dataset.vocabulary(field)
    raw = np.array([-2] * FIRST_KNOWN + [int(label) for label in labels[FIRST_KNOWN:]])[ids]
    values = np.ones(ids.shape)
    if schema.id_fields[place].num_tokens > 1:
        assert taken.weights_BK is not None
        scaling = dataset.manifest.scaling.get(field)
        values = taken.weights_BK[:, columns] * (scaling.scale if scaling else 1.0)
        assert (taken.weights_BK[:, columns][ids == PADDING] == 0).all()
    return [
        sorted(zip(raw_K[is_K].tolist(), values_K[is_K].tolist(), strict=True))
        for raw_K, values_K, is_K in zip(raw, values, is_token, strict=True)
    ]


def assert_same_tokens(found: list[tuple[int, float]], tokens: Tokens, row: int, known: set[int], kept: int) -> None:
    """Equal ids with equal values; of a history that is longer than what is kept, its highest values."""
    ids, values = tokens.of_row(row)
    if kept == 1:
        values = np.ones(len(ids))  # a single token's value is a column of its own
    wanted = sorted((raw if raw in known else -2, value) for raw, value in zip(ids.tolist(), values, strict=True))
    if len(ids) > kept:
        np.testing.assert_allclose(sorted(value for _, value in found), np.sort(values)[-kept:], rtol=0, atol=2e-5)
        wanted_values = {raw: value for raw, value in wanted if raw != -2}
        wanted = [(raw, wanted_values.get(raw, value)) for raw, value in found]
    assert [raw for raw, _ in found] == [raw for raw, _ in wanted]
    assert max((abs(one[1] - two[1]) for one, two in zip(found, wanted, strict=True)), default=0) < 2e-5


def test_every_token_of_every_row_comes_back_with_its_value(converted: Dataset, table: LogTable) -> None:
    of_split = rows_of(table)
    assert {split: len(rows) for split, rows in of_split.items()} == dict(converted.manifest.rows)
    for field in converted.schema.id_fields:
        known = {int(label) for label in converted.vocabulary(field.name)[FIRST_KNOWN:]}
        for split, rows in of_split.items():
            places = np.arange(len(rows))
            if field.per_session:  # its first and its last row stand for a session
                session = table.session_N[rows]
                places = places[(np.diff(session, prepend=-1) != 0) | (np.diff(session, append=-1) != 0)]
            found = tokens_of(converted, split, field.name, places)
            for place, tokens in zip(places, found, strict=True):
                row = int(rows[place])
                if field.per_session:
                    of, row = table.of_sessions[field.name], int(table.session_N[row])
                else:
                    of = table.of_rows[field.name]
                assert_same_tokens(tokens, of, row, known, field.num_tokens)


def test_labels_and_single_values_come_back_too(converted: Dataset, table: LogTable) -> None:
    for split, rows in rows_of(table).items():
        got = converted.split(split)
        np.testing.assert_array_equal(got.labels_NT, np.stack([table.click_N, table.purchase_N], axis=1)[rows])
        for place, field in enumerate(field.name for field in converted.schema.value_fields):
            name = field.removeprefix("D")
            if name in table.of_rows:
                highest = table.of_rows[name].highest(1)[1][rows, 0]
            else:
                highest = table.of_sessions[name].highest(1)[1][table.session_N[rows], 0]
            scale = converted.manifest.scaling[field].scale
            np.testing.assert_allclose(got.dense_ND[:, place] * scale, highest, rtol=0, atol=2e-5)


def test_the_single_valued_conversion_keeps_the_token_of_the_highest_value(raw: Path, table: LogTable) -> None:
    single = convert_raw(raw, raw.parent / "single", RawOptions(min_frequency=1, single_value=True))
    assert single.schema.has_one_id_per_field
    for field in ("853", "109_14", "150_14"):
        known = {int(label) for label in single.vocabulary(field)[FIRST_KNOWN:]}
        for split, rows in rows_of(table).items():
            for row, found in zip(rows, tokens_of(single, split, field, np.arange(len(rows))), strict=True):
                of_session = table.of_sessions.get(field)
                ids, values = (
                    table.of_rows[field].of_row(int(row))
                    if of_session is None
                    else of_session.of_row(int(table.session_N[row]))
                )
                best = {raw_id if raw_id in known else -2 for raw_id in ids[values == values.max(initial=0)].tolist()}
                assert {raw_id for raw_id, _ in found} <= best
                assert bool(found) == bool(best)
