"""What the Operate page asks and says: which operations on a level's gates, and what became of each task."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations

import pandas as pd
import streamlit as st
from pydantic import ValidationError

from mmoe_core.analysis.lens import Difference, Operate, Operated
from mmoe_core.config import Audience, OneGate
from mmoe_core.records import TaskMetrics
from mmoe_core.runs import RunRow

from . import gate_words, link, loaders
from .language import expert_label, plain, t, task_label

__all__ = ["ask", "audience_after", "differences", "measures", "pick_level", "pick_weights", "table", "weights"]

_NONE = "–"
_TEMPERATURES = (0.01, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0)
_PLAIN: dict[str, object] = {"silent": [], "temperature": 1.0, "force": "", "swapped": "", "reader": ""}


def pick_weights() -> int | str:
    """Whose gates: of the best weights, or of epoch 0, untrained."""
    names = {"best": t("best weights"), "untrained": t("untrained")}
    chosen = st.segmented_control(
        t("Gates of"), list(names), format_func=names.__getitem__, default="best", key="operate_weights"
    )
    return 0 if chosen == "untrained" else "best"


def pick_level(run: RunRow, count: int) -> int:
    """Which level of gates; the address names it, else the tasks' own."""
    if count == 1:
        return 0
    asked = _spelled()
    key = f"operate {run.run_id} level"
    first = count - 1 if asked is None or asked.level is None else min(asked.level, count - 1)
    st.session_state.setdefault(key, first)
    names = {place: gate_words.level_name(place, count) for place in range(count)}
    place = int(st.selectbox(t("Level"), list(names), format_func=names.__getitem__, key=key))
    gate_words.say_level(run.config.model, place, count)
    return place


def ask(run: RunRow, who: Audience, place: int, count: int) -> Operate:
    """The operations that are chosen; at first an expert is knocked out, so that there is something to see."""
    level = None if place == count - 1 else place
    opening = _opening(run, who, place, level)
    asked = _spelled()
    first = opening if asked is None or asked.level != level else asked
    room = f"operate {run.run_id} {place}"
    _fill(room, who, first)
    is_shared = isinstance(run.config.model, OneGate)
    question = _widgets(room, who, level, has_swap=not is_shared and len(who.readers) > 1)
    if is_shared:
        st.caption(t("One gate for all tasks: there is nothing to swap."))
    st.button(t("Back to the plain network"), on_click=_undo, args=(room,), key="operate_undo")
    link.choose_operation(question.model_dump_json(exclude_defaults=True))
    _comment(question, opening, who)
    return question


def _widgets(room: str, who: Audience, level: int | None, *, has_swap: bool) -> Operate:
    names = {name: expert_label(name) for name in (*who.readers, *who.experts)}
    silent = st.pills(
        t("Knock out experts"),
        who.experts,
        selection_mode="multi",
        format_func=names.__getitem__,
        key=f"{room} silent",
    )
    left, middle, right = st.columns(3, gap="medium")
    steps = sorted({*_TEMPERATURES, float(st.session_state[f"{room} temperature"])})
    temperature = left.select_slider(
        t("Temperature"), steps, format_func=lambda step: f"{step:g}", key=f"{room} temperature"
    )
    forces = {
        "": t("as it is"),
        "uniform": t("all experts alike"),
        "top": t("each row's top expert alone"),
        "one": t("one expert alone"),
    }
    force = middle.selectbox(t("Mixture"), list(forces), format_func=forces.__getitem__, key=f"{room} force")
    only = None
    if force == "one":
        only = middle.selectbox(t("Which one"), who.experts, format_func=names.__getitem__, key=f"{room} only")
    readers = {"": t("everybody"), **{reader: names[reader] for reader in who.readers}}
    reader = right.selectbox(
        t("Knocked, softened and forced for"), list(readers), format_func=readers.__getitem__, key=f"{room} reader"
    )
    swapped = ""
    if has_swap:
        pairs = {"": t("none"), **{_pair(*pair): " ⇄ ".join(map(names.__getitem__, pair)) for pair in _pairs(who)}}
        swapped = left.selectbox(
            t("Swap the gates of"), list(pairs), format_func=pairs.__getitem__, key=f"{room} swapped"
        )
    return Operate(
        level=level,
        swapped=next((pair for pair in _pairs(who) if _pair(*pair) == swapped), None),
        silent=tuple(expert for expert in who.experts if expert in silent),
        temperature=temperature,
        force=force,
        only=only,
        reader=reader or None,
    )


def _pairs(who: Audience) -> list[tuple[str, str]]:
    return list(combinations(who.readers, 2))


def _pair(one: str, other: str) -> str:
    return f"{one} ⇄ {other}"


def _spelled() -> Operate | None:
    """What the address asks; None where it asks nothing that can be read."""
    try:
        return Operate.model_validate_json(link.chosen_operation() or "")
    except ValidationError:
        return None


