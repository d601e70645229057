"""`adopt`: the documented lines write a file, and the verb makes a run of it."""

from __future__ import annotations

import runpy
import textwrap
from pathlib import Path

import pytest
import torch
from torch import nn
from torch_rechub.basic.features import SparseFeature
from torch_rechub.models.multi_task import MMOE

from mmoe_core.config import SimulatedAliCcp
from mmoe_core.data import prepare
from mmoe_core.runs import Store
from tests.commands.conftest import Terminal
from tests.commands.test_train import write_table
from tests.foreign.conftest import features_of, network


def write_as_printed(terminal: Terminal, home: Path, their: nn.Module) -> None:
    """Run the lines that are to be run where the library lives."""
    lines = terminal("adopt", "--how").out.splitlines()
    script = "\n".join(line for line in lines if line.startswith("    ") and "mmoe_core" not in line)
    (home / "save.py").write_text(textwrap.dedent(script))
    runpy.run_path(str(home / "save.py"), init_globals={"model": their})


def test_the_printed_lines_write_what_the_verb_reads(
    terminal: Terminal, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(home)
    data = SimulatedAliCcp(num_rows=1_000)
    their = network("ple", features_of(prepare(data)))
    write_as_printed(terminal, home, their)
    answer = terminal("adopt", "model.safetensors", "--from", "torch-rechub", "--data", data.dataset_name, "--json")
    assert answer.code == 0
    assert answer.json["state"] == "finished"
    assert len(terminal("gates", answer.json["run_id"], "--json").json["levels"]) == 1


def test_ids_as_given_are_the_rows_of_its_table(
    terminal: Terminal, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(home)
    write_table(home / "log.csv", 400)
    terminal("train", "--data", "log.csv", "--vocabulary", "as_given", "--set", "train.epochs=1")
    data = prepare(Store().rows()[0].config.data)
    features = [
        SparseFeature(feature.name, feature.vocab_size - 3, 4) if isinstance(feature, SparseFeature) else feature
        for feature in features_of(data)
    ]
    torch.manual_seed(1)
    their = MMOE(features, ["classification"] * 2, 3, {"dims": [5]}, [{"dims": [4]}] * 2)
    write_as_printed(terminal, home, their)
    words = ("adopt", "model.safetensors", "--from", "torch-rechub", "--data", "log.csv", "--tasks", "purchase,click")
    answer = terminal(*words, "--json")
    assert answer.code == 0
    assert answer.json["state"] == "finished"
    assert "largest id of train, validation and test together" in answer.err
    gates = terminal("gates", answer.json["run_id"], "--json").json
    assert len(gates["gates"]["purchase"]) == 3
    shown = terminal("show", answer.json["run_id"])
    assert "rechub" in shown.out
    assert "0.0001" in shown.out  # the scale of its embeddings, as it is
    misfit = terminal(*words, "--set", "model.num_experts=2", "--json")
    assert misfit.code == 2
    assert misfit.json["error"] == "ForeignError"
    assert "experts.2.mlp.0.bias (5) has no place here" in misfit.json["message"]


@pytest.mark.parametrize("words", [(), ("m.safetensors",)])
def test_what_is_left_out_is_asked_for(terminal: Terminal, home: Path, words: tuple[str, ...]) -> None:
    for word in words:
        (home / word).touch()
    answer = terminal("adopt", *(str(home / word) for word in words))
    assert answer.code == 2
    assert "--from which library" in answer.err
