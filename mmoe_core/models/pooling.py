"""Fields with several ids per row: the weighted mean of their embeddings, all fields in one pass.

Padding has weight 0 and is left out before anything is gathered, so a batch costs what its ids cost, however wide the
widest row is.

Shape suffixes in this file:
    B batch   F id fields   K ids of a row, all fields side by side   N ids of the batch that have a weight
    S embedding size
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate

import torch
from torch import Tensor
from torch.nn import functional

__all__ = ["WeightedMean"]


class WeightedMean:
    """Pools K gathered embeddings into one per field.

    Args:
        tokens_F: Columns that each field owns, K_f; their sum is K.
    """

    def __init__(self, tokens_F: Sequence[int]) -> None:
        self._starts_F = torch.tensor([0, *accumulate(tokens_F)][:-1])
        self._field_of_K = torch.repeat_interleave(torch.arange(len(tokens_F)), torch.tensor(tokens_F))
        self._is_of_field_KF = functional.one_hot(self._field_of_K, len(tokens_F)).float()

    def __call__(self, ids_BK: Tensor, weights_BK: Tensor, table: Tensor, *, sparse: bool) -> Tensor:
        """Sum over a field's ids of w · embedding, divided by the sum of w; 0 for a field without any weight.

        Args:
            ids_BK: Rows of the table, int32 or int64.
            weights_BK: At least 0; 0 is padding.
            table: One embedding per row.
            sparse: Whether the table's gradient holds the touched rows only.

        Returns:
            Shape (B, F, S).
        """
        weights_BK = weights_BK.to(table.dtype)
        is_there_BK = weights_BK > 0
        there_N = is_there_BK.flatten().nonzero().squeeze(1)
        sums_BF = weights_BK @ self._is_of_field_KF.to(table.dtype)
        shares_BK = weights_BK / sums_BF.index_select(1, self._field_of_K)  # 0 / 0 only where nothing is there
        before_BK = is_there_BK.flatten().cumsum(0, dtype=ids_BK.dtype).view(is_there_BK.shape) - is_there_BK.int()
        pooled = functional.embedding_bag(
            ids_BK.flatten().index_select(0, there_N),
            table,
            before_BK[:, self._starts_F].flatten().to(ids_BK.dtype),
            mode="sum",
            per_sample_weights=shares_BK.flatten().index_select(0, there_N),
            sparse=sparse,
        )
        return pooled.view(len(ids_BK), len(self._starts_F), table.shape[1])
