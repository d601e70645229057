"""What of each task's loss arrives at each expert: measured by automatic differentiation, beside gate times gradient.

In double precision, and from the experts' outputs on in plain torch, so that ∂L/∂E_i is that of E_i as it is mixed,
after its ReLU; what comes out is checked to be the network's own scores.

Shape suffixes in this file:
    B batch   D width of an embedded row   T tasks   E experts   H expert output width
"""

from __future__ import annotations

from contextlib import ExitStack
from copy import deepcopy
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from ...data import Split
from ...models import MultiTaskModel, TransferModel, row_shares, task_losses
from ...models.following import hooked
from .asked import RouteSaid, RoutingSaid, RowRouting, RowRoutingSaid, TaskRoutes
from .network import Network

__all__ = ["Routes", "measure", "routing", "row_routing"]

_SHOWN = 4  # components of a vector


@dataclass(frozen=True)
class Routes:
    """Row by row, all in double precision.

    Attributes:
        gates_TBE: g_i^k(x).
        into_experts_TEBH: ∂L_k/∂E_i.
        own_TEBH: The part of it through h^k.
        into_mixture_TBH: ∂L_k/∂h^k.
    """

    gates_TBE: Tensor
    into_experts_TEBH: Tensor
    own_TEBH: Tensor
    into_mixture_TBH: Tensor

    @property
    def products(self) -> Tensor:
        """g_i^k(x) · ∂L_k/∂h^k: what the identity says that `own_TEBH` is; (T, E, B, H)."""
        return self.gates_TBE.permute(0, 2, 1).unsqueeze(3) * self.into_mixture_TBH.unsqueeze(1)

    @property
    def differences(self) -> Tensor:
        """Length of what sets the two sides apart, over that of the longer; 0 where both are 0; (T, E, B)."""
        products_TEBH = self.products
        longer_TEB = torch.maximum(self.own_TEBH.norm(dim=3), products_TEBH.norm(dim=3))
        apart_TEB = (self.own_TEBH - products_TEBH).norm(dim=3)
        return torch.where(longer_TEB > 0, apart_TEB / longer_TEB, apart_TEB)


def routing(network: Network) -> RoutingSaid:
    """Measure what arrives where on the probe rows."""
    routes, level = measure(network, network.probe), network.model.levels[-1]
    return RoutingSaid(
        num_rows=routes.gates_TBE.shape[1],
        tasks=level.readers,
        experts=level.experts,
        gates_TE=_matrix(routes.gates_TBE.mean(dim=1)),
        norms_TE=_matrix(routes.into_experts_TEBH.flatten(2).norm(dim=2)),
        own_norms_TE=_matrix(routes.own_TEBH.flatten(2).norm(dim=2)),
        difference=float(routes.differences.max()),
    )


def row_routing(network: Network, question: RowRouting) -> RowRoutingSaid:
    """Both sides of the identity on one row.

    Raises:
        DatasetError: there is no such row.
    """
    split, row = network.found(question.split, question.row)
    routes, level = measure(network, split.pick(row)), network.model.levels[-1]
    return RowRoutingSaid(
        experts=level.experts, tasks=_on_the_row(routes, level.readers, np.asarray(split.observed_NT[row[0]]))
    )


def measure(network: Network, split: Split) -> Routes:
    """Differentiate each task's loss on some rows; L_k is their mean over those that are observed."""
    model = _in_double(network.model)
    z, logits = list[Tensor](), list[Tensor]()
    with torch.no_grad(), ExitStack() as hooks:
        hooks.enter_context(hooked(model.experts[-1], lambda _module, _read, found_EBH: z.append(found_EBH)))
        hooks.enter_context(hooked(model.gates[-1], lambda _module, _read, found_BTE: logits.append(found_BTE)))
        x_BD = network.read(split.take(np.arange(len(split)))).double()
        own_scores_BT = model.score(x_BD).scores_BT
    gates_TBE = logits[0].softmax(dim=2).transpose(0, 1)
    experts_EBH = z[0].relu().requires_grad_()  # E_i
    mixed_TBH = torch.einsum("tbe,ebh->tbh", gates_TBE, experts_EBH)  # h^k = Σ_i g_i^k E_i
    scores_BT = _above(model, mixed_TBH)
    assert torch.allclose(scores_BT, own_scores_BT, rtol=1e-9, atol=1e-9), "these are not the network's scores"
    whole, own, into_mixture = list[Tensor](), list[Tensor](), list[Tensor]()
    for task, loss in enumerate(_losses(network, split, scores_BT)):
        whole.append(torch.autograd.grad(loss, experts_EBH, retain_graph=True)[0])
        only_own_TBH = torch.stack(
            [mixed_BH if place == task else mixed_BH.detach() for place, mixed_BH in enumerate(mixed_TBH)]
        )
        own_loss = _losses(network, split, _above(model, only_own_TBH))[task]
        into_mixed_TBH, into_experts_EBH = torch.autograd.grad(own_loss, (only_own_TBH, experts_EBH), retain_graph=True)
        into_mixture.append(into_mixed_TBH[task])
        own.append(into_experts_EBH)
    return Routes(gates_TBE, torch.stack(whole), torch.stack(own), torch.stack(into_mixture))


def _in_double(model: MultiTaskModel) -> MultiTaskModel:
    """A copy with all but the table in double precision; the table, which may be large, is the model's own."""
    copy = deepcopy(model, {id(model.table): model.table})
    for name, part in copy.named_children():
        if name != "table":
            part.double()
    return copy


def _above(model: MultiTaskModel, mixed_TBH: Tensor) -> Tensor:
    """From the last level's mixtures to scores, (B, T)."""
    if isinstance(model, TransferModel):
        mixed_TBH, _ = model.transfer(mixed_TBH)
    return model.head(model.towers(mixed_TBH))


def _losses(network: Network, split: Split, scores_BT: Tensor) -> Tensor:
    regressions = [place for place, task in enumerate(network.dataset.schema.tasks) if task.kind == "regression"]
    shares_BT = row_shares(torch.from_numpy(np.asarray(split.observed_NT))).double()
    return task_losses(scores_BT, torch.from_numpy(np.asarray(split.labels_NT)).double(), shares_BT, regressions)


def _on_the_row(here: Routes, tasks: tuple[str, ...], observed_T: np.ndarray) -> tuple[TaskRoutes, ...]:
    products_TEBH, differences_TEB = here.products, here.differences
    return tuple(
        TaskRoutes(
            task=task,
            is_observed=bool(observed_T[k]),
            mixture_H=_first(here.into_mixture_TBH[k, 0]),
            mixture_norm=float(here.into_mixture_TBH[k, 0].norm()),
            routes_E=tuple(
                RouteSaid(
                    gate=float(here.gates_TBE[k, 0, i]),
                    measured_H=_first(here.own_TEBH[k, i, 0]),
                    measured_norm=float(here.own_TEBH[k, i, 0].norm()),
                    product_H=_first(products_TEBH[k, i, 0]),
                    product_norm=float(products_TEBH[k, i, 0].norm()),
                    difference=float(differences_TEB[k, i, 0]),
                )
                for i in range(here.gates_TBE.shape[2])
            ),
        )
        for k, task in enumerate(tasks)
    )


def _first(values_H: Tensor) -> tuple[float, ...]:
    return tuple(values_H[:_SHOWN].tolist())


def _matrix(rows: Tensor) -> tuple[tuple[float, ...], ...]:
    return tuple(tuple(row) for row in rows.tolist())
