"""What the data doctor found, in the reader's language: the finding, what it means, what to do."""

from __future__ import annotations

from collections.abc import Iterable

import streamlit as st

from mmoe_core.data import Finding
from mmoe_core.data.doctor.findings import SAMPLED

from .language import t, translate_markdown

__all__ = ["show"]

_colors = {"problem": "red", "warning": "orange", "information": "gray"}


def show(findings: Iterable[Finding]) -> None:
    """Problems, then warnings; what is merely worth knowing is folded. A sentence where there is nothing grave."""
    ordered = sorted(findings, key=lambda finding: list(_colors).index(finding.severity))
    grave = [finding for finding in ordered if finding.severity != "information"]
    known = ordered[len(grave) :]
    if not grave:
        st.caption(t("The doctor found nothing that misleads.") if known else t("The doctor found nothing."))
    for finding in grave:
        _say(finding)
    if known:
        with st.expander(t("Worth knowing: {count}", count=len(known))):
            for finding in known:
                _say(finding)


def _say(finding: Finding) -> None:
    said = translate_markdown(finding.template, finding.values)
    if finding.sampled_rows is not None:
        said += " " + translate_markdown(SAMPLED, {"sampled_rows": finding.sampled_rows})
    with st.container(gap="xxsmall"):
        st.markdown(f":{_colors[finding.severity]}[**{said}**]")
        st.caption(
            translate_markdown(finding.meaning, finding.values)
            + " "
            + translate_markdown(finding.remedy, finding.values)
        )
