"""The loop, its ways to weigh the tasks, and its optimisers."""

from .balancing import Balancer, build_balancer
from .controls import NO_CONTROLS, Controls
from .events import Checkpoint, Event, Finished, Savepoint
from .loop import fit
from .state import TrainingState
from .warming import warm_up

__all__ = [
    "NO_CONTROLS",
    "Balancer",
    "Checkpoint",
    "Controls",
    "Event",
    "Finished",
    "Savepoint",
    "TrainingState",
    "build_balancer",
    "fit",
    "warm_up",
]
