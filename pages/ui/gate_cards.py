"""What the Gates page shows besides its film: how many experts are heard, and how far the gates are apart."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from mmoe_core.analysis import (
    distance_matrix,
    distance_over_time,
    effective_experts_over_time,
    gate_statistics,
)
from mmoe_core.analysis.lens import Contributions, MeanContributions
from mmoe_core.config import Audience
from mmoe_core.records import GateSnapshot
from mmoe_core.runs import RunRow
from mmoe_core.viz import distance_curve, distance_heatmap, effective_experts_curve, gate_heatmap

from . import gate_inputs, lens_loaders, loaders, tables
from .language import t, translate_error
from .look import CHART, look

__all__ = ["contributions", "distance", "hearing"]


def hearing(run: RunRow, snapshots: Sequence[GateSnapshot], who: Audience, place: int) -> None:
    """Effective experts over training, and of the best weights beside the untrained ones."""
    heard = effective_experts_over_time(snapshots, level=place)
    curve = effective_experts_curve(heard, look(), num_experts=len(who.experts), audience=who)
    st.plotly_chart(curve, key="effective", config=CHART)
    trained, untrained, error = loaders.gates_of_best(run, level=place)
    if not error:
        now, then = (gate_statistics(gates_BRE, who.readers, who.experts) for gates_BRE in (trained, untrained))
        st.dataframe(tables.decided(now, then), hide_index=True)


def distance(snapshots: Sequence[GateSnapshot], snapshot: GateSnapshot, who: Audience, place: int) -> None:
    """How far the readers' gates are apart: over training, and pair by pair at one step."""
    distances = distance_over_time(snapshots, level=place)
    gate_inputs.say_distance(distances, snapshot.step)
    over_time, pairs = st.columns([1.3, 1], gap="medium")
    over_time.plotly_chart(distance_curve(distances, look()), key="distance", config=CHART)
    now, then = (distance_matrix(one.levels[place]) for one in (snapshot, snapshots[0]))
    pairs.plotly_chart(distance_heatmap(now, then, look(), audience=who), key="pairs", config=CHART)


def contributions(run: RunRow, who: Audience, place: int) -> None:
    """Gate weights of the best weights beside what comes of them, once somebody asks for it."""
    if not st.toggle(t("Ask the network"), key="contributions"):
        return
    answer, error = lens_loaders.ask(run, "best", Contributions())
    if error:
        st.info(translate_error(error))
    if isinstance(answer, MeanContributions):
        level = answer.levels[place]
        added = pd.DataFrame(level.contributions_RE, index=list(level.readers), columns=list(level.experts))
        weights = pd.DataFrame(level.weights_RE, index=added.index, columns=added.columns)
        left, right = st.columns(2, gap="medium")
        left.caption(t("mean gate weight"))
        left.plotly_chart(gate_heatmap(weights, look(), audience=who), key="weights_alone", config=CHART)
        right.caption(t("share of weight × ‖expert output‖"))
        share = added.div(added.sum(axis=1), axis=0)
        right.plotly_chart(gate_heatmap(share, look(), audience=who), key="weights_times_norm", config=CHART)
