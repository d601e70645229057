"""What the data doctor found, in the reader's language: the finding, what it means, what to do."""

from __future__ import annotations

from collections.abc import Iterable

import streamlit as st

from mmoe_core.data import Finding
from mmoe_core.data.doctor.findings import SAMPLED

from .language import t, translate

__all__ = ["show"]

_colors = {"problem": "red", "warning": "orange", "information": "gray"}


def show(findings: Iterable[Finding]) -> None:
    """Every finding, the gravest first; a sentence where there is none."""
    ordered = sorted(findings, key=lambda finding: list(_colors).index(finding.severity))
    if not ordered:
        st.caption(t("The doctor found nothing."))
    for finding in ordered:
        said = translate(finding.template, finding.values)
        if finding.sampled_rows is not None:
            said += " " + translate(SAMPLED, {"sampled_rows": finding.sampled_rows})
        with st.container(gap="xxsmall"):
            st.markdown(f":{_colors[finding.severity]}[**{said}**]")
            st.caption(translate(finding.meaning, finding.values) + " " + translate(finding.remedy, finding.values))
