"""Ask memory for a row before it is needed: a look-up in a large table waits for memory, not for arithmetic.

numba hands its compiler on without types, hence the two calls that the type checker cannot see through.
"""

from __future__ import annotations

from typing import Any

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

__all__ = ["prefetch"]

_TO_READ, _TO_KEEP, _OF_DATA = 0, 3, 1  # llvm.prefetch's arguments


def _prefetch(typing: Any, table_PL: Any, row: Any) -> tuple[Any, Any]:
    """Start loading the beginning of `table_PL[row]`; returns at once, changes nothing."""
    del typing

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        table_type, row_type = signature.args
        table = context.make_array(table_type)(context, builder, arguments[0])
        place = [context.cast(builder, arguments[1], row_type, types.intp), context.get_constant(types.intp, 0)]
        pointer = cgutils.get_item_pointer(  # type: ignore[no-untyped-call]
            context, builder, table_type, table, place, wraparound=False
        )
        byte, number = ir.IntType(8).as_pointer(), ir.IntType(32)
        function = cgutils.get_or_insert_function(  # type: ignore[no-untyped-call]
            builder.module, ir.FunctionType(ir.VoidType(), [byte, number, number, number]), "llvm.prefetch.p0"
        )
        options = [number(option) for option in (_TO_READ, _TO_KEEP, _OF_DATA)]
        builder.call(function, [builder.bitcast(pointer, byte), *options])
        return context.get_dummy_value()

    return types.void(table_PL, row), generate


prefetch: Any = intrinsic(_prefetch)  # called as prefetch(table_PL, row)
