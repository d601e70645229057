"""What a step draws from."""

from __future__ import annotations

import torch

from mmoe_core.training.drawing import draw_seed


def drawn(seed: int, step: int, rank: int = 0) -> list[float]:
    return torch.rand(4, generator=torch.Generator().manual_seed(draw_seed(seed, step, rank))).tolist()


def test_every_seed_step_and_rank_draws_something_else_and_always_the_same() -> None:
    where = [(seed, step, rank) for seed in (0, 1, 2**32 - 1) for step in (1, 2, 10**9) for rank in (0, 1)]
    said = [tuple(drawn(*place)) for place in where]
    assert len(set(said)) == len(where)
    assert said == [tuple(drawn(*place)) for place in where]
