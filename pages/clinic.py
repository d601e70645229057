"""What is wrong with a run, why, and what may help?"""

from __future__ import annotations

import streamlit as st

from mmoe_core.analysis.clinic import diagnose
from mmoe_core.viz import check_dots
from pages.ui import clinic, figures, gate_inputs, lens_loaders, loaders, story, summary
from pages.ui.language import t, translate_error
from pages.ui.look import look

story.title("clinic.title")
lens_loaders.warm_up()
run = gate_inputs.pick_run(loaders.store().rows(limit=gate_inputs.MOST_RUNS))
if not run or not run.schema:
    gate_inputs.say_nothing_yet()
    st.stop()
summary.badge(run.schema, run.config.data)
found, error = clinic.evidence_of(run)

with st.container(border=True, key="card_2"):
    st.subheader(t("What is the verdict?"), anchor=False)
    if error:
        st.info(translate_error(error))
        st.stop()
    diagnosis = diagnose(found)
    clinic.say(diagnosis)
    measures = check_dots(clinic.measured({clinic.who(run): found}), look(), names=clinic.names())
    figures.show(measures, key="measures")
    story.how_to_read("clinic.measures")

if diagnosis.verdict:
    with st.container(border=True, key="card_3"):
        st.subheader(t("What may help?"), anchor=False)
        clinic.offer(run, diagnosis)
        clinic.say_started(run)
        story.how_to_read("clinic.remedies")

with st.container(border=True, key="card_4"):
    st.subheader(t("Did it help?"), anchor=False)
    before = clinic.pick_before(run)
    if before:
        former, error = clinic.evidence_of(before)
        if error:
            st.info(translate_error(error))
        both = clinic.measured({t("Before"): former, t("After"): found})
        figures.show(check_dots(both, look(), names=clinic.names()), key="both")
        st.dataframe(clinic.compare_aucs(before, run), hide_index=True)
    else:
        st.caption(t("Start a remedy, or choose another run on the same data and seed: both stand here then."))

with st.container(border=True, key="card_5"):
    st.subheader(t("How often is the clinic wrong?"), anchor=False)
    clinic.say_alarms()
    story.how_to_read("clinic.alarms")
