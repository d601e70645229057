"""The libraries whose networks can be adopted, and what differs between them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from torch import Tensor

from ..config import ModelConfig, ModelKind, Schema
from ..models import MultiTaskModel
from .deepctr import pieces_of_deepctr, spare_of_deepctr
from .guessing import guess_deepctr, guess_rechub
from .pieces import Piece
from .rechub import SPARE, pieces_of_rechub

__all__ = ["LIBRARIES", "Library", "LibraryName"]

LibraryName = Literal["torch-rechub", "deepctr-torch"]


class Pieces(Protocol):
    """All tensors of a network, and their places in ours."""

    def __call__(
        self, model: MultiTaskModel, config: ModelConfig, schema: Schema, tasks: Sequence[int], *, as_given: bool
    ) -> Iterator[Piece]:
        """As `pieces_of_rechub` describes it."""


@dataclass(frozen=True)
class Library:
    """One library.

    Attributes:
        pieces: Where its tensors go.
        spare: How names end that a network has and does not need.
        guess: What a network was built with, from its tensors and the names of its tasks.
        kinds: Of our architectures those that it has.
        parity: What our network has to be.
    """

    pieces: Pieces
    spare: Callable[[ModelConfig], tuple[str, ...]]
    guess: Callable[[Mapping[str, Tensor], Sequence[str]], dict[str, str]]
    kinds: tuple[ModelKind, ...]
    parity: Literal["none", "rechub"]


LIBRARIES: dict[LibraryName, Library] = {
    "torch-rechub": Library(
        pieces=pieces_of_rechub,
        spare=lambda config: SPARE,
        guess=guess_rechub,
        kinds=("shared_bottom", "mmoe", "cgc", "ple", "esmm", "aitm"),
        parity="rechub",
    ),
    "deepctr-torch": Library(
        pieces=pieces_of_deepctr,
        spare=spare_of_deepctr,
        guess=guess_deepctr,
        kinds=("mmoe", "cgc", "ple", "esmm"),
        parity="none",
    ),
}
