"""The choice of a balancing method on the Train page: its dials, its words, its cost, its address."""

from __future__ import annotations

from typing import get_args

import pytest
from streamlit.testing.v1 import AppTest

from mmoe_core.bench import BalancingCosts
from mmoe_core.config import (
    Balancing,
    BalancingMethod,
    CAGrad,
    Decay,
    DynamicWeightAverage,
    GradNorm,
    MetaBalance,
    NashMTL,
    RunConfig,
    TrainConfig,
    UncertaintyWeighting,
    change_method,
    to_flat,
)
from pages.ui import loaders
from tests.pages.conftest import SMALL
from tests.pages.test_train import opened, said, spelled

METHODS: tuple[BalancingMethod, ...] = get_args(BalancingMethod)
DIALLED: list[Balancing] = [
    Decay(gammas={"click": 0.5}),
    UncertaintyWeighting(form="rechub", learning_rate=0.002),
    GradNorm(alpha=0.4, learning_rate=0.2),
    DynamicWeightAverage(temperature=0.7),
    MetaBalance(target="click", relax=0.2, beta=0.5, strategy="reduce"),
    CAGrad(c=0.2),
    NashMTL(update_every=20, max_norm=0.0),
]


def at(balancing: Balancing, **more: str) -> dict[str, str]:
    """The address of a run that is balanced so."""
    return {**to_flat(RunConfig(train=TrainConfig(balancing=balancing))), **SMALL, **more}


@pytest.mark.parametrize("method", METHODS)
def test_every_method_is_chosen_explained_with_its_formula_and_kept(app: AppTest, method: BalancingMethod) -> None:
    opened(app)
    app.selectbox("train.balancing.method").set_value(method).run()
    assert not app.exception
    assert spelled(app).train.balancing == change_method(TrainConfig().balancing, method)
    assert app.query_params["train.balancing.method"] in (method, [method])
    assert "$$" in said(app)
    assert "**λ**" in said(app)


@pytest.mark.parametrize("balancing", DIALLED, ids=lambda balancing: balancing.method)
def test_a_link_restores_every_dial(app: AppTest, balancing: Balancing) -> None:
    opened(app, **at(balancing))
    assert spelled(app).train.balancing == balancing


def test_a_dial_that_is_turned_is_in_the_address(app: AppTest) -> None:
    opened(app, **at(Decay()))
    app.number_input("train.balancing.gammas.purchase").set_value(0.6).run()
    assert spelled(app).train.balancing == Decay(gammas={"purchase": 0.6})
    app.selectbox("train.balancing.method").set_value("metabalance").run()
    app.selectbox("train.balancing.target").set_value("click").run()
    assert spelled(app).train.balancing == MetaBalance(target="click")


def test_another_method_comes_with_its_own_dials_not_with_those_of_the_last(app: AppTest) -> None:
    opened(app, **at(UncertaintyWeighting(learning_rate=0.5)))
    app.selectbox("train.balancing.method").set_value("gradnorm").run()
    assert spelled(app).train.balancing == GradNorm()


def test_only_a_method_that_looks_at_gradients_says_what_it_costs(
    app: AppTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    costs = BalancingCosts(
        command="bench it",
        date="2026-01-01",
        torch="2",
        rows=1,
        rounds=1,
        rows_per_second=dict.fromkeys(METHODS, 1.0),
        ratio={**dict.fromkeys(METHODS, 1.0), "pcgrad": 0.375},
    )
    monkeypatch.setattr(loaders, "balancing_costs", lambda: costs)
    opened(app, **at(change_method(Decay(), "pcgrad")))
    assert "0.38 of the rows/s of static weights, measured: `bench it`" in said(app)
    opened(app, **at(change_method(Decay(), "dwa")))
    assert "bench it" not in said(app)


def test_a_method_that_the_network_does_not_serve_is_refused_before_anybody_starts_it(app: AppTest) -> None:
    opened(app, **SMALL, **{"model.kind": "single", "train.balancing.method": "pcgrad"}, lang="en")
    assert any("compares the tasks' gradients" in error.value for error in app.error)
