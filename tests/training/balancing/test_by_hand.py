"""One real step of each method on two tasks, against what their formulas say when worked out by hand (see `plane`)."""

from __future__ import annotations

import math

import pytest
import torch

from mmoe_core.config import (
    IMTLG,
    MGDA,
    AlignedMTL,
    Balancing,
    CAGrad,
    Decay,
    DynamicWeightAverage,
    GradNorm,
    MetaBalance,
    NashMTL,
    PCGrad,
    RandomLossWeighting,
    Static,
    UncertaintyWeighting,
    UPGrad,
)
from tests.training.balancing.plane import GRADIENTS, balancer, one_step

ROOT2, ROOT5 = math.sqrt(2), math.sqrt(5)

AGGREGATED: list[tuple[Balancing, tuple[float, float]]] = [
    # g_1 + ½ g_2 no longer conflicts with g_2, g_2 + g_1 no longer with g_1; added up.
    (PCGrad(), (2, 1.5)),
    # The shortest point between g_1 and g_2: α = (g_2 − g_1) · g_2 / ‖g_2 − g_1‖² = 3 / 5.
    (MGDA(), (0.6, 0.4)),
    # g_0 = (0, ½), radius c ‖g_0‖ = .2; the worst-off direction is g_1 itself (c < ½): g_0 + .2 g_1 / ‖g_1‖.
    (CAGrad(c=0.4), (0.7, 0.5)),
    # G⁻¹ (1, √2) = (2 + √2, 1 + √2), divided by its sum.
    (IMTLG(), ((2 + ROOT2) / (3 + 2 * ROOT2), (1 + ROOT2) / (3 + 2 * ROOT2))),
    # √λ_min G^(−1/2) (½, ½), G^(−1/2) = [[3, 1], [1, 2]] / √5, λ_min = (3 − √5) / 2.
    (AlignedMTL(), tuple(math.sqrt((3 - ROOT5) / 2) / ROOT5 * half for half in (2.0, 1.5))),
    # ½ g_1 and ½ g_2, each projected as PCGrad does (with two tasks one projection is enough).
    (UPGrad(), (1, 0.75)),
    # m = .1 ‖g‖, target b: λ_a = .7 √2 / 1 + .3.
    (MetaBalance(target="b"), (0.7 * ROOT2 + 0.3, 1)),
    (MetaBalance(target="b", strategy="reduce"), (1, 1)),
    (MetaBalance(target="a", relax=1.0), (1, 1 / ROOT2)),
]


@pytest.mark.parametrize(("method", "weights"), AGGREGATED, ids=lambda value: getattr(value, "method", ""))
def test_gradients_are_aggregated_where_tasks_share_and_left_alone_elsewhere(
    method: Balancing, weights: tuple[float, float]
) -> None:
    plane, said_T = one_step(balancer(method))
    assert said_T.tolist() == pytest.approx(weights, abs=2e-4)  # two of them are found by iterating
    torch.testing.assert_close(
        plane.theta.grad, torch.tensor(weights, dtype=torch.float32) @ GRADIENTS, atol=5e-4, rtol=0
    )
    assert plane.own_T.grad.tolist() == [1, 1]


def test_a_bargain_gives_every_task_the_inverse_of_its_weight() -> None:
    """G α = 1 / α. With G = [[1, −½], [−½, 5/4]] and t = α_2 / α_1: 1 − t/2 = 5/4 t² − t/2, so t = √(4/5)."""
    t = math.sqrt(4 / 5)
    first = 1 / math.sqrt(1 - t / 2)
    _, said_T = one_step(balancer(NashMTL(max_norm=1)), gradients=torch.tensor([[1.0, 0.0], [-0.5, 1.0]]))
    assert said_T.tolist() == pytest.approx([first / ROOT2, first * t / ROOT2], abs=2e-3)  # αᵀ G α = 2, shortened to 1


@pytest.mark.parametrize(
    ("method", "weights"),
    [
        (Static(), None),
        (Decay(gamma=0.5, gammas={"b": 0.8}), (1, 1)),
        (UncertaintyWeighting(), (1, 1)),
        (UncertaintyWeighting(form="rechub"), (2, 2)),
        (GradNorm(), (1, 1)),
        (DynamicWeightAverage(), (1, 1)),
    ],
    ids=lambda value: getattr(value, "method", ""),
)
def test_losses_are_weighted_everywhere(method: Balancing, weights: tuple[float, float] | None) -> None:
    plane, said_T = one_step(balancer(method))
    assert said_T is None if weights is None else said_T.tolist() == list(weights)
    weights = weights or (1, 1)
    torch.testing.assert_close(plane.theta.grad, torch.tensor(weights, dtype=torch.float32) @ GRADIENTS)
    assert plane.own_T.grad.tolist() == list(weights)


