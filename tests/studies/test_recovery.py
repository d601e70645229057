"""The claim about mechanisms is judged by its numbers, and its numbers are what gates and mechanisms share."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from mmoe_core.config import SHIPPED, from_flat, preset, to_flat
from mmoe_core.data import field_values, prepare, probe_rows
from mmoe_core.metrics import mutual_information_bits
from mmoe_core.studies import Mechanisms, information, judge_recovery, read_mechanisms, run_mechanisms
from mmoe_core.training import Checkpoint, fit

TINY = {"data.num_rows": "2000", "train.max_steps": "4", "train.probe_rows": "150"}


def bits(trained: float, untrained: float, *, of_purchase: float, num_seeds: int = 10) -> pd.DataFrame:
    noise = np.random.default_rng(0).normal(0, 0.05, (num_seeds, 2))
    return pd.DataFrame(
        [
            {"seed": seed, "task": task, "trained": mean + own, "untrained": untrained, "shuffled": 0.01}
            for seed, of_seed in enumerate(noise)
            for (task, mean), own in zip((("click", trained), ("purchase", of_purchase)), of_seed, strict=True)
        ]
    )


def test_gates_that_know_more_than_untrained_ones_recover_the_mechanisms() -> None:
    claim = judge_recovery(bits(1.1, 0.1, of_purchase=0.5))
    assert claim.verdict == "holds"
    assert claim.level == 1 - 0.05 / 4
    assert claim.contrasts[0].difference.mean == pytest.approx(1.0, abs=0.05)


def test_one_task_that_cannot_be_told_leaves_the_claim_open() -> None:
    claim = judge_recovery(bits(1.1, 0.1, of_purchase=0.1))
    assert [one.verdict for one in claim.contrasts[:2]] == ["holds", "not distinguishable"]
    assert claim.verdict == "not distinguishable"


def test_a_task_that_knows_less_than_before_refutes_it() -> None:
    assert judge_recovery(bits(1.1, 0.4, of_purchase=0.1)).verdict == "does not hold"


def test_what_shuffles_give_as_well_is_no_knowledge() -> None:
    table = bits(1.1, 0.0, of_purchase=0.5).assign(shuffled=1.1)
    assert judge_recovery(table).contrasts[2].verdict == "not distinguishable"
    assert judge_recovery(table).verdict == "does not hold"


def test_one_seed_tells_nothing() -> None:
    assert judge_recovery(bits(1.1, 0.1, of_purchase=0.5, num_seeds=1)).verdict == "not distinguishable"


def test_a_seed_s_bits_are_those_of_its_gates_and_its_rows(tmp_path: Path) -> None:
    study = run_mechanisms(TINY, num_seeds=2, out=tmp_path / "found.json", command="typed", say=lambda text: None)
    assert list(study.runs) == [2022, 1]
    assert Mechanisms.model_validate_json((tmp_path / "found.json").read_bytes()) == study
    config = from_flat({**to_flat(preset("classroom")), **TINY, "data.seed": "1", "train.seed": "1"})
    dataset = prepare(config.data, home=tmp_path)
    mechanism_B = field_values(dataset, "validation", "segment", probe_rows(dataset, 150))
    events = list(fit(config, dataset))
    untrained = next(event for event in events if isinstance(event, Checkpoint)).probe_gates_BRE[0]
    for place, task in enumerate(("click", "purchase")):
        found = study.runs[1].information[task]
        for gates_BRE, said in ((untrained, found.untrained), (events[-1].probe_gates_BRE[0], found.trained)):
            top_B = gates_BRE[:, place].argmax(axis=1)
            assert said == pytest.approx(mutual_information_bits(top_B, mechanism_B), abs=1e-6)
        assert 0 < found.shuffled < study.runs[1].mechanism_bits <= np.log2(3)


def test_what_ships_has_ten_seeds_and_names_no_place_of_its_maker(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MMOE_HOME", str(tmp_path))
    study = read_mechanisms()
    assert len(study.runs) >= 10
    assert len(information(study)) == 2 * len(study.runs)
    assert "/" not in (SHIPPED / "studies" / "mechanisms.json").read_text(encoding="utf-8")
