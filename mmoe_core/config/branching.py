"""What a branch of a run may choose otherwise, and what its first steps have settled."""

from __future__ import annotations

from collections.abc import Mapping

from ..errors import ConfigError
from .run import RunConfig, from_flat, to_flat

__all__ = ["branched", "changes_between"]

_OPEN_OF_MODEL = (  # no weights
    "gate_temperature",
    "gate_dropout",
    "load_penalty",
    "expert_dropout",
    "tower_dropout",
    "constraint",
)
_SETTLED_OF_TRAIN = ("seed", "batch_size", "optimizer", "best_by", "validation_rows", "probe_rows")
_METHOD, _BALANCING = "train.balancing.method", "train.balancing."


def branched(config: RunConfig, changes: Mapping[str, str]) -> RunConfig:
    """A run's config with some choices changed, for a branch that takes over its weights and what it has said.

    Args:
        config: The run's.
        changes: `path=value`, as in `to_flat`; no value means as it comes. Another balancing method comes with its
            defaults.

    Raises:
        ConfigError: a choice is unknown or out of bounds, or it decided what the run has behind it.
    """
    flat = to_flat(config)
    for path, value in changes.items():
        if flat.get(path, "") != value:
            _check_open(config, path)
    if not changes:
        return config
    if changes.get(_METHOD, flat[_METHOD]) != flat[_METHOD]:
        flat = {path: value for path, value in flat.items() if not path.startswith(_BALANCING)}
    found = from_flat({path: value for path, value in {**flat, **changes}.items() if value})
    # Texts have twelve digits: what was not asked for stays as it is.
    asked = {path.partition(".")[0] for path in changes}
    return config.model_copy(update={room: getattr(found, room) for room in ("model", "train") if room in asked})


def changes_between(config: RunConfig, other: RunConfig) -> dict[str, str]:
    """What to change of a config to have another: what `branched` takes."""
    old, new = to_flat(config), to_flat(other)
    return {path: new.get(path, "") for path in {**old, **new} if old.get(path) != new.get(path)}


def _check_open(config: RunConfig, path: str) -> None:
    room, _, rest = path.partition(".")
    name = rest.partition(".")[0]
    fields = type(getattr(config, room)).model_fields if room in RunConfig.model_fields else {}
    if room == "data":
        raise ConfigError(
            "{path} says what a run learns from, and a branch goes on with the rows that its run began with. "
            "Train a new run for another dataset.",
            path=path,
        )
    if room == "model" and name in fields and name not in _OPEN_OF_MODEL:
        raise ConfigError(
            "{path} decides which weights there are and how they begin, and a branch takes over the weights of its "
            "run. Train a new run for that. What a branch can change of this network: {paths}.",
            path=path,
            paths=", ".join(f"model.{field}" for field in _OPEN_OF_MODEL if field in fields),
        )
    if room == "train" and name in _SETTLED_OF_TRAIN:
        raise ConfigError(
            "{path} decided what the run did before the branch: its order of rows, its steps, or how they were "
            "judged. Train a new run for that.",
            path=path,
        )
