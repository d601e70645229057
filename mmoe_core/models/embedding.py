"""The embedding table: one row per id of all fields.

Its weights are no leaf of the graph: the gathered input is. The loss's gradient arrives there, and the optimiser moves
the few rows that were read by it, instead of a gradient as large as the table.

Shape suffixes in this file:
    B batch   F id fields   K ids of a row (F, if every field has one)   V value fields
    P rows of the table   S embedding size   D input width, F S + V   U touched rows
"""

from __future__ import annotations

from itertools import accumulate

import numpy as np
import torch
from torch import Generator, Tensor, nn
from torch.nn import functional

from .. import kernels
from ..config import Schema

__all__ = ["EmbeddingTable"]

_NO_WEIGHTS = np.empty((0, 0), np.float32)


class EmbeddingTable(nn.Module):
    """Looks fields up.

    Args:
        schema: The fields.
        size: S.
        scale: σ of the initial weights.
        generator: Where they are drawn from.
    """

    def __init__(self, schema: Schema, size: int, *, scale: float, generator: Generator) -> None:
        super().__init__()
        table_PS = torch.empty(schema.num_ids, size).normal_(std=scale, generator=generator)
        self.weight = nn.Parameter(table_PS, requires_grad=False)
        tokens_F = [field.num_tokens for field in schema.id_fields]
        self._first_of_field = np.array([0, *accumulate(tokens_F)], np.int32)
        field_of_K = torch.repeat_interleave(torch.arange(len(tokens_F)), torch.tensor(tokens_F, dtype=torch.int64))
        self._field_of_K: Tensor
        self.register_buffer("_field_of_K", field_of_K, persistent=False)
        self._has_many = any(tokens > 1 for tokens in tokens_F)

    @property
    def size(self) -> int:
        """S."""
        return self.weight.shape[1]

    @property
    def num_columns(self) -> int:
        """F S: the columns of the input that come from the table."""
        return (len(self._first_of_field) - 1) * self.weight.shape[1]

    def forward(self, ids_BK: Tensor, dense_BV: Tensor, weights_BK: Tensor | None = None) -> Tensor:
        """Each field's embedding, of several ids their weighted mean (0 where none has weight), then the values.

        Args:
            ids_BK: Rows of the table, int32.
            dense_BV: Scaled values.
            weights_BK: How much each id counts within its field, 0 for padding; needed if a field has several ids.

        Returns:
            Shape (B, D), a leaf of the graph.
        """
        assert weights_BK is not None or not self._has_many, "ids that share a field come with their weights"
        with torch.no_grad():
            if dense_BV.device.type == "cpu" and not torch.compiler.is_exporting():
                x_BD = dense_BV.new_empty(len(ids_BK), self.num_columns + dense_BV.shape[1])
                self._gather(ids_BK, dense_BV, weights_BK, x_BD)
            else:
                x_BD = torch.cat([self._fields(ids_BK, weights_BK), dense_BV], dim=1)
        return x_BD.requires_grad_(torch.is_grad_enabled())

    def gradient_of_rows(
        self, gradient_BD: Tensor, num_touched: int, places_BK: Tensor, weights_BK: Tensor | None = None
    ) -> Tensor:
        """∂L/∂row for the rows that a batch touched: what its readers send back, the transpose of `forward`.

        Args:
            gradient_BD: ∂L/∂x.
            num_touched: U.
            places_BK: Which touched row each id is, −1 on padding.
            weights_BK: As in `forward`.

        Returns:
            Shape (U, S).
        """
        gradient_US = gradient_BD.new_zeros(num_touched, self.weight.shape[1])
        if gradient_BD.device.type == "cpu":
            kernels.add_up(
                gradient_BD.contiguous().numpy(),
                places_BK.numpy(),
                self._weights(weights_BK),
                self._first_of_field,
                gradient_US.numpy(),
            )
            return gradient_US
        fields_BFS = gradient_BD[:, : self.num_columns].reshape(len(gradient_BD), -1, self.weight.shape[1])
        tokens_BKS = self._shares(places_BK, weights_BK).unsqueeze(2) * fields_BFS[:, self._field_of_K]
        return gradient_US.index_add(0, places_BK.clamp(min=0).flatten(), tokens_BKS.flatten(0, 1))

    def _gather(self, ids_BK: Tensor, dense_BV: Tensor, weights_BK: Tensor | None, x_BD: Tensor) -> None:
        kernels.gather(
            self.weight.numpy(),
            ids_BK.numpy(),
            self._weights(weights_BK),
            self._first_of_field,
            dense_BV.numpy(),
            x_BD.numpy(),
        )

    def _fields(self, ids_BK: Tensor, weights_BK: Tensor | None) -> Tensor:
        """The same where torch computes it: each field's embedding, (B, F S)."""
        tokens_BKS = functional.embedding(ids_BK, self.weight)
        if not self._has_many:
            return tokens_BKS.flatten(1)
        tokens_BKS = self._shares(ids_BK, weights_BK).unsqueeze(2) * tokens_BKS
        fields_BFS = tokens_BKS.new_zeros(ids_BK.shape[0], len(self._first_of_field) - 1, self.weight.shape[1])
        return fields_BFS.index_add(1, self._field_of_K, tokens_BKS).flatten(1)

    def _weights(self, weights_BK: Tensor | None) -> np.ndarray:
        return weights_BK.numpy() if weights_BK is not None and self._has_many else _NO_WEIGHTS

    def _shares(self, ids_BK: Tensor, weights_BK: Tensor | None) -> Tensor:
        """Each id's share of its field's weight; 0 on padding."""
        if weights_BK is None or not self._has_many:
            return torch.ones_like(ids_BK, dtype=self.weight.dtype)
        weights_BK = weights_BK.to(self.weight.dtype)
        sums_BF = weights_BK.new_zeros(ids_BK.shape[0], len(self._first_of_field) - 1)
        sums_BK = sums_BF.index_add(1, self._field_of_K, weights_BK)[:, self._field_of_K]
        return torch.where(weights_BK > 0, weights_BK / sums_BK, 0.0)
