"""The networks: one embedding table, levels of experts and gates as the plan says, one tower per task.

Ma et al., "Modeling Task Relationships in Multi-task Learning with Multi-gate Mixture-of-Experts", KDD 2018, sections
3 and 4; Tang et al., "Progressive Layered Extraction", RecSys 2020, section 4. Seven kinds differ in their `plan` and
in nothing else: same embedding, experts, mixture, towers and output. ESMM and AITM add a few lines of their own.

How it starts, deliberately:
    Embeddings are N(0, embedding_scale): their scale decides whether a linear gate can see its input at all.
    Experts draw weights of their own, so they differ from each other from the first step on.
    Gates are N(0, 1 / (3 I)): with the default embeddings a gate's logits vary over the rows by about .3, so that it
    starts near uniform, but not constant. They are drawn last of all, so that kinds of equal widths start from equal
    embeddings, experts and towers.

Shape suffixes in this file:
    B batch   K ids of a row   V value fields   D width of an embedded row   F id fields   S embedding size
    R readers   E experts   H expert output width   T tasks
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Generator, Tensor, nn

from ..config import Gated, ModelConfig, Schema, Single, input_width, plan, reached
from .banks import Bank, Towers
from .embedding import EmbeddingTable
from .gates import FixedGates, Gates
from .load import uneven_load
from .mixing import mix
from .output import GateLevel, MultiTaskOutput
from .sharing import SharedLayer, shared_members

__all__ = ["MultiTaskModel"]


class MultiTaskModel(nn.Module):
    """Any architecture that its plan describes whole.

    Args:
        config: The architecture.
        schema: The fields and tasks it reads and scores.
        seed: Equal seeds, equal weights.
    """

    def __init__(self, config: ModelConfig, schema: Schema, *, seed: int) -> None:
        super().__init__()
        self.generator = generator = Generator().manual_seed(seed)
        self.tasks = schema.task_names
        self.levels = plan(config, self.tasks)
        width_in, width_out = input_width(config, schema), config.expert_widths[-1]
        self._num_tables = len(self.tasks) if isinstance(config, Single) else 1
        self.table = EmbeddingTable(
            schema, config.embedding_size * self._num_tables, scale=config.embedding_scale, generator=generator
        )
        self.experts = nn.ModuleList(
            Bank(
                len(level.experts),
                (width_in if level.experts_read is None else width_out, *config.expert_widths),
                num_hidden=len(config.expert_widths),
                norm=config.norm,
                dropout=config.expert_dropout,
                generator=generator,
            )
            for level in self.levels
        )
        self.towers = Towers(
            width_out,
            [config.tower(task) for task in self.tasks],
            norm=config.norm,
            dropout=config.tower_dropout,
            generator=generator,
        )
        self.gates = nn.ModuleList(
            Gates(level, width_in if level.gates_read is None else width_out, config, generator)
            if isinstance(config, Gated)
            else FixedGates(level)
            for level in self.levels
        )
        self.draws_in_training = bool(
            config.expert_dropout or config.tower_dropout or (isinstance(config, Gated) and config.gate_dropout)
        )
        self._load_penalty = config.load_penalty if isinstance(config, Gated) else 0.0
        self.x_BD: Tensor | None = None

    def forward(self, ids_BK: Tensor, dense_BV: Tensor, weights_BK: Tensor | None = None) -> MultiTaskOutput:
        """Score every task for every row.

        Args:
            ids_BK: Rows of the embedding table, int32, shape (B, K).
            dense_BV: Scaled values, float, shape (B, V).
            weights_BK: How much each id counts within its field, 0 for padding; needed if a field has several ids.

        Returns:
            Scores (B, T), logits for binary tasks, and gates that sum to 1 over the experts, level by level.
        """
        return self.score(self.table(ids_BK, dense_BV, weights_BK))

    def score(self, x_BD: Tensor) -> MultiTaskOutput:
        """The same of what the table has looked up."""
        if torch.is_grad_enabled():
            self.x_BD = x_BD
        mixed_TBH, gates = self.route(self._rows(x_BD))
        scores_BT = self.head(self.towers(mixed_TBH))
        return MultiTaskOutput(scores_BT, gates, self.extra_losses(scores_BT, gates))

    def route(self, x: Tensor) -> tuple[Tensor, tuple[GateLevel, ...]]:
        """From the embedded row, (B, D), or each task's own, (T, B, D), up to what each tower reads, (T, B, H)."""
        mixed_RBH, gates = x, []
        for level, experts, gate in zip(self.levels, self.experts, self.gates, strict=True):
            z_EBH = experts(x if level.experts_read is None else mixed_RBH[list(level.experts_read)])  # E_i = relu(z_i)
            logits_BRE = gate(x if level.gates_read is None else mixed_RBH[list(level.gates_read)])
            mixed_RBH, weights_BRE = mix(z_EBH.transpose(0, 1), logits_BRE)  # h^k = Σ_i g_i^k E_i
            gates.append(GateLevel(level.readers, level.experts, weights_BRE))
        return mixed_RBH, tuple(gates)

    def head(self, towers_BT: Tensor) -> Tensor:
        """What the towers say as scores, (B, T)."""
        return towers_BT

    def extra_losses(self, scores_BT: Tensor, gates: tuple[GateLevel, ...]) -> tuple[Tensor, ...]:
        """What the architecture itself wants small, each (B,): of gates that have a choice, an uneven load."""
        del scores_BT
        return tuple(
            self._load_penalty * uneven_load(gate.weights_BRE, [len(heard) for heard in level.reach])
            for level, gate in zip(self.levels, gates, strict=True)
            if self._load_penalty
        )

    def shared_layers(self) -> tuple[SharedLayer, ...]:
        """What of the layers losses of several tasks move, the embeddings below them left out."""
        found: list[SharedLayer] = []
        arriving = reached(self.levels, self.tasks_at_mixtures())
        for level, bank, gates, tasks in zip(self.levels, self.experts, self.gates, arriving, strict=True):
            found += shared_members(bank.parameters(), tasks.experts)
            pairs = zip(tasks.gates, level.outputs_per_gate, strict=True)
            of_choices = [at_gate for at_gate, outputs in pairs for _ in range(outputs)]
            found += shared_members(gates.parameters(), of_choices)
        for bank, of_bank in zip(self.towers.banks, self.towers.tasks_of_bank, strict=True):
            found += shared_members(bank.parameters(), [self.tasks_at_towers()[task] for task in of_bank])
        return tuple(found)

    def last_shared_layer(self) -> SharedLayer | None:
        """The weights that all tasks share and that nothing shared follows; None where they share embeddings only."""
        arriving = reached(self.levels[-1:], [frozenset({task}) for task in range(len(self.tasks))])[0].experts
        are_all = [len(tasks) == len(self.tasks) for tasks in arriving]
        bank = self.experts[-1]
        assert isinstance(bank, Bank)
        weights_MOI = bank.weights_MOI[-1]
        is_shared_M = torch.tensor(are_all, device=weights_MOI.device)
        return (weights_MOI, is_shared_M.view(-1, 1, 1).expand_as(weights_MOI)) if any(are_all) else None

    def tasks_at_mixtures(self) -> Sequence[frozenset[int]]:
        """Per task, whose losses arrive at what its tower reads: its own, unless an architecture adds to it."""
        return self.tasks_at_towers()

    def tasks_at_towers(self) -> Sequence[frozenset[int]]:
        """Per task, whose losses arrive at its tower: its own, unless an architecture adds to it."""
        return [frozenset({task}) for task in range(len(self.tasks))]

    def _rows(self, x_BD: Tensor) -> Tensor:
        """What the first level reads; where nothing is shared, each task's embeddings of a row, (T, B, D)."""
        if self._num_tables == 1:
            return x_BD
        num_ids = self.table.num_columns
        fields_BFTS = x_BD[:, :num_ids].view(x_BD.shape[0], -1, self._num_tables, self.table.size // self._num_tables)
        own_TBD = fields_BFTS.permute(2, 0, 1, 3).flatten(2)
        return torch.cat([own_TBD, x_BD[:, num_ids:].expand(self._num_tables, -1, -1)], dim=2)
