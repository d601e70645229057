"""Networks that other libraries have trained: their tensors under our names, as runs. Needs none of those libraries."""

from .adopting import adopt
from .guessing import guess_deepctr, guess_rechub
from .libraries import LIBRARIES, Library, LibraryName
from .pieces import Piece, copy_pieces, input_order
from .reading import ForeignFile, read_foreign

__all__ = [
    "LIBRARIES",
    "ForeignFile",
    "Library",
    "LibraryName",
    "Piece",
    "adopt",
    "copy_pieces",
    "guess_deepctr",
    "guess_rechub",
    "input_order",
    "read_foreign",
]
