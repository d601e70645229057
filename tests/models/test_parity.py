"""What `model.parity = rechub` makes of a network; that it then equals torch-rechub's is in `tests/parity`."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import torch
from torch import Tensor, nn

from mmoe_core.config import (
    AITM,
    CGC,
    ESMM,
    PLE,
    MMoE,
    ModelConfig,
    RunConfig,
    SharedBottom,
    TrainConfig,
    change_kind,
    check_processes,
    from_flat,
    from_json,
    to_flat,
)
from mmoe_core.errors import ConfigError
from mmoe_core.models import MultiTaskModel, build_model
from mmoe_core.models.beginning import HasLinearLayers
from tests.models.test_architectures import SCHEMA, WIDTHS
from tests.models.test_network import batch

KINDS: list[ModelConfig] = [kind(parity="rechub", **WIDTHS) for kind in (SharedBottom, MMoE, CGC, PLE, ESMM, AITM)]
every_kind = pytest.mark.parametrize("config", KINDS, ids=lambda config: config.kind)


def layers(model: MultiTaskModel) -> Iterator[tuple[Tensor, Tensor | None]]:
    for module in model.modules():
        if isinstance(module, HasLinearLayers):
            yield from module.linear_layers()


@every_kind
def test_parity_needs_nothing_beside_it(config: ModelConfig) -> None:
    """Whatever norms and scales are said as well, the network is the same, to the last bit."""
    said = {"norm": "layer", "gate_norm": "none", "embedding_scale": 3.0, "constraint": 2.0}
    other = config.model_copy(update={name: value for name, value in said.items() if name in type(config).model_fields})
    one, two = (build_model(choice, SCHEMA, seed=3)(*batch()) for choice in (config, other))
    assert torch.equal(one.scores_BT, two.scores_BT)
    assert one.extra_losses == two.extra_losses == ()


@every_kind
def test_layers_begin_as_torchs_and_embeddings_near_nothing(config: ModelConfig) -> None:
    """A uniform law on ±1/√I has standard deviation 1/√(3 I), and so do torch's own layers."""
    wide = config.model_copy(update={"expert_widths": (300, 200), "default_tower_widths": (100,)})
    model = build_model(wide, SCHEMA, seed=3)
    assert float(model.table.weight.std()) == pytest.approx(1e-4, rel=0.3)
    torch.manual_seed(1)
    for weights, biases in layers(model):
        width = weights.shape[-1]
        reference = nn.Linear(width, 2000)
        for ours, theirs in ((weights, reference.weight), (biases, reference.bias)):
            if ours is not None:
                assert float(ours.detach().abs().max()) <= width**-0.5
                if ours.numel() >= 1000:
                    assert float(ours.detach().std()) == pytest.approx(float(theirs.detach().std()), rel=0.1)


@pytest.mark.parametrize("config", [config for config in KINDS if "gate_norm" in type(config).model_fields])
def test_a_gate_is_the_softmax_of_a_normed_line_with_a_bias(config: ModelConfig) -> None:
    model = build_model(config, SCHEMA, seed=3).double()
    x_BD = model.table(*batch(40)).double()
    gates = model.gates[0]
    spread_MP = (gates.norm.variances_MO + 1e-5).sqrt()
    logits_BP = (x_BD @ gates.weights_PI.T + gates.biases_P - gates.norm.means_MO) / spread_MP
    reach = model.levels[0].reach
    expected = logits_BP.split([len(heard) for heard in reach], dim=1)
    weights_BRE = model.eval().score(x_BD).gates[0].weights_BRE
    for reader, heard in enumerate(reach):
        torch.testing.assert_close(weights_BRE[:, reader, list(heard)], expected[reader].softmax(dim=1))


@pytest.mark.parametrize("kind", ["single", "one_gate", "ml_mmoe"])
def test_a_kind_that_torch_rechub_has_not_is_refused_with_the_reason(kind: str) -> None:
    sentence = f"torch-rechub has no network of the kind {kind}"
    with pytest.raises(ConfigError, match=sentence):
        from_flat({"model.kind": kind, "model.parity": "rechub"})
    with pytest.raises(ConfigError, match=sentence):
        from_json(f'{{"model": {{"kind": "{kind}", "parity": "rechub"}}}}')
    assert change_kind(MMoE(parity="rechub"), kind)[1] == ("parity",)  # type: ignore[arg-type]


@every_kind
def test_parity_travels_in_a_link(config: ModelConfig) -> None:
    run = RunConfig(model=config)
    assert to_flat(run)["model.parity"] == "rechub"
    assert from_flat(to_flat(run)) == run


def test_batch_norm_that_parity_brings_is_refused_in_several_processes() -> None:
    with pytest.raises(ConfigError, match="Batch norm takes its statistics from a whole batch"):
        check_processes(RunConfig(model=SharedBottom(parity="rechub"), train=TrainConfig(num_processes=2)))
