"""What may be taken away from a run that has ended, and by whom is it wanted?"""

from __future__ import annotations

import streamlit as st

from mmoe_core.exports import WAYS, prediction_columns
from pages.ui import gate_inputs, loaders, story, summary, tables, takeaway
from pages.ui.language import t, translate_error

story.title("export.title")
rows = [row for row in loaders.store().rows(limit=gate_inputs.MOST_RUNS) if row.state in ("finished", "stopped")]
row = gate_inputs.pick_run(rows)
run, error = loaders.ended(row)
if error:
    st.info(translate_error(error))
if row is None:
    with st.container(border=True, key="card_1"):
        st.markdown(story.text("export.empty"))
        st.page_link("train.py", label=t("Train one yourself"))
if run:
    summary.badge(run.schema, run.row.config.data)
    with st.container(border=True, key="card_2"):
        st.subheader(t("What would you like to have?"), anchor=False)
        for way in WAYS:
            takeaway.offer(run, way)
        takeaway.follow(run)
        story.how_to_read("export.ways")
    with st.container(border=True, key="card_3"):
        st.subheader(t("What do the predictions say?"), anchor=False)
        st.dataframe(tables.predictions(prediction_columns(run.schema)), hide_index=True)
        story.how_to_read("export.predictions")

with st.container(border=True, key="card_4"):
    st.subheader(t("Has somebody given you a bundle?"), anchor=False)
    takeaway.bring_in()
