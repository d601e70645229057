"""What a child process can be asked to do with somebody's files, and what it says meanwhile.

A job goes in on the child's standard input. On its standard output it says one JSON object a line: a `Progress`, any
number of times, and at the end an `Answer`. What was wrong is a `LabError` on its last line of standard error.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field

from ..config import Frozen
from .manifest import Vocabulary
from .raw import RawOptions
from .table import Delimiter, TableMapping

__all__ = [
    "MEMORY_BYTES",
    "REFUSED",
    "AliCcpJob",
    "Answer",
    "AnyJob",
    "ConvertJob",
    "Job",
    "LookJob",
    "TableJob",
]

MEMORY_BYTES = 4 * 2**30  # address space; far more than the bounded readers need
REFUSED = 2  # exit status of a refusal


class _ReadJob(Frozen):
    source: str

    @property
    def file(self) -> str:
        """What its sentences call the source."""
        return Path(self.source).name


class LookJob(_ReadJob):
    """Report on the columns of a table; nothing is written."""

    kind: Literal["look"] = "look"
    delimiter: Delimiter | None = None


class TableJob(_ReadJob):
    """Import a table with a mapping of its columns."""

    kind: Literal["table"] = "table"
    folder: str
    mapping: TableMapping


class AliCcpJob(_ReadJob):
    """Import a table in the layout of the processed Ali-CCP log."""

    kind: Literal["ali-ccp"] = "ali-ccp"
    name: str
    vocabulary: Vocabulary = "learnt"


class ConvertJob(_ReadJob):
    """Convert the four raw files of Ali-CCP: the operator's own, so that neither memory nor time is limited."""

    kind: Literal["convert"] = "convert"
    folder: str
    options: RawOptions


AnyJob = LookJob | TableJob | AliCcpJob | ConvertJob
Job = Annotated[AnyJob, Field(discriminator="kind")]


class Answer(Frozen):
    """A child's last word: what was asked for as JSON, `null` where it is a dataset on disk."""

    answer: str
