"""A run's network as ONNX: the best weights, any number of rows, every gate beside the scores; checked.

    ids            int32, (rows, ids of a row): rows of the one embedding table, a field's ids moved by its offset
    values         float, (rows, value fields), scaled as the dataset has them
    weights        float, as ids: how much each counts within its field; only where a field has several
    probability:T  of a binary task, (rows,); value:T of a regression task
    gates:1        gate weights of the lowest level, (rows, readers, experts); gates:2 of the next

Shape suffixes in this file:
    B batch   N rows that are checked
"""

from __future__ import annotations

import json
import logging
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from ..config import Schema, sizes
from ..data import prepare
from ..errors import RunError
from ..models import MultiTaskModel
from ..runs import FINAL_BEST, Store, network_in
from .ended import EndedRun

__all__ = ["NamedNetwork", "best_network", "traced", "write_onnx"]

_CHECKED_ROWS = 2_000
_CLOSE = 1e-5
_MOST_BYTES = 2_000_000_000  # one protobuf message
_FLOAT_BYTES = 4


def write_onnx(run: EndedRun, store: Store, out: Path) -> None:
    """Write the network of a run's best weights.

    Args:
        run: The run.
        store: Where it is; the dataset of its home is what the file is checked on.
        out: The file.

    Raises:
        RunError: the network is too large for one file, its weights are not its config's, or what onnxruntime computes
            on rows of the test split is not what the network says.
        DatasetError: the dataset is not here.
    """
    import onnx

    if sizes(run.row.config.model, run.schema).total * _FLOAT_BYTES > _MOST_BYTES:
        raise RunError(
            "The network of run {run_id} is larger than the {gigabytes} GB that one ONNX file can hold. Keep it as a "
            "bundle.",
            run_id=run.row.run_id,
            gigabytes=_MOST_BYTES // 10**9,
        )
    test = prepare(run.row.config.data, home=store.folder.parent).split("test")
    rows = test.take(slice(0, min(len(test), _CHECKED_ROWS)))
    network = NamedNetwork(best_network(run), run.schema)
    asked = network.named(rows.ids_BK, rows.dense_BV, rows.weights_BK)
    proto = traced(network, {name: values[:2].repeat(2, axis=0) for name, values in asked.items()})
    for key, text in _metadata(run, network).items():
        proto.metadata_props.add(key=key, value=text)
    content = proto.SerializeToString()
    onnx.checker.check_model(content)
    _check(run.row.run_id, content, network, asked)
    out.write_bytes(content)


def best_network(run: EndedRun) -> MultiTaskModel:
    """The network with the best weights, ready to judge.

    Raises:
        RunError: they are not the weights of the run's config; names one that is missing, extra or of another shape.
    """
    return network_in(run.folder, run.row.config, run.schema, FINAL_BEST)


class NamedNetwork(nn.Module):
    """The network as it is called from outside: named arrays in, a row of arrays out."""

    def __init__(self, model: MultiTaskModel, schema: Schema) -> None:
        super().__init__()
        self.model, self.schema = model, schema
        self.inputs = [
            *(["ids"] if schema.id_fields else []),
            *(["values"] if schema.value_fields else []),
            *(["weights"] if any(field.num_tokens > 1 for field in schema.id_fields) else []),
        ]
        self.outputs = [
            *(f"{'probability' if task.kind == 'binary' else 'value'}:{task.name}" for task in schema.tasks),
            *(f"gates:{number}" for number, _ in enumerate(model.levels, start=1)),
        ]

    def named(self, ids_BK: np.ndarray, values_BV: np.ndarray, weights_BK: np.ndarray | None) -> dict[str, np.ndarray]:
        """What is asked of some rows."""
        known = {"ids": ids_BK, "values": values_BV, "weights": weights_BK}
        return {name: np.ascontiguousarray(known[name]) for name in self.inputs}

    def forward(self, *given: Tensor) -> tuple[Tensor, ...]:
        """What `outputs` names, of what `inputs` names."""
        known = dict(zip(self.inputs, given, strict=True))
        num_rows = given[0].shape[0]
        ids_BK = known["ids"] if "ids" in known else torch.zeros((num_rows, 0), dtype=torch.int32)
        values_BV = known["values"] if "values" in known else torch.zeros((num_rows, 0))
        output = self.model(ids_BK, values_BV, known.get("weights"))
        scores = (
            score_B.sigmoid() if task.kind == "binary" else score_B
            for task, score_B in zip(self.schema.tasks, output.scores_BT.unbind(1), strict=True)
        )
        return (*scores, *(level.weights_BRE for level in output.gates))


def traced(network: NamedNetwork, example: Mapping[str, np.ndarray]) -> Any:
    """The model as ONNX's protobuf, free in the number of rows."""
    rows = torch.export.Dim.DYNAMIC
    with _quietly(), torch.no_grad():
        program = torch.onnx.export(
            network,
            tuple(torch.from_numpy(values) for values in example.values()),
            dynamic_shapes=(tuple({0: rows} for _ in example),),
            input_names=network.inputs,
            output_names=network.outputs,
            dynamo=True,
            verbose=False,
        )
    assert program is not None
    return program.model_proto


@contextmanager
def _quietly() -> Iterator[None]:
    """The exporter tells of what concerns its own authors."""
    logger = logging.getLogger("torch.onnx")
    level = logger.level
    logger.setLevel(logging.ERROR)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logger.setLevel(level)


def _metadata(run: EndedRun, network: NamedNetwork) -> dict[str, str]:
    levels = [{"readers": level.readers, "experts": level.experts} for level in network.model.levels]
    return {
        "run_id": run.row.run_id,
        "tasks": json.dumps(run.schema.task_names, ensure_ascii=False),
        "schema": run.schema.model_dump_json(),
        "config": run.row.config.model_dump_json(),
        "gates": json.dumps(levels, ensure_ascii=False),
    }


def _check(run_id: str, content: bytes, network: NamedNetwork, asked: Mapping[str, np.ndarray]) -> None:
    """Whether onnxruntime finds what the network finds; also on one row alone."""
    import onnxruntime

    session = onnxruntime.InferenceSession(content, providers=["CPUExecutionProvider"])
    for rows in (slice(None), slice(0, 1)):
        given = {name: values[rows] for name, values in asked.items()}
        found = session.run(network.outputs, given)
        with torch.no_grad():
            expected = network(*(torch.from_numpy(values) for values in given.values()))
        for name, ours, theirs in zip(network.outputs, expected, found, strict=True):
            difference = np.abs(ours.numpy() - theirs) / np.maximum(1, np.abs(ours.numpy()))
            if not difference.max(initial=0) <= _CLOSE:  # also where one is no number
                raise RunError(
                    "onnxruntime computes '{output}' of run {run_id} otherwise than its network: they differ by "
                    "{difference}. Nothing was exported; please report it.",
                    output=name,
                    run_id=run_id,
                    difference=f"{difference.max():.2g}",
                )
