"""What becomes of every task when somebody lays hands on the gates?"""

from __future__ import annotations

import streamlit as st

from mmoe_core.analysis.lens import Operated
from mmoe_core.config import Gated
from mmoe_core.viz import difference_dots, gate_heatmap
from pages.ui import figures, gate_inputs, gate_words, lens_loaders, loaders, operating, story, summary
from pages.ui.language import t, translate_error
from pages.ui.look import look

story.title("operate.title")
run = gate_inputs.pick_run(loaders.store().rows(limit=gate_inputs.MOST_RUNS))
if not run or not run.schema:
    gate_inputs.say_nothing_yet()
    st.stop()
summary.badge(run.schema, run.config.data)
if not isinstance(run.config.model, Gated):
    st.info(gate_words.special(run.config.model))
    st.caption(t("This network has no gates over experts: there is nothing to operate on."))
    st.stop()
lens_loaders.warm_up()

with st.container(border=True, key="card_2"):
    st.subheader(t("What is done to the gates?"), anchor=False)
    audiences = gate_words.audiences(run)
    epoch = operating.pick_weights()
    place = operating.pick_level(run, len(audiences))
    who = audiences[place]
    question = operating.ask(run, who, place, len(audiences))
    found, error = lens_loaders.ask(run, epoch, question)
    if error or not isinstance(found, Operated):
        st.info(translate_error(error))
        st.stop()

with st.container(border=True, key="card_3"):
    st.subheader(t("Who listens to whom, before and after?"), anchor=False)
    gate_words.say_routing(run.config.model, who)
    before, after = st.columns(2, gap="medium")
    before.caption(t("before"))
    plain = gate_heatmap(operating.weights(found.before_RE, found), look(), audience=who)
    with before:
        figures.show(plain, key="before")
    after.caption(t("after"))
    heard = operating.audience_after(who, question)
    operated = gate_heatmap(operating.weights(found.after_RE, found), look(), audience=heard)
    with after:
        figures.show(operated, key="after")

with st.container(border=True, key="card_4"):
    st.subheader(t("What does it cost each task?"), anchor=False)
    st.caption(
        t("{rows} of {of_rows} test rows, nothing retrained", rows=f"{found.rows:,}", of_rows=f"{found.of_rows:,}")
    )
    measures = operating.measures(found)
    for column, (measure, title) in zip(st.columns(len(measures), gap="medium"), measures.items(), strict=True):
        dots = difference_dots(operating.differences(found, measure), look(), tasks=run.schema.task_names, title=title)
        with column:
            figures.show(dots, key=measure)
    st.dataframe(operating.table(found), hide_index=True, height="content")
    story.how_to_read("operate.effects")
