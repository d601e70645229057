"""The store's file: one SQLite database, its tables, and transactions.

WAL lets any number of readers look while a trainer writes. A commit is not flushed to the disk one by one (a killed
process loses nothing by that, only a power cut could); `transaction(durable=True)` flushes it and all before it.
"""

from __future__ import annotations

import sqlite3
import threading
import weakref
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from ..errors import RunError

__all__ = ["Database"]

_BUSY_MS = 10_000

# One script per version: a database of version n runs those from n on.
_MIGRATIONS = (
    """
    CREATE TABLE runs (
        run_id TEXT PRIMARY KEY,
        name TEXT NOT NULL,
        config TEXT NOT NULL,
        schema TEXT,
        total_steps INTEGER,
        state TEXT NOT NULL,
        steps INTEGER NOT NULL DEFAULT 0,
        created_at TEXT NOT NULL,
        started_at TEXT,
        ended_at TEXT,
        error TEXT,
        pid INTEGER
    );
    CREATE INDEX runs_by_state ON runs (state, created_at);
    CREATE TABLE records (
        run_id TEXT NOT NULL,
        seq INTEGER NOT NULL,
        kind TEXT NOT NULL,
        step INTEGER NOT NULL,
        body TEXT NOT NULL,
        PRIMARY KEY (run_id, seq)
    );
    CREATE INDEX records_by_kind ON records (run_id, kind, seq, step);
    CREATE TABLE intents (
        run_id TEXT NOT NULL,
        seq INTEGER NOT NULL,
        body TEXT NOT NULL,
        taken_step INTEGER,
        PRIMARY KEY (run_id, seq)
    );
    """,
    """
    ALTER TABLE runs ADD COLUMN parent_run_id TEXT;
    ALTER TABLE runs ADD COLUMN parent_step INTEGER;
    """,
    """
    CREATE TABLE sweeps (
        sweep_id TEXT PRIMARY KEY,
        plan TEXT NOT NULL UNIQUE,
        created_at TEXT NOT NULL
    );
    CREATE TABLE sweep_points (
        sweep_id TEXT NOT NULL,
        place INTEGER NOT NULL,
        run_id TEXT NOT NULL,
        PRIMARY KEY (sweep_id, place)
    );
    """,
)


class Database:
    """One connection for all threads of a process.

    Args:
        path: The database file; made, with its folder, if it is not there.

    Raises:
        RunError: the file cannot be made or read, is damaged, or is from a newer version of this program.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._guard = threading.RLock()
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
            self.close = weakref.finalize(self, self._connection.close)
            self._connection.row_factory = sqlite3.Row
            self._connection.execute(f"PRAGMA busy_timeout = {_BUSY_MS}")
            self._connection.execute("PRAGMA journal_mode = WAL")
            self._connection.execute("PRAGMA synchronous = NORMAL")
            self._migrate()
        except (OSError, sqlite3.Error) as error:
            raise RunError(
                "The runs in {file} cannot be used: {reason}. Make it readable and writable, move it away to start "
                "without runs, or set MMOE_HOME to another folder.",
                file=str(path),
                reason=getattr(error, "strerror", None) or str(error),
            ) from None

    def query(self, sql: str, values: Sequence[Any] = ()) -> list[sqlite3.Row]:
        """All rows of one statement."""
        with self._guard:
            return self._connection.execute(sql, values).fetchall()

    def write_many(self, sql: str, rows: Sequence[Sequence[Any]]) -> None:
        """One statement for many rows; inside a transaction."""
        self._connection.executemany(sql, rows)

    @contextmanager
    def transaction(self, *, durable: bool = False) -> Iterator[None]:
        """All or nothing, alone among writers from its first line on; within another it joins that one.

        Args:
            durable: On the disk when it returns, with all that was committed before.
        """
        with self._guard:
            if self._connection.in_transaction:
                yield
                return
            if durable:
                self._connection.execute("PRAGMA synchronous = FULL")
            try:
                self._connection.execute("BEGIN IMMEDIATE")
                try:
                    yield
                except BaseException:
                    self._connection.execute("ROLLBACK")
                    raise
                self._connection.execute("COMMIT")
            finally:
                if durable:
                    self._connection.execute("PRAGMA synchronous = NORMAL")

    def _migrate(self) -> None:
        if self._version() == len(_MIGRATIONS):
            return
        with self.transaction():
            version = self._version()  # another process may have been first
            if version > len(_MIGRATIONS):
                raise RunError(
                    "{file} was written by a newer version of this program (format {found}, known {known}). "
                    "Update the program, or set MMOE_HOME to another folder.",
                    file=self._path.name,
                    found=version,
                    known=len(_MIGRATIONS),
                )
            for script in _MIGRATIONS[version:]:
                for statement in script.split(";"):
                    self._connection.execute(statement)
            self._connection.execute(f"PRAGMA user_version = {len(_MIGRATIONS)}")

    def _version(self) -> int:
        return int(self.query("PRAGMA user_version")[0][0])
