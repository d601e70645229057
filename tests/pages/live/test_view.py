"""What the page tells the panel, and what the panel may say back."""

from __future__ import annotations

import json

import pytest

from mmoe_core.config import PLE, IdField, MMoE, RunConfig, Schema, Single, TaskSpec, TrainConfig, ValueField
from mmoe_core.records import Pause, SetTaskWeights
from pages.ui.live import STRINGS, LiveView
from pages.ui.live.panel import _read_intent

SCHEMA = Schema(
    id_fields=(IdField(name="user", vocabulary_size=10), IdField(name="item", vocabulary_size=20)),
    value_fields=(ValueField(name="price"),),
    tasks=(TaskSpec(name="click"), TaskSpec(name="watch_time", kind="regression")),
)
CONFIG = RunConfig(
    model=MMoE(num_experts=3, embedding_size=4, tower_widths={"watch_time": (16, 8)}),
    train=TrainConfig(task_weights={"click": 2.0}),
)


def test_a_view_of_a_run_says_its_tasks_experts_and_embedding() -> None:
    view = LiveView.of_run(CONFIG, SCHEMA, task_label=str.upper, badge="simulated")
    assert [(task.name, task.label, task.kind) for task in view.tasks] == [
        ("click", "CLICK", "binary"),
        ("watch_time", "WATCH_TIME", "regression"),
    ]
    assert [task.tower_widths for task in view.tasks] == [(8,), (16, 8)]
    assert [task.weight for task in view.tasks] == [2.0, 1.0]
    assert (view.experts, view.badge, view.embedding) == (
        ("E1", "E2", "E3"),
        "simulated",
        "embedding 2 × 4 + 1 values = 9",
    )


def test_a_view_tells_own_experts_from_shared_ones_and_who_hears_them() -> None:
    model = PLE(num_task_experts=1, num_shared_experts=2)
    view = LiveView.of_run(RunConfig(model=model), SCHEMA, expert_label=str.upper)
    assert view.experts == ("CLICK 1", "WATCH_TIME 1", "SHARED 1", "SHARED 2")
    assert view.owners == (0, 1, -1, -1)
    assert view.heard == ((True, False, True, True), (False, True, True, True))
    assert view.has_choice
    assert not LiveView.of_run(RunConfig(model=Single()), SCHEMA).has_choice
    assert set(LiveView.of_run(CONFIG, SCHEMA).owners) == {-1}


def test_every_text_goes_through_the_translation() -> None:
    view = LiveView.of_run(CONFIG, SCHEMA, translate=lambda text: f"«{text}»")
    assert view.strings == {text: f"«{text}»" for text in STRINGS}
    assert view.embedding == "«embedding 2 × 4 + 1 values = 9»"


def test_a_view_survives_json() -> None:
    data = LiveView.of_run(CONFIG, SCHEMA).to_data()
    assert json.loads(json.dumps(data))["tasks"][1]["tower_widths"] == [16, 8]


def test_an_intent_comes_back_as_a_value() -> None:
    assert _read_intent('{"kind":"pause"}') == Pause()
    expected = SetTaskWeights(task_weights={"click": 3.16})
    assert _read_intent('{"kind":"set_task_weights","task_weights":{"click":3.16}}') == expected


@pytest.mark.parametrize(
    "said",
    [
        None,
        7,
        "",
        "not json",
        '{"kind":"delete_everything"}',
        '{"kind":"set_task_weights","task_weights":{"click":-1}}',
        '{"kind":"set_task_weights","task_weights":{"click":1e9}}',
        '{"kind":"pause","extra":1}',
    ],
)
def test_what_is_no_intent_is_not_obeyed(said: object) -> None:
    assert _read_intent(said) is None
