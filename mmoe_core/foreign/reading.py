"""A file of tensors from elsewhere: safetensors, which is numbers and names and nothing that could run."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from safetensors import SafetensorError, safe_open
from torch import Tensor

from ..errors import ForeignError

__all__ = ["FIELDS", "ForeignFile", "read_foreign"]

FIELDS = "fields"  # under this word of the file's metadata: the names of the fields in the network's order, as JSON
_PICKLES = (b"PK\x03\x04", b"\x80")  # how torch.save begins, new and old


@dataclass(frozen=True)
class ForeignFile:
    """What a file holds.

    Attributes:
        tensors: Single precision, by their name.
        fields: In the order in which the network reads them; None where the file does not say.
    """

    tensors: dict[str, Tensor]
    fields: tuple[str, ...] | None


def read_foreign(file: Path) -> ForeignFile:
    """Read a file of tensors.

    Raises:
        ForeignError: it is none, or not whole, or its fields are no names.
    """
    try:
        with safe_open(file, framework="pt") as found:
            tensors = {name: found.get_tensor(name).float() for name in found.keys()}  # noqa: SIM118 - no mapping
            said = (found.metadata() or {}).get(FIELDS)
    except (SafetensorError, ValueError, OverflowError, RuntimeError) as error:
        raise _refusal(file, str(error)) from None
    return ForeignFile(tensors, None if said is None else _names(file, said))


def _refusal(file: Path, reason: str) -> ForeignError:
    with file.open("rb") as opened:
        beginning = opened.read(4)
    if beginning.startswith(_PICKLES):
        return ForeignError(
            "{file} is a pickle, which could run whatever its author wants and is never opened here. Write the tensors "
            "as safetensors where the library lives: `python -m mmoe_core adopt --how` prints the lines.",
            file=file.name,
        )
    return ForeignError(
        "{file} is no whole safetensors file ({reason}). Write it again: `python -m mmoe_core adopt --how` prints the "
        "lines.",
        file=file.name,
        reason=reason[:160],
    )


def _names(file: Path, said: str) -> tuple[str, ...]:
    try:
        names = json.loads(said)
    except (json.JSONDecodeError, RecursionError):
        names = None
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise ForeignError(
            "{file} says in its metadata what its fields are, but not as a JSON list of names. Write it again: "
            "`python -m mmoe_core adopt --how` prints the lines.",
            file=file.name,
        )
    return tuple(names)
