"""Do experts differ, are they alive, for whom do they work, and what is each of them worth?"""

from __future__ import annotations

import streamlit as st

from mmoe_core.config import Gated
from pages.ui import expert_cards, gate_inputs, gate_words, lens_loaders, loaders, story, summary
from pages.ui.language import t

story.title("experts.title")
run = gate_inputs.pick_run(loaders.store().rows(limit=gate_inputs.MOST_RUNS))
if not run or not run.schema:
    gate_inputs.say_nothing_yet()
    st.stop()
lens_loaders.warm_up()
summary.badge(run.schema, run.config.data)

with st.container(border=True, key="card_2"):
    st.subheader(t("Do the experts say different things?"), anchor=False)
    audiences = gate_words.audiences(run)
    place = gate_inputs.pick_level(run, len(audiences))
    who = audiences[place]
    gate_words.say_routing(run.config.model, who)
    expert_cards.now(run, who, place)
    story.how_to_read("experts.similarity")

with st.container(border=True, key="card_3"):
    st.subheader(t("Since when?"), anchor=False)
    expert_cards.over_time(run, who, place)
    story.how_to_read("experts.over_time")

if isinstance(run.config.model, Gated):
    with st.container(border=True, key="card_4"):
        st.subheader(t("What is each expert worth to each task?"), anchor=False)
        expert_cards.knock_outs(run, who, place)
        story.how_to_read("experts.knock_outs")

    with st.container(border=True, key="card_5"):
        st.subheader(t("For which rows does each expert work?"), anchor=False)
        expert_cards.by_segment(run, run.schema, who, place)
        story.how_to_read("experts.segments")
else:
    st.caption(t("Without gates over experts there is nothing to knock out and no share by segment."))
