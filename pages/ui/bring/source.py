"""What is brought, and from where: uploads, or a path under a folder that the operator opened."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import streamlit as st

from mmoe_core.config import SAMPLE
from mmoe_core.data import Vocabulary, is_uploaded, name_as_read, uploaded_file
from mmoe_core.data.table import ROOTS_VARIABLE, allowed_file, allowed_folder, allowed_path, data_roots
from mmoe_core.errors import LabError

from .. import story
from ..language import mark, plain, t
from ..upload import upload_files
from .wording import own_name

__all__ = ["Kind", "Source", "pick", "pick_kind", "pick_vocabulary"]

Kind = Literal["table", "ali-ccp", "raw"]
Place = Literal["upload", "path"]

_kinds: dict[Kind, str] = {
    "table": mark("Any log: CSV or Parquet"),
    "ali-ccp": mark("Processed Ali-CCP table"),
    "raw": mark("Raw Ali-CCP, four files"),
}
_vocabularies: dict[Vocabulary, str] = {"learnt": mark("Learnt from train"), "as_given": mark("As given")}
_places: dict[Place, str] = {"upload": mark("Upload"), "path": mark("Path on the server")}
_asked: dict[Kind, str] = {
    "table": mark("A CSV or Parquet file, plain or gzipped"),
    "ali-ccp": mark("One CSV file, which is split here, or three whose names say train, val and test; .gz too"),
    "raw": mark("The folder with the four files; .gz too"),
}
_most_files: dict[Kind, int] = {"table": 1, "ali-ccp": 3}
_allowed = {"table": allowed_file, "ali-ccp": allowed_path, "raw": allowed_folder}
_SAMPLE_FILE = re.compile(r"ali_ccp_(train|val|test)_sample\.csv(\.gz)?")


@dataclass(frozen=True)
class Source:
    """What is to be imported.

    Attributes:
        paths: Of the uploaded files, or one path that was typed.
        names: What their owner calls them, in the same order.
        tokens: Of uploads; none where the path was typed.
    """

    paths: tuple[Path, ...]
    names: tuple[str, ...]
    tokens: tuple[str, ...] = ()

    @property
    def is_there(self) -> bool:
        """Whether the files still are; an upload goes once it is imported."""
        return all(path.exists() for path in self.paths)

    @property
    def own_names(self) -> dict[str, str]:
        """Our name of each file → its owner's."""
        return {path.name: name for path, name in zip(self.paths, self.names, strict=True)}

    @property
    def is_sample(self) -> bool:
        """Whether it is the tutorials' sample, known by its files."""
        return any(_SAMPLE_FILE.fullmatch(name) for name in self.names)

    def dataset_name(self, vocabulary: Vocabulary = "learnt") -> str:
        """A name for the dataset to begin with."""
        stem = self.names[0].split(".")[0].lower()
        name = re.sub(r"[^a-z0-9._-]+", "-", stem).strip("-._")[:60] or "my-log"
        return name_as_read(SAMPLE if self.is_sample else name, vocabulary)


def pick_kind() -> Kind:
    """Which of the three kinds of files."""
    names = {kind: t(name) for kind, name in _kinds.items()}
    chosen: Kind | None = st.segmented_control(
        t("What do you bring?"),
        list(names),
        format_func=names.__getitem__,
        default="table",
        key="bring.kind",
        required=True,
    )
    return chosen or "table"


def pick_vocabulary(source: Source) -> Vocabulary:
    """How ids become rows of the embedding table; the tutorials' sample begins as their notebook reads it."""
    names = {vocabulary: t(name) for vocabulary, name in _vocabularies.items()}
    chosen: Vocabulary | None = st.segmented_control(
        t("Vocabularies"),
        list(names),
        format_func=names.__getitem__,
        default="as_given" if source.is_sample else "learnt",
        key=f"bring.vocabulary.{source.dataset_name()}",
        required=True,
        help=t(
            "As given: an id is its own place, and a field reaches to the largest id of train, validation and test; "
            "values are not scaled. The Tutorial preset wants its sample so."
        ),
    )
    return chosen or "learnt"


def pick(kind: Kind) -> tuple[Source | None, LabError | None]:
    """The files, or why they cannot be had; neither while nothing was chosen."""
    try:
        return (_typed(kind) if kind == "raw" or _pick_place() == "path" else _uploaded(kind)), None
    except LabError as error:
        return None, error


def _pick_place() -> Place:
    names = {place: t(name) for place, name in _places.items()}
    chosen: Place | None = st.segmented_control(
        t("From where?"), list(names), format_func=names.__getitem__, default="upload", key="bring.place", required=True
    )
    return chosen or "upload"


def _uploaded(kind: Kind) -> Source | None:
    files = upload_files(t(_asked[kind]), key=f"bring_upload_{kind}", most=_most_files[kind])
    if not files:
        return None
    if not all(is_uploaded(file.token) for file in files):
        st.caption(t("What was uploaded before has been imported, or a day has passed: choose the file again."))
        return None
    return Source(
        paths=tuple(uploaded_file(file.token) for file in files),
        names=tuple(own_name(file.name) for file in files),
        tokens=tuple(file.token for file in files),
    )


def _typed(kind: Kind) -> Source | None:
    roots = data_roots()
    if not roots:
        st.info(story.text("bring.roots"))
        return None
    listed = ", ".join(plain(str(root)) for root in roots)
    typed = st.text_input(t(_asked[kind]), key=f"bring.path.{kind}", placeholder=str(roots[0]), max_chars=1000)
    st.caption(t("Open to pages by {variable}: {folders}", variable=plain(ROOTS_VARIABLE), folders=listed))
    if not typed or not typed.strip():
        return None
    path = _allowed[kind](typed)
    return Source(paths=(path,), names=(path.name,))
