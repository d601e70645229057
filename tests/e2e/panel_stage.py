"""A stage for the live panel alone: a blank page in Chromium, the script, and answers that the test gives."""

from __future__ import annotations

import json
from typing import Any

from playwright.sync_api import Page, Route

from mmoe_core.records import EpochRecord, GateLevel, GateSnapshot, StepRecord, TaskMetrics
from pages.ui.live import LiveTask, LiveView
from pages.ui.live.panel import script, style

SITE = "http://lab.test"
TASKS = ("click", "purchase")
MOUNT = """async ({source, view}) => {
  const module = await import("/live.js");
  const host = document.querySelector("#host");
  const parent = host.shadowRoot ?? host.attachShadow({mode: "open"});
  if (!parent.querySelector("style")) {
    const sheet = document.createElement("style");
    sheet.textContent = window.sheet;
    parent.append(sheet);
  }
  window.intents ??= [];
  window.leave = module.default({
    data: {source, view}, parentElement: parent, setTriggerValue: (name, text) => window.intents.push([name, text]),
  });
}"""


class Stage:
    """One panel; `answers` is what its route says next, the last one again and again."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.answers: list[dict[str, Any] | int] = [204]
        self.asked: list[str] = []
        page.route(f"{SITE}/**", self._serve)
        page.goto(f"{SITE}/")
        page.evaluate("text => { window.sheet = text }", style())

    def _serve(self, route: Route) -> None:
        path = route.request.url.removeprefix(SITE)
        if path == "/live.js":
            route.fulfill(body=script(), content_type="text/javascript")
        elif path.startswith("/api/"):
            self.asked.append(path)
            answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
            if answer == 0:
                route.abort()
            elif isinstance(answer, int):
                route.fulfill(status=answer)
            else:
                route.fulfill(status=404 if "cursor" not in answer else 200, json=answer)
        else:
            route.fulfill(body="<!doctype html><body style='margin:0'><div id=host>", content_type="text/html")

    def show(self, live: LiveView, source: str = "/api/runs/a/delta") -> None:
        """Mount the panel, or call it again with other data, as Streamlit does."""
        self.page.evaluate(MOUNT, {"source": source, "view": live.to_data()})

    def text(self, part: str) -> str:
        """What a part shows."""
        return self.page.locator(f"[data-part={part}]").inner_text()

    def intents(self) -> list[dict[str, Any]]:
        """What the panel asked for so far."""
        return [json.loads(text) for _, text in self.page.evaluate("window.intents")]

    def wait_for(self, **attributes: object) -> None:
        """Until the panel says so of itself: `state="running"`, `last_step=3`."""
        wanted = "".join(f'[data-{name.replace("_", "-")}="{value}"]' for name, value in attributes.items())
        self.page.wait_for_selector(f".live{wanted}", timeout=15_000)


def view(tasks: tuple[str, ...] = TASKS, **choices: Any) -> LiveView:
    """A panel of these tasks; all experts are shared, and heard by all, unless it is said otherwise."""
    live_tasks = tuple(LiveTask(name=task, label=task, tower_widths=(8,)) for task in tasks)
    experts = choices.pop("experts", ("E1", "E2", "E3", "E4"))
    open_to_all = {"owners": (-1,) * len(experts), "heard": ((True,) * len(experts),) * len(tasks)}
    return LiveView(tasks=live_tasks, experts=experts, **{"embedding": "embedding", **open_to_all, **choices})


def payload(records: list[Any], cursor: int, state: str = "running", **more: Any) -> dict[str, Any]:
    """One answer of the live route."""
    said = [record.model_dump(mode="json") for record in records]
    return {"cursor": cursor, "state": state, "total_steps": 20, "error": None, "records": said, **more}


def step(
    number: int, tasks: tuple[str, ...] = TASKS, balance: dict[str, float] | None = None, **weights: float
) -> StepRecord:
    """An update whose losses fall."""
    return StepRecord(
        step=number,
        epoch=1,
        rows=1000,
        elapsed_s=number * 0.5,
        task_losses={task: 1 / (number + rank) for rank, task in enumerate(tasks, start=1)},
        task_weights={task: weights.get(task, 1.0) for task in tasks},
        learning_rate=0.001,
        gradient_norms={task: 3.0 if rank == 0 else 1.0 for rank, task in enumerate(tasks)},
        balance=balance,
    )


def gates(number: int, means: tuple[tuple[float, ...], ...], tasks: tuple[str, ...] = TASKS) -> GateSnapshot:
    """The gates after a step."""
    experts = tuple(f"E{index + 1}" for index in range(len(means[0])))
    zeros = tuple(tuple(0.0 for _ in row) for row in means)
    counts = tuple(tuple((0,) * 20 for _ in row) for row in means)
    level = GateLevel(readers=tasks, experts=experts, mean_RE=means, sd_RE=zeros, histogram_REK=counts)
    return GateSnapshot(step=number, levels=(level,))


def measured(number: int, **metrics: TaskMetrics) -> EpochRecord:
    """A full validation."""
    return EpochRecord(epoch=1, step=number, metrics=metrics, is_best=True, best_epoch=1)
