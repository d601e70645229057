"""`train`: from arguments to a finished run, or to one sentence that says why not."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from mmoe_core.commands.choices import chosen
from mmoe_core.config import (
    CAGrad,
    MMoE,
    OneGate,
    RunConfig,
    SharedBottom,
    SimulatedAliCcp,
    Stored,
    UncertaintyWeighting,
    preset,
)
from mmoe_core.data import known_datasets
from mmoe_core.data.ali_ccp_schema import ID_NAMES, LABEL_NAMES, VALUE_NAMES
from mmoe_core.runs import Store
from mmoe_core.runs.lock import is_held
from tests.commands.conftest import TINY, Terminal
from tests.runs.fakes import until

AREAS = {"auc", "auc_low", "auc_high", "positives", "oracle_auc", "expected_auc", "pr_auc"}
BY_USER = {"gauc", "gauc_low", "gauc_high", "gauc_users", "gauc_rows"}
OF_VALUES = {"rmse", "mae", "r2"}
METRICS = {"kind", "loss", "normalised_entropy", "brier", "ece", *AREAS, *BY_USER, *OF_VALUES}
SAMPLE = Path(__file__).resolve().parents[3] / "shared" / "ali-ccp"


def test_a_finished_run_is_summed_up_with_null_where_a_number_means_nothing(terminal: Terminal, trained: str) -> None:
    found = terminal("show", trained, "--json").json
    assert (found["run_id"], found["state"], found["name"]) == (trained, "finished", "the tiny one")
    assert found["steps"] == found["total_steps"] > 0
    assert found["rows_per_second"] > 0
    assert set(found["tasks"]) == {"click", "purchase"}
    for metrics in found["tasks"].values():
        assert set(metrics) == METRICS | {"label_space"}
        assert metrics["kind"] == "binary"
        undefined = {"gauc", "gauc_low", "gauc_high"} if metrics["gauc_users"] == 0 else set()
        assert {name for name, value in metrics.items() if value is None} == OF_VALUES | undefined
        assert metrics["auc_low"] <= metrics["auc"] <= metrics["auc_high"]
        assert metrics["oracle_auc"] > 0.5


def test_people_are_shown_what_some_task_has_in_two_tables(terminal: Terminal, trained: str) -> None:
    said = terminal("show", trained).out
    ordered, off = (next(line for line in said.splitlines() if word in line) for word in ("gauc_users", "brier"))
    assert ordered != off
    assert "rmse" not in said
    assert max(map(len, said.splitlines())) <= 200


def test_train_answers_with_the_same_object(terminal: Terminal, home: Path) -> None:
    (home / "config.json").write_text(preset("classroom").model_dump_json())
    arguments = (str(home / "config.json"), *TINY, "--set", "train.max_steps=3", "--set", "model.kind=one_gate")
    answer = terminal("train", *arguments, "--json")
    assert answer.code == 0
    found = answer.json
    assert set(found) == {"run_id", "state", "steps", "rows_per_second", "tasks"}
    assert (found["state"], found["steps"]) == ("finished", 3)
    row = Store().row(found["run_id"])
    assert isinstance(row.config.model, OneGate)
    assert not is_held(Store().lock_file(row.run_id))


def test_ctrl_c_stops_the_run_and_leaves_no_process(home: Path) -> None:
    command = [sys.executable, "-m", "mmoe_core", "train", *TINY, "--set", "train.epochs=20000", "--json"]
    terminal = subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        # Whoever runs these tests in the background may have told them to ignore it.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    store = Store()
    until(lambda: any(row.steps > 2 for row in store.rows()))
    terminal.send_signal(signal.SIGINT)
    out, _ = terminal.communicate(timeout=60)
    assert terminal.returncode == 130
    assert '"state": "stopped"' in out.splitlines()[-1]
    (row,) = store.rows()
    assert row.state == "stopped"
    assert not is_held(store.lock_file(row.run_id))


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("--set", "model.num_experts=1000000000"), "would need"),
        (("--set", "train.learning_rate=-1"), "train.learning_rate is -1; it must be above 0.0."),
        (("--set", "train.learning_rate"), "Write it as key=value"),
        (("--set", "model.magic=1"), "'model.magic' is not a choice of a run."),
        (("--data", "no-such-data"), "neither a dataset here nor a file or folder"),
        (("--preset", "tutorial"), "torch-rechub"),
        (("--set", "train.task_weights.like=2", "--set", "data.num_rows=1000"), "names the task 'like'"),
        (("--run", "../../etc"), "There is no run"),
        (("nothing.json",), "nothing.json"),
        (("--preset", "mystery"), "mystery"),
    ],
)
def test_a_refusal_is_a_sentence_code_2_and_an_object_for_machines(
    terminal: Terminal, home: Path, arguments: tuple[str, ...], sentence: str
) -> None:
    answer = terminal("train", *arguments, "--json")
    assert answer.code == 2
    assert sentence in answer.err
    assert "Traceback" not in answer.err
    assert sentence in answer.json["message"]
    assert answer.json["error"]
    assert Store().rows() == []


def test_broken_json_is_refused_with_its_reason(terminal: Terminal, home: Path) -> None:
    (home / "broken.json").write_text("{")
    answer = terminal("train", str(home / "broken.json"))
    assert answer.code == 2
    assert "JSON" in answer.err


def test_a_link_a_file_and_settings_are_put_together_in_that_order(home: Path) -> None:
    assert chosen(None, "classroom", None, []) == preset("classroom")
    config = chosen(None, "classroom", None, ["data.rho=0.5", "model.kind=shared_bottom", "train.task_weights.click=2"])
    assert config.data == SimulatedAliCcp(rho=0.5)
    assert isinstance(config.model, SharedBottom)
    assert config.train.task_weights == {"click": 2.0}
    assert chosen(None, "classroom", "census-g2", []).data.dataset_name == "census-g2"
    assert chosen(None, "classroom", None, ["data.source=census"]).data.dataset_name == "census-g1"
    file = home / "config.json"
    odd = RunConfig(model=MMoE(embedding_scale=0.123456789012345))
    file.write_text(odd.model_dump_json())
    assert chosen(file, None, None, []) == odd


def test_the_sample_trains_and_says_on_how_little_its_auc_rests(terminal: Terminal, home: Path) -> None:
    if not SAMPLE.is_dir():
        pytest.skip("the Ali-CCP sample may not be shipped and is not beside this project")
    answer = terminal("train", "--preset", "tutorial", "--data", str(SAMPLE), "--json")
    assert answer.code == 0
    assert "1 positive" in answer.err
    purchase = answer.json["tasks"]["purchase"]
    assert (purchase["positives"], purchase["auc_low"], purchase["auc_high"]) == (1, 0, 1)


@pytest.mark.parametrize(
    ("preset_name", "vocabulary", "name"),
    [
        ("tutorial", None, "ali-ccp-sample-as-given"),
        (None, None, "ali-ccp-sample"),
        ("tutorial", "learnt", "ali-ccp-sample"),
        ("classroom", "as_given", "ali-ccp-sample-as-given"),
    ],
)
def test_the_sample_is_known_by_its_files_and_by_how_it_is_read(
    home: Path, preset_name: str | None, vocabulary: str | None, name: str
) -> None:
    if not SAMPLE.is_dir():
        pytest.skip("the Ali-CCP sample may not be shipped and is not beside this project")
    config = chosen(None, preset_name, str(SAMPLE), [], vocabulary)  # type: ignore[arg-type]
    assert config.data.dataset_name == name
    assert (home / "datasets" / name / "manifest.json").is_file()


def test_another_table_of_the_same_name_gets_a_name_of_its_own(home: Path) -> None:
    names = []
    for place, rows in (("a", 60), ("b", 90), ("b", 90)):
        folder = home / place / "mine"
        folder.mkdir(parents=True, exist_ok=True)
        write_table(folder / "log.csv", rows)
        names.append(chosen(None, "tutorial", str(folder), []).data.dataset_name)
    assert names[0] == "mine"
    assert names[1].startswith("mine-")
    assert names[2] == names[1]
    rows_of = {known.name: known.rows for known in known_datasets()}
    assert [rows_of[name] for name in names[:2]] == [60, 90]
    assert not (home / "datasets" / "ali-ccp-sample").exists()


def test_a_simulated_folder_is_trained_on_as_it_is(terminal: Terminal, home: Path) -> None:
    out = home / "elsewhere" / "log"
    assert terminal("simulate", "ali-ccp", str(out), "--rows", "2000").code == 0
    config = chosen(None, None, str(out), [])
    assert config.data == Stored(name="log")
    assert sorted(path.name for path in (home / "datasets").iterdir()) == ["log"]
    assert chosen(None, None, "log", []).data == Stored(name="log")


def test_what_the_data_lack_is_said_at_the_end(terminal: Terminal, home: Path) -> None:
    write_table(home / "log.csv", 60, odd=3)
    answer = terminal("train", "--preset", "tutorial", "--data", str(home / "log.csv"), "--set", "train.epochs=1")
    assert answer.code == 0
    assert "3 rows were left out: A purchase without a click." in answer.err
    assert "fewer than a batch of 1,024" in answer.err


def write_table(path: Path, rows: int, *, odd: int = 0) -> None:
    """A processed Ali-CCP table; `odd` rows say a purchase without a click."""
    columns = [*LABEL_NAMES, *ID_NAMES, *VALUE_NAMES]
    lines = [",".join(columns)]
    for row in range(rows):
        labels = ["0", "1"] if row < odd else ["1" if row % 3 == 0 else "0", "0"]
        lines.append(",".join([*labels, *(str(row % 17) for _ in ID_NAMES), *("0.5" for _ in VALUE_NAMES)]))
    path.write_text("\n".join(lines) + "\n")


def test_a_budget_is_matched_and_said(terminal: Terminal) -> None:
    trained = terminal("train", *TINY, "--set", "model.kind=shared_bottom", "--same-budget", "--json")
    assert trained.json["state"] == "finished"
    assert re.search(r"Experts \[\d+\]: [\d,]+ parameters", trained.err)


def test_another_balancing_method_leaves_the_last_ones_choices_behind(home: Path) -> None:
    config = chosen(None, "classroom", None, ["train.balancing.method=cagrad", "train.balancing.c=0.25"])
    assert config.train.balancing == CAGrad(c=0.25)
    (home / "config.json").write_text(config.model_dump_json())
    kept = chosen(home / "config.json", None, None, ["train.balancing.method=cagrad"])
    assert kept.train.balancing == CAGrad(c=0.25)
    changed = chosen(home / "config.json", None, None, ["train.balancing.method=uw", "train.balancing.form=rechub"])
    assert changed.train.balancing == UncertaintyWeighting(form="rechub")
