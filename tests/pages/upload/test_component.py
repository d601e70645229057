"""The upload component: what its script may not do, that its words can be translated, what it may hand back."""

from __future__ import annotations

import json
import re

import pytest

from pages.ui.upload import STRINGS, Upload
from pages.ui.upload import component as uploading
from tests.pages.live.test_script import FORBIDDEN, SAID

FOLDER = uploading._folder
OWN = "".join(path.read_text(encoding="utf-8") for path in sorted(FOLDER.glob("*.js")))
GOOD = {"token": "0" * 32, "name": "日志.csv", "size": 3}


@pytest.mark.parametrize("pattern", FORBIDDEN)
def test_the_script_makes_no_markup_runs_no_text_and_fetches_nothing_foreign(pattern: str) -> None:
    assert re.search(pattern, uploading.script()) is None


def test_the_script_is_one_module_whose_names_are_declared_once() -> None:
    names = re.findall(r"^(?:async )?(?:function|const|let|class) (\w+)", uploading.script(), re.MULTILINE)
    assert sorted(names) == sorted(set(names))
    assert uploading.script().count("export default") == 1


def test_the_texts_that_are_said_are_the_texts_to_translate() -> None:
    assert set(STRINGS) == set(SAID.findall(OWN))
    assert len(re.findall(r"\bsay\(", OWN)) == len(SAID.findall(OWN))


def test_the_style_loads_nothing_and_reaches_nothing_outside() -> None:
    assert re.search(r"url\(|@import|!important", uploading.style()) is None


def test_what_was_uploaded_is_handed_back() -> None:
    assert uploading._read(json.dumps([GOOD])) == (Upload(**GOOD),)


@pytest.mark.parametrize(
    "said",
    [
        None,
        7,
        "",
        "{",
        "{}",
        "[1]",
        json.dumps([{**GOOD, "token": "../../etc/passwd"}]),
        json.dumps([{**GOOD, "token": "0" * 31}]),
        json.dumps([{**GOOD, "size": -1}]),
        json.dumps([{**GOOD, "name": "x" * 2000}]),
        json.dumps([{**GOOD, "path": "/etc/passwd"}]),
        json.dumps([GOOD] * 4),
    ],
)
def test_what_no_component_of_ours_says_is_nothing(said: object) -> None:
    assert uploading._read(said) == ()
