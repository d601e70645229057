"""What the store knows of one run, and how a run is named."""

from __future__ import annotations

import re
import secrets
import sqlite3
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

from ..config import RunConfig, Schema
from ..errors import LabError, RankLost, RunError

__all__ = ["FINAL_STATES", "RunRow", "RunState", "as_text", "check_run_id", "new_run_id", "no_run", "row_of", "utc_now"]

RunState = Literal["queued", "running", "paused", "finished", "stopped", "failed", "interrupted"]
FINAL_STATES = ("finished", "stopped", "failed")  # interrupted is never stored: it is seen, by a free lock

_run_id = re.compile(r"[0-9]{8}T[0-9]{6}-[0-9a-f]{6}")
_SHOWN = 40  # characters of a name that is none


@dataclass(frozen=True)
class RunRow:
    """One run.

    Attributes:
        run_id: UTC time and a random suffix; also the name of its folder.
        name: What people call it; data, never a path.
        state: `interrupted` where the run has not ended and no process holds its lock.
        config: Everything that decides its numbers.
        schema: Fields and tasks; None until its dataset was opened.
        total_steps: The most steps it can take; None until its dataset was opened.
        steps: Steps taken so far.
        created_at: UTC; likewise `started_at` (first slot) and `ended_at`.
        error: Why it failed.
        parent_run_id: The run that it branched off from; None where it began at its own beginning. That run may have
            been deleted since.
        parent_step: The last step that it has in common with that run.
    """

    run_id: str
    name: str
    state: RunState
    config: RunConfig
    schema: Schema | None
    total_steps: int | None
    steps: int
    created_at: datetime
    started_at: datetime | None
    ended_at: datetime | None
    error: LabError | None
    parent_run_id: str | None = None
    parent_step: int | None = None

    @property
    def is_live(self) -> bool:
        """Whether a process works on it, or waits to."""
        return self.state in ("queued", "running", "paused")

    @property
    def can_be_resumed(self) -> bool:
        """Whether it ended without anybody's wish or mistake: its process is gone, or one of those it trained with."""
        return self.state == "interrupted" or (self.state == "failed" and isinstance(self.error, RankLost))


def row_of(found: sqlite3.Row, state: RunState) -> RunRow:
    """The value of a database row, in the state that was found."""
    return RunRow(
        run_id=found["run_id"],
        name=found["name"],
        state=state,
        config=RunConfig.model_validate_json(found["config"]),
        schema=Schema.model_validate_json(found["schema"]) if found["schema"] else None,
        total_steps=found["total_steps"],
        steps=found["steps"],
        created_at=datetime.fromisoformat(found["created_at"]),
        started_at=datetime.fromisoformat(found["started_at"]) if found["started_at"] else None,
        ended_at=datetime.fromisoformat(found["ended_at"]) if found["ended_at"] else None,
        error=LabError.from_json(found["error"]) if found["error"] else None,
        parent_run_id=found["parent_run_id"],
        parent_step=found["parent_step"],
    )


def new_run_id() -> str:
    """A name that no other run has: UTC second and 24 random bits."""
    return f"{datetime.now(UTC):%Y%m%dT%H%M%S}-{secrets.token_hex(3)}"


def check_run_id(run_id: str) -> str:
    """The id itself, fit to be the name of a folder.

    Raises:
        RunError: it is not the name of any run.
    """
    if not _run_id.fullmatch(run_id):
        raise no_run(run_id)
    return run_id


def no_run(run_id: str) -> RunError:
    """The answer to a name that no run has."""
    shown = ascii(run_id[:_SHOWN])[1:-1]
    return RunError("There is no run '{run_id}'. `python -m mmoe_core runs` lists them.", run_id=shown)


def utc_now() -> str:
    """Now, as the store writes it."""
    return as_text(datetime.now(UTC))


def as_text(time: datetime) -> str:
    """A moment as the store writes it: ISO 8601 in UTC; its text sorts like its time."""
    return time.astimezone(UTC).isoformat(timespec="microseconds")
