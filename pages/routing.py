"""Does the gate route gradients: what of each task's loss arrives at which expert, and do the tasks pull together?"""

from __future__ import annotations

import streamlit as st

from pages.ui import gate_inputs, gate_words, gradient_cards, lens_loaders, loaders, story, summary
from pages.ui.language import t

story.title("routing.title")
lens_loaders.warm_up()
rows = loaders.store().rows(limit=gate_inputs.MOST_RUNS)
run = gate_inputs.pick_run(rows)
if not run or not run.schema:
    gate_inputs.say_nothing_yet()
    st.stop()
summary.badge(run.schema, run.config.data)
gate_inputs.say_spaces(run)

measured, by_row = st.container(border=True, key="card_2"), st.container(border=True, key="card_3")
pair = gradient_cards.pick_tasks(run)
if pair is not None:  # first what is stored: the network may have to be woken
    with st.container(border=True, key="card_4"):
        st.subheader(t("Do the tasks pull the same way?"), anchor=False)
        others = gradient_cards.pick_others(run, rows)
        gradient_cards.pulling([run, *others], pair)
        story.how_to_read("routing.conflict")

    with st.container(border=True, key="card_5"):
        st.subheader(t("And expert by expert?"), anchor=False)
        gradient_cards.pulling_at_experts(run, pair)
        story.how_to_read("routing.experts")

with measured:
    st.subheader(t("What of each task's loss arrives at which expert?"), anchor=False)
    gate_words.say_routing(run.config.model, gate_words.audiences(run)[-1])
    gradient_cards.arriving(run)
    story.how_to_read("routing.arriving")

with by_row:
    st.subheader(t("Is it the gate, and nothing else?"), anchor=False)
    gradient_cards.one_row(run)
    story.how_to_read("routing.row")
