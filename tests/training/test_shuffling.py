"""The order of an epoch."""

from __future__ import annotations

import numpy as np
import pytest

from mmoe_core.training import shuffling
from mmoe_core.training.shuffling import shuffled_rows


@pytest.fixture(params=["one group", "many groups"])
def num_rows(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> int:
    """Rows whose last block is short."""
    if request.param == "many groups":
        monkeypatch.setattr(shuffling, "_BLOCK_ROWS", 4)
        monkeypatch.setattr(shuffling, "_GROUP_BLOCKS", 16)
    return 1003


def epoch_of(num_rows: int, batch_size: int = 32, **choices: int) -> list[np.ndarray]:
    return list(shuffled_rows(num_rows, batch_size, **({"seed": 1, "epoch": 1} | choices)))


def test_every_row_comes_once_and_only_the_last_batch_is_short(num_rows: int) -> None:
    batches = epoch_of(num_rows)
    assert [len(batch) for batch in batches] == [32] * (num_rows // 32) + [num_rows % 32]
    np.testing.assert_array_equal(np.sort(np.concatenate(batches)), np.arange(num_rows))


@pytest.mark.parametrize("batch_size", [1, 7, 32, 2000])
def test_an_epoch_taken_up_anywhere_goes_on_as_if_it_had_never_stopped(num_rows: int, batch_size: int) -> None:
    whole = epoch_of(num_rows, batch_size)
    for skip in {0, 1, len(whole) // 2, len(whole) - 1, len(whole)}:
        rest = epoch_of(num_rows, batch_size, skip=skip)
        assert [batch.tolist() for batch in rest] == [batch.tolist() for batch in whole[skip:]]


def test_seed_and_epoch_decide_the_order(num_rows: int) -> None:
    first, again = epoch_of(num_rows)[0], epoch_of(num_rows)[0]
    np.testing.assert_array_equal(first, again)
    assert first.tolist() != epoch_of(num_rows, seed=2)[0].tolist()
    assert first.tolist() != epoch_of(num_rows, epoch=2)[0].tolist()


def variance_of_rates(labels_N: np.ndarray, order: list[np.ndarray]) -> float:
    """Of the batches' shares of positives, in units of what a full shuffle gives."""
    shares = np.array([labels_N[batch].mean() for batch in order if len(batch) == len(order[0])])
    mean = labels_N.mean()
    return float(((shares - mean) ** 2).mean() / (mean * (1 - mean) / len(order[0])))


def test_where_all_positives_stand_side_by_side_batches_vary_hardly_more_than_by_a_full_shuffle() -> None:
    """Four million rows in four groups, over five epochs: the statistic's own spread is about 2 %."""
    num_rows = 4_000_000
    labels_N = np.arange(num_rows) < num_rows // 25
    found = [variance_of_rates(labels_N, epoch_of(num_rows, 1024, epoch=epoch)) for epoch in range(1, 6)]
    assert 0.95 < np.mean(found) < 1.12


def test_neighbours_in_the_file_meet_in_a_batch_only_as_often_as_a_free_shuffle_of_their_group_lets_them() -> None:
    num_rows, batch_size = 3_000_000, 1024
    meetings = [np.count_nonzero(np.diff(np.sort(batch)) == 1) for batch in epoch_of(num_rows, batch_size)]
    in_group = batch_size**2 / shuffling._BLOCK_ROWS / shuffling._GROUP_BLOCKS  # of a group's rows, all are near
    assert np.mean(meetings) == pytest.approx(in_group * 63 / 64, rel=0.1)
