"""One row's way is drawn for every architecture, with this row's numbers and what they were before a change."""

from __future__ import annotations

import numpy as np
import pytest

from mmoe_core.analysis.lens import RowTrace, Trace
from mmoe_core.analysis.lens.trace import trace
from mmoe_core.config import ModelConfig, audience
from mmoe_core.viz import DARK, LIGHT, row_trace
from tests.analysis.lens.networks import KINDS, network

TASKS = ("click", "purchase")
EVERY_KIND = pytest.mark.parametrize("config", KINDS, ids=lambda config: f"{config.kind}-{config.norm}")


def traced(config: ModelConfig, **changes: str) -> RowTrace:
    return trace(network(config), Trace(split="validation", row=17, changes=changes))


def words(figure: object) -> str:
    return " | ".join(note.text for note in figure.layout.annotations)


@EVERY_KIND
def test_every_answer_label_and_field_is_written(config: ModelConfig) -> None:
    said = traced(config)
    written = words(row_trace(said, LIGHT, audiences=audience(config, TASKS)))
    for task in said.tasks:
        assert f"{task.prediction:.3f}" in written or f"{task.prediction:.2g}" in written
        assert task.task in written
    for field in said.fields:
        assert field.name in written
        assert field.value[:8] in written


@EVERY_KIND
def test_a_gates_bar_is_as_wide_as_its_weights(config: ModelConfig) -> None:
    said = traced(config)
    figure = row_trace(said, LIGHT, audiences=audience(config, TASKS))
    told = figure.data[0].hovertext
    for place, task in enumerate(TASKS):
        widths = [w for w, text in zip(figure.data[0].width, told, strict=True) if text.startswith(f"<b>{task} ←")]
        weights = np.array([weight for weight in said.levels[-1].weights_RE[place] if weight > 0])
        np.testing.assert_allclose(np.array(widths)[-len(weights) :] / sum(widths[-len(weights) :]), weights, atol=1e-6)


def test_a_change_shows_what_was_beside_what_is() -> None:
    config = KINDS[3]
    before, after = traced(config), traced(config, item="item 5")
    plain = words(row_trace(before, DARK, audiences=audience(config, TASKS)))
    assert "→" not in plain
    changed = words(row_trace(after, DARK, audiences=audience(config, TASKS), before=before))
    assert "→ item 5" in changed or "item 5" in changed
    assert f"{before.tasks[0].prediction:.3f} →" in changed


def test_what_data_call_themselves_is_never_markup() -> None:
    config = KINDS[3]
    figure = row_trace(traced(config), LIGHT, audiences=audience(config, TASKS), names={"user": "<img>"})
    assert "<img>" not in words(figure) + "".join(figure.data[0].hovertext)
