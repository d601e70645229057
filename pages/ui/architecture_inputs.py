"""Which network: what a page asks, and the config that the answers make.

What is shown comes from the config in the address; what is not shown is carried along unchanged.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import streamlit as st

from mmoe_core.config import (
    AITM,
    MAX_EXPERTS,
    PLE,
    Gated,
    Grouped,
    InRechub,
    MMoE,
    ModelConfig,
    ModelKind,
    MultiLevelMMoE,
    Routed,
    RunConfig,
    SharedBottom,
    change_kind,
)

from . import data_inputs, inputs
from .language import mark, plain, t, task_label

__all__ = ["architecture", "kind_label"]

_kinds: dict[ModelKind, str] = {
    "mmoe": mark("MMoE"),
    "one_gate": mark("One-gate MoE"),
    "shared_bottom": mark("Shared-Bottom"),
    "single": mark("Single-task"),
    "ml_mmoe": mark("MMoE, levels"),
    "cgc": "CGC",
    "ple": "PLE",
    "esmm": "ESMM",
    "aitm": "AITM",
}

_meanings: dict[ModelKind, str] = {
    "mmoe": mark("Every task has a gate of its own over experts that all share."),
    "one_gate": mark("Experts behind one gate: all tasks read the same mixture."),
    "shared_bottom": mark("One network below, read by every task."),
    "single": mark("A network for each task, embeddings included: nothing is shared."),
    "ml_mmoe": mark("MMoE on several levels: each expert has a gate over the experts below it."),
    "cgc": mark("Some experts are a task's own, some are shared; a gate hears its own and the shared ones."),
    "ple": mark("CGC on several levels: each group of experts reads its own mixture of the level below."),
    "esmm": mark("A purchase needs a click: its chance is that of the click times that of a purchase after it."),
    "aitm": mark("Each task attends to its own finding and to what the task before it hands on."),
}
_choices = {
    "num_experts": mark("the number of experts"),
    "gate_temperature": mark("the temperature of the gates"),
    "gate_dropout": mark("the dropout of gates"),
    "gate_norm": mark("the norm of the gates"),
    "load_penalty": mark("the load penalty"),
    "num_levels": mark("the number of levels"),
    "num_task_experts": mark("the experts of each task"),
    "num_shared_experts": mark("the shared experts"),
    "constraint": mark("the constraint"),
    "parity": mark("the parity"),
}
_norms = {"none": mark("none"), "layer": mark("layer norm"), "batch": mark("batch norm")}


def kind_label(kind: ModelKind) -> str:
    """An architecture's name for the eye."""
    return t(_kinds[kind])


def architecture(config: RunConfig, tasks: Sequence[str]) -> ModelConfig:
    """Which network: kind, experts, a tower per task, embeddings."""
    data_inputs.fill(config, {"model.kind": config.model.kind})
    kind = inputs.choice(
        "model.kind",
        t("Kind"),
        {kind: t(name) for kind, name in _kinds.items()},
        explained=t("What the tasks share, and who decides how much of it each of them reads."),
    )
    st.caption(t(_meanings[kind]))
    model, dropped = change_kind(config.model, kind)
    if dropped:
        names = ", ".join(t(_choices[name]) for name in dropped)
        st.caption(t("{kind} has no place for {choices}; the rest was kept.", kind=t(_kinds[kind]), choices=names))
    data_inputs.fill(config, _architecture_values(model, tasks))
    is_rechub = isinstance(model, InRechub) and st.session_state["model.parity"] == "rechub"
    changes: dict[str, Any] = {}
    changes |= _experts(model, is_rechub)
    changes["expert_widths"] = inputs.widths(
        "model.expert_widths",
        t("Expert widths"),
        model.expert_widths,
        explained=t("Output width of each layer, first to last: 16, or 64, 32. The last one is what the towers read."),
    )
    towers = {
        task: inputs.widths(
            f"model.tower_widths.{task}",
            t("Tower · {task}", task=plain(task_label(task))),
            model.tower(task),
            explained=t("Hidden widths of this task's own network; it reads the mixture and ends in one score."),
        )
        for task in tasks
    }
    changes["tower_widths"] = {task: sizes for task, sizes in towers.items() if sizes != model.default_tower_widths}
    changes |= _embedding(model, is_rechub)
    with st.expander(t("More"), type="compact", key="more_architecture"), st.container(gap="xxsmall"):
        changes |= _parity(model) | _gates(model, is_rechub) | _regularisation(is_rechub)
    return type(model).model_validate(model.model_dump() | changes)


def _embedding(model: ModelConfig, is_rechub: bool) -> dict[str, Any]:
    """How long an id's numbers are, and how they start."""
    limits = inputs.bounds(SharedBottom, "embedding_size")
    if is_rechub:
        explained = t("Numbers per id.")
        return {"embedding_size": inputs.integer("model.embedding_size", t("Embedding"), limits, explained=explained)}
    size, scale = inputs.pair(
        t("Embedding"),
        ("model.embedding_size", t("Embedding size"), limits, 1),
        ("model.embedding_scale", t("Embedding scale"), (min(0.01, model.embedding_scale), 10.0), 0.1),
        explained=t("Numbers per id, and the spread they start with. A small spread hides the input from the gates."),
    )
    return {"embedding_size": size, "embedding_scale": scale}


