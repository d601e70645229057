"""What holds over many seeds? The MMoE paper's race, the mechanisms that gates find, and every architecture."""

from __future__ import annotations

import streamlit as st

from mmoe_core.studies import auc_table, information
from mmoe_core.viz import auc_intervals, information_dots, loss_strips, paired_differences
from pages.ui import evidence, story, study_loaders
from pages.ui.language import t, translate_error
from pages.ui.look import CHART, look

story.title("studies.title")

race, claims, error = study_loaders.race()
with st.container(border=True, key="card_1"):
    st.subheader(t("Does a gate per task help where tasks are less related?"), anchor=False)
    if error:
        st.info(translate_error(error))
    if race:
        evidence.say_race(race)
        figure = paired_differences(*evidence.paired(race), look())
        st.plotly_chart(figure, key="differences", config=CHART)
        story.how_to_read("studies.differences")

if race:
    with st.container(border=True, key="card_2"):
        st.subheader(t("Which of the paper's five claims hold here?"), anchor=False)
        evidence.say_claims(claims)
        story.how_to_read("studies.claims")

    with st.container(border=True, key="card_3"):
        st.subheader(t("How are the losses spread?"), anchor=False)
        st.plotly_chart(loss_strips(evidence.spread(race), look()), key="losses", config=CHART)
        st.dataframe(evidence.entries(race), hide_index=True)
        evidence.link_race(race)
        story.how_to_read("studies.losses")

study, claims, error = study_loaders.mechanisms()
with st.container(border=True, key="card_4"):
    st.subheader(t("Do the gates find why people click and purchase?"), anchor=False)
    if error:
        st.info(translate_error(error))
    if study:
        evidence.say_mechanisms(study)
        bits = information(study)
        figure = information_dots(bits, look(), tasks=evidence.tasks(bits), most=study.mechanism_bits)
        st.plotly_chart(figure, key="mechanisms", config=CHART)
        evidence.say_claims(claims)
        evidence.link_mechanisms(study)
        story.how_to_read("studies.mechanisms")

table, error = study_loaders.architectures()
with st.container(border=True, key="card_5"):
    st.subheader(t("Which architecture orders rows best?"), anchor=False)
    if error:
        st.info(translate_error(error))
    if table:
        chosen = evidence.pick_dataset(table)
        evidence.say_architectures(table, chosen)
        aucs = auc_table(table, chosen)
        figure = auc_intervals(evidence.named(aucs), evidence.tasks(aucs), look())
        st.plotly_chart(figure, key="aucs", config=CHART)
        st.dataframe(evidence.architectures(table, chosen), hide_index=True)
        evidence.say_refusals(table, chosen)
        evidence.link_architectures(table, chosen)
        story.how_to_read("studies.architectures")
