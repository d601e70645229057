"""Everything that can go wrong, as a person would be told.

LabError
├── ConfigError      a choice that cannot be built or trained
├── DatasetError     a file or folder that cannot become, or no longer is, a dataset
│   └── NameTaken    another dataset has this name already
├── ForeignError     a file from another library that is not the network it should be
├── TrainingError    a run that had to end early (a loss that is no longer a number)
│   └── RankLost     one of the processes that train together is gone; the run can be resumed
└── RunError         a run that is not there, not alive, or busy

A message is an English sentence that names the thing, what was found, where, and what to do. It is kept as a *template*
with its values apart, so that a page can translate the sentence and a process can pass it on as JSON:

    raise DatasetError("{file} has no column '{column}'. Add it, or choose another file.", file=name, column="click")
"""

from __future__ import annotations

import json

__all__ = [
    "ConfigError",
    "DatasetError",
    "ForeignError",
    "LabError",
    "NameTaken",
    "RankLost",
    "RunError",
    "TrainingError",
]

_type_by_name: dict[str, type[LabError]] = {}


class LabError(Exception):
    """A failure with a sentence for the person in front of the screen.

    Args:
        template: English sentence with `{name}` places; the key of its translation.
        values: What stands in those places; strings or numbers, so that the error survives JSON.
    """

    def __init__(self, template: str, /, **values: str | int | float) -> None:
        self.template = template
        self.values = values
        super().__init__(template.format(**values))

    def __init_subclass__(cls) -> None:
        _type_by_name[cls.__name__] = cls

    def __reduce__(self) -> tuple[object, ...]:
        return (_rebuild, (type(self).__name__, self.template, self.values))

    def to_json(self) -> str:
        """The error as one JSON object: `error`, `template`, `values`, `message`."""
        return json.dumps(
            {
                "error": type(self).__name__,
                "template": self.template,
                "values": self.values,
                "message": str(self),
            },
            ensure_ascii=False,
        )

    @staticmethod
    def from_json(text: str) -> LabError:
        """The error that `to_json` wrote; an unknown class comes back as `LabError`."""
        found = json.loads(text)
        return _rebuild(found["error"], found["template"], found["values"])


def _rebuild(name: str, template: str, values: dict[str, str | int | float]) -> LabError:
    return _type_by_name.get(name, LabError)(template, **values)


class ConfigError(LabError):
    """A choice that cannot be built or trained; says the bound and the way back inside it."""


class DatasetError(LabError):
    """A source that cannot become a dataset, or a dataset that is damaged; nothing was imported."""


class NameTaken(DatasetError):
    """A dataset of this name is there already, with other rows; another name would do."""


class ForeignError(LabError):
    """A file that another library wrote and that is not the network it should be; nothing was made of it."""


class TrainingError(LabError):
    """Training had to end early; says step, task, and what to try. The last good checkpoint is kept."""


class RankLost(TrainingError):
    """One of the processes that train together is gone; says which. The last checkpoint can be resumed from."""


class RunError(LabError):
    """A run that is not there, not alive, or already busy."""
