"""Shared-Bottom, one-gate mixture of experts, and multi-gate mixture-of-experts.

Ma et al., "Modeling Task Relationships in Multi-task Learning with Multi-gate Mixture-of-Experts", KDD 2018,
sections 3 and 4. The three differ in `gate` and in nothing else: same embedding, experts, towers and output; one-gate
MoE and MMoE only in how many gates there are.

How it starts, deliberately:
    Embeddings are N(0, embedding_scale): their scale decides whether a linear gate can see its input at all.
    Experts draw weights of their own, so they differ from each other from the first step on.
    Gates are N(0, 1 / (3 D)): with the default embeddings a gate's logits vary over the rows by about .3, so that it
    starts near uniform, but not constant.

Shape suffixes in this file:
    B batch   K ids of a row   V value fields   D input width
    E experts   H expert output width   T tasks
"""

from __future__ import annotations

import torch
from torch import Generator, Tensor, nn

from ..config import MMoE, OneGate, Schema, SharedBottom, sizes
from .banks import Bank, Towers
from .embedding import EmbeddingTable
from .linear import linear
from .mixing import mix
from .norms import BankNorm
from .output import GateLevel, MultiTaskOutput

__all__ = ["MultiTaskModel", "build_model"]


class MultiTaskModel(nn.Module):
    """Embedding table, experts, gates and towers; a kind adds its `gate`.

    Args:
        config: The architecture.
        schema: The fields and tasks it reads and scores.
        seed: Equal seeds, equal weights; kinds of equal widths draw equal embeddings, experts and towers.
    """

    def __init__(self, config: SharedBottom | OneGate | MMoE, schema: Schema, *, seed: int) -> None:
        super().__init__()
        self.generator = generator = Generator().manual_seed(seed)
        width_in = sizes(config, schema).input_width
        self.tasks = schema.task_names
        self.expert_names = tuple(f"E{number}" for number in range(1, config.num_experts + 1))
        self.table = EmbeddingTable(schema, config.embedding_size, scale=config.embedding_scale, generator=generator)
        self.experts = Bank(
            config.num_experts,
            (width_in, *config.expert_widths),
            num_hidden=len(config.expert_widths),
            norm=config.norm,
            dropout=config.expert_dropout,
            generator=generator,
        )
        self.towers = Towers(
            config.expert_widths[-1],
            [config.tower(task) for task in self.tasks],
            norm=config.norm,
            dropout=config.tower_dropout,
            generator=generator,
        )
        self.draws_in_training = bool(config.expert_dropout or config.tower_dropout)
        self.x_BD: Tensor | None = None

    def forward(self, ids_BK: Tensor, dense_BV: Tensor, weights_BK: Tensor | None = None) -> MultiTaskOutput:
        """Score every task for every row.

        Args:
            ids_BK: Rows of the embedding table, int32, shape (B, K).
            dense_BV: Scaled values, float, shape (B, V).
            weights_BK: How much each id counts within its field, 0 for padding; needed if a field has several ids.

        Returns:
            Scores (B, T), logits for binary tasks, and gates (B, T, E) that sum to 1 over E.
        """
        return self.score(self.table(ids_BK, dense_BV, weights_BK))

    def score(self, x_BD: Tensor) -> MultiTaskOutput:
        """The same of what the table has looked up."""
        z_EBH = self.experts(x_BD)  # E_i(x) = relu(z_i), all experts in one matmul per layer
        mixed_TBH, gates_BTE = mix(z_EBH.transpose(0, 1), self.gate(x_BD))  # h^k = Σ_i g_i^k E_i
        if torch.is_grad_enabled():
            self.x_BD = x_BD
        level = GateLevel(self.tasks, self.expert_names, gates_BTE)
        return MultiTaskOutput(scores_BT=self.towers(mixed_TBH), gates=(level,))

    def gate(self, x_BD: Tensor) -> Tensor:
        """The logits of each task's softmax over the experts, (B, T, E)."""
        raise NotImplementedError

    def shared(self) -> tuple[Tensor, ...]:
        """What every task's loss flows into: the input of the last forward pass, the experts' weights."""
        assert self.x_BD is not None, "nothing was read yet"
        return (self.x_BD, *self.experts.parameters())


class _SharedBottomModel(MultiTaskModel):
    """One expert that every task reads with gate 1: a softmax over one expert."""

    def gate(self, x_BD: Tensor) -> Tensor:
        return x_BD.new_zeros(len(x_BD), len(self.tasks), 1)


class _RoutedModel(MultiTaskModel):
    """softmax(W_g^k x): one gate per task, or one that all tasks read.

    W_g is drawn last of all, so that kinds start from equal embeddings, experts and towers.
    """

    def __init__(self, config: OneGate | MMoE, schema: Schema, *, seed: int) -> None:
        super().__init__(config, schema, seed=seed)
        self._num_gates = 1 if isinstance(config, OneGate) else len(self.tasks)
        width_in = sizes(config, schema).input_width
        rows = self._num_gates * config.num_experts
        self.gates_ED = nn.Parameter(torch.randn(rows, width_in, generator=self.generator) / (3 * width_in) ** 0.5)
        is_normed = config.gate_norm == "batch"
        self.gate_norm = BankNorm("batch", self._num_gates, config.num_experts) if is_normed else None
        self._temperature, self._gate_dropout = config.gate_temperature, config.gate_dropout
        self.draws_in_training |= bool(config.gate_dropout)

    def gate(self, x_BD: Tensor) -> Tensor:
        logits_BRE = linear(x_BD, self.gates_ED).view(len(x_BD), self._num_gates, -1)
        if self.gate_norm is not None:
            logits_BRE = self.gate_norm(logits_BRE.transpose(0, 1)).transpose(0, 1)
        if self._temperature != 1:
            logits_BRE = logits_BRE / self._temperature
        if self.training and self._gate_dropout:
            logits_BRE = _without_some(logits_BRE, self._gate_dropout)
        return logits_BRE.expand(-1, len(self.tasks), -1)


def _without_some(logits_BRE: Tensor, chance: float) -> Tensor:
    """Shut gates by chance, never all of a row's; what is left sums to 1 again (Zhao et al., RecSys 2019)."""
    is_shut_BRE = torch.rand_like(logits_BRE) < chance
    is_shut_BRE &= ~is_shut_BRE.all(dim=2, keepdim=True)
    return logits_BRE.masked_fill(is_shut_BRE, -torch.inf)


def build_model(config: SharedBottom | OneGate | MMoE, schema: Schema, *, seed: int) -> MultiTaskModel:
    """The network of a config on a schema, with fresh weights."""
    if isinstance(config, SharedBottom):
        return _SharedBottomModel(config, schema, seed=seed)
    return _RoutedModel(config, schema, seed=seed)
