"""Which numbers of a network the losses of several tasks move."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import torch
from torch import Tensor, nn

__all__ = ["SharedLayer", "shared_members"]

SharedLayer = tuple[nn.Parameter, Tensor]
"""A layer, and which of its numbers several tasks share: bool, of the layer's shape."""


def shared_members(layers: Iterable[nn.Parameter], tasks_of_members: Sequence[frozenset[int]]) -> Iterator[SharedLayer]:
    """The layers of a bank, or of gates, some of whose members losses of several tasks arrive at.

    Args:
        layers: The members lie along the first axis of each, or along the second where the first has length 1.
        tasks_of_members: Per member, whose losses arrive there.
    """
    is_shared = [len(tasks) > 1 for tasks in tasks_of_members]
    if not any(is_shared):
        return
    for layer in layers:
        axis = 0 if layer.shape[0] == len(is_shared) else 1
        shape = [-1 if place == axis else 1 for place in range(layer.ndim)]
        yield layer, torch.tensor(is_shared, device=layer.device).view(shape).expand_as(layer)
