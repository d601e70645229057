"""What a network was built with, as far as the names and shapes of its tensors tell: choices as `path=value`."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from torch import Tensor

__all__ = ["guess_deepctr", "guess_rechub"]

Shapes = Mapping[str, tuple[int, ...]]


def guess_rechub(tensors: Mapping[str, Tensor], tasks: Sequence[str]) -> dict[str, str]:
    """Of torch-rechub; what nothing says is left out.

    Args:
        tensors: Its state dict.
        tasks: Names of its tasks, in its order.
    """
    shapes = _shapes(tensors)
    found = _embedding(shapes, r"embedding\.embed_dict\..+\.weight") | _towers(
        shapes, r"towers\.{}\.mlp\.(\d{1,4})", tasks
    )
    num_levels = _count(shapes, r"cgc_layers\.(\d{1,4})\.")
    if num_levels:
        found |= {
            "model.kind": "ple" if num_levels > 1 else "cgc",
            "model.num_task_experts": str(
                _count(shapes, r"cgc_layers\.0\.experts_specific\.(\d{1,4})\.") // len(tasks)
            ),
            "model.num_shared_experts": str(_count(shapes, r"cgc_layers\.0\.experts_shared\.(\d{1,4})\.")),
            **({"model.num_levels": str(num_levels)} if num_levels > 1 else {}),
        }
        found |= _spelled("model.expert_widths", _widths(shapes, r"cgc_layers\.0\.experts_shared\.0\.mlp\.(\d{1,4})"))
    elif _count(shapes, r"gates\.(\d{1,4})\."):
        found |= {"model.kind": "mmoe", "model.num_experts": str(_count(shapes, r"experts\.(\d{1,4})\."))}
        found |= _spelled("model.expert_widths", _widths(shapes, r"experts\.0\.mlp\.(\d{1,4})"))
    elif any(name.startswith("bottom_mlp.") for name in shapes):
        found["model.kind"] = "shared_bottom"
        found |= _spelled("model.expert_widths", _widths(shapes, r"bottom_mlp\.mlp\.(\d{1,4})"))
    elif any(name.startswith("bottoms.") for name in shapes):
        found["model.kind"] = "aitm"
        found |= _spelled("model.expert_widths", _widths(shapes, r"bottoms\.0\.mlp\.(\d{1,4})"))
    elif any(name.startswith("tower_ctr.") for name in shapes):
        *experts, tower = _widths(shapes, r"tower_ctr\.mlp\.(\d{1,4})")[:-1] or (0,)
        found["model.kind"] = "esmm"
        found |= _spelled("model.expert_widths", experts) | _spelled("model.default_tower_widths", (tower,))
    return found


def guess_deepctr(tensors: Mapping[str, Tensor], tasks: Sequence[str]) -> dict[str, str]:
    """Of DeepCTR-Torch; what nothing says is left out.

    Args:
        tensors: Its state dict.
        tasks: Names of its tasks, in its order.
    """
    shapes = _shapes(tensors)
    found = _embedding(shapes, r"embedding_dict\..+\.weight") | _towers(
        shapes, r"tower_dnn\.{}\.linears\.(\d{1,4})", tasks
    )
    num_levels = _count(shapes, r"specific_experts\.(\d{1,4})\.")
    if num_levels:
        own = _count(shapes, r"specific_experts\.0\.0\.(\d{1,4})\.")
        outputs = shapes.get("specific_gate_dnn_final_layer.0.0.weight", (0,))[0]
        found |= {
            "model.kind": "ple" if num_levels > 1 else "cgc",
            "model.num_task_experts": str(own),
            "model.num_shared_experts": str(outputs - own),
            **({"model.num_levels": str(num_levels)} if num_levels > 1 else {}),
        }
        found |= _spelled("model.expert_widths", _widths(shapes, r"specific_experts\.0\.0\.0\.linears\.(\d{1,4})"))
    elif _count(shapes, r"expert_dnn\.(\d{1,4})\."):
        found |= {"model.kind": "mmoe", "model.num_experts": str(_count(shapes, r"expert_dnn\.(\d{1,4})\."))}
        found |= _spelled("model.expert_widths", _widths(shapes, r"expert_dnn\.0\.linears\.(\d{1,4})"))
    elif any(name.startswith("ctr_dnn.") for name in shapes):
        *experts, tower = _widths(shapes, r"ctr_dnn\.linears\.(\d{1,4})") or (0,)
        found["model.kind"] = "esmm"
        found |= _spelled("model.expert_widths", experts) | _spelled("model.default_tower_widths", (tower,))
    if any(".bn." in name for name in shapes):
        found["model.norm"] = "batch"
    return found


def _shapes(tensors: Mapping[str, Tensor]) -> Shapes:
    return {name: tuple(tensor.shape) for name, tensor in tensors.items()}


def _embedding(shapes: Shapes, pattern: str) -> dict[str, str]:
    sizes = {shape[-1] for name, shape in shapes.items() if re.fullmatch(pattern, name) and len(shape) == 2}
    return {"model.embedding_size": str(min(sizes))} if sizes else {}


def _towers(shapes: Shapes, pattern: str, tasks: Sequence[str]) -> dict[str, str]:
    """Hidden widths; a layer of one output is the score."""
    found: dict[str, str] = {}
    for place, task in enumerate(tasks):
        widths = _widths(shapes, pattern.replace("{}", str(place)))
        found |= _spelled(f"model.tower_widths.{task}", widths[:-1] if widths[-1:] == [1] else widths)
    return found


def _spelled(path: str, widths: Sequence[int]) -> dict[str, str]:
    return {path: ",".join(map(str, widths))} if widths else {}


def _widths(shapes: Shapes, pattern: str) -> list[int]:
    """How many outputs each linear layer of a network has, first to last."""
    layer = re.compile(pattern + r"\.weight")
    found = {
        int(at[1]): shape[0] for name, shape in shapes.items() if (at := layer.fullmatch(name)) and len(shape) == 2
    }
    return [found[number] for number in sorted(found)]


def _count(shapes: Shapes, pattern: str) -> int:
    """How many members a list of networks has."""
    return len({at[1] for name in shapes if (at := re.match(pattern, name))})
