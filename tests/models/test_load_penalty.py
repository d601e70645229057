"""What an uneven load of the experts costs a gate, Shazeer et al. 2017, equations 6 and 7."""

from __future__ import annotations

import pytest
import torch

from mmoe_core.config import CGC, PLE, MMoE, OneGate, RunConfig, TrainConfig, branched, check_processes
from mmoe_core.errors import ConfigError
from mmoe_core.models import build_model
from mmoe_core.models.load import uneven_load
from mmoe_core.records import StepRecord
from mmoe_core.training import Checkpoint, Finished, fit
from tests.models.test_network import SCHEMA, batch
from tests.training.tiny import comparable, tiny_config, tiny_dataset


def cv_squared(importance_E: torch.Tensor) -> torch.Tensor:
    return importance_E.var(unbiased=False) / importance_E.mean() ** 2


@pytest.mark.parametrize("num_experts", [1, 2, 8])
def test_its_mean_is_the_squared_coefficient_of_variation_of_what_experts_get_and_so_is_its_gradient(
    num_experts: int,
) -> None:
    draw = torch.Generator().manual_seed(1)
    logits_BRE = torch.randn(50, 3, num_experts, generator=draw, dtype=torch.float64).requires_grad_()
    found = uneven_load(logits_BRE.softmax(dim=2), [num_experts] * 3).mean()
    (ours,) = torch.autograd.grad(found, logits_BRE)
    weights_BRE = logits_BRE.softmax(dim=2)
    expected = torch.stack([cv_squared(weights_BRE[:, reader].sum(dim=0)) for reader in range(3)]).mean()
    (theirs,) = torch.autograd.grad(expected, logits_BRE)
    torch.testing.assert_close(found, expected)
    torch.testing.assert_close(ours, theirs)


def test_one_expert_for_all_costs_n_less_1_and_a_fair_share_nothing() -> None:
    all_to_one = torch.eye(4)[torch.zeros(6, dtype=torch.long)].unsqueeze(1)
    in_turn = torch.eye(4)[torch.arange(8) % 4].unsqueeze(1)
    assert float(uneven_load(all_to_one, [4]).mean()) == 3
    assert float(uneven_load(in_turn, [4]).mean()) == 0


def test_what_a_gate_cannot_hear_does_not_count() -> None:
    weights_BRE = torch.tensor([[[0.5, 0.5, 0.0, 0.0]]])
    assert float(uneven_load(weights_BRE, [2]).mean()) == 0


@pytest.mark.parametrize("kind", [MMoE, OneGate, CGC, PLE])
def test_a_penalty_of_0_is_no_loss_at_all_and_another_is_one_per_level_of_gates(kind: type) -> None:
    free, priced = (build_model(kind(load_penalty=weight), SCHEMA, seed=1) for weight in (0, 0.5))
    assert free(*batch()).extra_losses == ()
    output = priced(*batch())
    assert len(output.extra_losses) == len(output.gates)
    assert all(loss.shape == (len(output.scores_BT),) for loss in output.extra_losses)
    assert torch.equal(output.scores_BT, free(*batch()).scores_BT)


def test_a_penalised_run_loads_its_experts_more_evenly() -> None:
    def load(weight: float) -> float:
        model = MMoE(embedding_size=4, num_experts=4, expert_widths=(6,), load_penalty=weight)
        *_, end = fit(tiny_config(model, learning_rate=0.05), tiny_dataset())
        assert isinstance(end, Finished)
        return float(uneven_load(torch.from_numpy(end.probe_gates_BRE[0]), [4, 4]).mean())

    assert load(1.0) < 0.5 * load(0.0)


def test_a_penalised_run_is_resumed_to_the_bit() -> None:
    config = tiny_config(MMoE(num_experts=3, load_penalty=0.1))
    whole = list(fit(config, tiny_dataset()))
    checkpoint = next(event for event in whole if isinstance(event, Checkpoint) and event.record.epoch == 1)
    resumed = list(fit(config, tiny_dataset(), resume_from=checkpoint.state))
    assert list(map(comparable, resumed)) == list(map(comparable, whole[whole.index(checkpoint) + 1 :]))
    assert any(isinstance(event, StepRecord) for event in resumed)


def test_a_branch_may_choose_it_and_several_processes_may_not() -> None:
    assert branched(RunConfig(), {"model.load_penalty": "0.1"}).model == MMoE(load_penalty=0.1)
    check_processes(RunConfig(train=TrainConfig(num_processes=2)))
    with pytest.raises(ConfigError, match="load penalty"):
        check_processes(RunConfig(model=MMoE(load_penalty=0.1), train=TrainConfig(num_processes=2)))
