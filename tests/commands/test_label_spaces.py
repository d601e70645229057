"""Which rows a number is about, said in the terminal: over impressions, over clicks, or as ESMM's product."""

from __future__ import annotations

from pathlib import Path

import pytest

from mmoe_core.data import open_dataset
from tests.commands.conftest import TINY, Terminal

SHORT = (*TINY, "--set", "train.max_steps=4", "--json")
ON_CLICKS = ("--set", "data.label_spaces.purchase=cvr")


@pytest.mark.usefixtures("home")
def test_a_purchase_is_named_by_its_space_and_counted_there(terminal: Terminal) -> None:
    over_all = terminal("train", *SHORT).json["tasks"]
    over_clicks = terminal("train", *SHORT, *ON_CLICKS).json["tasks"]
    assert [over_all[task]["label_space"] for task in ("click", "purchase")] == ["ctr", "ctcvr"]
    assert [over_clicks[task]["label_space"] for task in ("click", "purchase")] == ["ctr", "cvr"]
    assert over_clicks["purchase"]["positives"] == over_all["purchase"]["positives"]
    assert over_clicks["purchase"]["oracle_auc"] != over_all["purchase"]["oracle_auc"]
    assert over_clicks["click"]["oracle_auc"] == over_all["click"]["oracle_auc"]


@pytest.mark.usefixtures("home")
def test_esmm_says_product_and_its_second_factor(terminal: Terminal) -> None:
    answer = terminal("train", *SHORT, "--set", "model.kind=esmm").json
    assert answer["tasks"]["purchase"]["label_space"] == "product"
    assert answer["cvr_metrics"]["purchase"]["label_space"] == "cvr"
    assert answer["cvr_metrics"]["purchase"]["positives"] == answer["tasks"]["purchase"]["positives"]
    shown = terminal("show", answer["run_id"]).out
    assert [line.split()[:2] for line in shown.splitlines() if line.startswith("purchase")] == [
        ["purchase", "product"],
        ["purchase", "cvr"],
    ] * 2  # how rows are ordered, and how far off the scores are


@pytest.mark.usefixtures("home")
@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ((*ON_CLICKS, "--set", "model.kind=esmm"), "ESMM learns 'purchase' over all impressions"),
        (("--set", "data.label_spaces.click=cvr"), "'click' is stored in label space ctr"),
        (("--set", "data.label_spaces.buy=cvr"), "names the task 'buy', but this dataset has click, purchase"),
        (("--set", "data.label_spaces.purchase=product"), "choose one of 'ctcvr' or 'cvr'"),
    ],
)
def test_what_cannot_be_read_so_is_refused_before_a_run(
    terminal: Terminal, settings: tuple[str, ...], words: str
) -> None:
    answer = terminal("train", *TINY, *settings)
    assert answer.code != 0
    assert words in answer.err
    assert terminal("runs", "--json").json["runs"] == []


def test_a_table_of_ones_own_says_its_spaces(terminal: Terminal, home: Path) -> None:
    lines = [f"u{row % 20},{row % 3 == 0:d},{row % 6 == 0:d}" for row in range(600)]
    (home / "log.csv").write_text("\n".join(["user,click,purchase", *lines]) + "\n")
    roles = ("import", str(home / "log.csv"), "--labels", "click,purchase", "--ids", "user", "--json")
    over_all = terminal(*roles[:2], "plain", *roles[2:])
    assert over_all.json["label_spaces"] == {"click": "ctr", "purchase": "ctcvr"}
    over_clicks = terminal(*roles[:2], "conditional", *roles[2:], "--observed", "purchase:click")
    assert over_clicks.json["label_spaces"] == {"click": "ctr", "purchase": "cvr"}
    assert [task.label_space for task in open_dataset(home / "datasets" / "conditional").schema.tasks] == ["ctr", "cvr"]
    choice = ("--data", "plain", "--set", "train.max_steps=2", "--set", "train.batch_size=64", *ON_CLICKS, "--json")
    assert terminal("train", *choice).json["tasks"]["purchase"]["label_space"] == "cvr"
    refused = terminal("train", "--data", "conditional", "--set", "data.label_spaces.purchase=ctcvr")
    assert "has none" in refused.err
