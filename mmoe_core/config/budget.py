"""Architectures of equal size: what a comparison needs before its AUCs mean anything."""

from __future__ import annotations

from bisect import bisect_left

from .base import MAX_WIDTH
from .model import MMoE, ModelConfig, Single
from .schema import Schema
from .sizes import sizes

__all__ = ["match_budget", "reference_of"]


def reference_of(model: ModelConfig) -> MMoE:
    """The measure: MMoE as it comes, 8 experts [16], with this model's embeddings and towers."""
    return MMoE(
        embedding_size=model.embedding_size,
        embedding_scale=model.embedding_scale,
        default_tower_widths=model.default_tower_widths,
        tower_widths=model.tower_widths,
    )


def match_budget(model: ModelConfig, schema: Schema) -> ModelConfig:
    """The same kind with experts widened or narrowed until it has about as many parameters as `reference_of` it.

    All layers of an expert keep their proportions. Where every task has embeddings of its own, these share the
    reference's width.
    """
    wanted = sizes(reference_of(model), schema).total
    if isinstance(model, Single):
        own = max(1, model.embedding_size // len(schema.tasks))
        model = model.model_copy(update={"embedding_size": own})

    def total(width: int) -> int:
        return sizes(_as_wide(model, width), schema).total

    above = bisect_left(range(1, MAX_WIDTH), wanted, key=total) + 1
    nearest = min((width for width in (above - 1, above) if width), key=lambda width: abs(total(width) - wanted))
    return _as_wide(model, nearest)


def _as_wide(model: ModelConfig, width: int) -> ModelConfig:
    """With experts whose first layer is so wide."""
    first = model.expert_widths[0]
    widths = tuple(min(MAX_WIDTH, max(1, round(layer * width / first))) for layer in model.expert_widths)
    return model.model_copy(update={"expert_widths": widths})
