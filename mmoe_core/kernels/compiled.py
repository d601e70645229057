"""How kernels are compiled: once per machine and type, then read from disk; without the interpreter's lock."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar, cast

from numba import njit

__all__ = ["kernel"]

_Loop = TypeVar("_Loop", bound=Callable[..., object])

# Sums may be taken in any order, so that they fill the processor's lanes; NaN and infinity stay what they are.
_FREEDOMS = {"reassoc", "contract", "arcp", "nsz"}


def kernel(loop: _Loop) -> _Loop:
    """Compile a loop at its first call."""
    compile_at_first_call = njit(nogil=True, cache=True, error_model="numpy", fastmath=_FREEDOMS)
    return cast(_Loop, compile_at_first_call(loop))
