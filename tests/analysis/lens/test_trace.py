"""What is said of a row leads to its probabilities by hand: numpy and what stands in the answer, nothing else."""

from __future__ import annotations

import numpy as np
import pytest

from mmoe_core.analysis.lens import LayerSaid, RowTrace, Trace
from mmoe_core.analysis.lens.trace import trace
from mmoe_core.config import ModelConfig
from mmoe_core.data import changed_row
from mmoe_core.errors import DatasetError
from tests.analysis.lens.networks import KINDS, network

ROW = 17
TOLD = pytest.mark.parametrize("config", KINDS, ids=lambda config: f"{config.kind}-{config.norm}")


def softmax(logits: tuple[float | None, ...]) -> np.ndarray:
    powers = np.exp([-np.inf if logit is None else logit for logit in logits])
    return np.asarray(powers / powers.sum())


def layer_by_hand(layer: LayerSaid, a_I: np.ndarray, *, is_last: bool) -> np.ndarray:
    z_O = np.array(layer.weights_OI) @ a_I + np.array(layer.biases_O)
    if layer.means_O is not None:
        normed = (z_O - np.array(layer.means_O)) / np.array(layer.deviations_O)
        z_O = normed * np.array(layer.scales_O) + np.array(layer.shifts_O)
    return z_O if is_last else np.maximum(z_O, 0)


def by_hand(said: RowTrace) -> dict[str, float]:
    """From the last level's logits and experts, through the towers, to the probabilities."""
    last, own = said.levels[-1], {}
    for place, task in enumerate(said.tasks):
        if last.outputs_EH is None:  # AITM: an attention over values of its own
            a = np.array(last.mixtures_RH[place])
        else:
            assert last.logits_RE is not None
            a = softmax(last.logits_RE[place]) @ np.array(last.outputs_EH)
        for number, layer in enumerate(task.layers, start=1):
            a = layer_by_hand(layer, a, is_last=number == len(task.layers))
        own[task.task] = float(1 / (1 + np.exp(-a[0])))
    return {task.task: own[task.task] * (own[task.factor] if task.factor else 1) for task in said.tasks}


@TOLD
def test_every_number_leads_to_the_probability_by_hand(config: ModelConfig) -> None:
    asked = network(config)
    said = trace(asked, Trace(split="validation", row=ROW))
    rows = asked.dataset.split("validation").take(np.array([ROW]))
    scores = asked.model(*(_tensor(part) for part in (rows.ids_BK, rows.dense_BV))).scores_BT[0].sigmoid().tolist()
    assert [task.prediction for task in said.tasks] == pytest.approx(scores, abs=1e-7)
    assert by_hand(RowTrace.model_validate_json(said.model_dump_json())) == pytest.approx(
        dict(zip(asked.model.tasks, scores, strict=True)), abs=1e-5
    )


@TOLD
def test_each_level_is_its_gates_over_its_experts(config: ModelConfig) -> None:
    for level in trace(network(config), Trace(split="validation", row=ROW)).levels:
        np.testing.assert_allclose(np.sum(level.weights_RE, axis=1), 1, atol=1e-6)
        if level.outputs_EH is not None and level.logits_RE is not None:
            np.testing.assert_allclose(level.weights_RE, [softmax(logits) for logits in level.logits_RE], atol=1e-6)
            np.testing.assert_allclose(level.mixtures_RH, np.array(level.weights_RE) @ level.outputs_EH, atol=1e-5)


def test_what_the_fields_say_is_what_the_network_reads() -> None:
    asked = network(KINDS[3])
    said = trace(asked, Trace(split="validation", row=ROW))
    row = asked.dataset.split("validation").take(np.array([ROW]))
    reads = [value for field in said.fields for value in field.reads_S]
    np.testing.assert_array_equal(reads, asked.read(row)[0].detach().numpy().astype(float))
    assert [field.name for field in said.fields] == ["user", "item", "price"]
    assert float(said.fields[2].value) == pytest.approx(float(row.dense_BV[0, 0]) * 4 + 2, abs=1e-4)


def test_a_changed_field_is_read_as_if_it_had_always_been_so() -> None:
    asked = network(KINDS[3])
    plain = trace(asked, Trace(split="validation", row=ROW))
    said = trace(asked, Trace(split="validation", row=ROW, changes={"item": "item 5", "price": "6"}))
    assert [field.value for field in said.fields] == [plain.fields[0].value, "item 5", "6"]
    assert [field.is_changed for field in said.fields] == [False, True, True]
    np.testing.assert_array_equal(said.fields[1].reads_S, asked.model.table.weight[13 + 3 + 5].numpy().astype(float))
    assert said.fields[2].reads_S == (1.0,)
    assert said.tasks[0].prediction != plain.tasks[0].prediction
    assert said.tasks[0].truth is None
    undone = trace(asked, Trace(split="validation", row=ROW, changes={}))
    assert undone == plain


def test_a_change_to_what_it_said_anyway_changes_nothing() -> None:
    asked = network(KINDS[3])
    plain = trace(asked, Trace(split="validation", row=ROW))
    same = trace(asked, Trace(split="validation", row=ROW, changes={"user": plain.fields[0].value}))
    assert [task.prediction for task in same.tasks] == [task.prediction for task in plain.tasks]


@pytest.mark.parametrize(
    ("row", "changes", "named"),
    [
        (90, {}, "there is no row 90"),
        (0, {"colour": "red"}, "no field 'colour'"),
        (0, {"item": "item 999"}, "no value 'item 999'"),
        (0, {"price": "cheap"}, "'cheap' is none"),
        (0, {"price": "inf"}, "'inf' is none"),
    ],
)
def test_what_cannot_be_asked_is_refused_by_name(row: int, changes: dict[str, str], named: str) -> None:
    with pytest.raises(DatasetError, match=named):
        trace(network(KINDS[3]), Trace(split="validation", row=row, changes=changes))


def test_a_row_keeps_its_other_fields() -> None:
    asked = network(KINDS[3])
    row = asked.dataset.split("validation").take(np.array([ROW]))
    before = row.ids_BK.copy()
    found = changed_row(asked.dataset, row, {"item": "item 2"})
    assert found.ids_BK[0].tolist() == [before[0, 0], 13 + 3 + 2]
    np.testing.assert_array_equal(row.ids_BK, before)


def _tensor(values: np.ndarray) -> object:
    import torch

    return torch.from_numpy(values)
