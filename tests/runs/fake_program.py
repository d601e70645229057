"""`python -m tests.runs.fake_program RUN`: a run's process with the trainer of `fakes`, 20 ms a step."""

from __future__ import annotations

import sys
from functools import partial

from mmoe_core.runs import work
from tests.runs import fakes

if __name__ == "__main__":
    work(sys.argv[1], fit=partial(fakes.fit, step_s=0.02), prepare=fakes.dataset, for_life=True)
