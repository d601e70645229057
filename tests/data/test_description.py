"""A description's numbers are those of the rows, by independent arithmetic."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from mmoe_core.config import SimulatedAliCcp, SimulatedFeed
from mmoe_core.data import PREVIEW_ROWS, Dataset, describe, prepare, preview
from mmoe_core.data.description import describing


@pytest.fixture(scope="module")
def feed(tmp_path_factory: pytest.TempPathFactory) -> Dataset:
    return prepare(SimulatedFeed(num_rows=5_000), home=tmp_path_factory.mktemp("home"))


@pytest.mark.parametrize("most", [200_000, 1_500])
def test_label_correlations_are_those_of_pandas_on_the_same_rows(
    feed: Dataset, most: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(describing, "_MOST_ROWS", most)
    train, found = feed.split("train"), describe(feed)
    rows = np.arange(found.looked_at) * len(train) // found.looked_at
    assert found.looked_at == min(most, len(train))
    labels = np.where(train.observed_NT, train.labels_NT, np.nan)[rows].astype(np.float64)
    frame = pd.DataFrame(labels, columns=feed.schema.task_names)
    assert len(found.correlations) == 8 * 7 // 2
    for pair in found.correlations:
        both = frame[[pair.task, pair.other]].dropna()
        assert pair.rows == len(both)
        if both.nunique().min() < 2:
            assert pair.correlation is None
        else:
            assert pair.correlation == pytest.approx(both.corr().iloc[0, 1], abs=1e-9)
    assert [pair.correlation for pair in found.correlations if {pair.task, pair.other} == {"click", "dwell"}] == [None]


def test_histograms_count_every_row_in_raw_units(feed: Dataset) -> None:
    train, found = feed.split("train"), describe(feed)
    fields = [field for field in found.fields if field.histogram is not None]
    assert [field.name for field in fields] == [field.name for field in feed.schema.value_fields]
    for column, field in enumerate(fields):
        assert field.histogram is not None
        assert sum(field.histogram.counts) == len(train)
        raw = [feed.manifest.scaling[field.name].raw(float(value)) for value in train.dense_ND[:, column]]
        assert (field.histogram.edges[0], field.histogram.edges[-1]) == pytest.approx((min(raw), max(raw)), rel=1e-4)
        assert list(field.histogram.edges) == sorted(field.histogram.edges)


def test_session_lengths_add_up_to_the_rows(feed: Dataset, tmp_path: Path) -> None:
    log = prepare(SimulatedAliCcp(profile="true-rates", num_rows=3_000), home=tmp_path)
    for dataset, group in ((feed, "user"), (log, "session")):
        per = describe(dataset).rows_per
        assert per is not None
        assert (per.group, per.num_rows) == (group, dataset.manifest.rows["train"])
    sessions = log.split("train").sessions_N
    assert sessions is not None
    expected = pd.Series(sessions).value_counts().value_counts().sort_index()
    assert dict(zip(per.lengths, per.counts, strict=True)) == expected.to_dict()


def test_satisfaction_moves_with_every_behaviour_and_is_no_field(feed: Dataset) -> None:
    found = describe(feed)
    assert set(found.latents) == {"satisfaction"}
    assert found.latents["satisfaction"]["long_view"] > 0.1
    assert "satisfaction" not in feed.schema.field_names


def test_a_preview_is_small_and_gone_afterwards() -> None:
    with preview(SimulatedFeed(num_rows=50_000, bait=0.5)) as few:
        assert sum(few.manifest.rows.values()) == PREVIEW_ROWS
        folder = few.folder
        assert folder.is_dir()
    assert not folder.parent.parent.exists()
