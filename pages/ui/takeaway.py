"""The ways out of a run, each with a line that says for whom; and the way in for a bundle.

What is written at once is downloaded at once. What needs torch or a tracker's library is made in a process of its own
first, and lies among the uploads for a day.
"""

from __future__ import annotations

from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO, Any

import streamlit as st

from mmoe_core.config import uploads_folder
from mmoe_core.data import BackgroundJob, discard_upload, is_uploaded, uploaded_file
from mmoe_core.errors import LabError
from mmoe_core.exports import WAYS, EndedRun, Way, check_ready, export, export_in_child, file_name, open_in_child
from mmoe_core.runs import Store

from . import loaders
from .bring.wording import own_name, said
from .language import mark, plain, t, translate_error
from .upload import upload_files

__all__ = ["bring_in", "follow", "offer"]

_AT_ONCE: tuple[Way, ...] = ("script", "bundle", "predictions")
_SECONDS = 1.0

_titles: dict[Way, str] = {
    "onnx": mark("ONNX network"),
    "script": mark("Python script"),
    "bundle": mark("Run bundle"),
    "predictions": mark("Predictions"),
    "tensorboard": mark("TensorBoard events"),
    "mlflow": mark("MLflow run"),
}
_lines: dict[Way, str] = {
    "onnx": mark("The best weights with every gate as an output, checked on test rows. For whoever serves it."),
    "script": mark("Trains this run again and says whether equal numbers come out. For a colleague, or you in a year."),
    "bundle": mark("The whole run in one file. For whoever should see it in an MMoE Lab of their own."),
    "predictions": mark("Every test row: what was predicted, and what happened. For your own analysis."),
    "tensorboard": mark("Losses, weights, AUCs and gates over training. For teams that compare runs there."),
    "mlflow": mark("Choices as parameters, numbers as metrics. For teams that keep their runs there."),
}


def offer(run: EndedRun, way: Way) -> None:
    """One way out: its name, its line, its button; or why there is none."""
    with st.container(horizontal=True, vertical_alignment="center", key=f"way_{way}"):
        st.markdown(f"**{t(_titles[way])}**  \n{t(_lines[way])}", width="stretch")
        try:
            check_ready(run, way)
        except LabError as error:
            st.caption(f":orange[{translate_error(error)}]", width="stretch")
            return
        if way in _AT_ONCE:
            _download(run, way, partial(_written, loaders.store(), run.row.run_id, way))
        else:
            _offer_made(run, way)


def follow(run: EndedRun) -> None:
    """Look again every second while something is being made of this run."""
    found = (loaders.exports().find(_key(run, way)) for way in WAYS)
    if jobs := [job for job in found if job is not None and job.state == "running"]:
        st.fragment(_look_again, run_every=_SECONDS)(jobs)


def _look_again(jobs: list[BackgroundJob[Path]]) -> None:
    if any(job.state != "running" for job in jobs):
        st.rerun()
    st.caption(t("Being made in a process of its own: some ten seconds. It goes on when you leave this page."))


def _offer_made(run: EndedRun, way: Way) -> None:
    job, file = loaders.exports().find(_key(run, way)), uploads_folder() / file_name(run.row.run_id, way)
    if job is not None and job.state == "running":
        st.button(t("Being made …"), key=f"export.wait.{way}", disabled=True)
    elif file.is_file():
        _download(run, way, partial(file.open, "rb"))
    else:
        if job is not None and job.error is not None:
            st.markdown(f":orange[{translate_error(job.error)}]", width="stretch")
        st.button(t("Make it"), key=f"export.make.{way}", on_click=_make, args=(run, way, file))


def _make(run: EndedRun, way: Way, file: Path) -> None:
    def work(_on_progress: Any, _is_cancelled: Any) -> Path:
        file.parent.mkdir(parents=True, exist_ok=True)
        with TemporaryDirectory(dir=file.parent) as folder:
            part = Path(folder) / file.name
            export_in_child(run.row.run_id, way, part)
            return part.rename(file)

    if not file.is_file():
        loaders.exports().start(_key(run, way), work)


def _download(run: EndedRun, way: Way, content: Any) -> None:
    name = file_name(run.row.run_id, way)
    st.download_button(t("Download"), content, name, on_click="ignore", key=f"export.download.{way}")


def _written(store: Store, run_id: str, way: Way) -> IO[bytes]:
    """A way out as an open file, whose name is gone already."""
    with TemporaryDirectory() as folder:
        file = Path(folder) / file_name(run_id, way)
        export(store, run_id, way, file)
        return file.open("rb")


def _key(run: EndedRun, way: Way) -> str:
    return f"{run.row.run_id} {way}"


def bring_in() -> None:
    """A bundle from the browser becomes a run here."""
    files = upload_files(t("The bundle, a .zip file"), key="export_upload")
    if not files:
        return
    (file,) = files
    if not is_uploaded(file.token):
        st.caption(t("What was uploaded before has been imported, or a day has passed: choose the file again."))
        return
    if not st.button(t("Open it as a run"), type="primary", key="export.open"):
        return
    try:
        with st.spinner(t("Opening the bundle …")):
            run_id = open_in_child(uploaded_file(file.token), own_name(file.name))
    except LabError as error:
        st.error(said(error))
        return
    discard_upload(file.token)
    st.success(t("It is here now, as run {run}.", run=plain(run_id)))
    st.page_link("gates.py", label=t("Look at its gates"), query_params={"run": run_id})
