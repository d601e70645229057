"""The Compare page sets runs beside a baseline on the same rows, and names whom it cannot compare."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from mmoe_core.runs import Store
from pages.ui import loaders
from tests.pages.test_gates import figures
from tests.pages.test_results import FEED, SMALL, said, trained
from tests.runs import fakes

OTHER_SEED = {"train.seed": "5"}


def opened(app: AppTest, **address: str) -> AppTest:
    app.run()
    app.query_params.update(address)
    app.switch_page("compare.py").run()
    assert not app.exception
    return app


def rows(app: AppTest) -> list[dict[str, str]]:
    """The table of differences."""
    return app.dataframe[-1].value.to_dict("records")


@pytest.mark.parametrize(("lang", "title"), [("en", "Two runs make a comparison"), ("zh", "有两次训练才能比较")])
def test_without_two_runs_the_page_says_what_to_compare(app: AppTest, home: Path, lang: str, title: str) -> None:
    assert title in said(opened(app, lang=lang))
    trained(home, SMALL)
    assert title in said(opened(app, lang=lang))


def test_the_newest_runs_on_the_same_data_are_compared_and_the_address_names_them(app: AppTest, home: Path) -> None:
    trained(home, FEED)
    older, newer = trained(home, SMALL), trained(home, SMALL, **OTHER_SEED)
    opened(app, lang="en")
    assert app.query_params["runs"] == f"{newer.run_id},{older.run_id}"
    assert "simulated · classroom rates" in said(app)
    assert set(figures(app)) == {"validation"}
    assert [(row["task"], row["run"]) for row in rows(app)] == [
        ("click", "A"),
        ("click", "B"),
        ("purchase", "A"),
        ("purchase", "B"),
    ]
    assert app.dataframe[0].value["differs from the baseline in"].tolist() == ["–", "train.seed = 2022"]


def test_every_auc_has_its_interval_positives_and_a_verdict(app: AppTest, home: Path) -> None:
    baseline, other = trained(home, SMALL), trained(home, SMALL, **OTHER_SEED)
    opened(app, lang="en", runs=f"{baseline.run_id},{other.run_id}")
    store = Store(home / "runs")
    mine, its = (store.end(run.run_id).metrics["click"] for run in (other, baseline))
    row = rows(app)[1]
    assert row["AUC or RMSE"] == f"{mine.auc:.4f} [{mine.auc_low:.4f}, {mine.auc_high:.4f}]"
    assert row["positives"] == f"{mine.positives:,}"
    assert row["baseline"] == f"{its.auc:.4f}"
    assert row["difference"].startswith(f"{mine.auc - its.auc:+.4f} [".replace("-", "−"))
    assert row["verdict"] in {"better", "worse", "not distinguishable"}
    assert (row["verdict"] == "not distinguishable") == ("; here " in row["rows it would take"])
    assert rows(app)[0]["verdict"] == "baseline"


def test_another_baseline_turns_the_difference_and_the_address(app: AppTest, home: Path) -> None:
    one, other = trained(home, SMALL), trained(home, SMALL, **OTHER_SEED)
    opened(app, lang="en", runs=f"{one.run_id},{other.run_id}")
    before = rows(app)[1]["difference"].split(" ")[0]
    app.selectbox("compare_baseline").set_value(other.run_id).run()
    assert not app.exception
    after = rows(app)[1]["difference"].split(" ")[0]
    assert after.translate(str.maketrans("+−", "−+")) == before
    assert app.query_params["runs"] == f"{other.run_id},{one.run_id}"


def test_runs_that_cannot_be_compared_are_named(app: AppTest, home: Path) -> None:
    one, other, elsewhere = trained(home, SMALL), trained(home, SMALL, **OTHER_SEED), trained(home, FEED)
    store = Store(home / "runs")
    unended = store.create(fakes.config(), schema=fakes.SCHEMA, total_steps=8)
    store.append(unended.run_id, [fakes.step_record(1)])
    gone = "20260101T000000-000000"
    named = ",".join((one.run_id, gone, other.run_id, elsewhere.run_id, unended.run_id, "../x"))
    opened(app, lang="en", runs=named)
    told = said(app)
    assert "There is no run '20260101T000000-000000'" in told
    assert "There is no run '../x'" in told
    assert "**C** – Run" in told
    assert "Only runs on the same data can be compared" in told
    assert "its best weights have not been tested" in told
    assert {row["run"] for row in rows(app)} == {"A", "B"}


def test_a_baseline_without_a_test_is_said_and_its_curves_stay(app: AppTest, home: Path) -> None:
    store = Store(home / "runs")
    unended = [store.create(fakes.config(seed=seed), schema=fakes.SCHEMA, total_steps=8).run_id for seed in (1, 2)]
    for run_id in unended:
        store.append(run_id, [fakes.step_record(1)])
    opened(app, lang="zh", runs=",".join(unended))
    assert "只有已结束的训练才能比较" in said(app)
    assert set(figures(app)) == {"validation"}


def test_a_regression_is_compared_by_its_rmse_beside_seven_aucs(app: AppTest, home: Path) -> None:
    runs = [trained(home, FEED), trained(home, FEED, **OTHER_SEED)]
    opened(app, lang="zh", runs=",".join(run.run_id for run in runs))
    dwell = [row for row in rows(app) if row["任务"] == "停留时长"]
    assert len(rows(app)) == 16
    assert [row["正例数"] for row in dwell] == ["–", "–"]
    assert "[" in dwell[1]["差"]


def lines(app: AppTest) -> list[str]:
    """Whose lines are drawn."""
    return list(dict.fromkeys(line["name"] for line in figures(app)["validation"]["data"] if "name" in line))


def test_seeds_are_a_band_until_somebody_wants_each_of_them(app: AppTest, home: Path) -> None:
    runs = [trained(home, SMALL), trained(home, SMALL, **{"model.kind": "single"}), trained(home, SMALL, **OTHER_SEED)]
    opened(app, lang="en", runs=",".join(run.run_id for run in runs))
    assert lines(app) == ["A, C", "B"]
    assert app.query_params["by"] == "seed"
    app.selectbox("compare_by").set_value("none").run()
    assert not app.exception
    assert lines(app) == ["A", "B", "C"]
    assert app.query_params["by"] == "none"


def test_the_address_groups_runs_by_any_choice_and_says_mean_spread_and_seeds(app: AppTest, home: Path) -> None:
    kinds = ("mmoe", "shared_bottom")
    runs = [trained(home, SMALL, **{"model.kind": kind, "train.seed": seed}) for seed in "12" for kind in kinds]
    opened(app, lang="en", runs=",".join(run.run_id for run in runs), by="model.kind")
    assert lines(app) == ["MMoE: A, C", "Shared-Bottom: B, D"]
    groups = app.dataframe[1].value.to_dict("records")
    assert [(row["task"], row["runs"], row["trainings"]) for row in groups] == [
        (task, group, "2") for task in ("click", "purchase") for group in ("MMoE: A, C", "Shared-Bottom: B, D")
    ]
    ends = [Store(home / "runs").end(run.run_id).metrics["click"].auc for run in runs]
    assert groups[0]["mean ± sd, AUC or RMSE"] == f"{np.mean(ends[::2]):.4f} ± {np.std(ends[::2], ddof=1):.4f}"
    assert groups[1]["difference"].startswith(f"{np.mean(ends[1::2]) - np.mean(ends[::2]):+.4f}".replace("-", "−"))
    assert groups[0]["verdict"] == "baseline"
    assert (groups[1]["verdict"] == "not distinguishable") == (groups[1]["trainings it would take"] != "–")


def test_an_unknown_grouping_in_the_address_is_the_usual_one(app: AppTest, home: Path) -> None:
    runs = [trained(home, SMALL), trained(home, SMALL, **OTHER_SEED)]
    opened(app, lang="en", runs=",".join(run.run_id for run in runs), by="no.such.choice")
    assert lines(app) == ["A, B"]
    assert app.query_params["by"] == "seed"


def test_runs_that_share_nothing_have_no_band_to_choose(app: AppTest, home: Path) -> None:
    runs = [trained(home, SMALL), trained(home, SMALL, **{"model.kind": "single"})]
    opened(app, lang="en", runs=",".join(run.run_id for run in runs))
    assert "compare_by" not in [box.key for box in app.selectbox]
    gains = [row["gain over single-task networks"] for row in rows(app)]
    assert [gain[0] in "+−" for gain in gains] == [True, False, True, False]


@pytest.mark.parametrize(("lang", "learner"), [("en", "gradient boosting"), ("zh", "梯度提升")])
def test_baselines_are_learnt_when_asked_and_stand_beside_every_run(
    app: AppTest, home: Path, lang: str, learner: str
) -> None:
    runs = [trained(home, SMALL), trained(home, SMALL, **OTHER_SEED)]
    opened(app, lang=lang, runs=",".join(run.run_id for run in runs))
    assert len(app.dataframe) == 3
    app.button("baselines").click().run()
    assert not app.exception
    (job,) = loaders.baselines().jobs()
    job.wait(240)
    assert job.state == "finished"
    app.run()
    assert not app.exception
    found = app.dataframe[-1].value
    assert found.shape == (4, 6)
    assert found.iloc[:, 1].tolist()[1::2] == [learner] * 2
    assert found.iloc[0, 4][0] in "+−"
    assert f"{job.result.learnt_rows:,}" in said(app)


def test_from_the_results_page_a_run_is_compared_with_others_on_its_data(app: AppTest, home: Path) -> None:
    one, other = trained(home, SMALL), trained(home, SMALL, **OTHER_SEED)
    trained(home, FEED)
    opened(app, lang="en", runs=one.run_id)
    assert app.query_params["runs"] == f"{one.run_id},{other.run_id}"


def test_one_run_left_is_no_comparison(app: AppTest, home: Path) -> None:
    one, other = trained(home, SMALL), trained(home, SMALL, **OTHER_SEED)
    opened(app, lang="en", runs=f"{one.run_id},{other.run_id}")
    app.multiselect("compare_runs").set_value([other.run_id]).run()
    assert not app.exception
    assert "Two runs make a comparison" in said(app)
