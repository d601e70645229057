"""ONNX: every kind of network says the same there, gates included, for any number of rows."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest
import torch

from mmoe_core.config import (
    AITM,
    CGC,
    ESMM,
    PLE,
    IdField,
    MMoE,
    ModelConfig,
    MultiLevelMMoE,
    OneGate,
    Schema,
    SharedBottom,
    Single,
    TaskSpec,
    ValueField,
    sizes,
)
from mmoe_core.data import prepare
from mmoe_core.errors import RunError
from mmoe_core.exports import PREDICTIONS, EndedRun, export, ways
from mmoe_core.models import build_model
from mmoe_core.runs import Store, read_checkpoint
from mmoe_core.runs.files import write_checkpoint
from tests.exports.conftest import home_of

TASKS = (TaskSpec(name="click", label_space="ctr"), TaskSpec(name="购买 = 1", label_space="ctcvr"))
PLAIN = Schema(
    id_fields=(IdField(name="user", vocabulary_size=9), IdField(name="item", vocabulary_size=7)),
    value_fields=(ValueField(name="price"), ValueField(name="age")),
    tasks=TASKS,
)
MANY = Schema(
    id_fields=(IdField(name="user", vocabulary_size=9), IdField(name="topics", vocabulary_size=7, num_tokens=3)),
    tasks=(TaskSpec(name="click"), TaskSpec(name="stars", kind="regression")),
)
VALUES = Schema(id_fields=(), value_fields=PLAIN.value_fields, tasks=TASKS)
KINDS = (Single, SharedBottom, OneGate, MMoE, MultiLevelMMoE, CGC, PLE, ESMM, AITM)
GATED = {"gate_temperature": 0.5, "gate_norm": "batch", "gate_dropout": 0.3}
CASES: list[tuple[ModelConfig, Schema]] = [
    *((kind(norm="batch", tower_widths={"click": (5, 4)}), PLAIN) for kind in (Single, SharedBottom, ESMM, AITM)),
    *((kind(norm="batch", **GATED), PLAIN) for kind in (OneGate, MMoE, MultiLevelMMoE, CGC, PLE)),
    (MMoE(norm="layer", expert_widths=(8, 6), expert_dropout=0.2), PLAIN),
    (AITM(norm="layer"), MANY),
    (PLE(), MANY),
    (Single(), MANY),
    (MMoE(gate_temperature=7.0), VALUES),
]
by_kind = pytest.mark.parametrize(("config", "schema"), CASES, ids=lambda value: getattr(value, "kind", ""))


def network(config: ModelConfig, schema: Schema) -> torch.nn.Module:
    """With weights and batch statistics that are nobody's defaults."""
    built = build_model(config, schema, seed=3).eval()
    draw = torch.Generator().manual_seed(4)
    with torch.no_grad():
        for name, tensor in built.state_dict().items():
            noise = torch.rand(tensor.shape, generator=draw)
            tensor.copy_(0.5 + noise if "variances" in name else tensor + 0.2 * noise)
    return built


def rows(schema: Schema, num_rows: int) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    draw = np.random.default_rng(5)
    ids = [
        offset + draw.integers(0, field.vocabulary_size, (num_rows, field.num_tokens))
        for offset, field in zip(schema.offsets, schema.id_fields, strict=True)
    ]
    weights = draw.random((num_rows, schema.num_id_columns)) * (draw.random((num_rows, schema.num_id_columns)) < 0.6)
    return (
        torch.from_numpy(np.concatenate([np.empty((num_rows, 0)), *ids], axis=1).astype(np.int32)),
        torch.from_numpy(draw.normal(size=(num_rows, len(schema.value_fields))).astype(np.float32)),
        torch.from_numpy(weights.astype(np.float32)),
    )


def test_all_kinds_are_here() -> None:
    assert {type(config) for config, _ in CASES} == set(KINDS)


@by_kind
def test_the_plain_path_says_what_the_fast_one_says(
    config: ModelConfig, schema: Schema, monkeypatch: pytest.MonkeyPatch
) -> None:
    built, given = network(config, schema), rows(schema, 50)
    with torch.no_grad():
        fast = built(*given)
        monkeypatch.setattr(torch.compiler, "is_exporting", lambda: True)
        plain = built(*given)
    torch.testing.assert_close(plain.scores_BT, fast.scores_BT, rtol=1e-5, atol=1e-6)
    for ours, theirs in zip(plain.gates, fast.gates, strict=True):
        torch.testing.assert_close(ours.weights_BRE, theirs.weights_BRE, rtol=1e-5, atol=1e-6)


