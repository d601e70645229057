"""Choose, train, and watch: what do the tasks' losses, their AUCs and their gates do?"""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from mmoe_core.config import RunConfig
from pages.ui import data_inputs, form, inputs, link, loaders, stage, story, summary
from pages.ui.architecture_inputs import architecture
from pages.ui.language import t, translate_error
from pages.ui.training_inputs import training

run, run_error = loaders.run(link.chosen_run())
config, link_error = link.read(run.config if run else None)

st.html(Path(__file__).parent / "ui" / "form.css")
choices, view = st.columns([1.2, 3.2], gap="small")

with choices:
    story.title("train.title")
    with st.container(border=True, key="form"):
        presets = st.container()
        with inputs.group(t("Data")):
            data = data_inputs.main_dials(config)
            dataset, data_error = loaders.dataset(data)
            tasks = form.tasks(dataset, data)
            summary.warnings(dataset, batch_size=config.train.batch_size)
        with inputs.group(t("Architecture")):
            model = architecture(config, tasks)
        with inputs.group(t("Training")):
            learning = training(config, tasks)
        chosen = RunConfig(data=data, model=model, train=learning)
        form.shown(chosen)
        with presets:
            form.pick_preset(chosen)
        refused = summary.refusal(chosen, dataset) or summary.refusal(config, dataset)
        summary.show(chosen, dataset)
        form.offer_same_budget(chosen, dataset)
        with st.container(horizontal=True, gap="small", wrap=False, key="actions"):
            is_started = st.button(
                t("Start training"), type="primary", key="train", width="stretch", disabled=data_error is not None
            )
            st.button(t("Reset"), key="reset", on_click=form.reset)
        if is_started:
            run, run_error = stage.start(chosen)

with view, st.container(key="watching" if run else "waiting"):
    for error in filter(None, (link_error, run_error, refused)):
        st.error(translate_error(error))
    if data_error:
        st.warning(translate_error(data_error))
    stage.show(run, chosen)
