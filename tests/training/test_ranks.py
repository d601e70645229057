"""Several processes train as one: real ones, on the loopback."""

from __future__ import annotations

from pathlib import Path

from mmoe_core.records import (
    StepRecord,
)
from mmoe_core.training import fit
from tests.training.ranks import train_together
from tests.training.tiny import comparable, tiny_config, tiny_dataset


def test_two_processes_train_as_one(tmp_path: Path) -> None:
    config, dataset = tiny_config(epochs=2), tiny_dataset()
    alone = list(fit(config, dataset))
    first, second = train_together(tmp_path, config, dataset)
    print([type(e).__name__ for e in first][:5])
    assert [comparable(e) for e in first] == [comparable(e) for e in second]
    for a, b in zip(alone, first, strict=True):
        if isinstance(a, StepRecord):
            print(
                a.task_losses, b.task_losses, a.gradient_norms, b.gradient_norms, a.gradient_cosine, b.gradient_cosine
            )
