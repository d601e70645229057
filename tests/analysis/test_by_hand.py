"""The numbers as they are displayed, and nothing else, lead to the probability within 1e-5."""

from __future__ import annotations

import csv
import io
from math import exp

import numpy as np
import pandas as pd
import pytest

from mmoe_core.analysis import hand_csv, steps_by_hand
from mmoe_core.analysis.lens import Trace
from mmoe_core.analysis.lens.trace import trace
from mmoe_core.config import ModelConfig
from tests.analysis.lens.networks import KINDS, network


def numbers(table: pd.DataFrame) -> np.ndarray:
    """Texts of a table, or of a part of it, as somebody types them into a calculator."""
    return np.array([[float(text) for text in row] for row in table.to_numpy()])


def worked_out(config: ModelConfig, row: int, task: str) -> tuple[float, float]:
    """What the displayed numbers come to, and what the network says."""
    said = trace(network(config), Trace(split="validation", row=row))
    first, *layers, answer = steps_by_hand(said, task)
    if first.kind == "mixture":
        experts = first.table.drop(index="h")
        powers = np.exp(numbers(experts[["z"]])[:, 0])
        a = (powers / powers.sum()) @ numbers(experts.drop(columns=["z", "g"]))
    else:
        a = numbers(first.table)[0]
    for step in layers:
        rows = step.table.drop(index="reads")
        weights = [name for name in rows.columns if name.startswith("W[")]
        z = numbers(rows[weights]) @ a + numbers(rows[["b"]])[:, 0]
        if "mean" in rows:
            mean, deviation, scale, shift = numbers(rows[["mean", "deviation", "scale", "shift"]]).T
            z = (z - mean) / deviation * scale + shift
        a = z if step.is_last else np.maximum(z, 0)
    assert len(a) == 1
    factor = float(answer.table["value"]["factor"]) if "factor" in answer.table.index else 1
    prediction = next(one.prediction for one in said.tasks if one.task == task)
    return factor / (1 + exp(-a[0])), prediction


@pytest.mark.parametrize("row", [0, 17, 44])
@pytest.mark.parametrize("config", KINDS, ids=lambda config: f"{config.kind}-{config.norm}")
def test_what_is_displayed_comes_to_the_probability(config: ModelConfig, row: int) -> None:
    for task in ("click", "purchase"):
        by_hand, prediction = worked_out(config, row, task)
        assert by_hand == pytest.approx(prediction, abs=1e-5)


def test_only_experts_that_the_task_hears_take_part() -> None:
    said = trace(network(KINDS[7]), Trace(split="validation", row=3))
    first, *_ = steps_by_hand(said, "purchase")
    assert KINDS[7].kind == "cgc"
    assert not [name for name in first.table.index if name.startswith("click")]


def test_the_file_holds_every_number_of_every_table() -> None:
    steps = steps_by_hand(trace(network(KINDS[4]), Trace(split="validation", row=3)), "click")
    lines = list(csv.DictReader(io.StringIO(hand_csv(steps))))
    shown = [text for step in steps for row in step.table.to_numpy() for text in row if text]
    assert [line["value"] for line in lines] == shown
    assert {line["step"] for line in lines} == {"mixture", "layer 1", "layer 2", "answer"}
