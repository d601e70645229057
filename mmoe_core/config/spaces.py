"""Over which rows a task's numbers mean what they say, by the field's words."""

from __future__ import annotations

from typing import Literal

from .model import ESMM, ModelConfig
from .schema import LabelSpace, TaskSpec

__all__ = ["ScoreSpace", "score_space"]

ScoreSpace = LabelSpace | Literal["product"]


def score_space(task: TaskSpec, model: ModelConfig) -> ScoreSpace:
    """The space of a task's label; under ESMM, of one over all impressions, the product pCTR · pCVR."""
    return "product" if isinstance(model, ESMM) and task.label_space == "ctcvr" else task.label_space
