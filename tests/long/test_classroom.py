"""What the classroom preset promises: gates that differ by task and by segment, and most of what can be known.

Bands of issue 1, three seeds. Shares are (AUC - .5) / (oracle - .5) by expected AUC on the test split, epoch chosen
by labels.
"""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from mmoe_core.analysis import gate_distance, segment_information_bits
from mmoe_core.config import preset
from mmoe_core.data import prepare, probe_rows
from mmoe_core.records import TaskMetrics
from mmoe_core.training import Checkpoint, fit

SEEDS = (2022, 1, 2)


def attained_share(task: TaskMetrics) -> float:
    return (task.expected_auc - 0.5) / (task.oracle_auc - 0.5)


@pytest.mark.timeout(900)
def test_classroom_gates_differ_by_task_and_segment_and_the_scores_near_the_oracle(
    tmp_path: Path, tables: dict[str, pd.DataFrame]
) -> None:
    chosen = preset("classroom")
    dataset = prepare(chosen.data, home=tmp_path)
    rows = []
    for seed in SEEDS:
        train = chosen.train.model_copy(update={"seed": seed})
        events = list(fit(chosen.model_copy(update={"train": train}), dataset))
        segments = dataset.split("validation").segments_N[probe_rows(dataset, train.probe_rows)]
        untrained = next(event for event in events if isinstance(event, Checkpoint)).probe_gates_BRE[0]
        end = events[-1]
        information = segment_information_bits(end.probe_gates_BRE[0], ["click", "purchase"], segments)
        rows.append(
            {
                "seed": seed,
                "best epoch": end.record.best_epoch,
                "share click": attained_share(end.record.metrics["click"]),
                "share purchase": attained_share(end.record.metrics["purchase"]),
                "distance": gate_distance(end.probe_gates_BRE[0]),
                "untrained": gate_distance(untrained),
                "bits click": information["click"],
                "bits purchase": information["purchase"],
                "seconds": end.record.elapsed_s,
            }
        )
    table = tables["classroom preset, MMoE"] = pd.DataFrame(rows).set_index("seed")
    assert table["share click"].median() >= 0.80
    assert table["share purchase"].median() >= 0.65
    assert table["bits click"].median() >= 0.3
    assert table["distance"].min() > 2 * table["untrained"].max()
