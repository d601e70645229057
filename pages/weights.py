"""What does one task pay for another's gain, and which weights are worth it?"""

from __future__ import annotations

import streamlit as st

from pages.ui import loaders, story, summary, weight_cards, weight_inputs, weight_progress
from pages.ui.language import t, translate_error

story.title("weights.title")
sweep, sweep_error = weight_progress.current()
newest = next((row for row in loaders.store().rows(limit=20) if row.steps > 0 and row.schema), None)
if sweep_error:
    st.error(translate_error(sweep_error))

with st.expander(t("Sweep the weights"), expanded=sweep is None):
    plan, data_error = weight_inputs.pick_plan()
    if data_error:
        st.info(translate_error(data_error))
    weight_progress.offer(plan)

if sweep:
    schema = next((one.run.schema for one in sweep.runs if one.run and one.run.schema), None)
    with st.container(border=True, key="card_1"):
        st.subheader(t("What does one task pay for another's gain?"), anchor=False)
        if schema:
            summary.badge(schema, sweep.plan.base.data)
        weight_progress.show(sweep)
        tasks = weight_inputs.pick_tasks([*schema.tasks]) if schema else None
        if tasks:
            weight_cards.plane(sweep, tasks)
        story.how_to_read("weights.seesaw")
    if tasks:
        with st.container(border=True, key="card_2"):
            st.subheader(t("Every training, and what the test can tell"), anchor=False)
            weight_cards.table(sweep, tasks)
elif newest is None:
    with st.container(border=True, key="card_1"):
        st.markdown(story.text("weights.empty"))

if sweep or newest:
    with st.container(border=True, key="card_3"):
        st.subheader(t("Who has the loss, and who moves the network?"), anchor=False)
        if newest and newest.schema and not sweep:
            summary.badge(newest.schema, newest.config.data)
        weight_cards.shares(weight_cards.pick_run(sweep) if sweep else newest, sweep)
        story.how_to_read("weights.shares")
