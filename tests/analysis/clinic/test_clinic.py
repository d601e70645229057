"""Each planted fault gets a verdict of its own, with what follows from it; a clean run gets none."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch

from mmoe_core.analysis.clinic import FAULTS, Diagnosis, Finding, diagnose, remedies
from mmoe_core.config import MMoE, ModelConfig, OneGate, RunConfig, SharedBottom, Single, branched, from_flat, to_flat
from mmoe_core.data import Dataset, prepare
from mmoe_core.models.gates import Gates
from mmoe_core.studies.small_run import SMALL_RUN, evidence_of

Weights = dict[str, torch.Tensor]
Plant = Callable[[Weights], None]
LAYER = ("weights_MOI.0", "biases_MO.0")


@pytest.fixture(scope="module")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> Dataset:
    return prepare(SMALL_RUN.data, home=tmp_path_factory.mktemp("home"))


def changed(model: ModelConfig = SMALL_RUN.model, **train: object) -> RunConfig:
    settings = SMALL_RUN.train.model_copy(update={"seed": 20_000, **train})
    return SMALL_RUN.model_copy(update={"model": model, "train": settings})


def seen(dataset: Dataset, plant: Plant | None = None, config: RunConfig | None = None) -> Diagnosis:
    return diagnose(evidence_of(config or changed(), dataset, plant))


def codes(diagnosis: Diagnosis) -> tuple[str | None, set[str]]:
    verdict = diagnosis.verdict.code if diagnosis.verdict else None
    return verdict, {finding.code for finding in diagnosis.consequences}


def named(diagnosis: Diagnosis, place: str) -> object:
    assert diagnosis.verdict is not None
    return diagnosis.verdict.values[place]


@pytest.mark.parametrize("value", [None, 0.05])
def test_constant_initialisation_makes_twins_under_even_gates(dataset: Dataset, value: float | None) -> None:
    def plant(weights: Weights) -> None:
        for name in LAYER:
            layer = weights[f"experts.0.{name}"]
            layer[:] = layer[:1].clone() if value is None else value
        weights["gates.0.weights_PI"].fill_(0.01)

    verdict, follows = codes(seen(dataset, plant))
    assert verdict == "constant_start"
    assert {"twin_experts", "uniform_gate"} <= follows


def test_gates_that_nothing_moves_are_frozen(dataset: Dataset, monkeypatch: pytest.MonkeyPatch) -> None:
    drawn = Gates.__init__

    def frozen(self: Gates, *arguments: object) -> None:
        drawn(self, *arguments)
        self.weights_PI.requires_grad_(False)

    monkeypatch.setattr(Gates, "__init__", frozen)
    diagnosis = seen(dataset)
    assert codes(diagnosis)[0] == "frozen_gate"
    assert named(diagnosis, "names") == "click, purchase"


def test_a_bias_of_minus_10_on_all_experts_but_one_polarises_a_gate(dataset: Dataset) -> None:
    def plant(weights: Weights) -> None:
        weights["gates.0.norm.shifts_MO"][0, 1:8] = -10  # what is added to a logit last

    diagnosis = seen(dataset, plant, changed(MMoE(gate_norm="batch")))
    assert codes(diagnosis)[0] == "polarised_gate"
    assert (named(diagnosis, "names"), named(diagnosis, "expert")) == ("click", "E1")


def test_weights_that_say_the_same_as_such_a_bias_polarise_it_too(dataset: Dataset) -> None:
    def plant(weights: Weights) -> None:
        weights["gates.0.weights_PI"][:8] *= 200  # logits tens apart, and in favour of whom a row's values say

    evidence = evidence_of(changed(), dataset, plant)
    assert evidence.trained is not None
    assert "uniform_gate" not in {finding.code for finding in diagnose(evidence).findings}


@pytest.mark.parametrize("part", ["experts.0", "towers.banks.0"])
def test_a_bias_of_minus_10_kills_the_relus_of_an_expert_or_a_tower(dataset: Dataset, part: str) -> None:
    def plant(weights: Weights) -> None:
        weights[f"{part}.biases_MO.0"][0] = -10

    diagnosis = seen(dataset, plant)
    assert codes(diagnosis)[0] == "dead_relus"
    assert named(diagnosis, "names") == ("E1" if part == "experts.0" else "click")


def test_a_duplicated_expert_is_a_twin(dataset: Dataset) -> None:
    def plant(weights: Weights) -> None:
        for name in LAYER:
            weights[f"experts.0.{name}"][5] = weights[f"experts.0.{name}"][2]
        gates = weights["gates.0.weights_PI"].view(2, 8, -1)
        gates[:, 5] = gates[:, 2]

    diagnosis = seen(dataset, plant)
    assert codes(diagnosis)[0] == "twin_experts"
    assert {named(diagnosis, "one"), named(diagnosis, "other")} == {"E3", "E6"}


def test_a_task_of_weight_0_is_starved_and_its_gate_never_moves(dataset: Dataset) -> None:
    verdict, follows = codes(seen(dataset, config=changed(task_weights={"purchase": 0.0})))
    assert verdict == "starved_task"
    assert "frozen_gate" in follows


def test_a_run_that_broke_down_is_diagnosed_by_where_it_began(dataset: Dataset) -> None:
    def plant(weights: Weights) -> None:
        weights["experts.0.weights_MOI.0"][3, 0, 0] = torch.nan

    diagnosis = seen(dataset, plant)
    assert codes(diagnosis)[0] == "not_a_number"
    assert named(diagnosis, "name") == "E4 · 1/1"


@pytest.mark.parametrize("seed", range(10))
def test_a_clean_run_is_healthy(dataset: Dataset, seed: int) -> None:
    assert seen(dataset, config=changed(seed=seed)).findings == ()


@pytest.mark.parametrize("model", [SharedBottom(), Single(), MMoE(num_experts=1), OneGate(num_experts=1)])
def test_where_there_is_nothing_to_choose_no_gate_is_ill(dataset: Dataset, model: ModelConfig) -> None:
    assert not {finding.code for finding in seen(dataset, config=changed(model)).findings if "gate" in finding.code}


@pytest.mark.parametrize("code", FAULTS)
def test_every_fault_has_remedies_that_can_be_started(code: str) -> None:
    config = changed(MMoE(embedding_scale=0.01))
    found = remedies(Finding(code=code, values={"task": "purchase"}), config)
    assert found
    for remedy in found:
        if remedy.way == "branch":
            assert branched(config, remedy.changes) != config
        else:
            assert from_flat({**to_flat(config), **remedy.changes}).train.seed == config.train.seed


def test_faults_lead_to_later_ones_only() -> None:
    in_order = list(FAULTS)
    for place, fault in enumerate(FAULTS.values()):
        assert set(fault.leads_to) <= set(in_order[place + 1 :])
