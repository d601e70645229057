"""The Segments page says for whom a gate switches, two groups side by side, and what truly moves them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from mmoe_core.config import from_flat
from mmoe_core.runs import RunRow, Store, work
from tests.pages.test_gates import SMALL, figures, numbers, run

__all__ = ["run"]


def opened(app: AppTest, **address: str) -> AppTest:
    app.run()
    for name, value in address.items():
        app.query_params[name] = value
    return app.switch_page("segments.py").run()


def said(app: AppTest) -> str:
    return "\n".join(one.value for one in (*app.markdown, *app.caption, *app.info))


def test_without_a_run_the_page_says_how_to_get_one(app: AppTest) -> None:
    opened(app, lang="en")
    assert not app.exception
    assert "No run yet" in said(app)


@pytest.mark.parametrize(("lang", "title"), [("en", "Two kinds of rows, side by side"), ("zh", "两类样本，并排来看")])
def test_two_mechanisms_stand_side_by_side_with_their_truth(app: AppTest, run: RunRow, lang: str, title: str) -> None:
    opened(app, lang=lang, run=run.run_id)
    assert not app.exception
    assert title in [one.value for one in app.subheader]
    assert set(figures(app)) == {"segments", "gates_one", "gates_other", "truth_one", "truth_other"}


def test_the_truth_is_the_simulator_s_pair_of_reasons(app: AppTest, run: RunRow) -> None:
    opened(app, lang="en", run=run.run_id)
    app.selectbox(key="one").set_value("browsers").run()
    app.selectbox(key="other").set_value("regulars").run()
    assert not app.exception
    assert "their true mechanism: browsers 100%" in said(app)
    truth = figures(app)["truth_one"]["data"][0]
    click, purchase = (dict(zip(truth["x"], row, strict=True)) for row in numbers(truth["z"]))
    assert {reason for reason, share in click.items() if share} == {"bait", "position on the page"}
    assert {reason for reason, share in purchase.items() if share} == {"taste", "price fits budget"}
    assert "Jensen–Shannon distance between the two: click" in said(app)


def test_rows_of_another_field_say_which_mechanisms_they_mix(app: AppTest, run: RunRow) -> None:
    opened(app, lang="en", run=run.run_id)
    app.selectbox(key="by").set_value("206").run()
    assert not app.exception
    names = figures(app)["segments"]["data"][0]["y"]
    assert len(names) == 13  # the twelve largest categories, and the others
    assert sum(int(name.rsplit(" · ", 1)[1]) for name in names) == 150
    rows = np.array(numbers(figures(app)["truth_one"]["data"][0]["z"]))
    assert rows.sum(axis=1) == pytest.approx([1, 1])
    assert (rows > 0).sum() > 4  # a mixture of pairs
    app.selectbox(key="by").set_value("D508").run()
    assert not app.exception
    app.button_group(key="weights").set_value("untrained").run()
    assert not app.exception


def test_bits_are_said_beside_those_of_the_untrained_gate(app: AppTest, run: RunRow) -> None:
    opened(app, lang="en", run=run.run_id)
    line = next(one.value for one in app.caption if "top expert tells about its group" in one.value)
    assert line.count("untrained") == 2


@pytest.mark.parametrize(
    ("source", "figure", "row"), [("feed", True, "appetite"), ("mmoe-paper", False, ""), ("census", False, "")]
)
def test_truth_is_shown_only_where_it_is_known(app: AppTest, home: Path, source: str, figure: bool, row: str) -> None:
    store = Store(home / "runs")
    rows = {} if source == "census" else {"data.num_rows": "2000"}
    small = {**SMALL, **rows, "data.source": source}
    if source == "census":
        del small["data.num_rows"]
    run = work(store.create(from_flat(small)).run_id, store=store)
    opened(app, lang="en", run=run.run_id)
    assert not app.exception
    assert ("truth_one" in figures(app)) == figure
    assert ("their true mechanism" in said(app)) == figure
    if figure:
        assert figures(app)["truth_one"]["data"][0]["y"] == [row]
