"""Loops over rows of memory that neither torch nor numpy does in one pass, compiled for the processor by numba.

Plain arrays in, plain arrays out. What each computes is said by the formula above it, and computed again by torch where
the numbers live on another device, and in the tests.
"""

from .merging import merge_rows
from .mixture import mix, mix_gradients
from .table import add_up, gather, move_by_adam
from .touched import group_ids

__all__ = ["add_up", "gather", "group_ids", "merge_rows", "mix", "mix_gradients", "move_by_adam"]
