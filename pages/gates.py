"""Which experts does each task listen to, since when, and for which rows?"""

from __future__ import annotations

import streamlit as st

from mmoe_core.analysis import (
    distance_over_time,
    effective_experts_over_time,
    gate_statistics,
    level_usage,
    segment_information_bits,
    usage_by_segment,
    usage_over_time,
)
from mmoe_core.viz import effective_experts_curve, gate_distribution, gate_film, gate_heatmap, segment_heatmap
from pages.ui import gate_inputs, gate_words, loaders, story, summary, tables
from pages.ui.language import t, translate_error
from pages.ui.look import CHART, look

story.title("gates.title")
run = gate_inputs.pick_run(loaders.store().rows(limit=gate_inputs.MOST_RUNS))
snapshots = loaders.snapshots(run) if run else []
if not run or not run.schema or not snapshots:
    with st.container(border=True, key="card_1"):
        st.markdown(story.text("gates.empty"))
        st.page_link("train.py", label=t("Train one yourself"))
    st.stop()
summary.badge(run.schema, run.config.data)
gate_inputs.say_spaces(run)

with st.container(border=True, key="card_2"):
    st.subheader(t("Who listens to whom?"), anchor=False)
    audiences = gate_words.audiences(run)
    place = gate_inputs.pick_level(run, len(audiences))
    who = audiences[place]
    gate_words.say_routing(run.config.model, who)
    if not who.has_choice:
        fixed = gate_heatmap(level_usage(snapshots[0].levels[place]), look(), audience=who)
        st.columns([1, 1.3])[0].plotly_chart(fixed, key="usage", config=CHART)
        st.stop()
    snapshot = gate_inputs.pick_snapshot(snapshots)
    level, untrained = snapshot.levels[place], snapshots[0].levels[place]
    now, film = st.columns([1, 1.3], gap="medium")
    usage = gate_heatmap(level_usage(level), look(), audience=who, untrained=level_usage(untrained))
    now.plotly_chart(usage, key="usage", config=CHART)
    frames = gate_film(usage_over_time(snapshots, level=place), look(), audience=who, step=snapshot.step)
    film.plotly_chart(frames, key="film", config=CHART)
    story.how_to_read("gates.heatmap")

with st.container(border=True, key="card_3"):
    st.subheader(t("Do all rows get the same mixture?"), anchor=False)
    st.caption(t("share of probe rows by gate weight, at step {step}", step=f"{snapshot.step:,}"))
    spread = gate_distribution(gate_inputs.histogram(level), level.readers, level.experts, look(), audience=who)
    st.plotly_chart(spread, key="spread", config=CHART)
    story.how_to_read("gates.distribution")

with st.container(border=True, key="card_4"):
    st.subheader(t("Does the gate see whom it serves?"), anchor=False)
    field, epoch = gate_inputs.pick_segment(run.schema)
    weights, values, error = loaders.probe(run, field, epoch, level=place)
    if error:
        st.info(translate_error(error))
    else:
        by_segment = usage_by_segment(weights, level.readers, level.experts, gate_inputs.readable(values))
        segments = segment_heatmap(by_segment, look(), tasks=level.readers, audience=who)
        st.plotly_chart(segments, key="segments", config=CHART)
        gate_inputs.say_information(segment_information_bits(weights, level.readers, values))
    story.how_to_read("gates.segments")

with st.container(border=True, key="card_5"):
    st.subheader(t("How many experts does a task hear?"), anchor=False)
    curve = effective_experts_curve(
        effective_experts_over_time(snapshots, level=place), look(), num_experts=len(level.experts), audience=who
    )
    st.plotly_chart(curve, key="effective", config=CHART)
    gate_inputs.say_distance(distance_over_time(snapshots, level=place), snapshot.step)
    if not error:
        st.dataframe(tables.decided(gate_statistics(weights, level.readers, level.experts)), hide_index=True)
    story.how_to_read("gates.effective")
