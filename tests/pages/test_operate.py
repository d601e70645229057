"""The Operate page changes the gates, says what each task pays, undoes everything, and keeps it in the address."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, get_args

import pytest
from streamlit.testing.v1 import AppTest

from mmoe_core.analysis.lens import Answer, Operate, Question
from mmoe_core.analysis.lens.answering import answer
from mmoe_core.analysis.lens.network import Network
from mmoe_core.config import ModelKind, from_flat
from mmoe_core.data import prepare
from mmoe_core.runs import LENS, RunRow, Store, network_in, weights_at, work
from tests.pages.test_gates import SMALL, figures, numbers

FIGURES = {"before", "after", "loss", "AUC"}
UNGATED = {"single", "shared_bottom", "esmm", "aitm"}


def in_process(store: Store, run_id: str, epoch: int | str, question: Question) -> Answer:
    row = store.row(run_id)
    assert row.schema is not None
    model = network_in(store.run_folder(run_id), row.config, row.schema, weights_at(store, run_id, epoch))
    return answer(Network(model, row.config, prepare(row.config.data)), question)


@pytest.fixture(autouse=True)
def lens(monkeypatch: pytest.MonkeyPatch) -> None:
    """The network is asked here instead of in a process of its own."""
    monkeypatch.setattr(LENS, "ask", in_process)
    monkeypatch.setattr(LENS, "warm_up", lambda: None)


def trained(home: Path, **choices: str) -> RunRow:
    store = Store(home / "runs")
    return work(store.create(from_flat({**SMALL, **choices})).run_id, store=store)


def opened(app: AppTest, **address: str) -> AppTest:
    app.run()
    for name, value in address.items():
        app.query_params[name] = value
    return app.switch_page("operate.py").run()


def said(app: AppTest) -> str:
    return "\n".join(one.value for one in (*app.markdown, *app.caption, *app.info))


def asked(app: AppTest) -> Operate:
    spelled = app.query_params["operate"]  # a list where the test put it there
    return Operate.model_validate_json(spelled if isinstance(spelled, str) else spelled[0])


def widget(app: AppTest, kind: str, name: str) -> Any:
    return next(one for one in getattr(app, kind) if one.key and one.key.endswith(f" {name}"))


def test_without_a_run_the_page_says_how_to_get_one(app: AppTest) -> None:
    opened(app, lang="en")
    assert not app.exception
    assert "No run yet" in said(app)


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("kind", get_args(ModelKind))
def test_every_kind_is_operated_on_or_says_why_not(app: AppTest, home: Path, kind: str, lang: str) -> None:
    run = trained(home, **{"model.kind": kind})
    opened(app, lang=lang, run=run.run_id)
    assert not app.exception
    assert set(figures(app)) == (set() if kind in UNGATED else FIGURES)
    if lang == "en":
        assert ("nothing to operate on" in said(app)) == (kind in UNGATED)
        assert ("nothing to swap" in said(app)) == (kind == "one_gate")


def test_at_first_the_expert_that_the_first_task_hears_most_is_silent_and_all_can_be_undone(
    app: AppTest, home: Path
) -> None:
    opened(app, lang="en", run=trained(home).run_id)
    (silent,) = asked(app).silent
    place = [f"E{number}" for number in range(1, 9)].index(silent)
    before, after = (numbers(figures(app)[name]["data"][0]["z"]) for name in ("before", "after"))
    assert max(before[0]) == before[0][place]
    assert [row[place] for row in after] == [0, 0]
    assert f"To begin with, {silent} is knocked out" in said(app)
    app.button(key="operate_undo").click().run()
    assert not app.exception
    assert asked(app) == Operate()
    assert "This is the plain network" in said(app)
    table = app.dataframe[0].value
    assert list(table["before"]) == list(table["after"])
    assert set(table["verdict"]) == {"not distinguishable"}


def test_the_address_says_all_that_is_done_and_what_it_cannot_mean_is_left_out(app: AppTest, home: Path) -> None:
    wanted = Operate(silent=("E2",), temperature=3.0, force="top", reader="purchase", swapped=("click", "purchase"))
    opened(app, lang="en", run=trained(home).run_id, operate=wanted.model_dump_json(exclude_defaults=True))
    assert not app.exception
    assert asked(app) == wanted
    odd = json.dumps({"silent": ["E2", "E99"], "reader": "like", "force": "one", "only": "E77"})
    fresh = AppTest.from_file(app._script_path, default_timeout=60)
    opened(fresh, lang="en", operate=odd)
    assert not fresh.exception
    assert asked(fresh) == Operate(silent=("E2",), force="one", only="E1")


def test_an_address_that_is_no_operation_opens_as_if_it_said_nothing(app: AppTest, home: Path) -> None:
    opened(app, lang="en", run=trained(home).run_id, operate='{"temperature": 0, "<b>": 1}')
    assert not app.exception
    assert len(asked(app).silent) == 1


def test_who_would_hear_nobody_is_said_and_nothing_breaks(app: AppTest, home: Path) -> None:
    every = Operate(silent=tuple(f"E{number}" for number in range(1, 9))).model_dump_json(exclude_defaults=True)
    opened(app, lang="en", run=trained(home).run_id, operate=every)
    assert not app.exception
    assert "would hear no expert at all" in said(app)


@pytest.mark.parametrize("kind", ["cgc", "ple"])
def test_after_a_swap_a_reader_hears_the_other_s_own_experts(app: AppTest, home: Path, kind: str) -> None:
    swap = Operate(swapped=("click", "purchase")).model_dump_json(exclude_defaults=True)
    opened(app, lang="en", run=trained(home, **{"model.kind": kind}).run_id, operate=swap)
    assert not app.exception
    before, after = (" ".join(figures(app)[name]["data"][1]["text"]) for name in ("before", "after"))
    assert "click cannot hear purchase 1" in before
    assert "click cannot hear click 1" in after
    assert "click cannot hear purchase 1" not in after
    assert "hears the other's own experts" in said(app)


def test_a_level_below_and_untrained_weights_can_be_operated_on(app: AppTest, home: Path) -> None:
    opened(app, lang="en", run=trained(home, **{"model.kind": "ple"}).run_id)
    widget(app, "selectbox", "level").set_value(0).run()
    assert not app.exception
    assert asked(app).level == 0
    app.button_group(key="operate_weights").set_value("untrained").run()
    assert not app.exception
    assert set(figures(app)) == FIGURES


def test_a_regression_is_judged_by_its_rmse(app: AppTest, home: Path) -> None:
    opened(app, lang="en", run=trained(home, **{"data.source": "mmoe-paper"}).run_id)
    assert not app.exception
    assert set(figures(app)) == {"before", "after", "loss", "RMSE"}
    assert set(app.dataframe[0].value["measure"]) == {"loss", "RMSE"}
