"""What is this, and what does it look like when it is alive?"""

from __future__ import annotations

import streamlit as st

from pages.ui import loaders, stage, story, tables
from pages.ui.language import t

story.title("home.title")
with st.container(horizontal=True, gap="small"):
    if st.button(t("Train one yourself"), type="primary", key="train_one"):
        st.switch_page("train.py")

st.subheader(t("A finished run, replayed"), anchor=False)
stage.show_replay(stage.REPLAY, is_compact=True)
stage.say_origin(stage.REPLAY)
story.how_to_read("home.replay")

rows = loaders.store().rows(limit=10)
if rows:
    with st.container(border=True, key="card_1"):
        st.subheader(t("Recent runs"), anchor=False)
        st.dataframe(tables.runs(rows), hide_index=True)
