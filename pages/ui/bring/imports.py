"""The imports of this server: started here, running in the background, seen by every tab."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import streamlit as st

from mmoe_core.config import uploads_folder
from mmoe_core.data import (
    BackgroundJob,
    Dataset,
    Vocabulary,
    convert_in_child,
    discard_upload,
    import_in_child,
    import_table_in_child,
    place_for,
)
from mmoe_core.data.raw import RawOptions
from mmoe_core.data.table import TableMapping
from mmoe_core.errors import DatasetError, LabError

from .. import loaders
from ..language import plain, t
from .source import Source
from .wording import in_own_words, said

__all__ = ["follow", "layout_refusal", "of_ali_ccp", "of_raw", "of_table", "offer", "pick_name", "show"]

Work = Callable[[Any, Any], Dataset]  # (on_progress, is_cancelled) → what was made
_SECONDS = 1.0
_SPLITS = ("train", "val", "test")
_GZIP = b"\x1f\x8b"


def show() -> None:
    """What is being imported now, and what became of the rest."""
    jobs = loaders.imports().jobs()
    if not jobs:
        return
    with st.container(border=True, key="card_imports"):
        st.subheader(t("Imports"), anchor=False)
        if running := [job for job in jobs if job.state == "running"]:
            follow(running)
            st.caption(t("It goes on when you leave this page."))
        for job in jobs:
            if job.state != "running":
                _show_ended(job)


def follow(jobs: Sequence[BackgroundJob[Any]]) -> None:
    """Running jobs with their progress, drawn anew every second until one of them ends."""
    st.fragment(_follow, run_every=_SECONDS)(jobs)


def _follow(jobs: Sequence[BackgroundJob[Any]]) -> None:
    if any(job.state != "running" for job in jobs):
        st.rerun()
    for job in jobs:
        with st.container(horizontal=True, vertical_alignment="center"):
            st.progress(job.progress.share if job.progress else 0.0, text=_progress_text(job))
            st.button(t("Cancel"), key=f"bring.cancel.{job.key}", on_click=job.cancel)


def _progress_text(job: BackgroundJob[Any]) -> str:
    progress, left = job.progress, job.seconds_left()
    if progress is None:
        return t("Starting …")
    text = t(
        "Step {step} of {steps} · {stage} · {share}",
        step=progress.step,
        steps=progress.num_steps,
        stage=t(progress.stage),
        share=f"{progress.share:.0%}",
    )
    return text if left is None else f"{text} · {t('this step: {duration} left', duration=_duration(left))}"


def _duration(seconds: float) -> str:
    if seconds < 90:
        return t("{count} s", count=max(1, round(seconds)))
    minutes = round(seconds / 60)
    if minutes < 90:
        return t("{count} min", count=minutes)
    return t("{hours} h {minutes} min", hours=minutes // 60, minutes=minutes % 60)


def _show_ended(job: BackgroundJob[Dataset]) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        if job.result is not None:
            rows = sum(job.result.manifest.rows.values())
            st.success(t("“{name}” is ready: {rows} rows.", name=plain(job.key), rows=f"{rows:,}"))
            st.page_link(
                "data.py", label=t("What is in it?"), query_params={"data.source": "stored", "data.name": job.key}
            )
        elif job.error is not None:
            show_end = st.info if job.state == "cancelled" else st.error
            show_end(f"**{plain(job.key)}** · {said(job.error)}")
        st.button(t("Dismiss"), key=f"bring.dismiss.{job.key}", on_click=loaders.imports().dismiss, args=(job.key,))


def pick_name(source: Source, vocabulary: Vocabulary = "learnt") -> str:
    """The dataset's name; another source, or another way to read it, begins with another one."""
    name = source.dataset_name(vocabulary)
    return st.text_input(t("Name of the dataset"), name, key=f"bring.name.{name}", max_chars=80).strip()


def offer(label: str, name: str, work: Work | None, refused: LabError | None) -> None:
    """The button that begins, and beside it what is still in its way."""
    refused = refused or _refusal(name)
    with st.container(horizontal=True, vertical_alignment="center"):
        is_wanted = st.button(label, type="primary", key="bring.import", disabled=work is None or refused is not None)
        if refused is not None and not _was_made(name):
            st.markdown(f":orange[{said(refused)}]", width="stretch")
    if is_wanted and work is not None:
        try:
            loaders.imports().start(name, work)
        except LabError as error:
            st.error(said(error))
        else:
            st.rerun()


def _was_made(name: str) -> bool:
    """Whether the name is taken by what was imported here just now, which is said above."""
    job = loaders.imports().find(name)
    return job is not None and job.result is not None


def _refusal(name: str) -> LabError | None:
    try:
        place_for(name)
        loaders.imports().check_free(name)
    except LabError as error:
        return error
    return None


def of_table(source: Source, mapping: TableMapping, name: str) -> Work:
    """Import a table of any columns."""
    return _work(source, lambda **watched: import_table_in_child(source.paths[0], mapping, place_for(name), **watched))


def of_raw(source: Source, options: RawOptions, name: str) -> Work:
    """Convert the raw log."""
    return _work(source, lambda **watched: convert_in_child(source.paths[0], options, place_for(name), **watched))


def of_ali_ccp(source: Source, name: str, vocabulary: Vocabulary) -> Work:
    """Import a table in the layout of the processed log."""
    read = partial(import_in_child, name=name, vocabulary=vocabulary)
    if not source.tokens:
        return _work(source, lambda **watched: read(source.paths[0], **watched))

    def make(**watched: Any) -> Dataset:
        """Under names of the layout: a visitor's file name never becomes a path."""
        with tempfile.TemporaryDirectory(dir=uploads_folder()) as folder:
            names = _layout_names(source)
            for path, own in zip(source.paths, names, strict=True):
                (Path(folder) / own).symlink_to(path)
            try:
                return read(Path(folder), **watched)
            except LabError as error:
                called = dict(zip(names, source.names, strict=True))
                raise in_own_words(error, {**called, Path(folder).name: ", ".join(source.names)}) from None

    return _work(source, make)


def layout_refusal(source: Source) -> LabError | None:
    """Why uploads cannot be one table."""
    try:
        if source.tokens:
            _layout_names(source)
    except LabError as error:
        return error
    return None


def _layout_names(source: Source) -> list[str]:
    endings = [".csv.gz" if _is_gzipped(path) else ".csv" for path in source.paths]
    if len(source.paths) == 1:
        return [f"table{endings[0]}"]
    found = [next((word for word in _SPLITS if word in name.lower()), "") for name in source.names]
    if sorted(found) != sorted(_SPLITS):
        raise DatasetError(
            "{count} files were chosen, but a table is one file, or three whose names say train, val and test.",
            count=len(found),
        )
    return [f"ali_ccp_{word}{ending}" for word, ending in zip(found, endings, strict=True)]


def _is_gzipped(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(len(_GZIP)) == _GZIP


def _work(source: Source, make: Callable[..., Dataset]) -> Work:
    """Make the dataset; then its uploads are not needed any more, and the list of datasets has changed."""

    def work(on_progress: Any, is_cancelled: Any) -> Dataset:
        try:
            made = make(on_progress=on_progress, is_cancelled=is_cancelled)
        except LabError as error:
            raise in_own_words(error, source.own_names) from None
        for token in source.tokens:
            discard_upload(token)
        loaders.forget_datasets()
        return made

    return work
