"""How the tasks' losses become one update: the method, its dials, what it does and what it costs.

In causal order: methods that look at losses only, those that learn weights, those that compare gradients.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import streamlit as st

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
    UncertaintyWeighting,
    change_method,
)

from . import data_inputs, inputs, loaders, story
from .language import mark, plain, t, task_label

__all__ = ["balancing"]

_LOSSES = mark("Looks at the losses only.")
_LEARNT = mark("Weights are learnt beside the network.")
_LAYER = mark("Weights are learnt from the tasks' gradients in the last shared layer.")
_GRADIENTS = mark("Compares the tasks' gradients: one backward pass for each task.")
_SOLVER = mark("Compares the tasks' gradients, and a solver finds their weights.")

_methods: dict[BalancingMethod, tuple[str, str]] = {  # what it is called, what it goes by
    "static": (mark("What people set"), mark("The weights above, and nothing else.")),
    "decay": (mark("Decay by epoch"), mark("Looks at nothing: weights fade epoch by epoch.")),
    "rlw": (mark("Random weights"), mark("Looks at nothing: what any other method should beat.")),
    "dwa": ("DWA", _LOSSES),
    "uw": (mark("Uncertainty"), _LEARNT),
    "gradnorm": ("GradNorm", _LAYER),
    "metabalance": ("MetaBalance", _GRADIENTS),
    "pcgrad": ("PCGrad", _GRADIENTS),
    "mgda": ("MGDA", _GRADIENTS),
    "cagrad": ("CAGrad", _SOLVER),
    "imtl_g": ("IMTL-G", _GRADIENTS),
    "nash_mtl": ("Nash-MTL", _SOLVER),
    "aligned_mtl": ("Aligned-MTL", _GRADIENTS),
    "upgrad": ("UPGrad", _SOLVER),
}
_forms = {"kendall": mark("as published"), "rechub": mark("rechub, clamped")}
_strategies = {
    "both": mark("longer, shorter"),
    "reduce": mark("only shorter"),
    "enlarge": mark("only longer"),
}
_LAST = ""  # MetaBalance's target while nobody chose one


def balancing(config: RunConfig, tasks: Sequence[str]) -> Balancing:
    """Which method, its dials, its two sentences and formula, its cost."""
    before = config.train.balancing
    data_inputs.fill(config, {"train.balancing.method": before.method})
    method = inputs.choice(
        "train.balancing.method",
        t("Balance"),
        {name: t(called) for name, (called, _) in _methods.items()},
        explained=t("What multiplies the tasks' weights while the network learns; λ on top of w."),
    )
    settings = change_method(before, method)
    data_inputs.fill(config, _values(settings, tasks), anew=method != before.method)
    st.caption(" ".join([t(_methods[method][1]), *_cost(method)]))
    changes = _dials(settings, tasks)
    with st.expander(t("What does it do?"), type="compact", key="explained_balancing"):
        st.markdown(story.text(f"balancing.{method}"))
    return type(settings).model_validate(settings.model_dump() | changes)


def _cost(method: BalancingMethod) -> list[str]:
    """What it was measured to cost, where it looks at gradients."""
    costs = loaders.balancing_costs()
    if costs is None or _methods[method][1] not in (_LAYER, _GRADIENTS, _SOLVER):
        return []
    return [
        t(
            "{ratio} of the rows/s of static weights, measured: {command}",
            ratio=f"{costs.ratio[method]:.2f}",
            command=f"`{costs.command}`",
        )
    ]


def _values(settings: Balancing, tasks: Sequence[str]) -> dict[str, object]:
    """What its dials show."""
    shown = settings.model_dump(exclude={"method", "gamma", "gammas", "target"})
    values: dict[str, object] = {f"train.balancing.{name}": value for name, value in shown.items()}
    match settings:
        case Decay():
            values |= {f"train.balancing.gammas.{task}": settings.of(task) for task in tasks}
        case MetaBalance():
            values["train.balancing.target"] = settings.target or _LAST
    return values


def _dials(settings: Balancing, tasks: Sequence[str]) -> dict[str, Any]:
    match settings:
        case Decay():
            return _gammas(settings, tasks)
        case UncertaintyWeighting():
            form = inputs.choice(
                "train.balancing.form",
                t("Form"),
                {name: t(said) for name, said in _forms.items()},
                explained=t("torch-rechub's keeps log σ² from falling below 0: λ is 2 wherever a loss is below .5."),
            )
            explained = t("How fast the noise levels are learnt, by Adam.")
            return {"form": form, "learning_rate": _number("learning_rate", t("Rate of s"), explained)}
        case GradNorm():
            explained = t("How strongly a task that lags is pulled along; 0: all gradients equally long.")
            alpha = _bounded(GradNorm, "alpha", "α", 0.1, explained)
            explained = t("How fast the weights are learnt, by Adam.")
            return {"alpha": alpha, "learning_rate": _number("learning_rate", t("Rate of λ"), explained)}
        case DynamicWeightAverage():
            explained = t("Above 1 the weights lie closer together, below 1 further apart.")
            return {"temperature": _number("temperature", t("Temperature"), explained, (0.01, 100.0), 0.1)}
        case MetaBalance():
            return _metabalance(tasks)
        case CAGrad():
            explained = t("How far from the mean gradient the step may be, as a share of its length.")
            return {"c": _number("c", "c", explained, (0.0, 0.99), 0.1)}
        case NashMTL():
            return _nash()
        case _:
            return {}


def _gammas(settings: Decay, tasks: Sequence[str]) -> dict[str, Any]:
    found = {
        task: _number(
            f"gammas.{task}",
            f"γ · {plain(task_label(task))}",
            t("What this task's weight is multiplied by after each epoch; 1: it stays."),
            (0.01, 1.0),
            0.05,
        )
        for task in tasks
    }
    return {"gammas": {task: gamma for task, gamma in found.items() if gamma != settings.gamma}}


def _metabalance(tasks: Sequence[str]) -> dict[str, Any]:
    last = t("the last ({task})", task=task_label(tasks[-1]))
    target = inputs.choice(
        "train.balancing.target",
        t("Target"),
        {_LAST: last, **{task: task_label(task) for task in tasks}},
        explained=t("Whose gradients stay as they are; the others' are brought to their length."),
    )
    strategy = inputs.choice(
        "train.balancing.strategy",
        t("Makes"),
        {name: t(said) for name, said in _strategies.items()},
        explained=t("Which of the other tasks' gradients are changed: those too long, those too short, or both."),
    )
    explained = t("0 leaves gradients as they are, 1 makes them as long as the target's.")
    relax = _bounded(MetaBalance, "relax", "r", 0.1, explained)
    beta = _number("beta", "β", t("How slowly the averages of the gradients' lengths move."), (0.0, 0.999), 0.05)
    return {"target": None if target == _LAST else target, "strategy": strategy, "relax": relax, "beta": beta}


def _nash() -> dict[str, Any]:
    every = inputs.integer(
        "train.balancing.update_every",
        t("Bargain every"),
        inputs.bounds(NashMTL, "update_every"),
        explained=t("The steps from one bargain to the next; in between the last weights hold, which is cheaper."),
    )
    explained = t("The longest step that the tasks may agree on; 0: as long as they like.")
    return {"update_every": every, "max_norm": _bounded(NashMTL, "max_norm", t("Longest step"), 0.1, explained)}


def _bounded(kind: type[Balancing], field: str, label: str, step: float, explained: str) -> float:
    """A dial whose bounds the config's field has."""
    return _number(field, label, explained, inputs.bounds(kind, field), step)


def _number(
    field: str, label: str, explained: str, limits: tuple[float, float] = (1e-5, 1.0), step: float = 0.005
) -> float:
    """A dial whose least value is no bound of the field: it must only be above 0, or below 1."""
    return inputs.decimal(f"train.balancing.{field}", label, limits, step=step, explained=explained)
