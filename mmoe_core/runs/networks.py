"""The network of a run as it was at one of its states."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from ..config import RunConfig, Schema, sizes
from ..errors import RunError
from . import files
from .store import Store

if TYPE_CHECKING:
    from ..models import MultiTaskModel

__all__ = ["FINAL_BEST", "Weights", "network_in", "weights_at"]


class Weights(NamedTuple):
    """Which of a run's weights.

    Attributes:
        checkpoint: What the state is called in the run's folder.
        group: `model`, the state's own, or `best`, the best up to it.
    """

    checkpoint: int | str
    group: str


FINAL_BEST = Weights(files.FINAL, "best")


def weights_at(store: Store, run_id: str, epoch: int | str) -> Weights:
    """Where the weights after an epoch are kept, or the `best` ones so far.

    Raises:
        RunError: they were not kept.
    """
    folder = store.run_folder(run_id)
    if epoch != "best":
        found = Weights(epoch, "model")
    elif files.has_checkpoint(folder, files.FINAL):
        found = FINAL_BEST
    else:
        epochs = [record for record in store.records(run_id, ["epoch"]) if record.kind == "epoch"]
        if not epochs:
            raise RunError("Run {run_id} has no weights yet: its first ones are written when it begins.", run_id=run_id)
        found = Weights(epochs[-1].best_epoch, "model")
    if not files.has_checkpoint(folder, found.checkpoint):
        raise RunError(
            "Run {run_id} has kept no weights of epoch {epoch}. Epochs that have: {epochs}.",
            run_id=run_id,
            epoch=str(epoch),
            epochs=", ".join(map(str, files.checkpoint_epochs(folder))) or "none yet",
        )
    return found


def network_in(folder: Path, config: RunConfig, schema: Schema, weights: Weights) -> MultiTaskModel:
    """The network with some of a run's weights, ready to judge.

    Args:
        folder: The run's.
        config: The run's.
        schema: What it was trained on.
        weights: Which.

    Raises:
        RunError: they are not the weights of the run's config; names one that is missing, extra or of another shape.
    """
    from ..models import build_model
    from ..training.state import part

    tensors = part(files.read_checkpoint(folder, weights.checkpoint).tensors, weights.group)
    wanted, found = sizes(config.model, schema).total, sum(tensor.numel() for tensor in tensors.values())
    if found < wanted:  # then it is not even built: what it asks for may be anything
        raise RunError(
            "The weights of run {run_id} are not those of its network: {found:,} numbers, where it has {wanted:,}.",
            run_id=folder.name,
            found=found,
            wanted=wanted,
        )
    network = build_model(config.model, schema, seed=config.train.seed).eval()
    shapes = {name: tuple(tensor.shape) for name, tensor in network.state_dict().items()}
    theirs = {name: tuple(tensor.shape) for name, tensor in tensors.items()}
    odd = sorted(name for name in shapes.keys() | theirs.keys() if shapes.get(name) != theirs.get(name))
    if odd:
        raise RunError(
            "The weights of run {run_id} are not those of its network: {names} are missing, too many, or of another "
            "shape.",
            run_id=folder.name,
            names=", ".join(odd[:5]),
        )
    network.load_state_dict(tensors)
    return network
