"""The gates of the classroom find the simulator's mechanisms, seed by seed, as the study that ships says."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from mmoe_core.studies import information, judge_recovery, read_mechanisms, run_mechanisms


@pytest.mark.timeout(1800)
def test_ten_seeds_recover_the_mechanisms(tmp_path: Path, tables: dict[str, pd.DataFrame]) -> None:
    shipped = information(read_mechanisms())
    study = run_mechanisms({}, num_seeds=10, out=tmp_path / "found.json", command="test", say=lambda text: None)
    bits = tables["bits of the mechanism in the top expert"] = information(study)
    assert judge_recovery(bits).verdict == "holds"
    same = bits.merge(shipped, on=["seed", "task"], suffixes=("", "_shipped"))
    assert len(same) == len(bits)
    assert (same["trained"] - same["trained_shipped"]).abs().median() < 0.05  # equal on one kind of processor
