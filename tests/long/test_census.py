"""Census-Income (KDD), group 1, at the preset's size: test AUCs within the band of published ones, three seeds."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from mmoe_core.config import change_kind, preset
from mmoe_core.data import prepare
from mmoe_core.training import fit

SEEDS = (2022, 1, 2)
KINDS = ("mmoe", "shared_bottom", "one_gate")


@pytest.mark.timeout(1800)
def test_census_aucs_are_within_the_published_band(tmp_path: Path, tables: dict[str, pd.DataFrame]) -> None:
    chosen = preset("census")
    dataset = prepare(chosen.data, home=tmp_path)
    rows = []
    for kind in KINDS:
        model, _ = change_kind(chosen.model, kind)
        for seed in SEEDS:
            train = chosen.train.model_copy(update={"seed": seed})
            *_, end = fit(chosen.model_copy(update={"model": model, "train": train}), dataset)
            aucs = {name: task.auc for name, task in end.record.metrics.items()}
            rows.append({"kind": kind, "seed": seed, "best epoch": end.record.best_epoch, **aucs})
    table = tables["census preset, test AUC"] = pd.DataFrame(rows).set_index(["kind", "seed"])
    assert table["income"].between(0.935, 0.962).all()
    assert table["never_married"].between(0.992, 0.996).all()
