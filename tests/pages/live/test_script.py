"""The panel's JavaScript, read as text: what it may not do, and that everything it says can be translated."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from pages.ui.live import EMBEDDING, STRINGS
from pages.ui.live.panel import SCRIPTS, script, style

FOLDER = Path(__file__).resolve().parents[3] / "pages" / "ui" / "live" / "js"
FILES = sorted(FOLDER.glob("*.js"))
SAID = re.compile(r'\bsay\(\s*(?:panel\.)?words,\s*"((?:[^"\\]|\\.)*)"')
FORBIDDEN = (
    r"\bimport\b",
    r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|createContextualFragment",
    r"\beval\b|new Function|setTimeout\(\s*[\"']",
    r"https?://(?!www\.w3\.org/2000/svg)",
    r"localStorage|sessionStorage|document\.cookie",
)


def said() -> set[str]:
    return {text for path in FILES for text in SAID.findall(path.read_text(encoding="utf-8"))}


def test_every_file_of_the_folder_is_joined_once() -> None:
    assert sorted(SCRIPTS) == [path.stem for path in FILES]
    assert script().count("export default") == 1


@pytest.mark.parametrize("pattern", FORBIDDEN)
def test_the_script_makes_no_markup_runs_no_text_and_fetches_nothing_foreign(pattern: str) -> None:
    assert re.search(pattern, script()) is None


def test_no_name_is_declared_twice_in_the_joined_module() -> None:
    names = re.findall(r"^(?:export default )?(?:async )?(?:function|const|let|class) (\w+)", script(), re.MULTILINE)
    assert sorted(names) == sorted(set(names))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_file_says_at_its_top_what_it_draws(path: Path) -> None:
    assert path.read_text(encoding="utf-8").startswith("// ")


def test_every_text_is_a_literal_that_can_be_found() -> None:
    calls = len(re.findall(r"(?<!function )\bsay\(", script()))
    assert calls == len(SAID.findall(script()))


def test_the_texts_that_are_said_are_the_texts_to_translate() -> None:
    assert set(STRINGS) == said() | {EMBEDDING}
    assert len(STRINGS) == len(set(STRINGS))


def test_the_style_loads_nothing_and_reaches_nothing_outside() -> None:
    assert re.search(r"url\(|@import|!important", style()) is None
