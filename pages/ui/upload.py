"""Bring a processed Ali-CCP table: files from the browser become a dataset, in a process of their own."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import BinaryIO

import streamlit as st
from pydantic import TypeAdapter, ValidationError

from mmoe_core.config import SAMPLE, DatasetName
from mmoe_core.data import import_in_child
from mmoe_core.errors import DatasetError, LabError

from . import loaders
from .language import t, translate_error

__all__ = ["ali_ccp_table", "import_files"]

_FILE_NAMES = ("train", "val", "test")
_dataset_name: TypeAdapter[str] = TypeAdapter(DatasetName)
_UNSAFE = re.compile(r"[^\w.()-]+")  # could be read as Markdown or as a path
_LONGEST = 80


def ali_ccp_table() -> str | None:
    """The upload form; the name of the dataset that was imported just now."""
    with st.form("upload", border=False):
        files = st.file_uploader(
            t("One CSV file, which is split here, or three whose names say train, val and test; .gz too"),
            accept_multiple_files=True,
            type=["csv", "gz"],
        )
        name = st.text_input(t("Name of the dataset"), value=SAMPLE, max_chars=80)
        if not st.form_submit_button(t("Import"), type="primary"):
            return None
    try:
        with st.spinner(t("Reading and checking every row …")):
            import_files(files, name)
    except LabError as error:
        st.error(translate_error(error))
        return None
    loaders.forget_datasets()
    st.success(t("Imported as “{name}”.", name=name))
    return name


def import_files(files: Sequence[BinaryIO], name: str) -> None:
    """Write the uploads under names of our own (a visitor's file name never becomes a path) and import the folder."""
    _check_name(name)
    if not files:
        raise DatasetError("No file was chosen. Choose one CSV file, or three: train, val and test.")
    with tempfile.TemporaryDirectory() as folder:
        written = list(zip(files, _plain_names([file.name for file in files]), strict=True))
        for file, plain in written:
            (Path(folder) / plain).write_bytes(file.read())
        try:
            import_in_child(Path(folder), name)
        except LabError as error:
            raise _in_the_visitors_words(error, {plain: _safe(file.name) for file, plain in written}) from None


def _check_name(name: str) -> None:
    try:
        _dataset_name.validate_python(name)
    except ValidationError:
        raise DatasetError(
            "'{name}' cannot be a dataset's name: use small letters, digits, dots and dashes, such as my-log.",
            name=_safe(name),
        ) from None


def _safe(name: str) -> str:
    """A visitor's name as a sentence may say it: no folders, nothing that reads as Markdown, not too long."""
    own = _UNSAFE.sub("_", name.replace("\\", "/").rsplit("/", 1)[-1])
    return own if len(own) <= _LONGEST else f"{own[:_LONGEST]}…"


def _in_the_visitors_words(error: LabError, name_of: Mapping[str, str]) -> LabError:
    """The same error with the file's own name; ours means nothing to whoever handed it in."""
    values = {
        place: name_of.get(value, value) if isinstance(value, str) else value for place, value in error.values.items()
    }
    return type(error)(error.template, **values)


def _plain_names(names: list[str]) -> list[str]:
    plain = []
    for name in names:
        split = next((word for word in _FILE_NAMES if word in name.lower()), None)
        ending = ".csv.gz" if name.lower().endswith(".gz") else ".csv"
        plain.append(f"ali_ccp_{split}{ending}" if split and len(names) > 1 else f"table{ending}")
    if len(set(plain)) < len(plain) or (len(names) > 1 and len(names) != len(_FILE_NAMES)):
        raise DatasetError(
            "{count} files were chosen, but a table is one file, or three whose names say train, val and test.",
            count=len(names),
        )
    return plain
