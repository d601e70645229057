"""Sentences about somebody's files: in their own words, in the reader's language, and never read as markup."""

from __future__ import annotations

import re
from collections.abc import Mapping

from mmoe_core.errors import LabError

from ..language import plain, t

__all__ = ["in_own_words", "own_name", "said"]

_UNSAFE = re.compile(r"[^\w.() -]+")  # could be read as a path
_LONGEST = 80
_OF_OURS = frozenset({"delimiter"})  # places that hold a word of this project


def own_name(name: str) -> str:
    """A visitor's file name as a sentence may say it: no folders, nothing odd, not too long."""
    own = _UNSAFE.sub("_", name.replace("\\", "/").rsplit("/", 1)[-1])
    return own if len(own) <= _LONGEST else f"{own[:_LONGEST]}…"


def in_own_words(error: LabError, name_of: Mapping[str, str]) -> LabError:
    """The same error with the files' own names; ours mean nothing to whoever handed them in."""
    values = {
        place: name_of.get(value, value) if isinstance(value, str) else value for place, value in error.values.items()
    }
    return type(error)(error.template, **values)


def said(error: LabError) -> str:
    """An error in the reader's language, as Markdown that shows what files say as it is, untranslated."""
    values = {
        place: value if not isinstance(value, str) else t(value) if place in _OF_OURS else plain(value)
        for place, value in error.values.items()
    }
    return t(error.template, **values)
