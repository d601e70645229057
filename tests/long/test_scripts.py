"""A run of two processes, trained again by its script in two."""

from __future__ import annotations

from pathlib import Path

from mmoe_core.config import from_flat
from mmoe_core.exports import script_of
from tests.exports.conftest import SMALL, trained
from tests.exports.test_script import ran


def test_a_run_of_two_processes_is_trained_again_in_two(tmp_path: Path) -> None:
    run = trained(tmp_path, from_flat({**SMALL, "train.num_processes": "2", "train.epochs": "1"}))
    assert ran(script_of(run), tmp_path, tmp_path).splitlines()[-1] == "Equal to the recorded run."
