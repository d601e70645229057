"""`python -m mmoe_core.runs.recording NAME`: train the preset of that name and record what it says, for `replay`."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from ..config import PRESETS, PROJECT, num_steps, preset
from ..data import prepare
from ..training import Checkpoint, Finished, Savepoint, fit
from .news import TOLD
from .replay import replay_file

__all__ = ["record"]


def record(name: str) -> Path:
    """Train a preset and write down all that it says."""
    config = preset(next(known for known in PRESETS if known == name))
    dataset = prepare(config.data)
    events = fit(config, dataset)
    records = (event.record if isinstance(event, Savepoint | Checkpoint | Finished) else event for event in events)
    said = [record for record in records if record.kind in TOLD]
    content = {
        "cursor": len(said),
        "state": "finished",
        "total_steps": num_steps(config.train, dataset.manifest.rows["train"]),
        "error": None,
        "queue_position": None,
        "config": config.model_dump(mode="json"),
        "schema": dataset.schema.model_dump(mode="json"),
        "commit": _commit(),
        "command": f"python -m {__package__}.recording {name}",
        "records": [record.model_dump(mode="json") for record in said],
    }
    file = replay_file(name)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(content, separators=(",", ":"), allow_nan=False) + "\n", encoding="utf-8")
    return file


def _commit() -> str:
    asked = subprocess.run(["git", "rev-parse", "HEAD"], cwd=PROJECT, capture_output=True, text=True, check=False)
    return asked.stdout.strip() or "unknown"


if __name__ == "__main__":
    sys.stdout.write(f"{record(sys.argv[1])}\n")
