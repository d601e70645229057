"""A recorded run: what the live route would say of a finished run, in one file, with how it was made.

`python -m mmoe_core.runs.replay NAME` trains the preset of that name with the real trainer and writes
`data/replay/NAME.json`: the route's own keys, and beside them `config`, `schema`, `commit` and `command`.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from ..config import PRESETS, PROJECT, SHIPPED, RunConfig, Schema, from_json, preset
from ..errors import RunError

__all__ = ["Replay", "read_replay", "replay_file"]


class Replay:
    """A recorded run, opened.

    Attributes:
        config: What was trained.
        schema: What it was trained on.
        total_steps: How many steps it took.
        commit: The version of this project that trained it.
        command: What was typed.
    """

    def __init__(self, content: dict[str, Any]) -> None:
        self.config: RunConfig = from_json(json.dumps(content["config"]))
        self.schema = Schema.model_validate_json(json.dumps(content["schema"]))
        self.total_steps = int(content["total_steps"])
        self.commit = str(content["commit"])
        self.command = str(content["command"])


def replay_file(name: str) -> Path:
    """Where the recording of a preset is, or would be."""
    return SHIPPED / "replay" / f"{name}.json"


def read_replay(name: str) -> Replay:
    """What a recording says of itself.

    Raises:
        RunError: there is none of that name.
    """
    try:
        return Replay(json.loads(replay_file(name).read_bytes()))
    except FileNotFoundError:
        raise RunError("There is no recorded run of this name.") from None


def record(name: str) -> Path:
    """Train a preset and write down all that it says."""
    from ..data import prepare
    from ..training import Checkpoint, Finished, fit, num_steps

    config = preset(next(known for known in PRESETS if known == name))
    dataset = prepare(config.data)
    said = [event.record if isinstance(event, Checkpoint | Finished) else event for event in fit(config, dataset)]
    content = {
        "cursor": len(said),
        "state": "finished",
        "total_steps": num_steps(config.train, dataset.manifest.rows["train"]),
        "error": None,
        "queue_position": None,
        "config": config.model_dump(mode="json"),
        "schema": dataset.schema.model_dump(mode="json"),
        "commit": _commit(),
        "command": f"python -m {__package__}.replay {name}",
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
