"""Networks that other libraries have trained: their tensors, under our names. Needs torch, none of those libraries."""

from .pieces import Piece, copy_pieces, input_order
from .rechub import IGNORED, pieces_of_rechub

__all__ = ["IGNORED", "Piece", "copy_pieces", "input_order", "pieces_of_rechub"]
