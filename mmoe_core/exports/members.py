"""What is in a bundle: a zip file of a run that has ended, small enough a format to be read by hand.

manifest.json                    format, version, and of every other member its bytes and SHA-256
run.json                         id, name, state, steps, times
config.json, schema.json         everything that decides its numbers; fields and tasks
records.jsonl                    all that the run said, one record a line
checkpoints/final.safetensors    the last weights (`model/`), the best ones (`best/`), moments (`optimizer/`)
checkpoints/final.json           counters that go with them
gates/epoch-0003-level-0.npy     gate weights of every probe row, (B, R, E)
gates/best-level-0.npy           those of the best weights
predictions.parquet              test split: `score:TASK`, `label:TASK`, `observed:TASK`
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Literal

from pydantic import AwareDatetime, Field, StringConstraints

from ..config import Frozen
from ..runs import RunRow

__all__ = ["FORMAT", "MANIFEST", "REQUIRED", "VERSION", "Card", "Fingerprint", "Manifest", "card_of", "is_known"]

FORMAT: Literal["mmoe-lab-run"] = "mmoe-lab-run"
VERSION: Literal[1] = 1
MANIFEST = "manifest.json"
REQUIRED = (
    "run.json",
    "config.json",
    "schema.json",
    "records.jsonl",
    "checkpoints/final.safetensors",
    "checkpoints/final.json",
    "predictions.parquet",
)
_GATES = re.compile(r"gates/(epoch-[0-9]{4,6}|best)-level-[0-9]\.npy", re.ASCII)


class Fingerprint(Frozen):
    """What one member must be, byte by byte."""

    sha256: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
    num_bytes: int = Field(ge=0)


class Manifest(Frozen):
    """The list of members."""

    format: Literal["mmoe-lab-run"] = FORMAT
    version: Literal[1] = VERSION
    members: Mapping[str, Fingerprint]


class Card(Frozen):
    """Who the run is."""

    run_id: Annotated[str, StringConstraints(pattern=r"^[0-9]{8}T[0-9]{6}-[0-9a-f]{6}$")]
    name: str = Field(max_length=10_000)
    state: Literal["finished", "stopped"]
    parent_run_id: Annotated[str, StringConstraints(pattern=r"^[0-9]{8}T[0-9]{6}-[0-9a-f]{6}$")] | None = None
    parent_step: int | None = Field(None, ge=0)  # likewise of a branch only
    steps: int = Field(ge=0)
    total_steps: int = Field(ge=0)
    created_at: AwareDatetime
    started_at: AwareDatetime
    ended_at: AwareDatetime


def card_of(row: RunRow) -> Card:
    """The card of a run that has ended."""

    def known(time: datetime | None) -> datetime:
        return row.created_at if time is None else time

    return Card(
        run_id=row.run_id,
        name=row.name,
        state="stopped" if row.state == "stopped" else "finished",
        parent_run_id=row.parent_run_id,
        parent_step=row.parent_step,
        steps=row.steps,
        total_steps=row.steps if row.total_steps is None else row.total_steps,
        created_at=row.created_at,
        started_at=known(row.started_at),
        ended_at=known(row.ended_at),
    )


def is_known(name: str) -> bool:
    """Whether a bundle may have a member of this name."""
    return name == MANIFEST or name in REQUIRED or _GATES.fullmatch(name) is not None
