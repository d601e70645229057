"""What surrounds every page: the page table, the navigation on top, the language.

Only Streamlit runs it (as its main script); an import finds the page table and shows nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import streamlit as st
from streamlit.navigation.page import StreamlitPage

from pages.ui import inputs
from pages.ui.language import Language, language, mark, remember, t

__all__ = ["PAGES", "PageEntry"]

_folder = Path(__file__).parent
_icon = _folder / "ui" / "icon.svg"


@dataclass(frozen=True)
class PageEntry:
    """One script of this folder and the name it has in the navigation; its URL path is the script's name.

    Pages of one section stand under it in the navigation; those of none stand by themselves.
    """

    script: str
    title: str
    section: str = ""


INSIDE, JUDGE, ROWS = mark("Look inside"), mark("Judge"), mark("Data")

PAGES = (  # the first one is what opens
    PageEntry("home", mark("Home")),
    PageEntry("train", mark("Train")),
    PageEntry("gates", mark("Gates"), INSIDE),
    PageEntry("segments", mark("Segments"), INSIDE),
    PageEntry("row", mark("Why this row"), INSIDE),
    PageEntry("operate", mark("Operate"), INSIDE),
    PageEntry("routing", mark("Gradient routing"), INSIDE),
    PageEntry("experts", mark("Experts"), INSIDE),
    PageEntry("clinic", mark("Clinic"), INSIDE),
    PageEntry("results", mark("Results"), JUDGE),
    PageEntry("compare", mark("Compare"), JUDGE),
    PageEntry("weights", mark("Weight lab"), JUDGE),
    PageEntry("studies", mark("Evidence"), JUDGE),
    PageEntry("data", mark("Data"), ROWS),
    PageEntry("bring", mark("Bring data"), ROWS),
    PageEntry("export", mark("Take away")),
)


def show() -> None:
    """Draw the frame and run the page that the URL names."""
    remember(language())
    pages: dict[str, list[StreamlitPage]] = {}
    for entry in PAGES:
        page = st.Page(f"{entry.script}.py", title=t(entry.title), url_path=entry.script, default=entry is PAGES[0])
        pages.setdefault(t(entry.section) if entry.section else "", []).append(page)
    page = st.navigation(pages, position="top")
    st.set_page_config(
        page_title=f"{page.title} · MMoE Lab",
        page_icon=_icon,
        layout="wide",
        menu_items={"About": t("MMoE Lab trains a multi-gate mixture-of-experts live and shows what its gates do.")},
    )
    st.logo(str(_icon), size="small")
    st.html(_folder / "ui" / "frame.css")
    with st.container(key="language", width="content"):
        other: Language = "en" if language() == "zh" else "zh"
        st.button({"en": "EN", "zh": "中文"}[other], key="language_switch", on_click=remember, args=(other,))
    inputs.arrive(page.url_path)
    page.run()


if __name__ == "__main__":
    show()
