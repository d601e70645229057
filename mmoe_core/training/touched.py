"""Which rows of the embedding table a batch touches.

Shape suffixes in this file:
    B batch   K ids of a row   U different ids
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from .. import kernels

__all__ = ["Touched"]


@dataclass(frozen=True)
class Touched:
    """The ids of a batch, each once.

    Attributes:
        ids_U: Ascending, int32.
        places_BK: Which of them each id of the batch is; −1 on padding.
        weights_BK: How much each id counts within its field; None where every field has one.
    """

    ids_U: Tensor
    places_BK: Tensor
    weights_BK: Tensor | None

    def to(self, device: torch.device) -> Touched:
        """The same on a device."""
        weights_BK = None if self.weights_BK is None else self.weights_BK.to(device)
        return Touched(self.ids_U.to(device), self.places_BK.to(device), weights_BK)

    @classmethod
    def by(cls, ids_BK: Tensor, weights_BK: Tensor | None = None) -> Touched:
        """Group a batch's ids (int32)."""
        weights = np.empty((0, 0), np.float32) if weights_BK is None else weights_BK.numpy()
        ids_U, places_BK = kernels.group_ids(ids_BK.numpy(), weights)
        return cls(torch.from_numpy(ids_U), torch.from_numpy(places_BK), weights_BK)
