"""The dials of the simulators: what each is called, how it is stepped, and what it does, in one sentence."""

from __future__ import annotations

from dataclasses import dataclass

from mmoe_core.config import MmoePaper, Simulated, SimulatedAliCcp, SimulatedFeed

from .language import mark

__all__ = ["ROWS", "Dial", "Group", "groups", "main_dial"]


@dataclass(frozen=True)
class Dial:
    """One field of a simulator's config."""

    field: str
    name: str
    explained: str
    step: float = 1


@dataclass(frozen=True)
class Group:
    """Dials that belong together, and what they are about."""

    name: str | None
    dials: tuple[Dial, ...]


ROWS = Dial("num_rows", mark("Rows"), mark("Train, validation and test together: about 80, 10 and 10 %."), 50_000)
_SEED = Dial("seed", mark("Seed"), mark("Which draw it is: equal dials and an equal seed give equal rows."))
_SIZE = Group(mark("How many rows, and which draw"), (ROWS, _SEED))

_RHO = Dial(
    "rho",
    mark("ρ click–purchase"),
    mark("How much what makes people click also makes them buy: 1 is the same taste, 0 unrelated tastes."),
    0.1,
)
_NONLINEARITY = Dial(
    "nonlinearity",
    mark("Non-linearity w"),
    mark("How wavy a utility U becomes a probability: f(U) = U + w sin 2U; 0 is a straight line."),
    0.1,
)
_HIDDEN = Dial(
    "hidden",
    mark("Hidden share"),
    mark("The share of what moves people that only user and item ids could tell, and no other field."),
    0.05,
)
_SATISFACTION = Dial(
    "satisfaction",
    mark("Satisfaction"),
    mark("How strongly an unobserved satisfaction moves click and purchase together; no field tells it."),
    0.1,
)
_BAIT = Dial(
    "bait",
    mark("Bait"),
    mark("How strongly items can ask for reactions that they do not earn; 0: not at all."),
    0.1,
)
_CORRELATION = Dial(
    "correlation",
    mark("Task correlation"),
    mark("The cosine between the weights of any two tasks: 1 is the same task, 0 unrelated ones."),
    0.1,
)
_TASKS = Dial("num_tasks", mark("Tasks"), mark("How many labels a row has; every two are related alike."))
_FEATURES = Dial(
    "num_features",
    mark("Features d"),
    mark("How many numbers describe a row, each drawn from N(0, 1); at least as many as tasks."),
)
_WAVES = Dial(
    "num_waves",
    mark("Waves m"),
    mark("How many sine waves, sin(α s + β), bend the weighted sum s; the seed draws α and β."),
)
_SCALE = Dial(
    "scale",
    mark("Scale c"),
    mark("The length of each task's weights: the longer, the more the waves turn within the data."),
    0.1,
)
_ALPHA = Dial(
    "alpha_spread",
    mark("Spread of α"),
    mark("The standard deviation of the waves' frequencies: the larger, the more often labels rise and fall."),
    0.1,
)
_BETA = Dial("beta_spread", mark("Spread of β"), mark("The standard deviation of the waves' phases."), 0.1)
_NOISE = Dial(
    "noise", mark("Noise"), mark("The variance of what no network can predict, before labels are scaled."), 0.01
)

_TASTES = mark("What links click and purchase")
_UNSEEN = mark("What no field tells openly")


def main_dial(chosen: Simulated) -> Dial:
    """The one that a simulator is about."""
    match chosen:
        case SimulatedAliCcp():
            return _RHO
        case SimulatedFeed():
            return _BAIT
        case MmoePaper():
            return _CORRELATION


def groups(chosen: Simulated) -> tuple[Group, ...]:
    """All dials of a simulator, the main one first, in causal order."""
    match chosen:
        case SimulatedAliCcp(profile="classroom"):
            return (Group(_TASTES, (_RHO, _NONLINEARITY)), _SIZE)
        case SimulatedAliCcp():
            tastes = Group(_TASTES, (_RHO, _NONLINEARITY))
            return (tastes, Group(_UNSEEN, (_HIDDEN, _SATISFACTION)), _SIZE)
        case SimulatedFeed():
            return (Group(mark("What items ask for"), (_BAIT,)), _SIZE)
        case MmoePaper():
            related = Group(mark("How tasks are related"), (_CORRELATION, _TASKS))
            function = Group(mark("From a row to its labels"), (_FEATURES, _WAVES, _ALPHA, _BETA, _SCALE, _NOISE))
            return (related, function, _SIZE)
