"""Where a network computes."""

from __future__ import annotations

import torch

from ..config import TrainConfig
from ..errors import TrainingError

__all__ = ["choose_device"]


def choose_device(train: TrainConfig) -> torch.device:
    """What the config names; of itself a graphics processor where there is one, the processor where there is none.

    Several processes compute on the processor: what they exchange lies there.

    Raises:
        TrainingError: the named one is not there.
    """
    there = {"cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available(), "cpu": True}
    if train.device != "auto":
        if not there[train.device]:
            raise TrainingError(
                "train.device is {device}, which this machine does not have, or its PyTorch cannot use. Choose auto.",
                device=train.device,
            )
        return torch.device(train.device)
    if train.num_processes > 1:
        return torch.device("cpu")
    return torch.device(next(name for name, is_there in there.items() if is_there))
