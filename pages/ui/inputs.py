"""Compact widgets: the name and what it means on the left, the value on the right, a typed value back.

A widget's key is the path of its choice in the config. What it shows is put into the session by `fill` beforehand,
since a widget that was given a key ignores a changed default.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, TypeVar

import streamlit as st
from pydantic import BaseModel, TypeAdapter, ValidationError
from streamlit.delta_generator import DeltaGenerator

from mmoe_core.config import Widths

from .language import t

__all__ = [
    "arrive",
    "bounds",
    "choice",
    "decimal",
    "fill",
    "group",
    "integer",
    "pair",
    "spell_widths",
    "weight",
    "widths",
]

_NARROW, _WIDE, _SLIDER, _GAP = 96, 150, 112, 14  # px
_WEIGHTS = (0.0, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0)
_PATHS = ("data.", "model.", "train.")  # how the widgets' keys begin
_PAGE = "inputs_page"  # whose widgets are shown
Option = TypeVar("Option", bound=str)

_widths: TypeAdapter[tuple[int, ...]] = TypeAdapter(Widths)


def arrive(page: str) -> None:
    """Forget what another page's widgets showed: those of this one are new, though they may have the same keys."""
    if st.session_state.get(_PAGE) != page:
        for key in [key for key in map(str, st.session_state) if key.startswith(_PATHS)]:
            del st.session_state[key]
    st.session_state[_PAGE] = page


def fill(shown: Mapping[str, object], *, anew: bool) -> None:
    """Put values into the widgets that will show them; those that already show something only if `anew`."""
    for key, value in shown.items():
        if anew or key not in st.session_state:
            st.session_state[key] = value


def bounds(model: type[BaseModel], field: str) -> tuple[Any, Any]:
    """Least and largest value of a config's field; None where it has none."""
    low = high = None
    for rule in model.model_fields[field].metadata:
        low = getattr(rule, "ge", low)
        high = getattr(rule, "le", high)
    return low, high


@contextmanager
def group(name: str) -> Iterator[None]:
    """Choices that belong together, under their quiet name."""
    with st.container(gap="xxsmall"):
        st.caption(f"**{name}**")
        yield


def _row(label: str, explained: str) -> DeltaGenerator:
    """The name, with its one line of explanation behind a question mark; what comes next stands on its right."""
    row = st.container(horizontal=True, vertical_alignment="center", gap="small", wrap=False)
    row.markdown(label, help=explained, width="stretch")
    return row


def choice(key: str, label: str, names: Mapping[Option, str], *, explained: str, is_wide: bool = True) -> Option:
    """One of a few, by id; the names are what people read. What is no longer among them gives way to the first."""
    if st.session_state.get(key) not in names:
        st.session_state[key] = next(iter(names))
    return _row(label, explained).selectbox(
        label,
        list(names),
        format_func=lambda option: names.get(option, str(option)),
        key=key,
        label_visibility="collapsed",
        width=_WIDE if is_wide else _NARROW,
    )


def integer(key: str, label: str, limits: tuple[int | None, int | None], *, step: int = 1, explained: str) -> int:
    """A whole number within its limits."""
    low, high = limits
    return int(
        _row(label, explained).number_input(
            label, low, high, step=step, key=key, label_visibility="collapsed", width=_NARROW
        )
    )


def decimal(key: str, label: str, limits: tuple[float, float], *, step: float, explained: str) -> float:
    """A number within its limits, in as few digits as it needs."""
    low, high = map(float, limits)  # a config may spell a bound as a whole number
    low = min(low, st.session_state[key])  # a link may spell what no step of this widget reaches
    return _row(label, explained).number_input(
        label, low, high, step=step, format="%g", key=key, label_visibility="collapsed", width=_NARROW
    )


def pair(label: str, *numbers: tuple[str, str, tuple[Any, Any], Any], explained: str) -> tuple[Any, ...]:
    """Numbers that belong together, side by side; each is (key, its own name, limits, step)."""
    row = _row(label, explained)
    width = (_NARROW + _GAP) // len(numbers) - _GAP // 2
    return tuple(
        row.number_input(
            name,
            *limits,
            step=step,
            format="%d" if isinstance(step, int) else "%g",
            key=key,
            label_visibility="collapsed",
            width=width,
        )
        for key, name, limits, step in numbers
    )


def spell_widths(layer_widths: Sequence[int]) -> str:
    """`(64, 32)` as people type it."""
    return ", ".join(map(str, layer_widths))


def widths(key: str, label: str, last: tuple[int, ...], *, explained: str) -> tuple[int, ...]:
    """Widths of the layers of a small network; while they cannot be read, the last ones that could."""
    typed = _row(label, explained).text_input(label, key=key, label_visibility="collapsed", width=_NARROW)
    try:
        return _widths.validate_strings("".join((typed or "").replace("，", ",").split()), strict=False)
    except ValidationError:
        st.error(
            t(
                "“{typed}” is not a list of widths. Write 1 to 8 whole numbers up to 4,096, such as 16 or 64, 32.",
                typed=typed or "",
            )
        )
        return last


def weight(key: str, label: str, *, explained: str) -> float:
    """A task's weight on a logarithmic scale; zero switches the task off."""
    options = sorted({*_WEIGHTS, float(st.session_state[key])})
    return _row(label, explained).select_slider(
        label, options, format_func=lambda w: f"{w:g}", key=key, label_visibility="collapsed", width=_SLIDER
    )
