"""Why does the network say this of one row?"""

from __future__ import annotations

import streamlit as st

from mmoe_core.analysis.lens import Trace
from mmoe_core.viz import row_trace
from pages.ui import (
    figures,
    gate_inputs,
    gate_words,
    lens_loaders,
    loaders,
    row_choice,
    row_edits,
    row_loaders,
    row_search,
    row_tables,
    story,
    summary,
)
from pages.ui.language import t, translate_error
from pages.ui.look import look

story.title("row.title")
lens_loaders.warm_up()
run = gate_inputs.pick_run(loaders.store().rows(limit=gate_inputs.MOST_RUNS))
if not run or not run.schema:
    with st.container(border=True, key="card_1"):
        st.markdown(story.text("row.empty"))
        st.page_link("train.py", label=t("Train one yourself"))
    st.stop()
summary.badge(run.schema, run.config.data)

with st.container(border=True, key="card_2"):
    st.subheader(t("Which row?"), anchor=False)
    data, error = loaders.dataset(run.config.data)
    if data is None:
        st.info(translate_error(error) if error else t("The rows of this run are not made yet: they are simulated."))
        st.stop()
    chosen = row_choice.pick(run, data)
    with st.expander(t("Search for a row")):
        row_search.offer(run, data, chosen.split)

with st.container(border=True, key="card_3"):
    st.subheader(t("What does the network make of it?"), anchor=False)
    asked = Trace(split=chosen.split, row=chosen.row)
    changes = row_choice.labelled(data, chosen.changes)
    before, error = row_loaders.traced(run, chosen.epoch, asked)
    if not error:
        said, error = row_loaders.traced(run, chosen.epoch, asked.model_copy(update={"changes": changes}))
    if error or not before or not said:
        st.info(translate_error(error) if error else t("Nothing was answered."))
        st.stop()
    row_tables.say_row(run, said)
    row_edits.offer(data, said, chosen)
    figure = row_trace(
        said,
        look(),
        audiences=gate_words.audiences(run),
        names=row_edits.field_names(data),
        before=before,
    )
    figures.show(figure, key="row_trace")
    if chosen.changes:
        row_tables.moved(said, before)
    story.how_to_read("row.drawing")

with st.container(border=True, key="card_4"):
    st.subheader(t("The same in numbers"), anchor=False)
    row_tables.numbers(said, before)
    with st.expander(t("By hand")):
        st.caption(story.text("row.hand"))
        row_tables.by_hand(run, said)