@by_kind
def test_onnxruntime_says_what_the_network_says(config: ModelConfig, schema: Schema) -> None:
    onnxruntime = pytest.importorskip("onnxruntime", reason="onnxruntime is not installed")
    pytest.importorskip("onnxscript", reason="onnxscript is not installed")
    from mmoe_core.exports.onnx_file import NamedNetwork, traced

    named = NamedNetwork(network(config, schema), schema)  # type: ignore[arg-type]
    example = named.named(*(tensor.numpy() for tensor in rows(schema, 4)))
    session = onnxruntime.InferenceSession(traced(named, example).SerializeToString())
    for num_rows in (1, 3, 200):
        given = named.named(*(tensor.numpy() for tensor in rows(schema, num_rows)))
        found = session.run(named.outputs, given)
        with torch.no_grad():
            output = named.model(*rows(schema, num_rows))
        for k, task in enumerate(schema.tasks):
            scores_B = output.scores_BT[:, k]
            expected_B = scores_B.sigmoid() if task.kind == "binary" else scores_B
            np.testing.assert_allclose(found[k], expected_B.numpy(), rtol=1e-5, atol=1e-5)
        for level, gates_BRE in zip(output.gates, found[len(schema.tasks) :], strict=True):
            np.testing.assert_allclose(gates_BRE, level.weights_BRE.numpy(), rtol=1e-5, atol=1e-5)


def test_the_file_scores_the_test_split_as_the_run_did_and_knows_its_run(changed_run: EndedRun, tmp_path: Path) -> None:
    onnx = pytest.importorskip("onnx", reason="onnx is not installed")
    onnxruntime = pytest.importorskip("onnxruntime", reason="onnxruntime is not installed")
    home, out = home_of(changed_run), tmp_path / "run.onnx"
    export(Store(home / "runs"), changed_run.row.run_id, "onnx", out)
    test = prepare(changed_run.row.config.data, home=home).split("test")
    given = test.take(slice(0, len(test)))
    session = onnxruntime.InferenceSession(out)
    click, purchase, gates = session.run(
        ["probability:click", "probability:purchase", "gates:1"], {"ids": given.ids_BK, "values": given.dense_BV}
    )
    recorded = pq.read_table(changed_run.file(PREDICTIONS)).to_pandas()
    np.testing.assert_allclose(click, recorded["score:click"], atol=1e-5)
    np.testing.assert_allclose(purchase, recorded["score:purchase"], atol=1e-5)
    assert gates.shape == (len(test), 2, 8)
    np.testing.assert_allclose(gates.sum(axis=2), 1, atol=1e-5)
    known = {entry.key: entry.value for entry in onnx.load(out).metadata_props}
    assert known["run_id"] == changed_run.row.run_id
    assert json.loads(known["tasks"]) == ["click", "purchase"]
    assert Schema.model_validate_json(known["schema"]) == changed_run.schema
    assert json.loads(known["gates"])[0]["readers"] == ["click", "purchase"]


def test_weights_of_another_network_are_named(plain_run: EndedRun, tmp_path: Path) -> None:
    from mmoe_core.exports.onnx_file import best_network

    state = read_checkpoint(plain_run.folder, "final")
    odd = dict(state.tensors)
    odd["best/table.weight"] = odd["best/table.weight"][:, :4].repeat(1, 3).contiguous()
    write_checkpoint(tmp_path, "final", replace(state, tensors=odd))
    with pytest.raises(RunError, match=r"table\.weight are missing, too many, or of another shape"):
        best_network(replace(plain_run, folder=tmp_path))


def test_a_network_that_the_weights_cannot_fill_is_never_built(plain_run: EndedRun) -> None:
    from mmoe_core.exports.onnx_file import best_network

    huge = plain_run.row.config.model_copy(update={"model": MMoE(embedding_size=256, expert_widths=(4096, 4096))})
    assert sizes(huge.model, plain_run.schema).total > 50_000_000
    with pytest.raises(RunError, match="numbers, where it has"):
        best_network(replace(plain_run, row=replace(plain_run.row, config=huge)))


def test_without_its_libraries_a_sentence_says_what_to_install(
    plain_run: EndedRun, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ways, "find_spec", lambda name: None if name == "onnxruntime" else object())
    with pytest.raises(RunError, match="needs onnxruntime, which is not installed here"):
        export(Store(home_of(plain_run) / "runs"), plain_run.row.run_id, "onnx", tmp_path / "x.onnx")
