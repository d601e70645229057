"""The doctor finds what was planted, and nothing in clean logs."""

from __future__ import annotations

from pathlib import Path
from string import Formatter

import numpy as np
import pytest

from mmoe_core.config import Census, DataConfig, MmoePaper, SimulatedAliCcp, SimulatedFeed
from mmoe_core.data import Dataset, inspect_dataset, prepare
from mmoe_core.data.doctor import KINDS, Finding, sample
from tests.data.doctor.planted import FAULTS, Fault, Log, clean_log


def faults_in(log: Log | Dataset) -> list[Finding]:
    return [finding for finding in inspect_dataset(log) if finding.severity != "information"]


@pytest.mark.parametrize("seed", range(1, 6))
def test_a_clean_log_passes(seed: int) -> None:
    assert faults_in(clean_log(seed)) == []


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_each_planted_fault_is_found_and_named(fault: Fault) -> None:
    log = clean_log()
    fault.plant(log)
    found = [finding for finding in faults_in(log) if finding.code == fault.code]
    assert found, [finding.code for finding in faults_in(log)]
    assert dict(found[0].values) | fault.values == dict(found[0].values)
    assert faults_in(log)[0].severity == min(
        (finding.severity for finding in faults_in(log)), key=("problem", "warning").index
    )


def test_every_kind_of_fault_was_planted() -> None:
    assert {fault.code for fault in FAULTS} == {code for code, kind in KINDS.items() if kind.severity != "information"}
    assert len(FAULTS) >= 12


def test_a_planted_fault_is_not_taken_for_others() -> None:
    """Faults that touch one thing only are found once."""
    for name in ("a label of 2", "purchase without click", "one absurd value", "test rows in train", "one class"):
        log = clean_log()
        next(fault for fault in FAULTS if fault.name == name).plant(log)
        assert len(faults_in(log)) == 1, name


def test_every_sentence_fills_its_places_from_one_set_of_values() -> None:
    said = {finding.code: finding for fault in FAULTS for finding in _found_in(fault)}
    said |= {finding.code: finding for finding in inspect_dataset(clean_log())}
    assert set(said) == set(KINDS)
    for finding in said.values():
        for sentence in (finding.template, finding.meaning, finding.remedy):
            assert {name for _, name, _, _ in Formatter().parse(sentence) if name} <= set(finding.values)
        assert "{" not in str(finding) + finding.explanation
        assert Finding.model_validate_json(finding.model_dump_json()) == finding


def test_positives_and_what_they_allow_are_information() -> None:
    log = clean_log()
    found = [finding for finding in inspect_dataset(log) if finding.code == "precision"]
    assert len(found) == 2 * 3  # binary tasks, splits
    of_test = next(finding for finding in found if finding.values["split"] == "test")
    assert of_test.values["positives"] == int(log.split("test").labels_NT[:, 0].sum())
    assert 0.01 < float(of_test.values["error"]) < 0.02
    (needed,) = (
        finding
        for finding in inspect_dataset(log)
        if finding.code == "rows_needed" and finding.values["task"] == "purchase"
    )
    assert int(needed.values["rows"]) > 100_000


def test_a_nearly_unique_id_predicts_nothing_by_heart() -> None:
    """Each row its own id: in the rows it was taught on it is never wrong, elsewhere it knows nothing."""
    log = clean_log()
    log.schema = log.schema.model_copy(
        update={
            "id_fields": (
                *log.schema.id_fields[:1],
                log.schema.id_fields[1].model_copy(update={"vocabulary_size": 9000}),
            )
        }
    )
    for name, split in log.splits.items():
        ids = np.column_stack([split.ids_NF[:, 0], log.schema.offsets[1] + 3 + np.arange(len(split))]).astype(np.int32)
        log.splits[name] = type(split)(name, ids, split.dense_ND, split.labels_NT, split.observed_NT, schema=log.schema)
    assert faults_in(log) == []


def test_a_few_lucky_positives_are_no_leak() -> None:
    log = clean_log()
    for split in log.splits.values():
        split.labels_NT[:, :2] = 0
        split.labels_NT[::1000, :2] = 1
        split.dense_ND[::1000, 0] = 3
    assert faults_in(log) == []


