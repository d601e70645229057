"""Over which rows a task's numbers mean what they say, in words: a purchase has three such spaces, and they differ."""

from __future__ import annotations

from collections.abc import Iterable

from mmoe_core.config import LabelSpace, ModelConfig, ScoreSpace, TaskSpec, score_space

from .language import mark, t, task_label

__all__ = ["SPACE_MEANINGS", "SPACE_NAMES", "in_space", "space_name", "task_in_space"]

SPACE_NAMES: dict[ScoreSpace, str] = {
    "ctr": "CTR",
    "ctcvr": mark("CTCVR"),
    "cvr": mark("CVR on clicks"),
    "product": "pCTR × pCVR",
}
SPACE_MEANINGS: dict[LabelSpace, str] = {
    "ctcvr": mark("CTCVR: the chance of a {task} over all impressions; every row teaches it and judges it."),
    "cvr": mark("CVR: the chance of a {task} after a click; only clicked rows teach it, and judge it."),
}


def space_name(space: ScoreSpace) -> str:
    """A space in the field's words; nothing where all rows are meant and no word is needed."""
    return t(SPACE_NAMES[space]) if space in SPACE_NAMES else ""


def in_space(task: str, space: ScoreSpace) -> str:
    """A task and its space: purchase · CTCVR."""
    return " · ".join(filter(None, (task_label(task), space_name(space))))


def task_in_space(tasks: Iterable[TaskSpec], model: ModelConfig) -> dict[str, str]:
    """Each task of a run by its name, with the space that its scores are in."""
    return {task.name: in_space(task.name, score_space(task, model)) for task in tasks}
