"""What a person may choose, checked at birth: data, network, training, and the schema they meet on."""

from .base import MEAN, ColumnName, DatasetName, Frozen, TaskName, Widths
from .data import Census, DataConfig, MmoePaper, Simulated, SimulatedAliCcp, SimulatedFeed, Stored
from .model import MAX_EXPERTS, MMoE, ModelConfig, ModelKind, OneGate, SharedBottom, change_kind
from .places import PROJECT, SHIPPED, datasets_folder, home, runs_folder, uploads_folder
from .presets import PRESETS, SAMPLE, PresetName, preset
from .refusal import refusal
from .run import RunConfig, check_tasks, from_flat, from_json, to_flat
from .schema import FIRST_KNOWN, MISSING, PADDING, RARE, IdField, Schema, TaskSpec, ValueField
from .sizes import Sizes, check_memory, memory_bytes, sizes
from .train import Static, TaskWeight, TrainConfig, num_steps, steps_per_epoch

__all__ = [
    "FIRST_KNOWN",
    "MAX_EXPERTS",
    "MEAN",
    "MISSING",
    "PADDING",
    "PRESETS",
    "PROJECT",
    "RARE",
    "SAMPLE",
    "SHIPPED",
    "Census",
    "ColumnName",
    "DataConfig",
    "DatasetName",
    "Frozen",
    "IdField",
    "MMoE",
    "MmoePaper",
    "ModelConfig",
    "ModelKind",
    "OneGate",
    "PresetName",
    "RunConfig",
    "Schema",
    "SharedBottom",
    "Simulated",
    "SimulatedAliCcp",
    "SimulatedFeed",
    "Sizes",
    "Static",
    "Stored",
    "TaskName",
    "TaskSpec",
    "TaskWeight",
    "TrainConfig",
    "ValueField",
    "Widths",
    "change_kind",
    "check_memory",
    "check_tasks",
    "datasets_folder",
    "from_flat",
    "from_json",
    "home",
    "memory_bytes",
    "num_steps",
    "preset",
    "refusal",
    "runs_folder",
    "sizes",
    "steps_per_epoch",
    "to_flat",
    "uploads_folder",
]
