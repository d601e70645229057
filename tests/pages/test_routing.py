"""The Gradient routing page: measured beside gates, one row by its numbers, tasks pulling, three runs side by side."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import get_args

import pytest
from streamlit.testing.v1 import AppTest

from mmoe_core.config import ModelKind, from_flat
from mmoe_core.runs import LENS, RunRow, Store, work

SMALL = {"data.num_rows": "2000", "train.max_steps": "6", "train.snapshot_every": "2", "train.probe_rows": "150"}
PULLING = {"angle_0", "conflict_0", "angle_experts", "norms"}


@pytest.fixture(scope="module", autouse=True)
def _kept() -> Iterator[None]:
    yield
    LENS.close()


def trained(home: Path, kind: str) -> RunRow:
    store = Store(home / "runs")
    return work(store.create(from_flat({**SMALL, "model.kind": kind})).run_id, store=store)


def opened(app: AppTest, **address: str) -> AppTest:
    app.run()
    for name, value in address.items():
        app.query_params[name] = value
    return app.switch_page("routing.py").run()


def figures(app: AppTest) -> dict[str, dict]:
    return {chart.proto.id.rsplit("-", 1)[-1]: json.loads(chart.proto.spec) for chart in app.get("plotly_chart")}


def told(app: AppTest) -> str:
    return " ".join(one.value for one in (*app.caption, *app.markdown, *app.info))


def links(app: AppTest) -> list[str]:
    return [link.proto.label for link in app.get("page_link")]


def test_without_a_run_the_page_says_how_to_get_one(app: AppTest) -> None:
    opened(app, lang="en")
    assert not app.exception
    assert "No run yet" in told(app)


@pytest.mark.parametrize("kind", get_args(ModelKind))
def test_every_kind_is_shown_and_told_what_is_special(app: AppTest, home: Path, kind: str) -> None:
    opened(app, lang="en", run=trained(home, kind).run_id)
    assert not app.exception
    assert set(figures(app)) == {"gates", "arriving", *PULLING}
    assert ("no gate between them" in told(app)) == (kind in ("esmm", "aitm"))
    (sides,) = [table.value for table in app.dataframe]
    assert all(float(difference) <= 1e-9 for difference in sides["relative difference"])


def test_the_three_kinds_stand_beside_each_other_and_what_is_missing_can_be_trained(app: AppTest, home: Path) -> None:
    mmoe = trained(home, "mmoe")
    opened(app, lang="en", run=mmoe.run_id)
    wanted = [link for link in links(app) if "beside this run" in link]
    assert ["Shared-Bottom" in wanted[0], "One-gate MoE" in wanted[1]] == [True, True]
    for kind in ("shared_bottom", "one_gate"):
        trained(home, kind)
    app.run()
    assert not app.exception
    assert set(figures(app)) >= {"angle_0", "angle_1", "angle_2", "conflict_0", "conflict_1", "conflict_2"}
    assert not [link for link in links(app) if "beside this run" in link]


def test_another_row_and_another_task_have_other_numbers(app: AppTest, home: Path) -> None:
    opened(app, lang="en", run=trained(home, "mmoe").run_id)
    seen = [app.dataframe[0].value["its length"].tolist()]
    app.number_input(key="routing_row").set_value(7).run()
    seen.append(app.dataframe[0].value["its length"].tolist())
    app.button_group(key="routing_task").set_value("purchase").run()
    seen.append(app.dataframe[0].value["its length"].tolist())
    assert not app.exception
    assert len({str(one) for one in seen}) == 3
    app.number_input(key="routing_row").set_value(10**6).run()
    assert not app.exception
    assert "there is no row 1,000,000" in told(app)


@pytest.mark.parametrize(("lang", "sentence"), [("en", "Train it again to see them"), ("zh", "重新训练一次就能看到")])
def test_a_run_from_before_says_that_it_was_not_watched(app: AppTest, home: Path, lang: str, sentence: str) -> None:
    run = trained(home, "mmoe")
    Store(home / "runs").query("DELETE FROM records WHERE kind = 'gradients'")
    opened(app, lang=lang, run=run.run_id)
    assert not app.exception
    assert sentence in told(app)
    assert set(figures(app)) == {"gates", "arriving"}
