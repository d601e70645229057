"""What is in the data, and what can be concluded from it?"""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from pages.ui import cards, data_inputs, form, inputs, link, loaders, story
from pages.ui.language import t, translate_error

config, link_error = link.read()

st.html(Path(__file__).parent / "ui" / "form.css")
choices, view = st.columns([1, 2.6], gap="medium")

with choices:
    story.title("data.title")
    with st.container(border=True, key="form"), inputs.group(t("Data")):
        data = data_inputs.every_dial(config)
        chosen = config.model_copy(update={"data": data})
        form.shown(chosen)
    cards.offer_whole(chosen)
    description, error = loaders.description(data)
    st.page_link("bring.py", label=t("Bring your own data"))
    st.caption(t("A CSV or Parquet log, or Ali-CCP itself."))

with view:
    if link_error:
        st.error(translate_error(link_error))
    if error:
        st.info(translate_error(error))
    if description:
        cards.origin(description, data)
        with cards.card(t("How many rows become what?")):
            cards.labels(description)
        with cards.card(t("Which labels go together?")):
            cards.correlations(description)
        if description.latents:
            with cards.card(t("What do the labels say of satisfaction?")):
                cards.latents(description)
        overlooked = cards.card(t("What must not be overlooked"))
        with cards.card(t("What does a row say?")):
            cards.fields(description)
        with cards.card(t("How are the values spread?")):
            cards.values(description)
        if description.rows_per:
            with cards.card(t("How many rows belong together?")):
                cards.groups(description.rows_per)
        if cards.has_real_counterpart(description):
            with cards.card(t("Like the real log?")):
                cards.marginals(description)
        with overlooked:  # last, since the doctor takes longest
            cards.overlooked(description, data)
