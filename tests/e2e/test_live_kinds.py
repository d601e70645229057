"""The live panel of architectures that differ in who hears whom, and in which space a number is."""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest

from mmoe_core.records import EndRecord, TaskMetrics
from tests.e2e.panel_stage import TASKS, Stage, gates, payload, step, view

pytestmark = pytest.mark.browser

EVEN = ((0.25,) * 4, (0.25,) * 4)


OWN_AND_SHARED: dict[str, Any] = {
    "experts": ("click 1", "click 2", "purchase 1", "purchase 2", "shared 1", "shared 2"),
    "owners": (0, 0, 1, 1, -1, -1),
    "heard": ((True, True, False, False, True, True), (False, False, True, True, True, True)),
}


@pytest.mark.parametrize("width", [390, 900, 1440])
def test_own_and_shared_experts_are_told_apart_and_named_within_their_boxes(stage: Stage, width: int) -> None:
    stage.page.set_viewport_size({"width": width, "height": 1800})
    means = ((0.3, 0.1, 0.0, 0.0, 0.4, 0.2), (0.0, 0.0, 0.5, 0.1, 0.1, 0.3))
    stage.answers = [payload([gates(0, means), step(1)], 2), 204]
    stage.show(view(**OWN_AND_SHARED))
    stage.wait_for(last_step=1)
    texts = stage.page.locator(".cell-numbers text").all_text_contents()
    assert [bool(re.fullmatch(r"0?\.\d\d", text)) for text in texts] == [mean > 0 for row in means for mean in row]
    assert texts.count("×") == 4
    assert stage.page.locator(".edges path:visible").count() == 8
    titles = stage.page.locator("[data-part=gates] .cell title").all_text_contents()
    assert titles.count("purchase cannot hear click 1") == 1
    colors = stage.page.eval_on_selector_all(
        ".expert rect", "boxes => boxes.map((box) => getComputedStyle(box).stroke)"
    )
    assert colors[0] == colors[1] != colors[2] == colors[3] != colors[4] == colors[5] != colors[0]
    said = stage.page.eval_on_selector_all(
        ".expert",
        """boxes => boxes.map((box) => {
          const [rect, text] = [...box.children].map((part) => part.getBoundingClientRect());
          return [box.textContent, text.left >= rect.left && text.right <= rect.right];
        })""",
    )
    assert all(text and is_inside for text, is_inside in said)
    captions = stage.page.locator(".captions text").all_text_contents()
    assert captions == (["click", "purchase", "shared"] if said[0][0] == "1" else [])
    boxes = (one.bounding_box() for one in stage.page.locator(".expert rect").all())
    steps = [later - earlier for earlier, later in pairwise(box["x"] for box in boxes if box)]
    assert min(steps[1], steps[3]) > max(steps[0], steps[2], steps[4])


def test_where_there_is_nothing_to_choose_no_distance_is_said(stage: Stage) -> None:
    stage.answers = [payload([gates(0, ((1.0, 0.0), (0.0, 1.0))), step(1)], 2), 204]
    heard = ((True, False), (False, True))
    stage.show(view(experts=TASKS, owners=(0, 1), heard=heard, has_choice=False, gates_note="nothing to choose"))
    stage.wait_for(last_step=1)
    card = stage.page.locator("[data-part=gates]")
    assert "nothing to choose" in card.inner_text()
    assert "Jensen" not in card.inner_text()
    assert "untrained" not in card.inner_text()
    assert stage.page.locator("[data-part=mixture] h3").inner_text() == "A network for each task"


def test_a_number_says_its_space_and_a_product_its_second_factor(stage: Stage) -> None:
    found = TaskMetrics(kind="binary", rows=90, loss=0.1, positives=20, auc=0.7, auc_low=0.6, auc_high=0.8)
    end = EndRecord(
        step=2,
        reason="completed",
        best_epoch=1,
        best_step=2,
        metrics={"click": found, "purchase": found},
        cvr_metrics={"purchase": found.model_copy(update={"auc": 0.65})},
        gates=gates(2, EVEN),
        elapsed_s=1.0,
    )
    shown = view()
    spaces = ("CTR", "pCTR × pCVR")
    tasks = tuple(replace(task, space=space) for task, space in zip(shown.tasks, spaces, strict=True))
    stage.answers = [payload([gates(0, EVEN), step(1), step(2), end], 4, state="finished")]
    stage.show(replace(shown, tasks=tasks, cvr_on_clicks="CVR on clicks"))
    stage.wait_for(last_step=2)
    lines = stage.page.locator(".readout-line").all_inner_texts()
    assert [line.split(" ±")[0] for line in lines] == [
        "click · CTR 0.700",
        "purchase · pCTR × pCVR 0.700",
        "purchase · CVR on clicks 0.650",
    ]
