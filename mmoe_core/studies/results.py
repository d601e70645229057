"""What a study came to, as one JSON file: every training's numbers, the choices, the command. No torch.

A finished study ships with the project; where somebody ran it here since, theirs is read.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Literal, TypeVar

from pydantic import AwareDatetime, Field, ValidationError

from ..config import SHIPPED, Frozen, ModelKind, PresetName, RunConfig, TaskName, home
from ..errors import RunError
from ..records import TaskMetrics

__all__ = [
    "Architectures",
    "Cell",
    "Entry",
    "Information",
    "Made",
    "Mechanisms",
    "Race",
    "RaceRun",
    "Recovery",
    "Sizing",
    "StudyName",
    "Trained",
    "read_architectures",
    "read_mechanisms",
    "read_race",
    "study_file",
    "study_files",
]

StudyName = Literal["architectures", "kdd2018", "mechanisms"]
Sizing = Literal["paper", "preset", "matched"]
"""How wide experts are: as in the paper, as in the preset, or so that all have as many parameters as MMoE."""


class Made(Frozen):
    """How a study was made."""

    command: str
    finished_at: Annotated[AwareDatetime, Field(strict=False)]  # JSON has no time of its own
    torch: str
    num_threads: int


class Trained(Frozen):
    """One training: the epoch that validation chose, and how its weights do."""

    best_epoch: int
    rows_per_second: float  # of training time, validation included
    validation_loss: float  # mean over the tasks, of the chosen epoch
    test: Mapping[TaskName, TaskMetrics]


class RaceRun(Frozen):
    """One training of the race."""

    kind: ModelKind
    correlation: float
    seed: int
    best_epoch: int
    validation_mse: float  # mean over the tasks, labels standardised
    test_mse: float


class Entry(Frozen):
    """One architecture of the race."""

    config: RunConfig  # its first training
    parameters: int
    weights: int  # as the paper counts: without biases, gates and the towers' output layers
    validation_mse_by_rate: Mapping[str, float]  # what chose its learning rate, on seeds of their own

    @property
    def kind(self) -> ModelKind:
        """Which architecture."""
        return self.config.model.kind


class Race(Made):
    """The MMoE paper's race."""

    sizing: Sizing
    tuning_seeds: tuple[int, ...]
    entries: tuple[Entry, ...]
    runs: tuple[RaceRun, ...]


class Cell(Frozen):
    """One architecture on one dataset: a training per seed, or why there is none."""

    preset: PresetName
    config: RunConfig  # of the first seed
    parameters: int
    refusal: str | None = None  # a LabError's JSON
    trained: Mapping[int, Trained] = Field(default_factory=dict)  # by seed


class Information(Frozen):
    """What a row's top expert tells of the row's true mechanism, in bits, on the probe rows; one task's gate."""

    trained: float  # of the best weights
    untrained: float  # the same seed's gate before its first step
    shuffled: float  # of the best weights, the mechanisms shuffled over the rows: the most that counting alone gives


class Recovery(Frozen):
    """One training: do its gates find the mechanisms?"""

    best_epoch: int
    test: Mapping[TaskName, TaskMetrics]
    mechanism_bits: float  # entropy of the mechanisms on the probe rows: all that there is to tell
    information: Mapping[TaskName, Information]


class Mechanisms(Made):
    """Whether gates recover the true mechanisms of a simulated log, seed by seed."""

    config: RunConfig  # of the first seed
    runs: Mapping[int, Recovery]  # by seed

    @property
    def mechanism_bits(self) -> float:
        """All that there is to tell, mean over the seeds."""
        return sum(run.mechanism_bits for run in self.runs.values()) / len(self.runs)


class Architectures(Made):
    """Every architecture on every dataset."""

    sizing: Sizing
    cells: tuple[Cell, ...]


_Found = TypeVar("_Found", bound=Made)


def study_file(name: StudyName) -> Path:
    """Where a study that is run here is kept."""
    return home() / "studies" / f"{name}.json"


def study_files(name: StudyName) -> tuple[Path, ...]:
    """Those that are there: the one that ships, and the one that was run here."""
    return tuple(file for file in (SHIPPED / "studies" / f"{name}.json", study_file(name)) if file.is_file())


def read_race() -> Race:
    """The race: the newest of the one that ships and the one that was run here.

    Raises:
        RunError: a file is no such study.
    """
    return _newest("kdd2018", Race)


def read_architectures() -> Architectures:
    """The table of architectures: the newest of the one that ships and the one that was run here.

    Raises:
        RunError: a file is no such study.
    """
    return _newest("architectures", Architectures)


def read_mechanisms() -> Mechanisms:
    """Whether gates recover the mechanisms: the newest of what ships and what was run here.

    Raises:
        RunError: a file is no such study.
    """
    return _newest("mechanisms", Mechanisms)


def _newest(name: StudyName, kind: type[_Found]) -> _Found:
    files = study_files(name)
    if not files:
        raise RunError(
            "The study {study} has not been run here. Run it with: python -m mmoe_core study {study}", study=name
        )
    return max((_read(file, kind) for file in files), key=lambda study: study.finished_at)


def _read(file: Path, kind: type[_Found]) -> _Found:
    try:
        return kind.model_validate_json(file.read_bytes())
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        raise RunError(
            "{file} is not a study of this version ({place}: {reason}). Delete it, or run the study again.",
            file=file.name,
            place=".".join(map(str, first["loc"])) or "JSON",
            reason=first["msg"],
        ) from None
