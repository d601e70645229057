"""Starting points with a name."""

from __future__ import annotations

from typing import Literal, get_args

from .data import Census, MmoePaper, SimulatedAliCcp, Stored
from .model import MMoE
from .run import RunConfig
from .train import TrainConfig

__all__ = ["PRESETS", "SAMPLE", "SAMPLE_AS_GIVEN", "PresetName", "preset"]

PresetName = Literal["tutorial", "classroom", "census", "kdd2018"]
PRESETS: tuple[PresetName, ...] = get_args(PresetName)
SAMPLE = "ali-ccp-sample"  # where the tutorials' 200-row sample is stored once it was imported
SAMPLE_AS_GIVEN = f"{SAMPLE}-as-given"  # the same rows, read as the tutorials' notebook reads them

_presets: dict[PresetName, RunConfig] = {
    "tutorial": RunConfig(
        data=Stored(name=SAMPLE_AS_GIVEN),
        model=MMoE(parity="rechub", embedding_size=4, num_experts=8, expert_widths=(16,), default_tower_widths=(8,)),
        train=TrainConfig(
            learning_rate=1e-3, weight_decay=1e-4, moved_rows="all", batch_size=1024, epochs=1, seed=2022
        ),
    ),
    "classroom": RunConfig(
        data=SimulatedAliCcp(),
        model=MMoE(embedding_size=8, embedding_scale=0.5),
        train=TrainConfig(learning_rate=3e-3, epochs=6),
    ),
    "census": RunConfig(
        data=Census(group="g1"),
        model=MMoE(embedding_size=4, num_experts=8, expert_widths=(16,), default_tower_widths=(8,)),
        train=TrainConfig(learning_rate=3e-3, epochs=12, patience=2),
    ),
    "kdd2018": RunConfig(  # section 5.2 of the paper; the batch and the epochs are ours
        data=MmoePaper(),
        model=MMoE(num_experts=8, expert_widths=(16,), default_tower_widths=(8,)),
        train=TrainConfig(learning_rate=1e-2, batch_size=256, epochs=12),
    ),
}


def preset(name: PresetName) -> RunConfig:
    """The config of a preset."""
    return _presets[name]
