"""Runs: the store that keeps what they say, the processes that train them, and what one may ask of them. No torch."""

from .baselines import BaselineReport, baseline_predictions, baselines_of, learn_baselines
from .branching import BranchPoint, branch, branch_points
from .comparing import Refusal, TaskComparison, comparable_tasks, compare, is_on_same_data
from .diagnosing import evidence
from .files import checkpoint_epochs, gate_epochs, read_checkpoint
from .judging_baselines import BaselineScore, against_baselines
from .launched import resume_launched, train_launched
from .lens import LENS, Lens
from .looking import answer_questions
from .memory import available_bytes
from .networks import FINAL_BEST, Weights, network_in, weights_at
from .news import delta
from .parking import PARKING, Parking, wait_to_be_needed
from .peers import Place, accompany, place_of
from .process import MADE_AT_ONCE, Patience, resume, schema_of, stop, submit
from .replay import Replay, read_replay, replay_bytes, replay_file
from .row import RunRow, RunState
from .singles import single_task_runs, task_gains
from .slots import num_slots
from .store import Store
from .sweeps import Sweep, SweptRun, continue_sweep, read_sweep, read_sweeps, start_sweep, stop_sweep
from .worker import work

__all__ = [
    "FINAL_BEST",
    "LENS",
    "MADE_AT_ONCE",
    "PARKING",
    "BaselineReport",
    "BaselineScore",
    "BranchPoint",
    "Lens",
    "Parking",
    "Patience",
    "Place",
    "Refusal",
    "Replay",
    "RunRow",
    "RunState",
    "Store",
    "Sweep",
    "SweptRun",
    "TaskComparison",
    "Weights",
    "accompany",
    "against_baselines",
    "answer_questions",
    "available_bytes",
    "baseline_predictions",
    "baselines_of",
    "branch",
    "branch_points",
    "checkpoint_epochs",
    "comparable_tasks",
    "compare",
    "continue_sweep",
    "delta",
    "evidence",
    "gate_epochs",
    "is_on_same_data",
    "learn_baselines",
    "network_in",
    "num_slots",
    "place_of",
    "read_checkpoint",
    "read_replay",
    "read_sweep",
    "read_sweeps",
    "replay_bytes",
    "replay_file",
    "resume",
    "resume_launched",
    "schema_of",
    "single_task_runs",
    "start_sweep",
    "stop",
    "stop_sweep",
    "submit",
    "task_gains",
    "train_launched",
    "wait_to_be_needed",
    "weights_at",
    "work",
]
