"""What is in the data, and what can be concluded from it?"""

from __future__ import annotations

import streamlit as st

from mmoe_core.viz import cardinality_dots, label_funnel
from pages.ui import data_inputs, loaders, story, summary, tables
from pages.ui.language import t, translate_error
from pages.ui.look import CHART, look

story.title("data.title")
choices, view = st.columns([1, 2.6], gap="medium")

with choices:
    known = data_inputs.pick_dataset(loaders.datasets())
    dataset, error = loaders.dataset(known.config)
    st.page_link("bring.py", label=t("Bring your own data"))
    st.caption(t("A CSV or Parquet log, or Ali-CCP itself."))

with view:
    if error:
        st.info(translate_error(error))
    if dataset:
        summary.badge(dataset.schema, dataset.manifest.config)
        st.caption(t(dataset.manifest.source))
        with st.container(border=True, key="card_1"):
            st.subheader(t("How many rows become what?"), anchor=False)
            if positives := dataset.manifest.positives["train"]:  # regressions have none
                funnel = label_funnel(positives, dataset.manifest.rows["train"], look())
                st.plotly_chart(funnel, key="funnel", config=CHART)
            moments = loaders.label_moments(dataset, dataset.manifest.checksums)
            st.dataframe(tables.labels(dataset, moments), hide_index=True)
            if moments:
                st.caption(t("Regressions: mean ± sd of the observed labels, in the units that are learnt."))
            if positives:
                story.how_to_read("data.funnel")
        if dataset.manifest.notes():
            with st.container(border=True, key="card_2"):
                st.subheader(t("What must not be overlooked"), anchor=False)
                summary.warnings(dataset)
        with st.container(border=True, key="card_3"):
            st.subheader(t("What does a row say?"), anchor=False)
            described = loaders.field_summaries(dataset, dataset.manifest.checksums)
            st.dataframe(tables.fields(described), hide_index=True)
            if cardinalities := tables.cardinalities(described):
                st.plotly_chart(cardinality_dots(cardinalities, look()), key="sizes", config=CHART)
            story.how_to_read("data.fields")
