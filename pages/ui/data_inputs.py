"""What is chosen on the Data page: a dataset, by its name in the address."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from mmoe_core.data import KnownDataset

from .language import t

__all__ = ["pick_dataset"]

_NAME = "dataset"


def pick_dataset(known: Sequence[KnownDataset]) -> KnownDataset:
    """One of the datasets; the address names it, else the first."""
    by_name = {dataset.name: dataset for dataset in known}
    named = st.query_params.get(_NAME)
    if st.session_state.get(_NAME) not in by_name:
        st.session_state[_NAME] = named if named in by_name else known[0].name
    titles = {dataset.name: t(dataset.title) for dataset in known}
    chosen = st.selectbox(t("Dataset"), list(by_name), format_func=titles.__getitem__, key=_NAME)
    if named != chosen:
        st.query_params[_NAME] = chosen
    return by_name[chosen]
