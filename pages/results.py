"""How good is a run: how well does it order rows, do its probabilities come true, was learning together worth it?"""

from __future__ import annotations

import streamlit as st

from pages.ui import gate_inputs, loaders, quality, result_cards, result_loaders, story, summary
from pages.ui.language import t

story.title("results.title")
run = gate_inputs.pick_run(loaders.store().rows(limit=gate_inputs.MOST_RUNS))
end = result_loaders.end(run)
if not run or not run.schema or not end:
    with st.container(border=True, key="card_1"):
        st.markdown(story.text("results.unended" if run else "results.empty"))
        st.page_link("train.py", label=t("To the Train page") if run else t("Train one yourself"))
    st.stop()
summary.badge(run.schema, run.config.data)

with st.container(border=True, key="card_2"):
    st.subheader(t("How good are its best weights?"), anchor=False)
    st.caption(
        t("test split, weights after epoch {epoch} (step {step})", epoch=end.best_epoch, step=f"{end.best_step:,}")
    )
    quality.show(run, end)
    st.page_link("compare.py", label=t("Compare it with other runs"), query_params={"runs": run.run_id})
    story.how_to_read("results.measures")

with st.container(border=True, key="card_3"):
    st.subheader(t("Do its probabilities come true?"), anchor=False)
    result_cards.calibration(run, run.schema)
    story.how_to_read("results.calibration")

with st.container(border=True, key="card_4"):
    st.subheader(t("Was learning together worth it?"), anchor=False)
    result_cards.gain(run)
    story.how_to_read("results.gain")
