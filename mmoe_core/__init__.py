"""Multi-gate mixture-of-experts, trained live and looked into.

The public face. A name is imported from its room when somebody asks for it (PEP 562), so that `import mmoe_core` does
not load torch for those who only read.
"""

from importlib import import_module
from typing import Any

__all__ = [
    "MMoE",
    "OneGate",
    "RunConfig",
    "SharedBottom",
    "Store",
    "build_model",
    "expert_usage",
    "fit",
    "gate_heatmap",
    "prepare",
    "preset",
    "submit",
]

_room_of = {
    "MMoE": "config",
    "OneGate": "config",
    "RunConfig": "config",
    "SharedBottom": "config",
    "Store": "runs",
    "build_model": "models",
    "expert_usage": "analysis",
    "fit": "training",
    "gate_heatmap": "viz",
    "prepare": "data",
    "preset": "config",
    "submit": "runs",
}


def __getattr__(name: str) -> Any:
    if name not in _room_of:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f".{_room_of[name]}", __name__), name)
