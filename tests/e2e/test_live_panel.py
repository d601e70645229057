"""The live panel in a real browser, alone: what it asks for, what it shows, and that its nodes stay."""

from __future__ import annotations

import re

import pytest

from mmoe_core.metrics import effective_experts, js_distance
from mmoe_core.records import ChangeRecord, EndRecord, TaskMetrics
from tests.e2e.panel_stage import Stage, gates, measured, payload, step, view

pytestmark = pytest.mark.browser

EVEN = ((0.25,) * 4, (0.25,) * 4)
APART = ((0.7, 0.1, 0.1, 0.1), (0.05, 0.05, 0.3, 0.6))
CLICK = TaskMetrics(kind="binary", rows=10_000, loss=0.3, positives=1234, auc=0.831, auc_low=0.825, auc_high=0.837)
ONE_POSITIVE = TaskMetrics(kind="binary", rows=50, loss=0.1, positives=1, auc=0.9, auc_low=0.0, auc_high=1.0)
NONE = TaskMetrics(kind="binary", rows=50, loss=0.1, positives=0)
MARK = "root => [root, ...root.querySelectorAll('*')].map(node => { node.marked = true }).length"
MARKED = "root => [root, ...root.querySelectorAll('*')].filter(node => node.marked).length"


SHOWN_LABELS = """() => [...document.querySelector("#host").shadowRoot.querySelectorAll("[data-part=auc] svg text")]
  .filter(node => node.getAttribute("visibility") !== "hidden" && node.textContent && node.getClientRects().length)
  .filter(node => node.matches(".oracle-label, .line-label"))
  .map(node => { const {left, right, top, bottom} = node.getBoundingClientRect();
                 return {text: node.textContent, left, right, top: top + 2, bottom: bottom - 2}; })"""


def overlaps(boxes: list[dict]) -> list[tuple[str, str]]:
    """Texts that lie on each other."""
    return [
        (one["text"], other["text"])
        for rank, one in enumerate(boxes)
        for other in boxes[rank + 1 :]
        if one["left"] < other["right"] and other["left"] < one["right"]
        if one["top"] < other["bottom"] and other["top"] < one["bottom"]
    ]


def card_markup(stage: Stage) -> str:
    """The drawing of the method's weights as it stands."""
    return str(stage.page.locator("[data-part=balance] svg").evaluate("node => node.outerHTML"))


def test_ticks_and_another_language_change_nodes_but_replace_none(stage: Stage) -> None:
    stage.answers = [
        payload([gates(0, EVEN), measured(0, click=CLICK, purchase=CLICK), step(1), step(2)], 4),
        payload([step(3), gates(3, APART)], 6),
        payload([step(4), measured(4, click=CLICK, purchase=CLICK)], 8),
        204,
    ]
    stage.show(view())
    stage.wait_for(last_step=2)
    root = stage.page.locator(".live")
    marked = root.evaluate(MARK)
    stage.wait_for(last_step=4)
    stage.show(view(strings={"Loss per task": "各任务损失"}, language="zh"))
    stage.page.get_by_text("各任务损失").wait_for()
    assert root.evaluate(MARKED) == marked
    assert "0.70" in stage.text("gates")


def test_a_tick_asks_only_for_what_is_new(stage: Stage) -> None:
    stage.answers = [payload([step(1)], 41), payload([step(2)], 42), 204]
    stage.show(view())
    stage.wait_for(last_step=2)
    stage.page.wait_for_timeout(700)
    assert stage.asked[:3] == [
        "/api/runs/a/delta?cursor=0&state=",
        "/api/runs/a/delta?cursor=41&state=running",
        "/api/runs/a/delta?cursor=42&state=running",
    ]


def test_the_distances_on_screen_are_those_of_the_metrics(stage: Stage) -> None:
    stage.answers = [payload([gates(0, EVEN), step(1), gates(1, APART)], 3), 204]
    stage.show(view())
    stage.wait_for(last_step=1)
    said = stage.text("gates")
    assert f"{js_distance(APART[0], APART[1]):.2f} (untrained 0.00)" in said
    for row in APART:
        assert f"{effective_experts(row):.1f}" in said


