"""Values as the Python that a person would write for them: double quotes, one line where it fits, else one a line."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence

from pydantic import BaseModel

__all__ = ["classes_in", "literal"]

_WIDTH = 100
_INDENT = "    "


def literal(value: object, column: int = 0, depth: int = 0) -> str:
    """An expression that evaluates to the value.

    Args:
        value: A config, a record, or what they are made of.
        column: How much stands before it on its first line.
        depth: How far its lines are indented.
    """
    match value:
        case BaseModel():
            fields = [(f"{name}=", getattr(value, name)) for name in _said(value)]
            return _call(f"{type(value).__name__}(", fields, ")", column, depth)
        case Mapping():
            pairs = [(f"{literal(key)}: ", of) for key, of in value.items()]
            return _call("{", pairs, "}", column, depth)
        case str():
            return json.dumps(value, ensure_ascii=False) if value.isprintable() else repr(value)
        case tuple():
            ending = ",)" if len(value) == 1 else ")"
            return _call("(", [("", item) for item in value], ending, column, depth)
        case Sequence():
            return _call("[", [("", item) for item in value], "]", column, depth)
        case _:
            return repr(value)


def classes_in(value: object) -> set[type[BaseModel]]:
    """The classes that such an expression names."""
    parts: Iterable[object] = ()
    found: set[type[BaseModel]] = set()
    match value:
        case BaseModel():
            found.add(type(value))
            parts = (getattr(value, name) for name in type(value).model_fields)
        case Mapping():
            parts = value.values()
        case tuple() | list():
            parts = value
    return found.union(*map(classes_in, parts))


_marks = ("kind", "source", "method")  # what tells one class of a union from another: its name says it already


def _said(value: BaseModel) -> list[str]:
    """The fields to write: all, since a default may change one day."""
    fields = type(value).model_fields
    return [name for name in fields if not (name in _marks and getattr(value, name) == fields[name].default)]


def _call(start: str, parts: Sequence[tuple[str, object]], end: str, column: int, depth: int) -> str:
    flat = start + ", ".join(name + literal(of) for name, of in parts) + end
    if "\n" not in flat and column + len(flat) <= _WIDTH and not any(_is_model(of) for _, of in parts):
        return flat
    inner = _INDENT * (depth + 1)
    lines = (f"{inner}{name}{literal(of, len(inner) + len(name) + 1, depth + 1)},\n" for name, of in parts)
    return f"{start}\n{''.join(lines)}{_INDENT * depth}{end.removeprefix(',')}"


def _is_model(value: object) -> bool:
    return isinstance(value, BaseModel) and bool(_said(value))
