"""The runs' rows: who they are, in which state, and where their files lie."""

from __future__ import annotations

import shutil
import sqlite3
from pathlib import Path

from ..config import ModelKind, RunConfig, Schema, runs_folder
from ..errors import LabError, RunError
from .database import Database
from .lock import is_held, take_lock
from .row import FINAL_STATES, RunRow, RunState, as_text, check_run_id, new_run_id, no_run, row_of, utc_now

__all__ = ["RunTable"]

_LAST_BREATH_S = 5.0  # a process that has said its last word still has to unload torch


class RunTable(Database):
    """The runs under one folder.

    Args:
        folder: Holds the database and a folder per run; default: `runs` under `MMOE_HOME`.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self.folder = runs_folder() if folder is None else folder.resolve()
        super().__init__(self.folder / "runs.sqlite3")

    def create(
        self, config: RunConfig, name: str = "", *, schema: Schema | None = None, total_steps: int | None = None
    ) -> RunRow:
        """A new run that no process works on yet."""
        run_id = new_run_id()
        self.run_folder(run_id).mkdir()
        with self.transaction():
            self.query(
                "INSERT INTO runs (run_id, name, config, schema, total_steps, state, created_at)"
                " VALUES (?, ?, ?, ?, ?, 'queued', ?)",
                (
                    run_id,
                    name,
                    config.model_dump_json(),
                    schema.model_dump_json() if schema else None,
                    total_steps,
                    utc_now(),
                ),
            )
        return self.row(run_id)

    def insert(self, row: RunRow) -> None:
        """Write the row of a run that has a past: one that ended elsewhere, or a branch."""
        with self.transaction():
            self.query(
                "INSERT INTO runs (run_id, name, config, schema, total_steps, steps, state, created_at, started_at,"
                " ended_at, parent_run_id, parent_step) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    row.run_id,
                    row.name,
                    row.config.model_dump_json(),
                    row.schema.model_dump_json() if row.schema else None,
                    row.total_steps,
                    row.steps,
                    row.state,
                    *(time and as_text(time) for time in (row.created_at, row.started_at, row.ended_at)),
                    row.parent_run_id,
                    row.parent_step,
                ),
            )

    def row(self, run_id: str) -> RunRow:
        """One run.

        Raises:
            RunError: there is none of that name.
        """
        return self._as_row(self.raw_row(run_id))

    def rows(self, limit: int | None = None) -> list[RunRow]:
        """The runs, newest first."""
        found = self.query("SELECT * FROM runs ORDER BY created_at DESC LIMIT ?", (-1 if limit is None else limit,))
        return [self._as_row(row) for row in found]

    def live_rows(self, config: RunConfig | None = None) -> list[RunRow]:
        """Runs that a process works on or waits to, oldest first; if a config is given, those that began with it.

        A branch did not: its first steps are another run's.
        """
        text = None if config is None else config.model_dump_json()
        found = self.query(
            "SELECT * FROM runs WHERE state IN ('queued', 'running', 'paused')"
            " AND (?1 IS NULL OR (config = ?1 AND parent_run_id IS NULL)) ORDER BY created_at",
            (text,),
        )
        return [row for row in map(self._as_row, found) if row.is_live]

    def finished_rows(self, kind: ModelKind) -> list[RunRow]:
        """Finished runs of a kind of network, newest first."""
        found = self.query(
            "SELECT * FROM runs WHERE state = 'finished' AND json_extract(config, '$.model.kind') = ?"
            " ORDER BY created_at DESC",
            (kind,),
        )
        return [self._as_row(row) for row in found]

    def queue(self) -> list[str]:
        """Runs that wait for a slot, the next one first."""
        found = self.query("SELECT run_id FROM runs WHERE state = 'queued' ORDER BY created_at")
        return [run_id for (run_id,) in found if is_held(self.lock_file(run_id))]

    def raw_row(self, run_id: str) -> sqlite3.Row:
        """One run as the database has it, unparsed, in the state that was last written.

        Raises:
            RunError: there is none of that name.
        """
        found = self.query("SELECT * FROM runs WHERE run_id = ?", (check_run_id(run_id),))
        if not found:
            raise no_run(run_id)
        return found[0]

    def state_of(self, found: sqlite3.Row) -> RunState:
        """The state of a row from `raw_row`, with the word for a run whose process is gone."""
        if found["state"] in FINAL_STATES or is_held(self.lock_file(found["run_id"])):
            return found["state"]  # type: ignore[no-any-return]
        # The process may have ended properly between the two looks.
        again = self.query("SELECT state FROM runs WHERE run_id = ?", (found["run_id"],))
        return again[0]["state"] if again and again[0]["state"] in FINAL_STATES else "interrupted"

    def set_state(self, run_id: str, state: RunState, *, error: LabError | None = None, pid: int | None = None) -> None:
        """Write a state, with the time that it begins; for the process that has the run's lock."""
        now = utc_now()
        with self.transaction():
            self.query(
                "UPDATE runs SET state = ?, error = ?, pid = coalesce(?, pid), ended_at = ?,"
                " started_at = coalesce(started_at, ?) WHERE run_id = ?",
                (
                    state,
                    error.to_json() if error else None,
                    pid,
                    now if state in FINAL_STATES else None,
                    now if state == "running" else None,
                    run_id,
                ),
            )

    def set_shape(self, run_id: str, schema: Schema, total_steps: int) -> None:
        """Write what is known once the dataset is open."""
        with self.transaction():
            self.query(
                "UPDATE runs SET schema = ?, total_steps = ? WHERE run_id = ?",
                (schema.model_dump_json(), total_steps, run_id),
            )

    def set_pid(self, run_id: str, pid: int) -> None:
        """Write which process has the run."""
        with self.transaction():
            self.query("UPDATE runs SET pid = ? WHERE run_id = ?", (pid, run_id))

    def delete(self, run_id: str) -> None:
        """Remove a run: rows, records, checkpoints, all of it.

        Raises:
            RunError: there is no such run, or it is live.
        """
        row = self.row(run_id)
        lock = None if row.is_live else take_lock(self.lock_file(run_id), wait_s=_LAST_BREATH_S)
        if row.is_live or (lock is None and self.run_folder(run_id).is_dir()):
            raise RunError("Run {run_id} is {state}. Stop it first.", run_id=run_id, state=row.state)
        with self.transaction():
            for table in ("records", "intents", "runs"):
                self.query(f"DELETE FROM {table} WHERE run_id = ?", (run_id,))
        shutil.rmtree(self.run_folder(run_id), ignore_errors=True)
        if lock is not None:
            lock.release()

    def has_process(self, run_id: str) -> bool:
        """Whether a process works on the run, or is about to be gone."""
        return is_held(self.lock_file(run_id))

    def run_folder(self, run_id: str) -> Path:
        """Where a run's files are.

        Raises:
            RunError: this is no run's name.
        """
        return self.folder / check_run_id(run_id)

    def lock_file(self, run_id: str) -> Path:
        """What a run's process holds while it lives."""
        return self.run_folder(run_id) / "lock"

    def _as_row(self, found: sqlite3.Row) -> RunRow:
        return row_of(found, self.state_of(found))
