"""What is your data, and what may be learnt from it?"""

from __future__ import annotations

import streamlit as st

from pages.ui import story
from pages.ui.bring import columns, imports, looking, raw, source
from pages.ui.language import t

story.title("bring.title")
imports.show()

with st.container(border=True, key="card_source"):
    kind = source.pick_kind()
    found, error = source.pick(kind)
    if kind == "table":
        looked = looking.show(found, error)
    else:
        looking.complain(error)
        story.note("bring.ali-ccp" if kind == "ali-ccp" else "bring.raw")

if kind == "table" and looked:
    with st.container(border=True, key="card_columns"):
        st.subheader(t("What does each column say?"), anchor=False)
        looking.summary(looked)
        looking.pick_delimiter(looked)
        roles = columns.pick_roles(looked)
        story.how_to_read("bring.columns")
    with st.container(border=True, key="card_import"):
        st.subheader(t("How does it become a dataset?"), anchor=False)
        mapping, refused = columns.read(looked, roles, columns.pick_rest(looked))
        name = imports.pick_name(looked.source)
        work = imports.of_table(looked.source, mapping, name) if mapping else None
        imports.offer(t("Import"), name, work, refused)
        story.how_to_read("bring.split")

if kind == "ali-ccp" and found:
    with st.container(border=True, key="card_import"):
        st.subheader(t("How does it become a dataset?"), anchor=False)
        vocabulary = source.pick_vocabulary(found)
        name = imports.pick_name(found, vocabulary)
        imports.offer(t("Import"), name, imports.of_ali_ccp(found, name, vocabulary), imports.layout_refusal(found))

if kind == "raw" and found:
    with st.container(border=True, key="card_import"):
        st.subheader(t("How does it become a dataset?"), anchor=False)
        options = raw.pick_options()
        name = imports.pick_name(found)
        raw.say_unfinished(name)
        imports.offer(t("Convert"), name, imports.of_raw(found, options, name), raw.refusal(found.paths[0]))
