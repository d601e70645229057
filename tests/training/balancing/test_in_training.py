"""Every method in whole runs: it learns, differs from the others, and goes on after a break as if there was none."""

from __future__ import annotations

from itertools import combinations
from pathlib import Path
from typing import get_args

import pytest
import torch

from mmoe_core.config import (
    AITM,
    CGC,
    ESMM,
    PLE,
    Balancing,
    BalancingMethod,
    Decay,
    ModelConfig,
    OneGate,
    SharedBottom,
    Single,
    Static,
    TaskSpec,
    UncertaintyWeighting,
    change_method,
    check_tasks,
)
from mmoe_core.errors import ConfigError, TrainingError
from mmoe_core.models import build_model
from mmoe_core.records import StepRecord
from mmoe_core.training import Checkpoint, Savepoint, fit
from mmoe_core.training.gradients import TaskGradients
from tests.training.ranks import train_together
from tests.training.test_ranks import assert_close
from tests.training.tiny import comparable, tiny_config, tiny_dataset

METHODS: list[Balancing] = [
    *(change_method(Static(), method) for method in get_args(BalancingMethod) if method != "decay"),
    Decay(gammas={"click": 0.5, "purchase": 0.9}),
    UncertaintyWeighting(form="rechub"),
]
SMALL = {"embedding_size": 4, "expert_widths": (6,), "default_tower_widths": (4,)}
ONE_OF_EACH_SORT: tuple[BalancingMethod, ...] = ("uw", "gradnorm", "metabalance")
GRADIENT_METHODS = (
    "gradnorm",
    "metabalance",
    "pcgrad",
    "mgda",
    "cagrad",
    "imtl_g",
    "nash_mtl",
    "aligned_mtl",
    "upgrad",
)


def losses(balancing: Balancing, **train: object) -> list[StepRecord]:
    config = tiny_config(balancing=balancing, **train)
    return [event for event in fit(config, tiny_dataset()) if isinstance(event, StepRecord)]


def name(balancing: Balancing) -> str:
    return "-".join(str(value) for value in balancing.model_dump().values() if isinstance(value, str))


def test_no_two_methods_have_the_same_trace_over_four_epochs() -> None:
    traces = {name(method): losses(method, epochs=4) for method in METHODS}
    assert len(traces) == len(METHODS) == 15
    for one, other in combinations(traces, 2):
        pairs = zip(traces[one], traces[other], strict=True)
        assert any(mine.task_losses != theirs.task_losses for mine, theirs in pairs), (one, other)
    for said in traces.values():
        assert all(loss > 0 for step in said for loss in step.task_losses.values())


@pytest.mark.parametrize("method", METHODS, ids=name)
def test_every_method_learns_and_says_its_weights(method: Balancing) -> None:
    said = losses(method, epochs=10)
    first, last = (sum(sum(step.task_losses.values()) for step in part) for part in (said[:10], said[-10:]))
    assert last < 0.9 * first
    if isinstance(method, Static):
        assert all(step.balance is None for step in said)
    else:
        assert all(set(step.balance or ()) == {"click", "purchase"} for step in said)


@pytest.mark.parametrize("method", METHODS, ids=name)
def test_a_resumed_run_is_bit_identical(method: Balancing) -> None:
    config = tiny_config(balancing=method, epochs=4, save_every=13)
    whole = list(fit(config, tiny_dataset()))
    breaks = [event for event in whole if isinstance(event, Savepoint | Checkpoint)]
    for at in (breaks[2], breaks[4], breaks[5]):  # in an epoch, after two of them, between two
        resumed = list(fit(config, tiny_dataset(), resume_from=at.state))
        assert list(map(comparable, resumed)) == list(map(comparable, whole[whole.index(at) + 1 :]))


@pytest.mark.parametrize("method", [change_method(Static(), method) for method in ONE_OF_EACH_SORT], ids=name)
def test_two_processes_balance_as_one(method: Balancing, tmp_path: Path) -> None:
    config, dataset = tiny_config(balancing=method, epochs=2), tiny_dataset()
    first, second = train_together(tmp_path, config, dataset)
    assert list(map(comparable, first)) == list(map(comparable, second))
    for alone, together in zip(fit(config, dataset), first, strict=True):
        assert_close(alone, together)


@pytest.mark.parametrize(
    "model",
    [SharedBottom(**SMALL), OneGate(**SMALL), CGC(**SMALL), PLE(**SMALL), ESMM(**SMALL), AITM(**SMALL)],
    ids=lambda model: model.kind,
)
@pytest.mark.parametrize("method", GRADIENT_METHODS)
def test_methods_that_compare_gradients_serve_every_architecture_that_shares(
    model: ModelConfig, method: BalancingMethod
) -> None:
    config = tiny_config(model, balancing=change_method(Static(), method), max_steps=3)
    said = [event for event in fit(config, tiny_dataset()) if isinstance(event, StepRecord)]
    assert len(said) == 3
    assert all(step.balance is not None for step in said)


@pytest.mark.parametrize("method", GRADIENT_METHODS)
def test_where_nothing_is_shared_there_is_nothing_to_compare(method: BalancingMethod) -> None:
    config = tiny_config(Single(), balancing=change_method(Static(), method))
    with pytest.raises(ConfigError, match=f"{method} compares .* single-task networks share none"):
        check_tasks(config, tiny_dataset().schema)


@pytest.mark.parametrize("method", [*GRADIENT_METHODS, "dwa", "rlw"])
def test_one_task_has_nothing_to_be_weighed_against(method: BalancingMethod) -> None:
    config = tiny_config(balancing=change_method(Static(), method))
    with pytest.raises(ConfigError, match="has one, click"):
        check_tasks(config, tiny_dataset((TaskSpec(name="click"),)).schema)


def test_gammas_and_targets_name_tasks() -> None:
    with pytest.raises(ConfigError, match=r"train.balancing.gammas names the task 'like'"):
        check_tasks(tiny_config(balancing=Decay(gammas={"like": 0.5})), tiny_dataset().schema)


def test_weights_of_1_leave_the_gradients_of_the_plain_sum() -> None:
    dataset = tiny_dataset()
    model = build_model(PLE(**SMALL), dataset.schema, seed=1)
    split = dataset.split("train")
    ids, values = torch.from_numpy(split.ids_NF), torch.from_numpy(split.dense_ND)
    layers = [layer for layer in model.parameters() if layer.requires_grad]

    model(ids, values).scores_BT.square().mean(dim=0).sum().backward()
    plain = [model.x_BD.grad, *(layer.grad for layer in layers)]
    model.zero_grad()
    losses_T = model(ids, values).scores_BT.square().mean(dim=0)
    TaskGradients(losses_T, model, layers).leave(torch.ones(1, 2))
    for wanted, layer in zip(plain, [model.x_BD, *layers], strict=True):
        torch.testing.assert_close(layer.grad, wanted)


def test_a_method_without_an_answer_says_so() -> None:
    from mmoe_core.training.balancing.gradients import Aggregation
    from mmoe_core.training.ranks import ALONE
    from tests.training.balancing.plane import one_step

    def stuck(products_TT: torch.Tensor) -> torch.Tensor:
        raise ValueError("no way down")

    for weighting, reason in ((stuck, "no way down"), (lambda products: products[0] / 0, "not numbers")):
        with pytest.raises(TrainingError, match=f"At step 4 the balancing method cagrad found no weights.*{reason}"):
            one_step(Aggregation("cagrad", weighting, 1, ALONE), 4)
