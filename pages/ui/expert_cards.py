"""What the Experts page shows: how alike experts are, which units are dead, for whom they work, what they are worth."""

from __future__ import annotations

import streamlit as st

from mmoe_core.analysis import (
    dead_over_time,
    expert_similarity,
    keep_largest,
    knock_out_costs,
    similarity_over_time,
    usage_by_segment,
)
from mmoe_core.analysis.lens import Experts, ExpertsCompared, Operate, Operated
from mmoe_core.config import Audience, Schema
from mmoe_core.data.writing import SEGMENT
from mmoe_core.runs import RunRow, checkpoint_epochs
from mmoe_core.viz import (
    dead_units_heatmap,
    knock_out_dots,
    segment_heatmap,
    similarity_curves,
    similarity_heatmap,
)

from . import figures, lens_loaders, loaders
from .language import expert_label, plain, t, translate_error
from .look import look

__all__ = ["by_segment", "knock_outs", "now", "over_time"]

_MOST_SEGMENTS = 12
_BY = "experts by"


def now(run: RunRow, who: Audience, place: int) -> None:
    """Similarity and dead units with the best weights."""
    answer, error = lens_loaders.ask(run, "best", Experts())
    if error:
        st.info(translate_error(error))
    if isinstance(answer, ExpertsCompared):
        similarity = similarity_heatmap(expert_similarity(answer, level=place), look(), audience=who)
        with st.columns([1.3, 1])[0]:
            figures.show(similarity, key="similarity")
        dead = [sum(layer) for layer in answer.levels[place].dead_LE]
        shares = " · ".join(f"{share / len(who.experts):.1%}" for share in dead)
        st.caption(t("Dead units, layer by layer up to the output: {shares}", shares=shares))


def over_time(run: RunRow, who: Audience, place: int) -> None:
    """The same after each epoch whose weights were kept, once somebody asks."""
    epochs = checkpoint_epochs(loaders.store().run_folder(run.run_id))
    answers = lens_loaders.ask_each(run, [(epoch, Experts()) for epoch in epochs], key="experts over time")
    found = {
        epoch: answer for epoch, answer in zip(epochs, answers, strict=False) if isinstance(answer, ExpertsCompared)
    }
    if found:
        similarity, dead = st.columns([1.3, 1], gap="medium")
        curves = similarity_curves(similarity_over_time(found, level=place), look())
        with similarity:
            figures.show(curves, key="similarity_curves")
        dead.caption(t("share of dead units, mean over an expert's layers"))
        units = dead_units_heatmap(dead_over_time(found, level=place), look(), audience=who)
        with dead:
            figures.show(units, key="dead")


def by_segment(run: RunRow, schema: Schema, who: Audience, place: int) -> None:
    """How much of each mixture comes from which expert, by kind of row."""
    fields = [field.name for field in (*schema.id_fields, *schema.value_fields)]
    names = [SEGMENT, *fields] if schema.is_simulated else fields
    field = st.selectbox(t("Group the rows by"), names, format_func=t, key=_BY)
    weights_BRE, _, error = loaders.gates_of_best(run, level=place)
    values_B, unknown = loaders.on_probe_rows(run, field)
    if refused := error or unknown:
        st.info(translate_error(refused))
        return
    if field == SEGMENT:
        st.markdown(f":yellow-badge[{t('simulated')}] {t('the true mechanism, which only the simulator knows')}")
    groups_B = keep_largest(values_B, _MOST_SEGMENTS, rest=t("others"))
    usage = usage_by_segment(weights_BRE, who.readers, who.experts, groups_B)
    figures.show(segment_heatmap(usage, look(), tasks=who.readers, audience=who), key="experts_by_segment")


def knock_outs(run: RunRow, who: Audience, place: int) -> None:
    """What each task loses without each expert, on held-out rows, once somebody asks."""
    orders = [("best", Operate(level=place, silent=(expert,))) for expert in who.experts]
    answers = lens_loaders.ask_each(run, orders, key=f"knock-outs {place}")
    found = {
        expert: answer for expert, answer in zip(who.experts, answers, strict=False) if isinstance(answer, Operated)
    }
    if found:
        dots = knock_out_dots(knock_out_costs(found), look(), audience=who)
        figures.show(dots, key="knock_outs")
        first = next(iter(found.values()))
        positives = " · ".join(
            t(
                "{task}: {positives} positives",
                task=plain(expert_label(task.task)),
                positives=f"{task.before.positives:,}",
            )
            for task in first.tasks
            if task.before.positives is not None
        )
        rows = t("{rows} of {all} test rows", rows=f"{first.rows:,}", all=f"{first.of_rows:,}")
        st.caption(f"{rows} · {positives}" if positives else rows)
