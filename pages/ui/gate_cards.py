"""What the Gates page shows besides its film: how many experts are heard, and how far the gates are apart."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from mmoe_core.analysis import (
    distance_matrix,
    distance_over_time,
    effective_experts_over_time,
    gate_statistics,
)
from mmoe_core.config import Audience
from mmoe_core.records import GateSnapshot
from mmoe_core.runs import RunRow
from mmoe_core.viz import distance_curve, distance_heatmap, effective_experts_curve

from . import gate_inputs, loaders, tables
from .look import CHART, look

__all__ = ["distance", "hearing"]


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
