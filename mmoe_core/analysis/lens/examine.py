"""What the clinic asks of a network: gates, experts and ReLUs on the probe rows.

Linear CKA: Kornblith et al., "Similarity of Neural Network Representations Revisited", ICML 2019, section 3: of two
centred outputs X and Y, ||Y'X||² / (||X'X|| ||Y'Y||) in Frobenius norms.

Shape suffixes in this file:
    B probe rows   R readers   E experts   H expert output width   M members of a bank   O units of a layer
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from itertools import islice
from typing import Literal

import torch
from torch import Tensor

from ...config import LevelPlan
from ...models import MultiTaskModel
from ...models.following import Followed, FollowedBank, follow
from ...models.gates import Gates
from .asked import Examination, ExpertPair, ExpertsSaid, GateSaid, ReluLayer
from .network import Network

__all__ = ["examine"]

_MOST_PAIRS = 10  # of a level that are named


def examine(network: Network) -> Examination:
    """Measure all that the clinic's detectors judge by."""
    with torch.no_grad():
        x_BD = network.read(network.probe.take(slice(None)))
        followed = follow(network.model, x_BD)
        return Examination(
            num_rows=len(x_BD),
            gates=tuple(_gates(network.model, followed)),
            experts=tuple(_experts(followed)),
            relus=tuple(_relus(followed)),
        )


def _gates(model: MultiTaskModel, followed: Followed) -> Iterator[GateSaid]:
    passed = zip(model.levels, model.gates, followed.logits_BRE, followed.output.gates, strict=True)
    for number, (level, gates, logits_BRE, said) in enumerate(passed, start=1):
        if not isinstance(gates, Gates):
            continue
        fingerprints = _fingerprints(level, gates)
        for place, (reader, heard) in enumerate(zip(level.readers, level.reach, strict=True)):
            if len(heard) < 2:
                continue
            weights_BE = said.weights_BRE[:, place, list(heard)].double()
            logits_BE = logits_BRE[:, place, list(heard)].double()
            centred_BE = logits_BE - logits_BE.mean(dim=1, keepdim=True)
            means_E = weights_BE.mean(dim=0)
            top = int(means_E.argmax())
            rows_B = torch.special.entr(weights_BE).sum(dim=1)
            yield GateSaid(
                level=number,
                reader=reader,
                num_heard=len(heard),
                entropy=float(rows_B.mean() / torch.log(torch.tensor(len(heard), dtype=torch.float64))),
                top_expert=level.experts[heard[top]],
                top_weight=float(means_E[top]),
                sd_weights=float(weights_BE.std(dim=0, correction=0).max()),
                sd_logits=float(centred_BE.var(dim=0, correction=0).mean().sqrt()),
                fingerprint=fingerprints[place if level.num_gates > 1 else 0],
            )


def _fingerprints(level: LevelPlan, gates: Gates) -> list[str]:
    """Of each gate: of its weights, and of its biases where it has some."""
    parts = [torch.split(values, list(level.outputs_per_gate)) for values, _ in gates.linear_layers()]
    parts += [
        torch.split(biases, list(level.outputs_per_gate)) for _, biases in gates.linear_layers() if biases is not None
    ]
    return [_digest(own) for own in zip(*parts, strict=True)]


def _digest(tensors: tuple[Tensor, ...]) -> str:
    found = hashlib.sha256()
    for tensor in tensors:
        found.update(tensor.contiguous().numpy().tobytes())
    return found.hexdigest()[:16]


def _experts(followed: Followed) -> Iterator[ExpertsSaid]:
    for number, bank in enumerate(followed.experts, start=1):
        out_EBH = bank.said_MBO.relu().double()
        if len(out_EBH) < 2:
            continue
        scale = max(float(out_EBH.max()), 1e-30)
        differences = {
            (one, one + 1 + place): float(difference) / scale
            for one in range(len(out_EBH) - 1)
            for place, difference in enumerate((out_EBH[one + 1 :] - out_EBH[one]).abs().amax(dim=(1, 2)))
        }
        closest = sorted(differences, key=differences.__getitem__)[:_MOST_PAIRS]
        yield ExpertsSaid(
            level=number,
            num_experts=len(out_EBH),
            spread=max(found for (one, _), found in differences.items() if one == 0),
            closest=tuple(
                ExpertPair(
                    one=bank.names[one],
                    other=bank.names[other],
                    difference=differences[one, other],
                    cka=_linear_cka(out_EBH[one], out_EBH[other]),
                )
                for one, other in closest
            ),
        )


def _linear_cka(x_BH: Tensor, y_BH: Tensor) -> float | None:
    x_BH, y_BH = x_BH - x_BH.mean(dim=0), y_BH - y_BH.mean(dim=0)
    own = float(torch.linalg.matrix_norm(x_BH.T @ x_BH) * torch.linalg.matrix_norm(y_BH.T @ y_BH))
    return float(torch.linalg.matrix_norm(y_BH.T @ x_BH)) ** 2 / own if own > 0 else None


def _relus(followed: Followed) -> Iterator[ReluLayer]:
    for number, experts in enumerate(followed.experts, start=1):
        yield from _layers("expert", number, experts, len(experts.bank.biases_MO))
    for towers in followed.towers:
        yield from _layers("tower", len(followed.experts), towers, len(towers.bank.biases_MO) - 1)


def _layers(part: Literal["expert", "tower"], level: int, bank: FollowedBank, num_layers: int) -> Iterator[ReluLayer]:
    """The first so many layers, which a ReLU follows."""
    for layer, said_MBO in enumerate(islice(bank.layers(), num_layers), start=1):
        dead_M = (said_MBO <= 0).all(dim=1).sum(dim=1)
        for name, num_dead in zip(bank.names, dead_M.tolist(), strict=True):
            yield ReluLayer(
                part=part,
                level=level,
                name=name,
                layer=layer,
                num_units=said_MBO.shape[2],
                num_dead=num_dead,
            )
