"""The Results page judges a run that has ended, and compares it with real single-task runs only."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from mmoe_core.config import Single, from_flat
from mmoe_core.records import TaskMetrics
from mmoe_core.runs import RunRow, Store, work
from pages.ui import quality
from tests.pages.test_gates import figures
from tests.runs import fakes

SMALL = {"data.num_rows": "4000", "train.max_steps": "12", "train.batch_size": "256", "train.probe_rows": "50"}
FEED = {**SMALL, "data.source": "feed", "data.num_rows": "6000"}


def trained(home: Path, choices: dict[str, str], **more: str) -> RunRow:
    store = Store(home / "runs")
    return work(store.create(from_flat({**choices, **more})).run_id, store=store)


def opened(app: AppTest, **address: str) -> AppTest:
    app.run()
    app.query_params.update(address)
    app.switch_page("results.py").run()
    assert not app.exception
    return app


def said(app: AppTest) -> str:
    return "\n".join(one.value for one in [*app.markdown, *app.caption, *app.subheader, *app.info])


def table(app: AppTest, place: int = 0) -> dict[str, dict[str, str]]:
    """A table's rows by their first cell."""
    return app.dataframe[place].value.set_index(app.dataframe[place].value.columns[0]).to_dict("index")


def test_without_a_run_the_page_says_how_to_get_one(app: AppTest) -> None:
    assert "No run yet" in said(opened(app, lang="en"))


def test_a_run_that_has_not_ended_is_not_judged(app: AppTest, home: Path) -> None:
    store = Store(home / "runs")
    run = store.create(fakes.config(), schema=fakes.SCHEMA, total_steps=8)
    store.append(run.run_id, [fakes.step_record(1)])
    assert "Not judged yet" in said(opened(app, lang="en", run=run.run_id))
    assert not app.dataframe


@pytest.mark.parametrize(("lang", "title"), [("en", "How good are its best weights?"), ("zh", "最佳权重有多好？")])
def test_a_run_is_judged_and_says_that_it_has_nothing_to_compare_with(
    app: AppTest, home: Path, lang: str, title: str
) -> None:
    run = trained(home, SMALL)
    opened(app, lang=lang, run=run.run_id)
    assert title in said(app)
    assert set(figures(app)) == {"calibration_click", "calibration_purchase"}
    _, link = (one for one in app.get("page_link"))
    spelled = dict(pair.split("=") for pair in link.proto.query_string.split("&"))
    single = from_flat(spelled)
    assert isinstance(single.model, Single)
    assert (single.data, single.train) == (run.config.data, run.config.train)


def test_the_table_has_the_numbers_of_the_record_with_intervals_and_meanings(app: AppTest, home: Path) -> None:
    run = trained(home, SMALL)
    opened(app, lang="en", run=run.run_id)
    found = Store(home / "runs").end(run.run_id).metrics["click"]
    shown = table(app)
    assert list(shown["AUC"]) == ["click · CTR", "purchase · CTCVR", "meaning"]
    assert shown["AUC"]["click · CTR"] == f"{found.auc:.4f} [{found.auc_low:.4f}, {found.auc_high:.4f}]"
    assert shown["positives"]["click · CTR"] == f"{found.positives:,}"
    assert shown["best possible AUC"]["click · CTR"] == f"{found.oracle_auc:.4f}"
    assert shown["GAUC rests on"]["click · CTR"] == f"{found.gauc_users:,} users, {found.gauc_rows:,} rows"
    assert shown["calibration error"]["click · CTR"] == f"{found.ece:.4f}"
    assert all(row["meaning"] for row in shown.values())
    assert "RMSE" not in shown
    assert "simulated · classroom rates" in said(app)


def test_esmm_s_product_and_its_second_factor_are_two_columns(app: AppTest, home: Path) -> None:
    run = trained(home, SMALL, **{"model.kind": "esmm"})
    opened(app, lang="en", run=run.run_id)
    end = Store(home / "runs").end(run.run_id)
    rows = table(app)["test rows"]
    assert rows["purchase · pCTR × pCVR"] == rows["click · CTR"] == f"{end.metrics['purchase'].rows:,}"
    assert rows["purchase · CVR on clicks"] == f"{end.metrics['click'].positives:,}"


def test_eight_tasks_of_which_one_is_a_regression(app: AppTest, home: Path) -> None:
    run = trained(home, FEED)
    trained(home, FEED, **{"model.kind": "single"})
    opened(app, lang="zh", run=run.run_id)
    shown = table(app)
    assert shown["RMSE"]["停留时长"] != "–"
    assert shown["AUC"]["停留时长"] == "–"
    assert shown["RMSE"]["点击 · CTR"] == "–"
    assert len([key for key in figures(app) if key.startswith("calibration_")]) == 7
    assert "gain" in figures(app)
    assert [row["指标"] for row in table(app, 1).values()] == ["AUC", "AUC", "RMSE", *["AUC"] * 5]