def test_a_value_that_tells_the_label_is_found_although_it_begins_late_in_the_file() -> None:
    log = clean_log(sizes={"train": 100_000, "validation": 2_000, "test": 2_000})
    train = log.splits["train"]
    train.dense_ND[:, 0] = train.labels_NT[:, 0] + np.random.default_rng(4).normal(scale=0.1, size=len(train))
    train.dense_ND[:7_000, 0] = 0
    (leak,) = (finding for finding in faults_in(log) if finding.code == "predicts_label")
    assert (leak.values["field"], leak.values["task"]) == ("price", "click")


def test_rows_that_only_look_the_same_are_no_copies() -> None:
    """All items are rare, and little else tells the rows apart."""
    log = clean_log()
    for split in log.splits.values():
        split.dense_ND[:] = np.arange(len(split))[:, None] % 7
        split.ids_NF[:, 1] = log.schema.offsets[1] + 2
        split.ids_NF[:, 2:] = log.schema.offsets[2] + 3
    codes = {finding.code for finding in faults_in(log)}
    assert not codes & {"repeated_rows", "rows_of_train"}


def test_unobserved_labels_say_nothing() -> None:
    log = clean_log()
    for split in log.splits.values():
        split.observed_NT[::2, 0] = False
        split.labels_NT[::2, 0] = 5
    assert "odd_labels" not in {finding.code for finding in faults_in(log)}


def test_many_rows_are_judged_on_a_sample_which_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sample, "_MOST_ROWS", 1500)
    log = clean_log()
    assert faults_in(log) == []
    next(fault for fault in FAULTS if fault.code == "equals_label").plant(log)
    leak = faults_in(log)[0]
    assert leak.sampled_rows == 1500
    assert str(leak).endswith("Judged on a sample of 1,500 rows.")
    assert inspect_dataset(log) == inspect_dataset(log)


def test_wide_rows_are_sampled_more_sparely(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sample, "_MOST_CELLS", 5000)
    log = clean_log()
    assert len(sample.draw_sample(log, "train")) == 5000 // (log.schema.num_id_columns + len(log.schema.value_fields))


def test_silent_on_the_classroom(simulated: Dataset) -> None:
    assert faults_in(simulated) == []


@pytest.fixture(scope="module")
def census_home(tmp_path_factory: pytest.TempPathFactory) -> Dataset:
    return prepare(Census(group="g1"), home=tmp_path_factory.mktemp("census"))


def test_what_is_known_about_census(census_home: Dataset) -> None:
    found = [(finding.code, dict(finding.values)) for finding in faults_in(census_home)]
    code, leak = found[0]
    assert (code, leak.pop("field")) == ("predicts_label", "detailed household and family stat")
    assert (leak.pop("task"), round(float(leak.pop("auc")), 3)) == ("never_married", 0.978)
    assert found[1:] == [
        ("repeated_rows", {"split": "train", "rows": 41_727, "all_rows": 179_571}),
        ("repeated_rows", {"split": "validation", "rows": 3_209, "all_rows": 19_952}),
        ("repeated_rows", {"split": "test", "rows": 21_105, "all_rows": 99_762}),
        ("rows_of_train", {"split": "validation", "rows": 5_509, "all_rows": 19_952}),
        ("rows_of_train", {"split": "test", "rows": 26_819, "all_rows": 99_762}),
    ]


@pytest.mark.parametrize(
    "config",
    [
        SimulatedAliCcp(num_rows=20_000, rho=-0.9, seed=7),
        SimulatedAliCcp(num_rows=20_000, rho=1.0, seed=7),
        SimulatedFeed(num_rows=20_000),
        MmoePaper(num_rows=5_000),
        MmoePaper(num_rows=5_000, num_features=2, correlation=1.0),
    ],
    ids=lambda config: config.dataset_name,
)
def test_silent_on_simulated_logs(config: DataConfig, tmp_path: Path) -> None:
    assert faults_in(prepare(config, home=tmp_path)) == []


def test_at_the_real_rates_a_short_log_has_splits_without_a_purchase_and_no_other_fault(tmp_path: Path) -> None:
    dataset = prepare(SimulatedAliCcp(profile="true-rates", num_rows=20_000), home=tmp_path)
    expected = {split for split, positives in dataset.manifest.positives.items() if positives["purchase"] == 0}
    found = faults_in(dataset)
    assert {finding.code for finding in found} <= {"one_class"}
    assert {finding.values["split"] for finding in found} == expected


def _found_in(fault: Fault) -> list[Finding]:
    log = clean_log()
    fault.plant(log)
    return inspect_dataset(log)
