"""What the Evidence page reads of studies, and keeps until their files change."""

from __future__ import annotations

import streamlit as st

from mmoe_core.errors import LabError
from mmoe_core.studies import (
    Architectures,
    Claim,
    Mechanisms,
    Race,
    information,
    judge,
    judge_recovery,
    losses,
    read_architectures,
    read_mechanisms,
    read_race,
    study_files,
)

__all__ = ["architectures", "mechanisms", "race"]


def race() -> tuple[Race | None, tuple[Claim, ...], LabError | None]:
    """The MMoE paper's race and what it says of the paper's claims, or why there is none."""
    try:
        return *_race(tuple((str(file), file.stat().st_mtime) for file in study_files("kdd2018"))), None
    except LabError as error:
        return None, (), error


@st.cache_resource(max_entries=4, show_spinner=False)
def _race(files: tuple[tuple[str, float], ...]) -> tuple[Race, tuple[Claim, ...]]:
    del files  # the key
    found = read_race()
    return found, judge(losses(found))


def architectures() -> tuple[Architectures | None, LabError | None]:
    """Every architecture over a few seeds, or why there is no such table."""
    try:
        return _architectures(tuple((str(file), file.stat().st_mtime) for file in study_files("architectures"))), None
    except LabError as error:
        return None, error


@st.cache_resource(max_entries=4, show_spinner=False)
def _architectures(files: tuple[tuple[str, float], ...]) -> Architectures:
    del files  # the key
    return read_architectures()


def mechanisms() -> tuple[Mechanisms | None, tuple[Claim, ...], LabError | None]:
    """Whether gates recover the classroom's mechanisms, judged, or why nobody knows."""
    try:
        return *_mechanisms(tuple((str(file), file.stat().st_mtime) for file in study_files("mechanisms"))), None
    except LabError as error:
        return None, (), error


@st.cache_resource(max_entries=4, show_spinner=False)
def _mechanisms(files: tuple[tuple[str, float], ...]) -> tuple[Mechanisms, tuple[Claim, ...]]:
    del files  # the key
    found = read_mechanisms()
    return found, (judge_recovery(information(found)),)