def _opening(run: RunRow, who: Audience, place: int, level: int | None) -> Operate:
    """The expert that the first reader hears most falls silent, if everybody still hears another."""
    trained, _, error = loaders.gates_of_best(run, level=place)
    if error:
        return Operate(level=level)
    most = int(trained[:, 0].mean(axis=0).argmax())
    is_needed = any(sum(heard) == heard[most] for heard in who.heard)
    return Operate(level=level, silent=() if is_needed else (who.experts[most],))


def _fill(room: str, who: Audience, question: Operate) -> None:
    """Put a question into widgets that show nothing yet; names that this level does not know are left out."""
    asked: dict[str, object] = {
        "silent": [expert for expert in who.experts if expert in question.silent],
        "temperature": question.temperature,
        "force": question.force,
        "only": question.only if question.only in who.experts else who.experts[0],
        "swapped": _pair(*question.swapped) if question.swapped and question.swapped in _pairs(who) else "",
        "reader": question.reader if question.reader in who.readers else "",
    }
    for name, value in asked.items():
        st.session_state.setdefault(f"{room} {name}", value)


def _undo(room: str) -> None:
    for name, value in _PLAIN.items():
        st.session_state[f"{room} {name}"] = value


def _comment(question: Operate, opening: Operate, who: Audience) -> None:
    """What one would misread without a word."""
    if question == Operate(level=question.level):
        st.caption(t("This is the plain network: before and after are the same."))
    elif question == opening:
        said = {"expert": plain(expert_label(opening.silent[0])), "reader": plain(expert_label(who.readers[0]))}
        st.caption(t("To begin with, {expert} is knocked out: the expert that {reader} hears most.", **said))
    if question.swapped and not all(map(all, who.heard)):
        st.caption(t("After the swap each of the two hears the other's own experts, and no longer its own."))


def audience_after(who: Audience, question: Operate) -> Audience:
    """Who hears whom once gates are swapped."""
    if question.swapped is None:
        return who
    one, other = map(who.readers.index, question.swapped)
    heard = list(who.heard)
    heard[one], heard[other] = heard[other], heard[one]
    return replace(who, heard=tuple(heard))


def weights(rows_RE: tuple[tuple[float, ...], ...], found: Operated) -> pd.DataFrame:
    """Mean weights as the heatmap takes them."""
    return pd.DataFrame(rows_RE, index=list(found.readers), columns=list(found.experts))


def measures(found: Operated) -> dict[str, str]:
    """What is judged, with the axis's words: which way is worse."""
    kinds = {task.before.kind for task in found.tasks}
    said = {"loss": t("change of the loss · worse →")}
    if "binary" in kinds:
        said["AUC"] = t("← worse · change of the AUC")
    if "regression" in kinds:
        said["RMSE"] = t("change of the RMSE · worse →")
    return said


def differences(found: Operated, measure: str) -> pd.DataFrame:
    """Task by task, those that have the measure and a difference in it."""
    rows = {
        task.task: (one.difference, one.low, one.high)
        for task in found.tasks
        for name, one in (("loss", task.loss), (_quality(task.before), task.quality))
        if name == measure and one is not None
    }
    return pd.DataFrame.from_dict(rows, orient="index", columns=["difference", "low", "high"]).astype(float)


def table(found: Operated) -> list[dict[str, str]]:
    """A row per task and measure: before, after, and whether these rows can tell them apart."""
    rows = []
    for task in found.tasks:
        quality = _quality(task.before)
        for measure, difference in (("loss", task.loss), (quality, task.quality)):
            positives = task.before.positives
            rows.append(
                {
                    t("task"): task_label(task.task),
                    t("measure"): t(measure),
                    t("before"): _value(task.before, measure),
                    t("after"): _value(task.after, measure),
                    t("difference"): _said(difference),
                    t("verdict"): _verdict(difference, measure),
                    t("rows"): f"{task.before.rows:,}",
                    t("positives"): _NONE if positives is None else f"{positives:,}",
                }
            )
    return rows


def _quality(metrics: TaskMetrics) -> str:
    return "AUC" if metrics.kind == "binary" else "RMSE"


def _value(metrics: TaskMetrics, measure: str) -> str:
    value = {"loss": metrics.loss, "AUC": metrics.auc, "RMSE": metrics.rmse}[measure]
    if value is None:
        return t("undefined")
    has_interval = measure == "AUC" and metrics.auc_low is not None
    return f"{value:.4f}" + (f" [{metrics.auc_low:.4f}, {metrics.auc_high:.4f}]" if has_interval else "")


def _said(one: Difference | None) -> str:
    if one is None:
        return t("undefined")
    interval = "" if one.low is None else f" [{one.low:+.4f}, {one.high:+.4f}]"
    return f"{one.difference:+.4f}{interval}".replace("-", "−")


def _verdict(one: Difference | None, measure: str) -> str:
    if one is None:
        return t("undefined")
    if not one.is_distinguishable:
        return t("not distinguishable")
    return t("better") if (one.difference > 0) == (measure == "AUC") else t("worse")
