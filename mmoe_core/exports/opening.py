"""A bundle becomes a run of this installation: taken apart, read member by member, then taken in as a whole or not.

Shape suffixes in this file:
    B probe rows   R readers   E experts
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from pydantic import BaseModel, ValidationError

from ..config import RunConfig, Schema, check_tasks
from ..data.parts import Part
from ..errors import ConfigError, RunError
from ..records import EndRecord, Record, record_from_json
from ..runs import RunRow, Store
from .members import Card
from .predictions import prediction_columns
from .unpacking import unpack

__all__ = ["open_bundle"]

_MOST_LINE_BYTES = 16 * 2**20


def open_bundle(store: Store, bundle: Path, called: str = "") -> RunRow:
    """Bring a bundle in as a run; under a fresh id where the store has a run of its id already.

    It reads a stranger's file: `open_in_child` does so in a process with limits.

    Args:
        store: Where the run shall be.
        bundle: The zip file.
        called: What its owner calls it; default: its name.

    Raises:
        RunError: it is no bundle, or not one that can be believed; nothing was opened.
    """
    called = called or bundle.name
    part = Part(store.folder / "opened")
    try:
        manifest = unpack(bundle, called, part.path)
        card: Card = _read(Card, part.path / "run.json", called)
        config: RunConfig = _read(RunConfig, part.path / "config.json", called)
        schema: Schema = _read(Schema, part.path / "schema.json", called)
        try:
            check_tasks(config, schema)
        except ConfigError as error:
            raise _unreadable(called, "config.json", str(error)) from None
        records = list(_records(part.path / "records.jsonl", called))
        end = records[-1] if records else None
        if not isinstance(end, EndRecord) or set(end.metrics) != set(schema.task_names):
            raise _unreadable(called, "records.jsonl", "the last record does not say how each task did in the end")
        _check_gates(part.path, manifest.members, end, called)
        _check_checkpoint(part.path, called)
        _check_predictions(part.path, schema, called)
        for name in ("run.json", "config.json", "schema.json", "records.jsonl"):
            (part.path / name).unlink()  # the store has them
        row = RunRow(
            run_id=card.run_id,
            name=card.name,
            state=card.state,
            config=config,
            schema=schema,
            total_steps=card.total_steps,
            steps=card.steps,
            created_at=card.created_at,
            started_at=card.started_at,
            ended_at=card.ended_at,
            error=None,
            parent_run_id=card.parent_run_id,
            parent_step=card.parent_step,
        )
        return store.adopt(row, records, part.path)
    finally:
        part.release()


def _unreadable(called: str, member: str, reason: str) -> RunError:
    return RunError(
        "{file}: {member} cannot be read ({reason}). Nothing was opened.",
        file=called,
        member=member,
        reason=reason[:300],
    )


def _read(kind: type[BaseModel], path: Path, called: str) -> Any:
    try:
        return kind.model_validate_json(path.read_bytes())
    except ValidationError as error:
        raise _unreadable(called, path.name, _first(error)) from None


def _first(error: ValidationError) -> str:
    first = error.errors(include_url=False, include_context=False, include_input=False)[0]
    return f"{'.'.join(map(str, first['loc']))}: {first['msg']}"


def _records(path: Path, called: str) -> Iterator[Record]:
    with path.open("rb") as lines:
        number = 0
        while line := lines.readline(_MOST_LINE_BYTES):
            number += 1
            try:
                yield record_from_json(line)
            except ValidationError as error:
                raise _unreadable(called, path.name, f"line {number:,}: {_first(error)}") from None


def _check_gates(folder: Path, members: Any, end: EndRecord, called: str) -> None:
    """Every file of gates has its level's shape."""
    shapes = [(len(level.readers), len(level.experts)) for level in end.gates.levels]
    names = [name for name in members if name.startswith("gates/")]
    for level in range(len(shapes)):
        for epoch in ("best", "epoch-0000"):
            if f"gates/{epoch}-level-{level}.npy" not in names:
                raise _unreadable(called, f"gates/{epoch}-level-{level}.npy", "it is not there")
    for name in names:
        place = int(Path(name).stem.rsplit("-", 1)[1])
        try:
            gates_BRE = np.load(folder / name, mmap_mode="r", allow_pickle=False)
        except (ValueError, OSError, EOFError) as error:
            raise _unreadable(called, name, str(error)) from None
        is_fit = gates_BRE.ndim == 3 and place < len(shapes) and gates_BRE.shape[1:] == shapes[place]
        if not is_fit or gates_BRE.dtype != np.float32:
            raise _unreadable(called, name, f"it holds {gates_BRE.dtype} of shape {gates_BRE.shape}")


def _check_checkpoint(folder: Path, called: str) -> None:
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(folder / "checkpoints/final.safetensors", framework="numpy") as tensors:
            groups = {name.split("/")[0] for name in tensors.keys()}  # noqa: SIM118 - not a mapping
    except SafetensorError as error:
        raise _unreadable(called, "checkpoints/final.safetensors", str(error)) from None
    if not {"model", "best"} <= groups:
        raise _unreadable(called, "checkpoints/final.safetensors", "it holds no best weights")
    try:
        counters = json.loads((folder / "checkpoints/final.json").read_bytes())
    except (ValueError, RecursionError) as error:
        raise _unreadable(called, "checkpoints/final.json", str(error)) from None
    if not isinstance(counters, dict):
        raise _unreadable(called, "checkpoints/final.json", "it is no JSON object")


def _check_predictions(folder: Path, schema: Schema, called: str) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        columns = pq.read_schema(folder / "predictions.parquet").names
    except pa.ArrowException as error:
        raise _unreadable(called, "predictions.parquet", str(error)) from None
    if columns != [column.name for column in prediction_columns(schema)]:
        raise _unreadable(called, "predictions.parquet", f"its columns are {', '.join(columns[:6])} …")