def test_single_task_runs_of_all_seeds_are_what_a_run_is_compared_with(app: AppTest, home: Path) -> None:
    run = trained(home, SMALL)
    trained(home, SMALL, **{"model.kind": "single"})
    trained(home, SMALL, **{"model.kind": "single", "train.seed": "5", "train.learning_rate": "0.1"})
    opened(app, lang="en", run=run.run_id)
    assert "Finished single-task runs on the same rows: 2." in said(app)
    assert "weights …): 1 of them." in said(app)
    rows = table(app, 1)
    assert set(rows) == {"click", "purchase"}
    end = Store(home / "runs").end(run.run_id)
    assert rows["click"]["positives"] == f"{end.metrics['click'].positives:,}"
    assert rows["click"]["this run"] == f"{end.metrics['click'].auc:.4f}"
    assert re.fullmatch(r"0\.\d{4} \(0\.\d{4} – 0\.\d{4}\)", rows["click"]["single-task"])
    verdicts = {row["verdict"] for row in rows.values()}
    assert verdicts <= {"better", "worse", "not distinguishable"}
    assert "mean over the tasks" in said(app)


def test_a_seed_and_a_watch_make_no_other_training_and_one_class_no_gain(app: AppTest, home: Path) -> None:
    rare = {"data.profile": "true-rates", "data.num_rows": "2000", "train.max_steps": "3"}
    run = trained(home, rare)
    trained(home, rare, **{"model.kind": "single", "train.seed": "5", "train.probe_rows": "40"})
    opened(app, lang="en", run=run.run_id)
    assert "Trained otherwise" not in said(app)
    assert "Δ is undefined" in said(app)
    cells = table(app, 1)["purchase"]
    assert (cells["verdict"], cells["this run"], cells["p"]) == ("undefined", "–", "–")


def test_a_single_task_run_is_not_compared_with_itself(app: AppTest, home: Path) -> None:
    run = trained(home, SMALL, **{"model.kind": "single"})
    opened(app, lang="en", run=run.run_id)
    assert "what other architectures are judged against" in said(app)


def test_the_scale_of_the_calibration_curves_can_be_chosen(app: AppTest, home: Path) -> None:
    run = trained(home, SMALL)
    opened(app, lang="en", run=run.run_id)
    (control,) = app.get("button_group")
    before = figures(app)["calibration_click"]["layout"]["xaxis"].get("type")
    other = "linear" if before == "log" else "log"
    control.set_value(other).run()
    assert not app.exception
    assert (figures(app)["calibration_click"]["layout"]["xaxis"].get("type") or "linear") == other


def test_lost_predictions_are_said_and_the_table_stays(app: AppTest, home: Path) -> None:
    run = trained(home, SMALL)
    (home / "runs" / run.run_id / "predictions.parquet").unlink()
    opened(app, lang="en", run=run.run_id)
    assert "has kept no predictions" in said(app)
    assert table(app)["AUC"]["click · CTR"]


def test_undefined_is_a_word_and_what_an_older_version_never_looked_at_is_a_dash(
    app: AppTest, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = trained(home, SMALL)
    one_class = TaskMetrics(kind="binary", rows=9, loss=0.1, positives=0, brier=0.1, gauc_users=0, gauc_rows=0)
    older = TaskMetrics(kind="binary", rows=9, loss=0.1, positives=3, auc=0.7, auc_low=0.6, auc_high=0.8)
    store = Store(home / "runs")
    end = store.end(run.run_id).model_copy(update={"metrics": {"click": one_class, "purchase": older}})
    monkeypatch.setattr(Store, "end", lambda self, run_id: end)
    opened(app, lang="en", run=run.run_id)
    shown = table(app)
    assert {shown[name]["click · CTR"] for name in ("AUC", "GAUC", "PR-AUC", "normalised entropy")} == {"undefined"}
    assert {shown[name]["purchase · CTCVR"] for name in ("GAUC", "PR-AUC", "normalised entropy", "Brier score")} == {
        "–"
    }
    assert shown["AUC"]["purchase · CTCVR"] == "0.7000 [0.6000, 0.8000]"


def test_a_task_that_is_called_as_another_column_keeps_its_own(app: AppTest, home: Path) -> None:
    del app, home
    assert len({*quality._distinct(["measure", "meaning", "click", "click"], ("measure", "meaning"))}) == 4