def test_every_auc_says_what_it_rests_on(stage: Stage) -> None:
    metrics = {"click": CLICK, "like": NONE, "purchase": ONE_POSITIVE}
    tasks = tuple(metrics)
    stage.answers = [payload([step(1, tasks), measured(1, **metrics)], 2), 204]
    stage.show(view(tasks))
    stage.wait_for(last_step=1)
    said = stage.text("auc")
    assert "click 0.831 ± 0.006 · 1,234 positives" in said
    assert "like undefined · 0 positives" in said
    assert "purchase 0.900 · could be anything from 0 to 1 · rests on 1 positive" in said
    assert "NaN" not in said


def test_the_end_shows_the_test_split_and_lets_nobody_steer(stage: Stage) -> None:
    end = EndRecord(
        step=2,
        reason="completed",
        best_epoch=1,
        best_step=2,
        metrics={"click": CLICK, "purchase": NONE},
        gates=gates(2, APART),
        elapsed_s=1.0,
    )
    stage.answers = [payload([step(1), step(2), end], 3, state="finished"), 204]
    stage.show(view())
    stage.wait_for(state="finished")
    assert "test, best weights (epoch 1, step 2)" in stage.text("auc")
    assert stage.page.locator("[data-action]:visible").count() == 0
    assert stage.page.locator("[data-part=weights] input:enabled").count() == 0


def test_a_fader_asks_once_and_then_believes_the_record(stage: Stage) -> None:
    changed = [ChangeRecord(step=2, task_weights={"purchase": 10.0}), step(2, purchase=10.0)]
    stage.answers = [payload([step(1)], 1), 204]
    stage.show(view())
    stage.wait_for(last_step=1)
    fader = stage.page.locator("[data-part=weights] [data-task=purchase]")
    fader.locator("input").focus()
    for _ in range(20):
        stage.page.keyboard.press("ArrowRight")
    stage.page.wait_for_function("window.intents.length === 1")
    assert stage.intents() == [{"kind": "set_task_weights", "task_weights": {"purchase": 10}}]
    stage.answers = [payload(changed, 3), 204]
    stage.wait_for(last_step=2)
    assert "10" in fader.inner_text()
    assert "is-pending" not in (fader.get_attribute("class") or "")


def test_the_weights_of_a_method_have_a_card_and_stand_beside_the_faders(stage: Stage) -> None:
    early = [step(1, balance={"click": 0.5, "purchase": 4.0}), step(2, balance={"click": 0.5, "purchase": 4.0})]
    stage.answers = [payload(early, 2), 204]
    stage.show(view())
    stage.wait_for(last_step=2)
    card = stage.page.locator("[data-part=balance]")
    card.wait_for()
    assert "λ, on top of w" in card.inner_text()
    assert [label.text_content() for label in card.locator(".line-label").all()] == ["click0.500", "purchase4.000"]
    weights = stage.text("weights")
    assert "1.0 · λ 0.500" in weights
    assert "1.0 · λ 4.000" in weights
    assert "gradient 75 % · with λ 27 %" in weights  # 3 · 0.5 against 1 · 4
    assert "gradient 25 % · with λ 73 %" in weights


def test_weights_of_0_and_below_stay_within_the_axes(stage: Stage) -> None:
    records = [step(number, balance={"click": -0.5 if number > 5 else 0.0, "purchase": 1.5}) for number in range(1, 40)]
    stage.answers = [payload(records, 40), 204]
    stage.show(view())
    stage.wait_for(last_step=39)
    stage.page.locator("[data-part=balance] .dot").first.wait_for()
    ys = stage.page.evaluate(
        "() => [...document.querySelector('#host').shadowRoot.querySelectorAll('[data-part=balance] .dot')]"
        ".map(dot => Number(dot.getAttribute('cy')))"
    )
    assert 0 < ys[1] < ys[0] < 196
    assert "NaN" not in card_markup(stage)


def test_without_weights_of_a_method_nothing_is_said_of_them(stage: Stage) -> None:
    stage.answers = [payload([step(1)], 1), 204]
    stage.show(view())
    stage.wait_for(last_step=1)
    assert not stage.page.locator("[data-part=balance]").is_visible()
    assert "λ" not in stage.text("weights")


@pytest.mark.parametrize(
    ("state", "action", "kind"),
    [
        ("running", "pause", "pause"),
        ("paused", "continue", "continue"),
        ("paused", "step", "step_once"),
        ("running", "stop", "stop"),
    ],
)
def test_a_button_says_what_is_wanted(stage: Stage, state: str, action: str, kind: str) -> None:
    stage.answers = [payload([step(1)], 1, state=state), 204]
    stage.show(view())
    stage.wait_for(state=state)
    stage.page.locator(f"[data-action={action}]").click()
    assert stage.intents() == [{"kind": kind}]


