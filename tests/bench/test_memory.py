"""A peak that was let go of is still known."""

from __future__ import annotations

import sys
import time

import numpy as np
import pytest

from mmoe_core.bench.memory import PeakMemory


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a process what memory is its own")
def test_memory_that_was_held_for_a_moment_counts() -> None:
    with PeakMemory() as small:
        pass
    with PeakMemory() as large:
        held = np.ones(100_000_000, np.uint8)
        time.sleep(0.2)
        del held
    assert small.megabytes is not None
    assert large.megabytes is not None
    assert large.megabytes - small.megabytes > 80
