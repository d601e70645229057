"""Which of several runs is better, and can the rows that they were tested on tell?"""

from __future__ import annotations

import streamlit as st

from mmoe_core.viz import validation_curves
from pages.ui import baselines, comparing, figures, gate_inputs, grouping, loaders, result_loaders, story, summary
from pages.ui.language import t, translate_error
from pages.ui.look import look

story.title("compare.title")
with st.container(border=True, key="card_1"):
    chosen = comparing.pick(loaders.store().rows(limit=gate_inputs.MOST_RUNS))
    if not chosen:
        st.markdown(story.text("compare.empty"))
        st.page_link("train.py", label=t("Train one yourself"))
        st.stop()
    runs = comparing.lettered(chosen)
    baseline = chosen[0]
    summary.badge(baseline.schema, baseline.config.data)
    comparing.introduce(runs)

with st.container(border=True, key="card_2"):
    st.subheader(t("Who gets how far on validation?"), anchor=False)
    groups = grouping.pick(runs)
    curves, bands = grouping.curves(runs, groups)
    measures, tasks = comparing.measures(baseline), baseline.schema.task_names
    figure = validation_curves(curves, measures, look(), tasks=tasks, bands=bands)
    figures.show(figure, key="validation")
    if told := grouping.table(runs, groups):
        st.dataframe(told, hide_index=True, height="content")
    story.how_to_read("compare.curves")

with st.container(border=True, key="card_3"):
    st.subheader(t("Can the test tell them apart?"), anchor=False)
    found, refused, error = result_loaders.comparisons(chosen[1:], baseline)
    if error:
        st.info(translate_error(error))
    comparing.say_refusals(runs, refused)
    if found:
        st.dataframe(comparing.table(runs, found), hide_index=True, height="content")
    story.how_to_read("compare.differences")

with st.container(border=True, key="card_4"):
    st.subheader(t("Is a network worth it here?"), anchor=False)
    baselines.show(runs)
    story.how_to_read("compare.baselines")
