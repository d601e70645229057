"""Weight times norm is what independent hooks on gates and experts see, row by row."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from mmoe_core.analysis.lens.answering import answer
from mmoe_core.analysis.lens.asked import Contributions
from mmoe_core.config import AITM, ModelConfig
from mmoe_core.errors import ConfigError
from tests.analysis.lens.networks import KINDS, network


@pytest.mark.parametrize("config", [one for one in KINDS if not isinstance(one, AITM)], ids=lambda one: one.kind)
def test_contributions_equal_what_hooks_see_row_by_row(config: ModelConfig) -> None:
    asked = network(config)
    found = answer(asked, Contributions())
    seen: list[tuple[torch.Tensor, torch.Tensor]] = []
    for gate, experts in zip(asked.model.gates, asked.model.experts, strict=True):
        pair: list[torch.Tensor] = []
        experts.register_forward_hook(lambda _m, _r, z_EBH, pair=pair: pair.append(z_EBH))
        gate.register_forward_hook(lambda _m, _r, logits, pair=pair: pair.append(logits))
        seen.append(pair)  # type: ignore[arg-type]
    with torch.no_grad():
        asked.model.score(asked.read(asked.probe.take(np.arange(len(asked.probe)))))
    for (z_EBH, logits_BRE), level in zip(seen, found.levels, strict=True):
        weights = torch.softmax(logits_BRE, dim=-1).numpy().astype(np.float64)
        assert np.abs(weights.sum(axis=-1) - 1).max() <= 1e-6
        norms = np.sqrt((np.maximum(z_EBH.numpy(), 0).astype(np.float64) ** 2).sum(axis=-1))
        assert np.array(level.norms_E) == pytest.approx(norms.mean(axis=1), rel=1e-6)
        by_hand = np.zeros((len(level.readers), len(level.experts)))
        for row in range(len(weights)):
            by_hand += weights[row] * norms[:, row] / len(weights)
        assert np.array(level.contributions_RE) == pytest.approx(by_hand, rel=1e-5, abs=1e-9)
        assert np.array(level.weights_RE) == pytest.approx(weights.mean(axis=0), rel=1e-5, abs=1e-9)


def test_an_attention_over_other_values_is_refused() -> None:
    with pytest.raises(ConfigError, match="AITM"):
        answer(network(next(one for one in KINDS if isinstance(one, AITM))), Contributions())
