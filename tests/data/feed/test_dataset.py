from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from mmoe_core.config import FIRST_KNOWN, SimulatedFeed
from mmoe_core.data import Dataset, field_values, prepare
from mmoe_core.data.feed import FIELD_MEANINGS, GROUPS, SATISFACTION, VALUE_MEANINGS, simulate_feed
from mmoe_core.data.manifest import SPLITS
from mmoe_core.errors import DatasetError

CONFIG = SimulatedFeed(num_rows=20_000, seed=4)
TASKS = ("click", "long_view", "dwell", "like", "comment", "favourite", "share", "follow")


@pytest.fixture(scope="module")
def feed(tmp_path_factory: pytest.TempPathFactory) -> Dataset:
    return prepare(CONFIG, home=tmp_path_factory.mktemp("home"))


def test_eight_behaviours_are_tasks_and_dwell_exists_after_a_click_only(feed: Dataset) -> None:
    assert feed.schema.task_names == TASKS
    assert [task.name for task in feed.schema.tasks if task.kind == "regression"] == ["dwell"]
    train = feed.split("train")
    click_N, dwell_N, long_view_N = (train.labels_NT[:, TASKS.index(name)] for name in ("click", "dwell", "long_view"))
    observed_N = train.observed_NT[:, TASKS.index("dwell")]
    np.testing.assert_array_equal(observed_N, click_N == 1)
    np.testing.assert_array_equal(long_view_N == 1, observed_N & (dwell_N > 0))
    others = [index for index, name in enumerate(TASKS) if name != "dwell"]
    assert train.observed_NT[:, others].all()
    assert set(np.unique(train.labels_NT[:, others])) == {0.0, 1.0}
    assert set(feed.manifest.positives["train"]) == set(TASKS) - {"dwell"}


def test_satisfaction_is_known_of_every_row_and_is_no_input(feed: Dataset) -> None:
    assert SATISFACTION not in feed.schema.field_names
    assert SATISFACTION not in feed.schema.task_names
    log = simulate_feed(CONFIG)
    told = np.concatenate([feed.latent(split, SATISFACTION) for split in SPLITS])
    np.testing.assert_array_equal(told, log.behaviours.satisfaction_N)
    with pytest.raises(DatasetError, match="Nobody knows the mood"):
        feed.latent("test", "mood")


def test_truth_comes_with_every_row(feed: Dataset) -> None:
    log = simulate_feed(CONFIG)
    for index, name in enumerate(TASKS):
        truth_N = np.concatenate([feed.split(split).truth_NT[:, index] for split in SPLITS])
        expected_N = log.behaviours.dwell_mean_N if name == "dwell" else log.behaviours.probability_N[name]
        np.testing.assert_array_equal(truth_N, expected_N)


def test_inputs_are_what_can_be_seen(feed: Dataset) -> None:
    assert tuple(field.name for field in feed.schema.id_fields) == tuple(FIELD_MEANINGS)
    assert tuple(field.name for field in feed.schema.value_fields) == tuple(VALUE_MEANINGS)
    assert feed.schema.user_field == "user"
    assert feed.schema.is_simulated
    log, rows = simulate_feed(CONFIG), np.arange(2_000)
    item_N = log.shown.item_N[18_000:]
    headline_N = field_values(feed, "test", "headline", rows).astype(int)
    told = np.corrcoef(headline_N, log.feed.world.bait_level_I[item_N])[0, 1]
    assert 0.6 < told < 0.97  # the headline tells much about the bait, not all
    assert feed.manifest.scaling["length_s"].is_log


def test_the_group_is_the_segment(feed: Dataset) -> None:
    rows = np.arange(2_000)
    said = field_values(feed, "test", "segment", rows)
    assert set(said) == {group.name for group in GROUPS}
    np.testing.assert_array_equal(said, field_values(feed, "test", "user_group", rows))


def test_ids_are_learnt_from_train_alone(feed: Dataset) -> None:
    train = feed.split("train")
    for column, (field, offset) in enumerate(zip(feed.schema.id_fields, feed.schema.offsets, strict=True)):
        local = np.unique(train.ids_NF[:, column]) - offset
        assert set(local) == set(range(FIRST_KNOWN, field.vocabulary_size))


def test_equal_dials_give_equal_files_and_others_others(tmp_path: Path) -> None:
    def checksums(home: str, **dials: object) -> dict[str, str]:
        config = SimulatedFeed.model_validate({"num_rows": 1_000} | dials)
        return dict(prepare(config, home=tmp_path / home).manifest.checksums)

    first = checksums("a")
    assert first == checksums("b")
    assert first["test.parquet"] != checksums("a", bait=0.5)["test.parquet"]
    assert first["test.parquet"] != checksums("a", seed=1)["test.parquet"]
