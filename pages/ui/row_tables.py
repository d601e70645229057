"""A row's way as tables: what moved, the gates, and the calculation by hand; the drawing for who cannot see it."""

from __future__ import annotations

from math import hypot

import pandas as pd
import streamlit as st

from mmoe_core.analysis import HandStep, hand_csv, steps_by_hand
from mmoe_core.analysis.lens import LevelSaid, RowTrace
from mmoe_core.runs import RunRow

from .gate_words import level_name, special
from .language import expert_label, plain, t, task_label

__all__ = ["by_hand", "moved", "numbers", "say_row"]

_NONE, _UNHEARD = "–", "×"


def say_row(run: RunRow, said: RowTrace) -> None:
    """What one must know beside the drawing: what is special about its gates, and the simulator's mechanism."""
    if told := special(run.config.model):
        st.caption(told)
    if run.config.model.kind in ("cgc", "ple"):
        st.caption(t("An expert in a task's colour is that task's own, a grey one is shared; no ribbon, no hearing."))
    if said.segment is not None:
        st.caption(t("Simulated: the true mechanism behind this row is **{segment}**.", segment=plain(t(said.segment))))


def moved(said: RowTrace, before: RowTrace) -> None:
    """Task by task: the answer before, now, and the difference."""
    st.dataframe(
        [
            {
                t("task"): task_label(now.task),
                t("before"): f"{was.prediction:.6f}",
                t("now"): f"{now.prediction:.6f}",
                t("difference"): f"{now.prediction - was.prediction:+.6f}".replace("-", "−"),
                t("gate weight that moved most"): _farthest(said, before, place),
            }
            for place, (now, was) in enumerate(zip(said.tasks, before.tasks, strict=True))
        ],
        hide_index=True,
        height="content",
    )


def _farthest(said: RowTrace, before: RowTrace, place: int) -> str:
    level = said.levels[-1]
    pairs = list(zip(level.weights_RE[place], before.levels[-1].weights_RE[place], strict=True))
    farthest = max(range(len(pairs)), key=lambda expert: abs(pairs[expert][0] - pairs[expert][1]))
    now, was = pairs[farthest]
    return _NONE if now == was else f"{expert_label(level.experts[farthest])}: {was:.3f} → {now:.3f}"


def numbers(said: RowTrace, before: RowTrace) -> None:
    """All that the drawing shows, as tables: answers, then level by level who hears whom."""
    st.dataframe(
        [
            {
                t("task"): task_label(one.task),
                t("prediction"): f"{one.prediction:.6f}",
                t("label"): _NONE if one.label is None else f"{one.label:.4g}",
                t("truth (simulated)"): _NONE if one.truth is None else f"{one.truth:.6f}",
            }
            for one in said.tasks
        ],
        hide_index=True,
        height="content",
    )
    for place, (level, was) in enumerate(zip(said.levels, before.levels, strict=True)):
        if len(said.levels) > 1:
            st.caption(level_name(place, len(said.levels)))
        st.dataframe(_gates(level, was), hide_index=True, height="content")


def _gates(level: LevelSaid, was: LevelSaid) -> list[dict[str, str]]:
    """A line per expert: how loud it is, and how much each reader takes of it."""
    lines = []
    for place, expert in enumerate(level.experts):
        line = {t("expert"): expert_label(expert)}
        if level.outputs_EH is not None:
            line["|E|"] = f"{hypot(*level.outputs_EH[place]):.4f}"
        for number, reader in enumerate(level.readers):
            weight, old = level.weights_RE[number][place], was.weights_RE[number][place]
            is_heard = level.logits_RE is None or level.logits_RE[number][place] is not None
            moved_to = f"{weight:.4f}" if weight == old else f"{old:.4f} → {weight:.4f}"
            line[expert_label(reader)] = moved_to if is_heard and (weight or old) else _UNHEARD
        lines.append(line)
    return lines


def by_hand(run: RunRow, said: RowTrace) -> None:
    """One task's probability, step by step, with every number that takes part."""
    tasks = [one.task for one in said.tasks]
    task = (
        st.segmented_control(t("Task"), tasks, format_func=task_label, default=tasks[-1], key="row_hand") or tasks[-1]
    )
    steps = steps_by_hand(said, task)
    for step in steps:
        st.markdown(_explained(step))
        st.dataframe(_renamed(step.table), height="content")
    st.download_button(
        t("All numbers as CSV"),
        hand_csv(steps),
        file_name=f"{run.run_id}-{task}.csv",
        mime="text/csv",
        on_click="ignore",
    )


def _explained(step: HandStep) -> str:
    match step.kind:
        case "mixture":
            return t("**The gate.** g = softmax(z) over the experts; then h = Σ g · E, column by column.")
        case "attention":
            return t("**The attention.** What the tower reads: this network mixes values of its own kind.")
        case "answer":
            return t("**The answer.** σ(score) = 1 / (1 + exp(−score)); a factor multiplies it.")
        case "layer" if step.is_last:
            return t("**Tower layer {number}, the last.** score = W · reads + b.", number=step.number)
        case _ if "mean" in step.table:
            return t(
                "**Tower layer {number}.** v = W · reads + b; out = max(0, (v − mean) / deviation · scale + shift).",
                number=step.number,
            )
        case _:
            return t("**Tower layer {number}.** out = max(0, W · reads + b).", number=step.number)


def _renamed(table: pd.DataFrame) -> pd.DataFrame:
    words = {
        "reads": t("reads"),
        "score": t("score"),
        "factor": t("factor"),
        "answer": t("answer"),
        "out": t("out"),
        "mean": t("mean"),
        "deviation": t("deviation"),
        "scale": t("scale"),
        "shift": t("shift"),
        "value": t("value"),
    }
    return table.rename(index=lambda name: words.get(name) or expert_label(name), columns=words)
