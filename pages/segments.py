"""For which rows does a task listen to which expert, and does the gate see why they act?"""

from __future__ import annotations

import streamlit as st

from mmoe_core.analysis import distance_between_segments, segment_information_bits, usage_by_segment
from mmoe_core.data import true_reasons
from mmoe_core.data.writing import SEGMENT
from mmoe_core.viz import gate_heatmap, segment_heatmap
from pages.ui import gate_inputs, gate_words, loaders, segment_inputs, story, summary
from pages.ui.language import plain, t, translate_error
from pages.ui.look import CHART, look

story.title("segments.title")
run = gate_inputs.pick_run(loaders.store().rows(limit=gate_inputs.MOST_RUNS))
snapshots = loaders.snapshots(run) if run else []
if not run or not run.schema or not snapshots:
    gate_inputs.say_nothing_yet()
    st.stop()
summary.badge(run.schema, run.config.data)

with st.container(border=True, key="card_2"):
    st.subheader(t("Does the gate see whom it serves?"), anchor=False)
    audiences = gate_words.audiences(run)
    place = gate_inputs.pick_level(run, len(audiences))
    who = audiences[place]
    gate_words.say_routing(run.config.model, who)
    if not who.has_choice:
        st.stop()
    field, is_trained = segment_inputs.pick_segment(run.schema)
    trained, untrained, error = loaders.gates_of_best(run, level=place)
    values, no_values = loaders.on_probe_rows(run, field)
    if error or no_values:
        st.info(translate_error(error or no_values))
        st.stop()
    groups = segment_inputs.readable(values)
    chosen = usage_by_segment(trained if is_trained else untrained, who.readers, who.experts, groups)
    by_group = segment_heatmap(chosen, look(), tasks=who.readers, audience=who)
    st.plotly_chart(by_group, key="segments", config=CHART)
    segment_inputs.say_information(
        *(segment_information_bits(one, who.readers, values) for one in (trained, untrained))
    )
    story.how_to_read("gates.segments")

with st.container(border=True, key="card_3"):
    st.subheader(t("Two kinds of rows, side by side"), anchor=False)
    pair = segment_inputs.pick_two(groups)
    now, before = (usage_by_segment(one, who.readers, who.experts, groups) for one in (trained, untrained))
    segment_inputs.say_between(*(distance_between_segments(usage, *pair) for usage in (now, before)))
    truth = true_reasons(run.config.data)
    mechanisms, unknown = loaders.on_probe_rows(run, SEGMENT) if truth else (values, None)
    for column, name, key in zip(st.columns(2, gap="medium"), pair, ("one", "other"), strict=True):
        with column:
            rows = groups == name
            st.markdown(t("**{group}** · {rows} probe rows", group=plain(t(name)), rows=f"{rows.sum():,}"))
            here, then = (usage.loc[name].drop(columns="rows") for usage in (now, before))
            gates = gate_heatmap(here, look(), audience=who, untrained=then)
            st.plotly_chart(gates, key=f"gates_{key}", config=CHART)
            if truth and not unknown:
                segment_inputs.show_reasons(truth, mechanisms[rows], who, key=f"truth_{key}")
    story.how_to_read("segments.pair")
