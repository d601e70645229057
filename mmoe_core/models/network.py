"""Shared-Bottom, one-gate mixture of experts, and multi-gate mixture-of-experts.

Ma et al., "Modeling Task Relationships in Multi-task Learning with Multi-gate Mixture-of-Experts", KDD 2018,
sections 3 and 4. The three differ in `gate` and in nothing else: same embedding, experts, towers and output.

How it starts, deliberately:
    Embeddings are N(0, embedding_scale): their scale decides whether a linear gate can see its input at all.
    Experts draw weights of their own, so they differ from each other from the first step on.
    Gates are N(0, 1 / (3 D)): with the default embeddings a gate's logits vary over the rows by about .3, so that it
    starts near uniform, but not constant.

Shape suffixes in this file:
    B batch   F id fields   K ids of a row (F, if every field has one)   V value fields
    S embedding size   D input width, F S + V
    E experts   H expert output width   T tasks
"""

from __future__ import annotations

import torch
from torch import Generator, Tensor, nn
from torch.nn import functional

from ..config import MMoE, OneGate, Schema, SharedBottom, sizes
from .banks import Bank, Towers
from .output import GateLevel, MultiTaskOutput
from .pooling import WeightedMean

__all__ = ["MultiTaskModel", "build_model"]

_LARGE_TABLE_ROWS = 1_000_000  # from here on a gradient of the whole table costs more than the network


class MultiTaskModel(nn.Module):
    """Embedding table, experts, gates and towers; a kind adds its `gate`.

    Args:
        config: The architecture.
        schema: The fields and tasks it reads and scores.
        seed: Equal seeds, equal weights; kinds of equal widths draw equal embeddings, experts and towers.
    """

    def __init__(self, config: SharedBottom | OneGate | MMoE, schema: Schema, *, seed: int) -> None:
        super().__init__()
        generator = Generator().manual_seed(seed)
        width_in = sizes(config, schema).input_width
        self.tasks = schema.task_names
        self.expert_names = tuple(f"E{number}" for number in range(1, config.num_experts + 1))
        table = torch.empty(schema.num_ids, config.embedding_size)
        self.table = nn.Parameter(table.normal_(std=config.embedding_scale, generator=generator))
        self.has_sparse_gradient = schema.num_ids >= _LARGE_TABLE_ROWS
        tokens_F = [field.num_tokens for field in schema.id_fields]
        self._pool = WeightedMean(tokens_F) if any(tokens > 1 for tokens in tokens_F) else None
        self.experts = Bank(
            config.num_experts, (width_in, *config.expert_widths), ends_in_relu=True, generator=generator
        )
        hidden_widths = [config.tower(task) for task in self.tasks]
        self.towers = Towers(config.expert_widths[-1], hidden_widths, generator=generator)
        self._add_gates(width_in, generator)
        self._gathered: Tensor | None = None

    def forward(self, ids_BK: Tensor, dense_BV: Tensor, weights_BK: Tensor | None = None) -> MultiTaskOutput:
        """Score every task for every row.

        Args:
            ids_BK: Rows of the embedding table, int32 or int64, shape (B, K).
            dense_BV: Scaled values, float, shape (B, V).
            weights_BK: How much each id counts within its field, 0 for padding; needed if a field has several ids.

        Returns:
            Scores (B, T), logits for binary tasks, and gates (B, T, E) that sum to 1 over E.
        """
        x_DB = self.embed(ids_BK, dense_BV, weights_BK)
        experts_EHB = self.experts(x_DB)  # E_i(x), all experts in one matmul per layer
        gates_TEB = self.gate(x_DB)  # g^k(x), one softmax per task
        mixed_THB = (gates_TEB.unsqueeze(2) * experts_EHB).sum(dim=1)  # h^k = sum_i g_i^k E_i
        level = GateLevel(self.tasks, self.expert_names, gates_TEB.permute(2, 0, 1))
        return MultiTaskOutput(scores_BT=self.towers(mixed_THB), gates=(level,))

    def embed(self, ids_BK: Tensor, dense_BV: Tensor, weights_BK: Tensor | None = None) -> Tensor:
        """The network's input x, (D, B): each field's embedding (the weighted mean of its ids'), then the values."""
        if self._pool is None:
            fields_BFS = functional.embedding(ids_BK, self.table, sparse=self.has_sparse_gradient)
        else:
            assert weights_BK is not None, "ids that share a field come with their weights"
            fields_BFS = self._pool(ids_BK, weights_BK, self.table, sparse=self.has_sparse_gradient)
        if torch.is_grad_enabled():
            self._gathered = fields_BFS
        return torch.cat((fields_BFS.flatten(1), dense_BV), dim=1).T

    def gate(self, x_DB: Tensor) -> Tensor:
        """Each task's weights over the experts, (T, E, B); sums to 1 over E."""
        raise NotImplementedError

    def shared(self) -> tuple[Tensor, ...]:
        """What every task's loss flows into: the fields' embeddings in the last forward pass, the experts' weights."""
        gathered = () if self._gathered is None else (self._gathered,)
        return (*gathered, *self.experts.parameters())

    def _add_gates(self, width_in: int, generator: Generator) -> None:
        """Draw W_g; last of all draws, so that kinds start from equal embeddings, experts and towers."""


class _SharedBottomModel(MultiTaskModel):
    """One expert that every task reads with gate 1."""

    def gate(self, x_DB: Tensor) -> Tensor:
        return x_DB.new_ones(len(self.tasks), 1, x_DB.shape[1])


class _OneGateModel(MultiTaskModel):
    """One softmax(W_g x) that all tasks read."""

    def gate(self, x_DB: Tensor) -> Tensor:
        return (self.gates_ED @ x_DB).softmax(dim=0).expand(len(self.tasks), -1, -1)

    def _add_gates(self, width_in: int, generator: Generator) -> None:
        self.gates_ED = _gates(len(self.expert_names), width_in, generator)


class _MMoEModel(MultiTaskModel):
    """One softmax(W_g^k x) per task."""

    def gate(self, x_DB: Tensor) -> Tensor:
        logits_TEB = (self.gates_ED @ x_DB).view(len(self.tasks), len(self.expert_names), -1)
        return logits_TEB.softmax(dim=1)

    def _add_gates(self, width_in: int, generator: Generator) -> None:
        self.gates_ED = _gates(len(self.tasks) * len(self.expert_names), width_in, generator)


def _gates(num_rows: int, width_in: int, generator: Generator) -> nn.Parameter:
    return nn.Parameter(torch.randn(num_rows, width_in, generator=generator) / (3 * width_in) ** 0.5)


def build_model(config: SharedBottom | OneGate | MMoE, schema: Schema, *, seed: int) -> MultiTaskModel:
    """The network of a config on a schema, with fresh weights."""
    classes = {"shared_bottom": _SharedBottomModel, "one_gate": _OneGateModel, "mmoe": _MMoEModel}
    return classes[config.kind](config, schema, seed=seed)
