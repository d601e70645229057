"""What is new in a run, as the live page fetches it: stored JSON, joined, never parsed.

{"cursor": 123, "state": "running", "total_steps": 940, "error": null, "queue_position": null, "records": [...]}
"""

from __future__ import annotations

import json
import math

from .store import Store

__all__ = ["TOLD", "delta"]

TOLD = ("step", "evaluation", "gates", "epoch", "savepoint", "change", "end")  # kinds

_most = {"step": 2_000, "gates": 100}  # records of a kind in one answer


def delta(store: Store, run_id: str, cursor: int = 0, state: str = "") -> bytes | None:
    """What a reader who knows the stream up to `cursor`, and knows `state`, has not seen.

    Many new step records or gate snapshots are thinned evenly, first and last kept; how tasks pulled
    is left out, since no panel shows it while a run goes on; the rest is complete.

    Args:
        store: Where the run is.
        run_id: Which one.
        cursor: That of the last answer; 0 at first.
        state: That of the last answer; empty at first.

    Returns:
        One JSON object in UTF-8, or None if nothing is new.

    Raises:
        RunError: there is no such run.
    """
    row = store.raw_row(run_id)
    now = store.state_of(row)  # before the records: a state is never told ahead of what led to it
    found = _new(store, run_id, max(0, cursor))
    if not found and now == state and now != "queued":
        return None
    position = None
    if now == "queued":
        queue = store.queue()
        position = queue.index(run_id) + 1 if run_id in queue else None
    head = json.dumps(
        {
            "cursor": found[-1][0] if found else max(0, cursor),
            "state": now,
            "total_steps": row["total_steps"],
            "error": json.loads(row["error"]) if row["error"] else None,
            "queue_position": position,
        },
        allow_nan=False,
    )
    return f'{head[:-1]}, "records": [{",".join(body for _, body in found)}]}}'.encode()


def _new(store: Store, run_id: str, cursor: int) -> list[tuple[int, str]]:
    last = store.query("SELECT max(seq) FROM records WHERE run_id = ?", (run_id,))[0][0] or 0
    if last - cursor <= min(_most.values()):
        return store.bodies(run_id, TOLD, cursor) if last > cursor else []
    kinds = store.query(
        "SELECT kind, count(*), min(step), max(step) FROM records WHERE run_id = ? AND seq > ? GROUP BY kind",
        (run_id, cursor),
    )
    found = []
    for kind, count, first, last_step in kinds:
        if kind not in TOLD:
            continue
        most = _most.get(kind, count)
        if count <= most:
            found += store.bodies(run_id, [kind], cursor)
        else:
            spacing = (last_step - first) // (count - 1) * math.ceil(count / (most - 1))
            found += _every(store, run_id, cursor, kind, first, spacing, last_step)
    return sorted(found)


def _every(
    store: Store, run_id: str, cursor: int, kind: str, first: int, spacing: int, last: int
) -> list[tuple[int, str]]:
    """The records of a kind at every `spacing`-th step, and at the last; both kinds that are many come regularly."""
    chosen = store.query(
        "SELECT seq, body FROM records WHERE run_id = ?1 AND seq IN ("
        " SELECT seq FROM records WHERE run_id = ?1 AND kind = ?2 AND seq > ?3"
        " AND ((step - ?4) % ?5 = 0 OR step = ?6))",
        (run_id, kind, cursor, first, spacing, last),
    )
    return [(seq, body) for seq, body in chosen]
