"""All that a run needs to go on as if it had never been interrupted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from torch import Tensor

__all__ = ["Progress", "TrainingState", "join", "part"]


@dataclass(frozen=True)
class TrainingState:
    """A run between two steps: tensors for safetensors, counters for JSON.

    Attributes:
        tensors: `model/NAME`, `best/NAME` (the weights that would be kept now), `optimizer/NAME/KEY`,
            `balancer/KEY`; copies.
        counters: The fields of `Progress`; strings, numbers, mappings and `None` only.
    """

    tensors: dict[str, Tensor]
    counters: dict[str, Any]


@dataclass
class Progress:
    """Where a run is, and what was set while it ran."""

    learning_rate: float
    task_weights: dict[str, float]
    step: int = 0
    epoch: int = 0
    batches: int = 0  # of this epoch
    elapsed_s: float = 0.0
    best_epoch: int = 0
    best_step: int = 0
    best_value: float | None = None
    epochs_without_better: int = 0

    def counters(self) -> dict[str, Any]:
        """As JSON has it; `Progress(**counters)` is the inverse."""
        return asdict(self)


def join(**parts: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Copies, off any device, of named groups of tensors under `group/name`."""
    return {
        f"{group}/{name}": tensor.detach().to("cpu", copy=True)
        for group, tensors in parts.items()
        for name, tensor in tensors.items()
    }


def part(tensors: Mapping[str, Tensor], group: str) -> dict[str, Tensor]:
    """One group of what `join` joined."""
    return {name.removeprefix(f"{group}/"): tensor for name, tensor in tensors.items() if name.startswith(f"{group}/")}
