"""One network against another, in words: the difference with its interval, and whether these rows can tell."""

from __future__ import annotations

from mmoe_core.analysis import TaskGain

from .language import t

__all__ = ["difference", "p_value", "rows_needed", "verdict"]


def difference(one: TaskGain) -> str:
    """With its 95 % interval, where there is one."""
    found = one.found
    interval = "" if found.low is None else f" [{found.low:+.4f}, {found.high:+.4f}]"
    return f"{found.difference:+.4f}{interval}".replace("-", "−")


def p_value(one: TaskGain) -> str:
    """Two-sided; a dash where it is undefined."""
    return "–" if one.found.p is None else f"{one.found.p:.2g}"


def verdict(one: TaskGain) -> str:
    """Better, worse, or not distinguishable on these rows."""
    if one.found.is_distinguishable:
        return t("better") if one.gain > 0 else t("worse")
    return t("not distinguishable")


def rows_needed(one: TaskGain) -> str:
    """On about how many test rows such a difference would be told from none; a dash where it is, or nobody knows."""
    return (
        "–"
        if one.rows_needed is None
        else t("{needed}; here {rows}", needed=f"{one.rows_needed:,}", rows=f"{one.rows:,}")
    )
