"""Nothing on screen stays in English when the reader chose 中文."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from string import Formatter

import pytest

from mmoe_core.errors import ConfigError, DatasetError
from pages.ui import language
from tests.pages.sentences import FAILING, ROOT, SPEAKING, all_sentences, calls, first_text

UNTRANSLATED_ON_PURPOSE = {"MMoE", "Shared-Bottom"}
GLOSSARY = {  # English word → what it is called here
    "expert": "专家",
    "experts": "专家",
    "gate": "门控",
    "gates": "门控",
    "tower": "塔",
    "towers": "塔",
    "epoch": "轮",
    "epochs": "轮",
    "batch": "批",
    "^batch$": "批大小",  # the choice; likewise where its size is meant
    "smaller batch": "批大小",
    "batch of": "批大小",
    "batch norm": "批归一化",
    "validation": "验证集",
    "click": "点击",
    "purchase": "购买",
    "learning rate": "学习率",
}


def places(sentence: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(sentence) if name is not None}


def test_every_sentence_has_a_translation_that_keeps_its_places() -> None:
    known = language.catalogue("zh")
    missing = {sentence: place for sentence, place in all_sentences().items() if not known.get(sentence)}
    assert not missing, "\n".join(f"{place}: {sentence}" for sentence, place in missing.items())
    broken = [sentence for sentence in all_sentences() if places(sentence) != places(known[sentence])]
    assert not broken


def test_the_catalogue_holds_no_sentence_that_nobody_says() -> None:
    assert set(language.catalogue("zh")) <= set(all_sentences())


def test_translations_are_chinese_and_use_one_word_for_one_thing() -> None:
    for english, chinese in language.catalogue("zh").items():
        if english in UNTRANSLATED_ON_PURPOSE or not re.search(r"[A-Za-z]{3}", re.sub(r"\{[^}]*\}", "", english)):
            continue
        assert re.search(r"[\u4e00-\u9fff]", chinese), english
        for word, term in GLOSSARY.items():
            said = re.sub(r"\{[^}]*\}|`[^`]*`|'[^']*'", "", english).lower()
            if re.search(rf"\b{word}\b", said) and not re.search(r"[\w-]*(task_weights|learning_rate)", said):
                assert term in chinese, (english, chinese)


def test_chinese_uses_chinese_punctuation() -> None:
    for english, chinese in language.catalogue("zh").items():
        assert not re.search(r"[\u4e00-\u9fff][,;!?]", chinese), english
        assert not chinese.endswith("."), english


@pytest.mark.parametrize("folder", ["pages", "mmoe_core"])
def test_sentences_are_literals_where_they_are_said(folder: str) -> None:
    names = (SPEAKING - {"t"} if folder == "pages" else set()) | (FAILING - {"LabError"})
    for path, call in calls(folder, names):
        text = first_text(call)
        assert isinstance(text, ast.Constant), f"{path.relative_to(ROOT)}:{call.lineno}"


def test_every_long_text_is_there_in_both_languages() -> None:
    texts = Path(language.__file__).parent / "texts"
    english = {path.name for path in (texts / "en").glob("*.md")}
    assert english
    assert english == {path.name for path in (texts / "zh").glob("*.md")}


def test_an_error_is_said_in_the_readers_language_with_its_values(monkeypatch: pytest.MonkeyPatch) -> None:
    error = ConfigError("{path} is {found}; it must be at most {bound}.", path="train.epochs", found="0.5 M", bound=20)
    monkeypatch.setattr(language, "language", lambda: "zh")
    assert language.translate_error(error) == "train.epochs 的值是 0.5 M，不能大于 20。"
    monkeypatch.setattr(language, "language", lambda: "en")
    assert language.translate_error(error) == str(error)


def test_words_inside_an_error_are_translated_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(language, "language", lambda: "zh")
    warning = "This AUC rests on 1 positive ({task}, {split})."
    assert (
        language.translate(warning, {"task": "purchase", "split": "test"})
        == "这个 AUC 只依据 1 个正例（购买，测试集）。"
    )


def test_an_unknown_sentence_is_shown_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(language, "language", lambda: "zh")
    assert language.translate_error(DatasetError("{file}: no idea.", file="a.csv")) == "a.csv: no idea."
    assert language.task_label("dwell_time") == "dwell_time"


def test_what_data_call_themselves_is_never_read_as_markup(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(language, "language", lambda: "zh")
    hostile = "![x](http://a)"
    assert language.plain(hostile) == "\\!\\[x\\](http\\://a)"
    error = DatasetError("{file}, column '{column}': no idea.", file=hostile, column="*")
    assert language.translate_error(error) == f"{language.plain(hostile)}, column '\\*': no idea."
    warning = "This AUC rests on 1 positive ({task}, {split})."
    said = language.translate_markdown(warning, {"task": hostile, "split": "test"})
    assert said == f"这个 AUC 只依据 1 个正例（{language.plain(hostile)}，测试集）。"
