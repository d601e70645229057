"""Runs side by side: a panel per task, a line per run that is told by its stroke and its letter."""

from __future__ import annotations

from itertools import pairwise

import pandas as pd
import pytest

from mmoe_core.viz import DARK, LIGHT, Look, validation_curves

MEASURES = {"click": "AUC", "dwell": "RMSE"}


def curve(click: float, dwell: float = 1.0) -> pd.DataFrame:
    rows = [("click", step, click * step / 10, click * step / 10 - 0.1, click, 9.0) for step in (5, 10)]
    rows += [("dwell", step, dwell / step, None, None, None) for step in (5, 10)]
    frame = pd.DataFrame(rows, columns=["task", "step", "value", "low", "high", "positives"])
    return frame.astype(dict.fromkeys(["value", "low", "high", "positives"], float))


@pytest.mark.parametrize("look", [LIGHT, DARK])
def test_a_task_keeps_its_colour_and_runs_differ_by_stroke(look: Look) -> None:
    figure = validation_curves({"A": curve(0.8), "B": curve(0.7)}, MEASURES, look, tasks=["click", "dwell"])
    assert [trace.line.color for trace in figure.data] == [look.tasks[0]] * 2 + [look.tasks[1]] * 2
    assert [trace.line.dash for trace in figure.data] == ["solid", "dash"] * 2
    assert figure.data[0].line.width > figure.data[1].line.width
    assert [trace.yaxis for trace in figure.data] == ["y", "y", "y2", "y2"]
    assert list(figure.data[1].y) == [0.35, 0.7]


def test_letters_stand_at_the_ends_and_never_on_each_other() -> None:
    runs = {letter: curve(0.8 + 0.0001 * place) for place, letter in enumerate("ABCDEFGH")}
    figure = validation_curves(runs, {"click": "AUC"}, LIGHT, tasks=["click"])
    ends = [note for note in figure.layout.annotations if note.xanchor == "left" and note.xref == "x"]
    letters = [note.text.replace("<b>", "").replace("</b>", "").strip() for note in ends]
    assert sorted(letters) == list("ABCDEFGH")
    assert {note.x for note in ends} == {10}
    low, high = figure.layout.yaxis.range
    places = sorted(note.y for note in ends)
    assert min(above - below for below, above in pairwise(places)) >= 0.07 * (high - low)
    assert min(places) >= low
    assert max(places) <= high


def test_an_interval_is_read_by_pointing_and_a_regression_has_none() -> None:
    figure = validation_curves({"A": curve(0.8)}, MEASURES, LIGHT, tasks=["click", "dwell"])
    assert figure.data[0].text[1] == "A · step 10: 0.8000 [0.7000, 0.8000]"
    assert figure.data[1].text[1] == "A · step 10: 0.1000"


def test_a_run_without_a_task_has_no_line_there_and_keeps_its_stroke() -> None:
    runs = {"A": curve(0.8), "B": curve(0.7)[:0], "C": curve(0.6)}
    figure = validation_curves(runs, {"click": "AUC"}, LIGHT, tasks=["click", "dwell"])
    assert [(trace.name, trace.line.dash) for trace in figure.data] == [("A", "solid"), ("C", "dot")]


def test_nothing_yet_is_a_sentence() -> None:
    figure = validation_curves({"A": curve(0.8)[:0]}, MEASURES, LIGHT, tasks=["click", "dwell"])
    assert figure.layout.annotations[0].text == "No run has looked at validation yet."


def test_several_runs_are_a_mean_in_a_band_that_the_scale_holds() -> None:
    band = curve(0.8).assign(low=0.1, high=0.95)
    figure = validation_curves(
        {"A, C": band, "B": curve(0.7)}, {"click": "AUC"}, LIGHT, tasks=["click"], bands=["A, C"]
    )
    filled, mean, alone = figure.data
    assert (filled.fill, mean.fill, alone.fill) == ("toself", None, None)
    assert mean.text[1] == "A, C · step 10: 0.8000 (0.1000 – 0.9500)"
    assert filled.fillcolor == LIGHT.tasks[0]
    assert (list(filled.x), list(filled.y)) == ([5, 10, 10, 5], [0.95, 0.95, 0.1, 0.1])
    low, high = figure.layout.yaxis.range
    assert low < 0.1
    assert high > 0.95
