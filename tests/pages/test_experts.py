"""The Experts page compares experts at once, and asks the longer questions when told to; kinds get what applies."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from mmoe_core.config import from_flat
from mmoe_core.runs import LENS, RunRow, Store, checkpoint_epochs, work
from tests.pages.test_gates import SMALL, figures, numbers, run

__all__ = ["run"]


@pytest.fixture(autouse=True)
def _ended() -> Iterator[None]:
    with LENS.kept():
        yield


def opened(app: AppTest, **address: str) -> AppTest:
    app.run()
    for name, value in address.items():
        app.query_params[name] = value
    return app.switch_page("experts.py").run()


def said(app: AppTest) -> str:
    return "\n".join(one.value for one in (*app.markdown, *app.caption, *app.info))


def test_without_a_run_the_page_says_how_to_get_one(app: AppTest) -> None:
    opened(app, lang="en")
    assert not app.exception
    assert "No run yet" in said(app)


@pytest.mark.parametrize(
    ("lang", "title", "dead"),
    [("en", "Do the experts say different things?", "Dead units"), ("zh", "各个专家说的不一样吗？", "死神经元")],
)
def test_similarity_stands_there_before_any_click(app: AppTest, run: RunRow, lang: str, title: str, dead: str) -> None:
    opened(app, lang=lang, run=run.run_id)
    assert not app.exception
    assert title in [one.value for one in app.subheader]
    assert dead in said(app)
    assert set(figures(app)) == {"similarity", "experts_by_segment"}
    cells = np.array(numbers(figures(app)["similarity"]["data"][0]["z"]), dtype=float)
    assert np.isnan(np.diag(cells)).all()
    np.testing.assert_allclose(cells, cells.T)


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_over_training_and_knock_outs_are_asked_one_by_one_and_kept(
    app: AppTest, run: RunRow, home: Path, lang: str
) -> None:
    opened(app, lang=lang, run=run.run_id)
    app.toggle(key="experts over time").set_value(True).run()
    app.toggle(key="knock-outs 0").set_value(True).run()
    assert not app.exception
    found, folder = figures(app), Store(home / "runs").run_folder(run.run_id)
    epochs = checkpoint_epochs(folder)
    num_experts = len(found["dead"]["data"][0]["y"])
    assert [int(epoch) for epoch in found["dead"]["data"][0]["x"]] == epochs
    assert len(found["similarity_curves"]["data"]) == num_experts * (num_experts - 1) / 2 + 1
    assert len(found["knock_outs"]["data"]) == num_experts * 2 * 2  # tasks, measures
    assert ("positives" if lang == "en" else "个正例") in said(app)
    assert len([*folder.glob("lens/operate-*.json")]) == num_experts
    assert len([*folder.glob("lens/experts-*.json")]) == len(epochs) + 1


@pytest.mark.parametrize(
    ("kind", "is_compared"), [("shared_bottom", False), ("esmm", True), ("aitm", True), ("single", True)]
)
def test_kinds_without_gates_over_experts_get_what_applies(
    app: AppTest, home: Path, kind: str, is_compared: bool
) -> None:
    store = Store(home / "runs")
    run = work(store.create(from_flat({**SMALL, "model.kind": kind})).run_id, store=store)
    opened(app, lang="en", run=run.run_id)
    assert not app.exception
    assert "nothing to knock out" in said(app)
    assert set(figures(app)) == {"similarity"}
    assert bool(figures(app)["similarity"]["data"]) == is_compared
    app.toggle(key="experts over time").set_value(True).run()
    assert not app.exception
    assert "dead" in figures(app)
