"""What each task's loss wants, before they are added up: do the tasks pull what they share the same way?

Shape suffixes in this file:
    T tasks   X the batch's embeddings of the fields, one after the other   L layers   P numbers of layers
    E experts   M members of a bank
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

import torch
from torch import Tensor, nn

from ..models import MultiTaskModel
from ..records import GradientSnapshot, LevelPulls, Pulls
from .ranks import ALONE, Ranks

__all__ = ["TaskGradients", "WatchedPulls"]


class TaskGradients:
    """The gradient of each task's loss into the embeddings that a batch read, and into layers.

    Taken at what was gathered for the batch, never over the whole table. The graph is kept.

    Args:
        task_losses_T: w_k L_k.
        model: Fresh from the forward pass that made the losses.
        layers: Into which; of these only what several tasks share is compared.
        ranks: Who has the other rows of the batch.
    """

    def __init__(
        self, task_losses_T: Tensor, model: MultiTaskModel, layers: Sequence[nn.Parameter], ranks: Ranks = ALONE
    ) -> None:
        assert model.x_BD is not None, "nothing was read yet"
        self._x_BD, self._layers, self._ranks = model.x_BD, layers, ranks
        self._num_columns = model.table.num_columns  # the values beside them learn nothing
        masks = dict(model.shared_layers())
        self._is_shared = [masks.get(layer) for layer in layers]
        by_task = [
            torch.autograd.grad(loss, (self._x_BD, *layers), retain_graph=True, materialize_grads=True)
            for loss in task_losses_T
        ]
        self._into_x, *self._into_layers = (torch.stack(tensors) for tensors in zip(*by_task, strict=True))

    def products(self) -> Tensor:
        """⟨g_k, g_l⟩ over all that tasks share, of the whole batch: (T, T), double."""
        return self.products_by_layer().sum(dim=0)

    def products_by_layer(self) -> Tensor:
        """The same apart: of the embeddings, then of each layer, 0 where nothing is shared; (1 + L, T, T)."""
        found_TT, parts = self.of_all_rows(self._is_shared)
        return torch.stack([found_TT, *(part_TP @ part_TP.T for part_TP in parts)])

    def of_all_rows(self, chosen: Sequence[Tensor | None]) -> tuple[Tensor, list[Tensor]]:
        """What all ranks' rows want, double.

        Args:
            chosen: Which numbers of each layer are asked for: bool, of the layer's shape; None: none of them.

        Returns:
            ⟨g_k, g_l⟩ of the embeddings, (T, T); of each layer the gradients into what was asked for, (T, P).
        """
        rows_TX = self._into_x[:, :, : self._num_columns].flatten(1).double()  # float32 squares overflow
        num_tasks = len(rows_TX)
        asked = [
            into_layer.flatten(1)[:, [] if is_chosen is None else is_chosen.flatten()].double()
            for into_layer, is_chosen in zip(self._into_layers, chosen, strict=True)
        ]
        layers_TP = torch.cat([rows_TX.new_empty(num_tasks, 0), *asked], dim=1)
        summed = self._ranks.sum(torch.cat([(rows_TX @ rows_TX.T).flatten(), layers_TP.flatten()]))
        layers_TP = summed[num_tasks**2 :].view_as(layers_TP)  # nobody else has my rows
        parts = torch.split(layers_TP, [part.shape[1] for part in asked], dim=1)
        return summed[: num_tasks**2].view(num_tasks, num_tasks), list(parts)

    def leave(self, weights_LT: Tensor) -> None:
        """Add to the gradients of input and layers: what is shared by weights, what is one task's own as it is.

        Args:
            weights_LT: λ for the embeddings, then for each layer; or of one row for all of them.
        """
        weights_LT = weights_LT.to(self._into_x).expand(1 + len(self._layers), -1)
        into_x_BD = torch.einsum("t,tbd->bd", weights_LT[0], self._into_x)
        self._x_BD.grad = into_x_BD if self._x_BD.grad is None else self._x_BD.grad + into_x_BD
        for layer, into_layer, is_shared, weights_T in zip(
            self._layers, self._into_layers, self._is_shared, weights_LT[1:], strict=True
        ):
            gradient = into_layer.sum(dim=0)
            if is_shared is not None:
                weighted = torch.tensordot(weights_T, into_layer, dims=1)
                gradient = torch.where(is_shared, weighted, gradient)
            layer.grad = gradient if layer.grad is None else layer.grad.add_(gradient)


class WatchedPulls:
    """How the tasks pull at the embeddings that a batch read, at each expert, and at all that they share.

    The graph is kept for the update that follows.

    Args:
        task_losses_T: w_k L_k, shape (T,).
        model: Fresh from the forward pass that made the losses.
        ranks: Who has the other rows of the batch.
    """

    def __init__(self, task_losses_T: Tensor, model: MultiTaskModel, ranks: Ranks = ALONE) -> None:
        self._tasks, self._experts = model.tasks, [level.experts for level in model.levels]
        masks = dict(model.shared_layers())
        of_experts = [layer for bank in model.experts for layer in bank.parameters()]
        elsewhere = [layer for layer in masks if not any(layer is expert for expert in of_experts)]
        every = [torch.ones_like(layer, dtype=torch.bool) for layer in of_experts]
        gradients = TaskGradients(task_losses_T, model, [*of_experts, *elsewhere], ranks)
        self._embeddings_TT, found = gradients.of_all_rows([*every, *(masks[layer] for layer in elsewhere)])
        self._shared_TT, self._levels, parts = self._embeddings_TT.clone(), list[Tensor](), iter(found)
        for bank in model.experts:
            products_MTT = torch.stack([_products_of_members(next(parts), len(layer)) for layer in bank.parameters()])
            self._levels.append(products_MTT.sum(dim=0))
            is_shared = masks.get(next(bank.parameters()))
            if is_shared is not None:
                self._shared_TT += self._levels[-1][is_shared.flatten(1)[:, 0]].sum(dim=0)
        for part_TP in parts:
            self._shared_TT += part_TP @ part_TP.T

    @property
    def norms(self) -> list[float]:
        """Of each task's gradient in all that is shared."""
        return _norms_and_cosines(self._shared_TT)[0]

    @property
    def cosine(self) -> float | None:
        """There, between the first two tasks; None with one task, or where a gradient is 0."""
        return next(iter(_norms_and_cosines(self._shared_TT)[1]), None)

    def snapshot(self, step: int) -> GradientSnapshot:
        """The record of it all; every norm is a number."""
        return GradientSnapshot(
            step=step,
            tasks=self._tasks,
            embeddings=_pulls(self._embeddings_TT),
            levels=tuple(
                LevelPulls(experts=experts, pulls_E=tuple(_pulls(products_TT) for products_TT in products_ETT))
                for experts, products_ETT in zip(self._experts, self._levels, strict=True)
            ),
            shared=_pulls(self._shared_TT),
        )


def _products_of_members(layer_TP: Tensor, num_members: int) -> Tensor:
    """⟨g_k, g_l⟩ in each member of a bank, which lie along the first axis of its layers: (M, T, T)."""
    members_MTP = layer_TP.reshape(len(layer_TP), num_members, -1).transpose(0, 1)
    return members_MTP @ members_MTP.mT


def _pulls(products_TT: Tensor) -> Pulls:
    """With the digits that float32 is good for, since many are kept."""
    norms, cosines = _norms_and_cosines(products_TT)
    return Pulls(
        norms_T=tuple(float(f"{norm:.6g}") for norm in norms),
        cosines_P=tuple(None if cosine is None else round(cosine, 6) for cosine in cosines),
    )


def _norms_and_cosines(products_TT: Tensor) -> tuple[list[float], list[float | None]]:
    norms, products = products_TT.diagonal().sqrt().tolist(), products_TT.tolist()
    cosines = [
        min(1.0, max(-1.0, products[one][other] / (norms[one] * norms[other])))
        if norms[one] * norms[other] > 0
        else None
        for one, other in combinations(range(len(norms)), 2)
    ]
    return norms, cosines