def test_a_lost_connection_is_said_and_found_again(stage: Stage) -> None:
    stage.answers = [payload([step(1)], 1), 0, 0, payload([step(2)], 2), 204]
    stage.show(view())
    stage.wait_for(connection="lost")
    assert "connection lost" in stage.text("status")
    stage.wait_for(connection="open", last_step=2)
    assert "connection lost" not in stage.text("status")


def test_an_error_is_said_in_the_readers_language(stage: Stage) -> None:
    template = "The loss of '{task}' is no longer a number."
    error = {"error": "TrainingError", "template": template, "values": {"task": "click"}, "message": "in English"}
    stage.answers = [payload([step(1)], 1, state="failed", error=error), 204]
    stage.show(view(strings={template: "“{task}”的损失不再是数字。"}))
    stage.wait_for(state="failed")
    assert "“click”的损失不再是数字。" in stage.text("status")


def test_an_oracle_s_label_touches_no_other_label_and_gives_way_where_there_is_no_room(stage: Stage) -> None:
    def at(auc: float) -> TaskMetrics:
        return CLICK.model_copy(update={"auc": auc, "auc_low": auc - 0.01, "auc_high": auc + 0.01, "oracle_auc": 0.894})

    early = [
        gates(0, EVEN),
        step(1),
        measured(1, click=at(0.89), purchase=at(0.88).model_copy(update={"oracle_auc": 0.9})),
    ]
    late = [step(20), measured(20, click=at(0.893), purchase=at(0.7))]
    stage.answers = [payload(early, 3), payload(late, 5), 204]
    stage.show(view())
    for last_step in (1, 20):
        stage.wait_for(last_step=last_step)
        stage.page.wait_for_timeout(300)
        shown = stage.page.evaluate(SHOWN_LABELS)
        assert any("oracle" in label["text"] for label in shown)
        assert overlaps(shown) == []


def test_names_are_text_whatever_they_look_like(stage: Stage) -> None:
    name = "<img src=x onerror=window.pwned=1>"
    stage.answers = [payload([step(1, (name,)), gates(1, ((0.6, 0.4),), (name,))], 2), 204]
    stage.show(view((name,), experts=("E1", "E2")))
    stage.wait_for(last_step=1)
    assert stage.page.locator("[data-part] img").count() == 0
    assert stage.page.evaluate("window.pwned") is None


@pytest.mark.parametrize("experts", [1, 8, 256])
def test_any_number_of_experts_fits_a_phone(stage: Stage, experts: int) -> None:
    stage.page.set_viewport_size({"width": 390, "height": 1200})
    means = ((1 / experts,) * experts,) * 2
    stage.answers = [payload([gates(0, means), step(1)], 2), 204]
    stage.show(view(experts=tuple(f"E{number}" for number in range(1, experts + 1))))
    stage.wait_for(last_step=1)
    assert stage.page.evaluate("document.documentElement.scrollWidth") == 390
    assert stage.page.locator("[data-part=gates] .cell").count() == 4 * experts
    assert bool(re.search(r"0\.\d\d|1\.00", stage.page.locator(".cell-numbers").first.text_content() or "")) == (
        experts < 256
    )


def test_a_replay_plays_to_its_end_and_back_again(stage: Stage) -> None:
    stage.page.emulate_media(reduced_motion="reduce")
    stage.answers = [payload([gates(0, EVEN), *map(step, range(1, 21)), gates(20, APART)], 22, state="finished")]
    stage.show(view(mode="replay", is_compact=True), source="/api/replay/classroom")
    stage.wait_for(last_step=20)
    assert stage.page.locator("[data-part=weights]").count() == 0
    stage.page.locator("[data-part=replay] input").fill("0.5")
    stage.wait_for(last_step=10)
    stage.page.locator("[data-part=replay] button").click()
    stage.wait_for(last_step=20)
    assert len(stage.asked) == 1


def test_a_panel_that_is_left_asks_no_more(stage: Stage) -> None:
    stage.answers = [payload([step(1)], 1), 204]
    stage.show(view())
    stage.wait_for(last_step=1)
    stage.page.evaluate("window.leave()")
    asked = len(stage.asked)
    stage.page.wait_for_timeout(1200)
    assert len(stage.asked) == asked
    assert stage.page.locator(".live").count() == 0
