"""A run that has ended, as all ways out read it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from ..config import Schema
from ..errors import RunError
from ..records import EndRecord, Record
from ..runs import RunRow, Store

__all__ = ["EndedRun", "ended_run"]


@dataclass(frozen=True)
class EndedRun:
    """A run with its last word said.

    Attributes:
        row: Who it is.
        schema: Fields and tasks.
        records: Its stream, the last word included.
        end: That last word.
        folder: Where its files are.
    """

    row: RunRow
    schema: Schema
    records: tuple[Record, ...]
    end: EndRecord
    folder: Path

    def file(self, name: str) -> Path:
        """One of its files.

        Raises:
            RunError: it is gone.
        """
        file = self.folder / name
        if not file.is_file():
            raise RunError("Run {run_id} has no {file} in its folder any more.", run_id=self.row.run_id, file=name)
        return file


def ended_run(store: Store, run_id: str) -> EndedRun:
    """A run that somebody wants to take away.

    Raises:
        RunError: there is none of this name, or it has not come to its end.
    """
    row = store.row(run_id)
    records = tuple(store.records(run_id))
    end = records[-1] if records else None
    if row.schema is None or not isinstance(end, EndRecord):
        raise RunError(
            "Run {run_id} is {state}: only a run that was trained or stopped to its end, its best weights tested, can "
            "be taken away. Wait for it, stop it, or resume it.",
            run_id=run_id,
            state=row.state,
        )
    return EndedRun(row, row.schema, records, end, store.run_folder(run_id))