def _parity(model: ModelConfig) -> dict[str, Any]:
    """Whose network it is, where torch-rechub has it too."""
    if not isinstance(model, InRechub):
        return {}
    return {
        "parity": inputs.choice(
            "model.parity",
            t("Parity"),
            {"none": t("none"), "rechub": "torch-rechub"},
            explained=t(
                "torch-rechub's own network: batch norm in experts, towers and gates, its initial weights, the mean of "
                "the losses. What it decides is not asked then."
            ),
        )
    }


def _experts(model: ModelConfig, is_rechub: bool) -> dict[str, Any]:
    """How many there are, and in which groups and levels."""
    changes: dict[str, Any] = {}
    if isinstance(model, Routed):
        changes["num_experts"] = inputs.integer(
            "model.num_experts",
            t("Experts"),
            (1, MAX_EXPERTS),
            explained=t("How many small networks the gates choose among; all tasks share them."),
        )
    if isinstance(model, Grouped):
        changes["num_task_experts"], changes["num_shared_experts"] = inputs.pair(
            t("Experts"),
            ("model.num_task_experts", t("Experts of each task"), inputs.bounds(Grouped, "num_task_experts"), 1),
            ("model.num_shared_experts", t("Shared experts"), inputs.bounds(Grouped, "num_shared_experts"), 1),
            explained=t("How many experts each task has for itself, and how many are shared."),
        )
    if isinstance(model, MultiLevelMMoE | PLE):
        changes["num_levels"] = inputs.integer(
            "model.num_levels",
            t("Levels"),
            inputs.bounds(PLE, "num_levels"),
            explained=t("How often experts and gates follow each other; the last level's gates are the tasks'."),
        )
    if isinstance(model, AITM) and not is_rechub:
        changes["constraint"] = inputs.decimal(
            "model.constraint",
            t("Constraint"),
            inputs.bounds(AITM, "constraint"),
            step=0.1,
            explained=t("How much it costs to hold a purchase likelier than its click."),
        )
    return changes


def _gates(model: ModelConfig, is_rechub: bool) -> dict[str, Any]:
    """What may be done to a gate, where there are any."""
    if not isinstance(model, Gated):
        return {}
    changes: dict[str, Any] = {
        "gate_temperature": inputs.decimal(
            "model.gate_temperature",
            t("Gate temperature"),
            inputs.bounds(MMoE, "gate_temperature"),
            step=0.1,
            explained=t("Divides a gate's logits: above 1 it spreads over the experts, below 1 it decides sharply."),
        ),
        "gate_dropout": inputs.decimal(
            "model.gate_dropout",
            t("Gate dropout"),
            inputs.bounds(MMoE, "gate_dropout"),
            step=0.05,
            explained=t("The chance that a step shuts a gate to an expert; what is left sums to 1 again."),
        ),
        "load_penalty": inputs.decimal(
            "model.load_penalty",
            t("Load penalty"),
            inputs.bounds(MMoE, "load_penalty"),
            step=0.01,
            explained=t("What it costs a gate to send a batch to few experts: a weight of CV², 0 where all get alike."),
        ),
    }
    if not is_rechub:
        changes["gate_norm"] = inputs.choice(
            "model.gate_norm",
            t("Gate norm"),
            {kind: t(_norms[kind]) for kind in ("none", "batch")},
            explained=t("Batch norm of a gate's logits, as torch-rechub has it; it makes untrained gates uneven."),
        )
    return changes


def _regularisation(is_rechub: bool) -> dict[str, Any]:
    """What keeps experts and towers from learning by heart."""
    changes: dict[str, Any] = {}
    if not is_rechub:
        changes["norm"] = inputs.choice(
            "model.norm",
            t("Norm"),
            {kind: t(name) for kind, name in _norms.items()},
            explained=t("Of the hidden layers of experts and towers, before their ReLU; never of the gates."),
        )
    return changes | {
        "expert_dropout": inputs.decimal(
            "model.expert_dropout",
            t("Expert dropout"),
            inputs.bounds(SharedBottom, "expert_dropout"),
            step=0.05,
            explained=t("The share of an expert's outputs that each step leaves out."),
        ),
        "tower_dropout": inputs.decimal(
            "model.tower_dropout",
            t("Tower dropout"),
            inputs.bounds(SharedBottom, "tower_dropout"),
            step=0.05,
            explained=t("The share of a tower's hidden outputs that each step leaves out."),
        ),
    }


def _architecture_values(model: ModelConfig, tasks: Sequence[str]) -> dict[str, object]:
    shown = type(model).model_fields.keys() - {"kind", "expert_widths", "default_tower_widths", "tower_widths"}
    return {
        **{f"model.{name}": getattr(model, name) for name in shown},
        "model.expert_widths": inputs.spell_widths(model.expert_widths),
        **{f"model.tower_widths.{task}": inputs.spell_widths(model.tower(task)) for task in tasks},
    }
