"""What is chosen and said on the Segments page: how rows are grouped, which two groups, what truly moves them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

import numpy as np
import pandas as pd
import streamlit as st

from mmoe_core.analysis import keep_largest, mean_reasons
from mmoe_core.config import Audience, Schema
from mmoe_core.data import APPETITE, TrueReasons
from mmoe_core.data.writing import SEGMENT
from mmoe_core.viz import reason_heatmap

from .language import expert_label, mark, plain, t
from .look import CHART, look

__all__ = ["pick_segment", "pick_two", "readable", "say_between", "say_information", "show_reasons"]

_MOST_SEGMENTS = 12
_FIELD, _EPOCH, _ONE, _OTHER = "by", "weights", "one", "other"
_reasons = {
    "affinity": mark("taste"),
    "price_match": mark("price fits budget"),
    "bait": mark("bait"),
    "history": mark("habit"),
    "position": mark("position on the page"),
    "ids": mark("known by id only"),
    "fatigue": mark("fatigue"),
    "controversy": mark("quarrel"),
    "social": mark("passing on"),
    "usefulness": mark("use"),
    "charisma": mark("the creator"),
    APPETITE: mark("appetite"),
}


def pick_segment(schema: Schema) -> tuple[str, bool]:
    """A field to group rows by, and whose gates: of the best weights (True) or untrained."""
    meanings = {field.name: field.meaning for field in (*schema.id_fields, *schema.value_fields)}
    names = [SEGMENT, *meanings] if schema.is_simulated else list(meanings)
    titles = {name: f"{name} · {t(meanings[name])}" if meanings.get(name) else t(name) for name in names}
    left, right = st.columns([2, 1])
    field = left.selectbox(
        t("Group the rows by"),
        names,
        format_func=titles.__getitem__,
        key=_FIELD,
    )
    whose = {"best": t("best weights"), "untrained": t("untrained")}
    chosen = right.segmented_control(
        t("Gates of"), list(whose), format_func=whose.__getitem__, default="best", key=_EPOCH
    )
    return field, chosen != "untrained"


def readable(values_B: np.ndarray) -> np.ndarray:
    """The largest groups by name, the rest as one."""
    return keep_largest(values_B, _MOST_SEGMENTS, rest=t("others"))


def say_information(trained: Mapping[str, float], untrained: Mapping[str, float]) -> None:
    """What a row's top expert tells about its group, by task, now and before training."""
    told = (
        t(
            "{task} {bits} bits (untrained {untrained})",
            task=expert_label(task),
            bits=f"{now:.2f}",
            untrained=f"{then:.2f}",
        )
        for task, now, then in zip(trained, trained.values(), untrained.values(), strict=True)
    )
    st.caption(t("What a row's top expert tells about its group: {told}", told=" · ".join(told)))


def pick_two(values_B: np.ndarray) -> tuple[str, str]:
    """Two of the groups, at first the two largest."""
    titles = {name: t(name) for name, _ in Counter(values_B.tolist()).most_common()}
    names = list(titles)
    left, right = st.columns(2, gap="medium")
    one = left.selectbox(t("Rows of"), names, format_func=titles.__getitem__, key=_ONE)
    other = right.selectbox(
        t("beside rows of"), names, index=min(1, len(names) - 1), format_func=titles.__getitem__, key=_OTHER
    )
    return one, other


def say_between(trained: Mapping[str, float], untrained: Mapping[str, float]) -> None:
    """How far apart a task's gate is between the two groups, now and before training."""
    told = (
        t("{task} {now} (untrained {untrained})", task=expert_label(task), now=f"{far:.2f}", untrained=f"{before:.2f}")
        for task, far, before in zip(trained, trained.values(), untrained.values(), strict=True)
    )
    st.caption(t("Jensen–Shannon distance between the two: {told}", told=" · ".join(told)))


def show_reasons(truth: TrueReasons, segments_B: np.ndarray, who: Audience, *, key: str) -> None:
    """What truly moves these rows, which only the simulator knows."""
    names, counts = np.unique(segments_B, return_counts=True)
    shares = " · ".join(
        f"{plain(t(str(name)))} {count / len(segments_B):.0%}"
        for name, count in sorted(zip(names, counts, strict=True), key=lambda pair: -pair[1])
    )
    title = t("their true mechanism: {shares}", shares=shares)
    st.markdown(f":yellow-badge[{t('simulated')}] {title}")
    reasons: pd.DataFrame = mean_reasons(truth.by_segment, segments_B)
    said = reasons.rename(columns=lambda reason: t(_reasons[reason]))
    st.plotly_chart(reason_heatmap(said, look(), tasks=who.tasks, most=truth.most), key=key, config=CHART)
