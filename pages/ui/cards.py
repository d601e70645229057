"""The cards of the Data page: each says one thing about a dataset, as a picture, a table, or a sentence."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from mmoe_core.config import DataConfig, RunConfig, SimulatedAliCcp, to_flat
from mmoe_core.data import Comparison, Description, Mark, RowsPer, preview_of
from mmoe_core.data.simulator import compare_rates
from mmoe_core.runs import MADE_AT_ONCE
from mmoe_core.viz import (
    cardinality_dots,
    group_sizes,
    label_correlations,
    label_funnel,
    latent_correlations,
    marginal_dots,
    value_histograms,
)

from . import doctor, figures, loaders, story, summary, tables
from .language import t, translate, translate_markdown
from .look import look

__all__ = [
    "card",
    "correlations",
    "fields",
    "groups",
    "has_real_counterpart",
    "labels",
    "latents",
    "marginals",
    "offer_whole",
    "origin",
    "overlooked",
    "values",
]

_MOST_HISTOGRAMS = 12


def card(title: str) -> DeltaGenerator:
    """A surface of its own under a question."""
    surface = st.container(border=True, key=f"card_{title}")
    surface.subheader(title, anchor=False)
    return surface


def offer_whole(chosen: RunConfig) -> None:
    """What can be done with the dials: make all rows, and train on them."""
    data = chosen.data
    if loaders.is_preview(data):
        if data.num_rows > MADE_AT_ONCE:
            st.caption(t("So many rows are made by the training process."))
        elif st.button(t("Make the whole dataset"), key="make", width="stretch"):
            loaders.make(data)
            st.rerun()
    st.page_link("train.py", label=t("Train on it"), query_params=to_flat(chosen), width="stretch")


def origin(description: Description, data: DataConfig) -> None:
    """Whether rows are real, whether these are all, and where they come from."""
    manifest = description.manifest
    with st.container(horizontal=True, gap="small"):
        summary.badge(description.schema, manifest.config)
        if loaders.is_preview(data):
            shown = sum(manifest.rows.values())
            st.badge(t("preview: {shown} of {rows} rows", shown=f"{shown:,}", rows=f"{data.num_rows:,}"), color="blue")
    st.caption(t(manifest.source))


def labels(description: Description) -> None:
    """The funnel of train, and every split in numbers."""
    manifest = description.manifest
    if positives := manifest.positives["train"]:  # regressions have none
        funnel = label_funnel(positives, manifest.rows["train"], look())
        figures.show(funnel, key="funnel")
    st.dataframe(tables.labels(description), hide_index=True)
    if any(found.mean is not None for found in description.labels):
        st.caption(t("Regressions: mean ± sd of the observed labels, in the units that are learnt."))
    if positives:
        story.how_to_read("data.funnel")


def correlations(description: Description) -> None:
    """Every pair of labels."""
    found = {(pair.task, pair.other): pair.correlation for pair in description.correlations}
    figures.show(label_correlations(found, description.schema.task_names, look()), key="correlations")
    _say_looked_at(description)
    story.how_to_read("data.correlations")


def latents(description: Description) -> None:
    """What only the simulator knows, beside what people do."""
    for name, found in description.latents.items():
        figures.show(latent_correlations(found, description.schema.task_names, look()), key=name)
    story.how_to_read("data.latents")


def overlooked(description: Description, data: DataConfig) -> None:
    """What the dataset's making left to say, and what the doctor finds; in large data only when asked."""
    if loaders.is_preview(data):
        st.caption(t("All this is said of the preview; some of it goes away with more rows."))
    summary.warnings(description)
    is_large = sum(description.manifest.rows.values()) > MADE_AT_ONCE
    if is_large and not st.button(t("Ask the data doctor"), key="doctor"):
        return
    with st.spinner(t("The doctor looks at the rows …")):
        found = loaders.findings(data)
    doctor.show(found)


def fields(description: Description) -> None:
    """Every field, and how many ids it has."""
    st.dataframe(tables.fields(description.fields), hide_index=True)
    if cardinalities := tables.cardinalities(description.fields):
        figures.show(cardinality_dots(cardinalities, look()), key="sizes")
    story.how_to_read("data.fields")


def values(description: Description) -> None:
    """A histogram of each value field, of the first ones where they are many."""
    found = tables.histograms(description.fields)
    shown = dict(list(found.items())[:_MOST_HISTOGRAMS])
    figures.show(value_histograms(shown, look()), key="values")
    if len(shown) < len(found):
        st.caption(t("The first {shown} of {all} value fields.", shown=len(shown), all=len(found)))
    if found:
        _say_looked_at(description)
        story.how_to_read("data.values")


def groups(rows_per: RowsPer) -> None:
    """Rows per session, or per user."""
    figure = group_sizes(rows_per.lengths, rows_per.counts, look(), group=rows_per.group)
    figures.show(figure, key="groups")
    mean = f"{rows_per.num_rows / rows_per.num_groups:.1f}"
    counted = {"groups": f"{rows_per.num_groups:,}", "mean": mean, "most": f"{rows_per.lengths[-1]:,}"}
    if rows_per.group == "session":
        st.caption(t("Train: {groups} sessions of {mean} rows on average, the longest of {most}.", **counted))
    else:
        st.caption(t("Train: {groups} users with {mean} rows on average, the busiest with {most}.", **counted))


def has_real_counterpart(description: Description) -> bool:
    """Whether something is published about the log that this one is or imitates."""
    return bool(description.manifest.comparisons) or isinstance(description.manifest.config, SimulatedAliCcp)


def marginals(description: Description) -> None:
    """Published numbers beside those found here."""
    match description.manifest.config:
        case SimulatedAliCcp(profile="true-rates") as dials:
            few = preview_of(dials)
            _show_marks(loaders.marks(few), few.num_rows)
        case SimulatedAliCcp():
            st.caption(t("Its rates are raised on purpose, so that a log of this size teaches something."))
            _show_comparisons(compare_rates(description.manifest), found="simulated")
        case _:
            if verdict := description.manifest.verdict:
                st.markdown(translate_markdown(verdict.template, verdict.values))
            _show_comparisons(description.manifest.comparisons, found="found here")


def _show_marks(checked: list[Mark], rows: int) -> None:
    shares = {translate(mark.quantity, mark.values): (mark.target, mark.got) for mark in checked if mark.is_share}
    holding = sum(mark.holds for mark in checked)
    counted = {"holding": holding, "all": len(checked), "rows": f"{rows:,}"}
    st.markdown(t("{holding} of {all} numbers are as near as chance allows ({rows} rows with these dials).", **counted))
    figures.show(marginal_dots(shares, look()), key="marginals")
    st.dataframe(tables.marks(checked), hide_index=True)
    story.how_to_read("data.marginals")


def _show_comparisons(compared: Sequence[Comparison], *, found: str) -> None:
    shares = {translate(one.quantity, one.values): (one.published, one.found) for one in compared if one.is_share}
    figures.show(marginal_dots(shares, look(), found=found), key="marginals")
    st.dataframe(tables.comparisons(compared), hide_index=True)
    story.how_to_read("data.marginals")


def _say_looked_at(description: Description) -> None:
    """On which rows a number rests."""
    looked_at, rows = description.looked_at, description.manifest.rows["train"]
    if looked_at == rows:
        st.caption(t("All {rows} rows of train.", rows=f"{rows:,}"))
    else:
        counted = {"looked_at": f"{looked_at:,}", "rows": f"{rows:,}"}
        st.caption(t("{looked_at} evenly spaced rows of the {rows} of train.", **counted))
