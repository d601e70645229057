"""The store: every run's row, its stream of records, and what people want of it.

Trainers append and take intents, everybody else reads and intends. A record's `seq` counts from 1 within its run, so
that "what is new since seq n" is one indexed read.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from ..errors import RunError
from ..records import (
    EndRecord,
    GateSnapshot,
    GradientSnapshot,
    Intent,
    Record,
    SetTaskWeights,
    Stop,
    intent_from_json,
    record_from_json,
)
from .files import read_gates, read_predictions
from .row import RunRow, new_run_id
from .rows import RunTable
from .thinning import THINNED, is_kept, snapshot_stride

__all__ = ["Store"]


class Store(RunTable):
    """The runs under one folder, with their streams and intents."""

    def append(self, run_id: str, records: Sequence[Record], *, durable: bool = False) -> None:
        """Add records to the end of a run's stream; snapshots of gates and gradients are thinned as it grows."""
        if not records:
            return
        with self.transaction(durable=durable):
            found = self.query(
                "SELECT json_extract(config, '$.train.snapshot_every') AS every,"
                " (SELECT coalesce(max(seq), 0) FROM records WHERE run_id = ?1) AS last FROM runs WHERE run_id = ?1",
                (run_id,),
            )[0]
            stride = snapshot_stride(records[-1].step, found["every"])
            kept = [record for record in records if is_kept(record.kind, record.step, stride)]
            self.write_many(
                "INSERT INTO records (run_id, seq, kind, step, body) VALUES (?, ?, ?, ?, ?)",
                [
                    (run_id, seq, record.kind, record.step, record.model_dump_json())
                    for seq, record in enumerate(kept, start=found["last"] + 1)
                ],
            )
            self.query("UPDATE runs SET steps = max(steps, ?) WHERE run_id = ?", (records[-1].step, run_id))
            if stride > found["every"]:
                self.write_many(
                    "DELETE FROM records WHERE run_id = ? AND kind = ? AND step > ? AND step % ?",
                    [(run_id, kind, first, stride) for kind, first in THINNED.items()],
                )

    def adopt(self, row: RunRow, records: Sequence[Record], folder: Path) -> RunRow:
        """Take in a run that ended elsewhere, all of it or nothing; under a fresh id where its own is taken.

        Args:
            row: Who it is.
            records: Its whole stream.
            folder: Its files; moved to their place.
        """
        with self.transaction(durable=True):
            run_id = row.run_id
            while self.query("SELECT 1 FROM runs WHERE run_id = ?", (run_id,)) or self.run_folder(run_id).exists():
                run_id = new_run_id()
            self.insert(replace(row, run_id=run_id))
            self.write_many(
                "INSERT INTO records (run_id, seq, kind, step, body) VALUES (?, ?, ?, ?, ?)",
                [
                    (run_id, seq, record.kind, record.step, record.model_dump_json())
                    for seq, record in enumerate(records, start=1)
                ],
            )
            folder.rename(self.run_folder(run_id))
        return self.row(run_id)

    def branch_off(self, row: RunRow, seq: int) -> None:
        """A new run whose stream begins with its parent's, up to a seq.

        Args:
            row: Who it is; its files are in their place.
            seq: Of the parent's last record that it shares.
        """
        with self.transaction(durable=True):
            self.insert(row)
            self.query(
                "INSERT INTO records (run_id, seq, kind, step, body)"
                " SELECT ?, seq, kind, step, body FROM records WHERE run_id = ? AND seq <= ?",
                (row.run_id, row.parent_run_id, seq),
            )

    def records(self, run_id: str, kinds: Sequence[str] | None = None, after: int = 0) -> list[Record]:
        """A run's stream in order; of some kinds only, or only what came after a seq."""
        return [record_from_json(body) for _, body in self.bodies(run_id, kinds, after)]

    def bodies(self, run_id: str, kinds: Sequence[str] | None = None, after: int = 0) -> list[tuple[int, str]]:
        """The stream as stored: (seq, JSON)."""
        if kinds is None:
            found = self.query(
                "SELECT seq, body FROM records WHERE run_id = ? AND seq > ? ORDER BY seq", (run_id, after)
            )
        else:
            places = ", ".join("?" * len(kinds))
            found = self.query(
                f"SELECT seq, body FROM records WHERE run_id = ? AND kind IN ({places}) AND seq > ? ORDER BY seq",
                (run_id, *kinds, after),
            )
        return [(seq, body) for seq, body in found]

    def end(self, run_id: str) -> EndRecord | None:
        """A run's last word, with what its best weights are worth on the test split; None before it is said."""
        return next((record for record in self.records(run_id, ["end"]) if record.kind == "end"), None)

    def predictions(self, run_id: str, task: str) -> tuple[np.ndarray, np.ndarray]:
        """Labels of the test rows on which a task was observed, and the best weights' probabilities or values.

        Raises:
            RunError: they were not kept.
        """
        return read_predictions(self.run_folder(run_id), task)

    def snapshots(self, run_id: str) -> list[GateSnapshot]:
        """The gates over time, from the untrained ones on."""
        return [record for record in self.records(run_id, ["gates"]) if record.kind == "gates"]

    def gradients(self, run_id: str) -> list[GradientSnapshot]:
        """How the tasks pulled over time, from the first step on; empty for a run from before they were watched."""
        return [record for record in self.records(run_id, ["gradients"]) if record.kind == "gradients"]

    def probe_gates(self, run_id: str, epoch: int | str = "best") -> list[np.ndarray]:
        """Gate weights of every probe row after an epoch (0 = untrained), or of the best weights.

        Returns:
            Per level float32, shape (B, R, E).

        Raises:
            RunError: none were kept of that epoch.
        """
        if epoch == "best":
            ends = self.bodies(run_id, ["end"])
            epochs = [] if ends else self.records(run_id, ["epoch"])
            epoch = "best" if ends else max((r.best_epoch for r in epochs if r.kind == "epoch"), default=0)
        return read_gates(self.run_folder(run_id), epoch)

    def rows_per_second(self, run_id: str) -> float | None:
        """Training rows per second of training time, validation included and pauses left out; None before a step."""
        rows, elapsed_s = self.query(
            "SELECT sum(json_extract(body, '$.rows')), max(json_extract(body, '$.elapsed_s'))"
            " FROM records WHERE run_id = ? AND kind = 'step'",
            (run_id,),
        )[0]
        return rows / elapsed_s if elapsed_s else None

    def drop_after(self, run_id: str, seq: int) -> None:
        """Forget what came after a seq: a resumed run says it again."""
        with self.transaction():
            self.query("DELETE FROM records WHERE run_id = ? AND seq > ?", (run_id, seq))
            self.query(
                "UPDATE runs SET steps = (SELECT coalesce(max(step), 0) FROM records WHERE run_id = ?1)"
                " WHERE run_id = ?1",
                (run_id,),
            )

    def intend(self, run_id: str, intent: Intent) -> None:
        """Ask something of a live run; it is obeyed before the run's next step.

        Raises:
            RunError: the run is not live, or the intent names a task that it does not have.
        """
        row = self.row(run_id)
        if not row.is_live:
            raise RunError(
                "Run {run_id} is {state}, so there is nothing to change any more.", run_id=run_id, state=row.state
            )
        if isinstance(intent, SetTaskWeights) and row.schema is not None:
            for task in intent.task_weights:
                if task not in row.schema.task_names:
                    raise RunError(
                        "Run {run_id} has no task '{task}'; it has {tasks}.",
                        run_id=run_id,
                        task=ascii(task)[1:-1],
                        tasks=", ".join(row.schema.task_names),
                    )
        with self.transaction():
            self.query(
                "INSERT INTO intents (run_id, seq, body)"
                " SELECT ?1, coalesce(max(seq), 0) + 1, ?2 FROM intents WHERE run_id = ?1",
                (run_id, intent.model_dump_json()),
            )

    def take_intents(self, run_id: str, step: int) -> list[Intent]:
        """What was asked since last time, marked as taken before `step`; for the run's own process."""
        found = self.query(
            "SELECT seq, body FROM intents WHERE run_id = ? AND taken_step IS NULL ORDER BY seq", (run_id,)
        )
        if found:
            with self.transaction():
                self.query(
                    "UPDATE intents SET taken_step = ? WHERE run_id = ? AND taken_step IS NULL AND seq <= ?",
                    (step, run_id, found[-1]["seq"]),
                )
        return [intent_from_json(row["body"]) for row in found]

    def has_intents(self, run_id: str) -> bool:
        """Whether something was asked since last time."""
        return bool(self.query("SELECT 1 FROM intents WHERE run_id = ? AND taken_step IS NULL LIMIT 1", (run_id,)))

    def drop_intents(self, run_id: str) -> None:
        """Forget what was asked and never heard: a resumed run starts without its predecessor's wishes."""
        with self.transaction():
            self.query("DELETE FROM intents WHERE run_id = ? AND taken_step IS NULL", (run_id,))

    def is_stop_wanted(self, run_id: str) -> bool:
        """Whether the run was asked to stop and has not heard it yet."""
        return any(
            isinstance(intent_from_json(body), Stop)
            for (body,) in self.query("SELECT body FROM intents WHERE run_id = ? AND taken_step IS NULL", (run_id,))
        )

    def taken_intents(self, run_id: str, after_step: int) -> list[tuple[int, Intent]]:
        """What was taken after a step, with the step that it was taken before; in order."""
        found = self.query(
            "SELECT taken_step, body FROM intents WHERE run_id = ? AND taken_step > ? ORDER BY taken_step, seq",
            (run_id, after_step),
        )
        return [(step, intent_from_json(body)) for step, body in found]
