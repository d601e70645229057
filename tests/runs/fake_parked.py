"""`python -m tests.runs.fake_parked DESCRIPTOR`: waits to become a run with the trainer of `fakes`, 20 ms a step."""

from __future__ import annotations

import sys
from functools import partial

from mmoe_core.runs import wait_to_be_needed, work
from tests.runs import fakes

if __name__ == "__main__":
    run_id = wait_to_be_needed(int(sys.argv[1]), lambda: None)
    if run_id is not None:
        sys.stdout.write("taken over\n")
        sys.stdout.flush()
        work(run_id, fit=partial(fakes.fit, step_s=0.02), prepare=fakes.dataset, for_life=True)
