"""A recorded run: what the live route would say of a finished run, in one file, with how it was made.

`data/replay/NAME.json` has the route's own keys, and beside them `config`, `schema`, `commit` and `command`.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from ..config import SHIPPED, RunConfig, Schema, from_json
from ..errors import RunError

__all__ = ["Replay", "read_replay", "replay_bytes", "replay_file"]

_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")


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


def replay_file(name: str, folder: Path = SHIPPED / "replay") -> Path:
    """Where the recording of a preset is, or would be."""
    return folder / f"{name}.json"


def replay_bytes(name: str, folder: Path = SHIPPED / "replay") -> bytes:
    """A recording, whole; its name is matched whole, so that it cannot be a path.

    Raises:
        RunError: there is none of that name.
    """
    file = replay_file(name, folder)
    if not _NAME.fullmatch(name) or not file.is_file():
        raise RunError("There is no recorded run of this name.")
    return file.read_bytes()


def read_replay(name: str) -> Replay:
    """What a recording says of itself.

    Raises:
        RunError: there is none of that name.
    """
    return Replay(json.loads(replay_bytes(name)))