def test_decay_is_gamma_to_the_epochs_done() -> None:
    method = balancer(Decay(gamma=0.5, gammas={"b": 0.8}))
    said = [one_step(method, step, epoch)[1].tolist() for step, epoch in enumerate((1, 2, 2, 4), start=1)]
    assert said == [pytest.approx([0.5**t, 0.8**t]) for t in (0, 1, 1, 3)]


def test_dynamic_weights_follow_the_ratio_of_the_last_two_epochs_means() -> None:
    method = balancer(DynamicWeightAverage(temperature=2))
    losses = {1: [(4.0, 1.0), (2.0, 3.0)], 2: [(1.5, 2.0)], 3: [(1.0, 1.0)], 4: [(1.0, 1.0)]}
    said = {epoch: one_step(method, 1, epoch, batch)[1].tolist() for epoch in losses for batch in losses[epoch]}
    assert said[1] == said[2] == [1, 1]
    a, b = math.exp(1.5 / 3 / 2), math.exp(2.0 / 2.0 / 2)
    assert said[3] == pytest.approx([2 * a / (a + b), 2 * b / (a + b)])
    a, b = math.exp(1 / 1.5 / 2), math.exp(1 / 2 / 2)
    assert said[4] == pytest.approx([2 * a / (a + b), 2 * b / (a + b)])


def test_gradnorm_lengthens_the_shorter_gradient_and_then_that_of_the_task_that_lags() -> None:
    method = balancer(GradNorm(alpha=1.5, learning_rate=0.025))
    one_step(method, 1)  # norms 1 and √2, wanted both (1 + √2) / 2: Adam's first move is its rate, up and down
    assert one_step(method, 2, constants=(2.0, 4.0))[1].tolist() == pytest.approx([1.025, 0.975], abs=1e-6)
    for step in range(3, 60):
        _, weights_T = one_step(method, step, constants=(0.2, 4.0))  # a has learnt nine tenths, b nothing
    assert weights_T[1] > 1.3 > 1 > weights_T[0]
    assert float(weights_T.sum()) == pytest.approx(2)


def test_gradnorm_settles_where_equal_rates_have_equal_norms() -> None:
    method = balancer(GradNorm(alpha=1.5, learning_rate=0.01))
    for step in range(1, 600):
        _, weights_T = one_step(method, step)
    assert float(weights_T[0]) == pytest.approx(ROOT2 * float(weights_T[1]), rel=0.02)


@pytest.mark.parametrize(
    ("form", "kind", "settled"),
    [("kendall", "binary", 1 / (2 * 3.0)), ("kendall", "regression", 1 / (2 * 3.0)), ("rechub", "binary", 1 / 3.0)],
)
def test_uncertainty_weights_settle_at_the_optimum_of_their_objective(form: str, kind: str, settled: float) -> None:
    """Kendall's forms at 1 / (2 L), torch-rechub's at 1 / L: d/ds of the stated objectives is 0 there."""
    from mmoe_core.training.balancing.learnt import UncertaintyWeighting as Weighting

    method = Weighting(UncertaintyWeighting(form=form, learning_rate=0.02), [kind, kind])
    for _ in range(3000):
        method.learn(torch.tensor([3.0, 0.1]))
    weights_T = method.weights(2)
    assert float(weights_T[0]) == pytest.approx(settled, rel=0.01)
    assert float(weights_T[1]) == pytest.approx(2.0 if form == "rechub" else 1 / (2 * 0.1), rel=0.01)  # clamped, or not


def test_random_weights_are_a_softmax_of_draws_that_the_seed_and_the_step_decide() -> None:
    said = torch.stack([one_step(balancer(RandomLossWeighting(), seed=5), step)[1] for step in range(1, 400)])
    torch.testing.assert_close(said.sum(dim=1), torch.ones(399))
    draws = said.log()
    spread = (draws[:, 0] - draws[:, 1]).std()  # of the difference of two N(0, 1)
    assert float(spread) == pytest.approx(ROOT2, rel=0.15)
    again = one_step(balancer(RandomLossWeighting(), seed=5), 7)[1]
    assert again.tolist() == said[6].tolist()
    assert one_step(balancer(RandomLossWeighting(), seed=6), 7)[1].tolist() != said[6].tolist()
