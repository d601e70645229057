"""A study is trained cell by cell, goes on where it was killed, and is read again as it was written."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from mmoe_core.config import SHIPPED, sizes
from mmoe_core.data import prepare
from mmoe_core.errors import LabError, RunError
from mmoe_core.studies import (
    Architectures,
    Race,
    auc_differences,
    auc_table,
    differences,
    losses,
    mean_losses,
    race,
    read_architectures,
    read_race,
    run_architectures,
    run_race,
)
from mmoe_core.studies.results import Trained

TINY = {"data.num_rows": "1000", "train.epochs": "1", "train.max_steps": "2"}


def quiet(text: str) -> None:
    del text


def small_race(out: Path, say: Callable[[str], None] = quiet, num_seeds: int = 2) -> Race:
    return run_race(TINY, num_seeds=num_seeds, sizing="paper", out=out, command="typed", say=say)


@pytest.fixture
def few_rates(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(race, "_RATES", (0.003, 0.01))
    monkeypatch.setattr(race, "_TUNING_SEEDS", (1001,))


@pytest.fixture
def trainings(monkeypatch: pytest.MonkeyPatch, few_rates: None) -> list[str]:
    """What is trained, in order."""
    del few_rates
    done: list[str] = []
    real = race.train_one

    def counted(config: object, dataset: object) -> Trained:
        found = real(config, dataset)  # type: ignore[arg-type]
        done.append(f"{config.model.kind} {config.data.correlation:g} {config.train.seed}")  # type: ignore[attr-defined]
        return found

    monkeypatch.setattr(race, "train_one", counted)
    return done


def test_the_race_pairs_every_architecture_and_correlation_on_every_seed(trainings: list[str], tmp_path: Path) -> None:
    found = small_race(tmp_path / "race.json")
    assert len(trainings) == 3 * 3 * 2 + 3 * 3 * 2  # two rates on one seed, then two seeds
    assert losses(found).shape == (2, 9)
    assert losses(found).notna().all(axis=None)
    assert set(differences(found)) == {(k, p) for k in ("shared_bottom", "one_gate") for p in (0.5, 0.9, 1)}
    assert mean_losses(found)["mmoe", 0.5][0] == pytest.approx(losses(found)["mmoe", 0.5].mean())


def test_each_architecture_races_at_the_rate_that_validation_chose(few_rates: None, tmp_path: Path) -> None:
    for entry in small_race(tmp_path / "race.json").entries:
        best = min(entry.validation_mse_by_rate, key=entry.validation_mse_by_rate.__getitem__)
        assert entry.config.train.learning_rate == float(best)


def test_sizes_are_the_paper_s_as_the_paper_counts(few_rates: None, tmp_path: Path) -> None:
    found = {entry.kind: entry for entry in small_race(tmp_path / "race.json").entries}
    assert found["mmoe"].weights == 13_056  # section 5.2: 8 x 100 x 16 + 2 x 16 x 8
    assert found["one_gate"].weights == 13_056
    assert found["shared_bottom"].weights == 13_108
    assert found["mmoe"].parameters == 13_056 + 8 * 16 + 2 * 8 * 100 + 2 * (8 + 8 + 1)  # with biases, gates, outputs


def test_matched_sizes_are_as_near_as_a_width_allows(few_rates: None, tmp_path: Path) -> None:
    found = run_race(TINY, num_seeds=1, sizing="matched", out=tmp_path / "race.json", command="typed", say=quiet)
    widths = {entry.kind: entry.config.model.expert_widths for entry in found.entries}
    assert widths == {"shared_bottom": (126,), "one_gate": (17,), "mmoe": (16,)}
    assert {round(entry.parameters / found.entries[-1].parameters, 2) for entry in found.entries} == {1.0}


def test_a_killed_study_goes_on_and_ends_as_if_nothing_had_been(trainings: list[str], tmp_path: Path) -> None:
    whole = small_race(tmp_path / "whole.json")
    trainings.clear()

    def killed(text: str) -> None:
        if "The race" in text:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        small_race(tmp_path / "again.json", killed)
    before = len(trainings)
    journal = tmp_path / ".again.json.trainings"
    journal.write_text(journal.read_text()[:-40])  # the last line was cut by the kill
    again = small_race(tmp_path / "again.json")
    assert len(trainings) == before + 18 + 1  # the seeds, and the one that was cut
    assert again.runs == whole.runs
    assert not journal.exists()


def test_a_finished_study_is_run_anew(trainings: list[str], tmp_path: Path) -> None:
    first = small_race(tmp_path / "race.json")
    count = len(trainings)
    assert small_race(tmp_path / "race.json").runs == first.runs
    assert len(trainings) == 2 * count


def test_a_study_that_somebody_runs_is_not_run_twice(few_rates: None, tmp_path: Path) -> None:
    def meanwhile(text: str) -> None:
        del text
        with pytest.raises(RunError, match="another process"):
            small_race(tmp_path / "race.json")

    small_race(tmp_path / "race.json", meanwhile, num_seeds=1)


def test_the_newest_study_is_read(few_rates: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MMOE_HOME", str(tmp_path))
    shipped = read_race()
    (tmp_path / "studies").mkdir()
    mine = small_race(tmp_path / "studies" / "kdd2018.json")
    assert read_race() == mine != shipped
    older = json.loads(mine.model_dump_json()) | {"finished_at": "2001-01-01T00:00:00Z"}
    (tmp_path / "studies" / "kdd2018.json").write_text(json.dumps(older))
    assert read_race() == shipped
    (tmp_path / "studies" / "kdd2018.json").write_text("{")
    with pytest.raises(RunError, match=r"kdd2018\.json is not a study"):
        read_race()


def test_what_ships_is_whole_and_names_no_place_of_its_maker(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MMOE_HOME", str(tmp_path))
    raced, table = read_race(), read_architectures()
    assert losses(raced).notna().all(axis=None)
    assert len(losses(raced)) >= 30
    assert {len(cell.trained) for cell in table.cells if cell.refusal is None} == {3}
    census = auc_table(table, "census").pivot_table(index=["kind", "seed"], columns="task", values="auc")
    assert census["income"].between(0.935, 0.962).all()  # as published: tests/long/test_architectures.py says by whom
    assert census["never_married"].between(0.992, 0.996).all()
    for name in ("kdd2018", "architectures"):
        text = (SHIPPED / "studies" / f"{name}.json").read_text(encoding="utf-8")
        assert "/" not in text


def small_table(home: Path, monkeypatch: pytest.MonkeyPatch) -> Architectures:
    monkeypatch.setenv("MMOE_HOME", str(home))
    return run_architectures(
        {"train.max_steps": "2"}, num_seeds=2, sizing="matched", out=home / "table.json", command="typed", say=quiet
    )


def test_every_architecture_is_trained_or_says_why_not(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    table = small_table(tmp_path, monkeypatch)
    by_kind = {(cell.preset, cell.config.model.kind): cell for cell in table.cells}
    assert len(by_kind) == 18
    refused = [pair for pair, cell in by_kind.items() if not cell.trained]
    assert refused == [("census", "esmm")]
    assert "ctcvr" in str(LabError.from_json(by_kind["census", "esmm"].refusal or ""))
    for cell in table.cells:
        schema = prepare(cell.config.data).schema
        assert cell.parameters == sizes(cell.config.model, schema).total
    assert set(by_kind["census", "mmoe"].trained) == {2022, 1}
    assert Architectures.model_validate_json((tmp_path / "table.json").read_bytes()) == table
    aucs = auc_table(table, "census")
    assert len(aucs) == 8 * 2 * 2
    assert ((aucs["low"] <= aucs["auc"]) & (aucs["auc"] <= aucs["high"])).all()
    assert len(auc_differences(aucs)) == 7 * 2
