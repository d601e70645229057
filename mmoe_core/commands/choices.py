"""From what was typed to a config: preset or file, then the dataset, then single choices."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, get_args

import click

from ..config import (
    SAMPLE,
    BalancingMethod,
    DataConfig,
    ModelKind,
    PresetName,
    RunConfig,
    Stored,
    change_kind,
    change_method,
    from_flat,
    from_json,
    preset,
    to_flat,
)
from ..errors import ConfigError, DatasetError, NameTaken

if TYPE_CHECKING:
    from ..data import Vocabulary

__all__ = ["chosen", "dataset_of", "dials", "pairs"]

_KINDS: tuple[ModelKind, ...] = get_args(ModelKind)
_METHODS: tuple[BalancingMethod, ...] = get_args(BalancingMethod)
_MAX_NAME = 80
_SAMPLE_FILE = "ali_ccp_train_sample.csv"


def chosen(
    file: Path | None,
    preset_name: PresetName | None,
    data: str | None,
    settings: Sequence[str],
    vocabulary: Vocabulary | None = None,
) -> RunConfig:
    """The config that the arguments of `train` spell.

    Args:
        file: A `RunConfig` as JSON.
        preset_name: A starting point; not together with a file.
        data: A dataset's name, or the path of one to import.
        settings: `path=value`, the last word on any choice.
        vocabulary: How the ids of a table to import are read; None: as given where the tutorial meets its own sample,
            else learnt.

    Raises:
        ConfigError: a choice is unknown or out of bounds.
        DatasetError: what `data` names is not there or cannot be imported.
    """
    if file is not None and preset_name is not None:
        raise click.UsageError("Give a config file or a preset, not both.")
    config = RunConfig() if preset_name is None else preset(preset_name)
    if file is not None:
        config = from_json(file.read_bytes())
    if data is not None:
        if vocabulary is None and preset_name == "tutorial" and _is_sample(Path(data)):
            vocabulary = "as_given"
        config = config.model_copy(update={"data": dataset_of(data, vocabulary or "learnt")})
    wanted = pairs(settings)
    if not wanted:
        return config
    kind = next((known for known in _KINDS if known == wanted.get("model.kind")), None)
    if kind is not None:
        config = config.model_copy(update={"model": change_kind(config.model, kind)[0]})
    method = next((known for known in _METHODS if known == wanted.get("train.balancing.method")), None)
    if method is not None:
        train = config.train.model_copy(update={"balancing": change_method(config.train.balancing, method)})
        config = config.model_copy(update={"train": train})
    flat = to_flat(config)
    if wanted.get("data.source", flat["data.source"]) != flat["data.source"]:
        flat = {path: value for path, value in flat.items() if not path.startswith("data.")}
    return from_flat({**flat, **wanted})


def dials(of_data: Mapping[str, str]) -> DataConfig:
    """A dataset's dials from `key=value`.

    Raises:
        ConfigError: a dial is unknown or out of bounds.
    """
    return from_flat({f"data.{key}": value for key, value in of_data.items()}).data


def pairs(settings: Sequence[str]) -> dict[str, str]:
    """`key=value` texts as a mapping.

    Raises:
        ConfigError: one has no `=`.
    """
    found = {}
    for setting in settings:
        key, equals, value = setting.partition("=")
        if not (key and equals):
            raise ConfigError("'{setting}' is no choice. Write it as key=value.", setting=setting)
        found[key.strip()] = value.strip()
    return found


def dataset_of(text: str, vocabulary: Vocabulary = "learnt") -> DataConfig:
    """A dataset by its name, or what the path of one leads to, once it is brought in.

    Raises:
        DatasetError: there is none, or it cannot be imported.
    """
    from ..data import adopt_dataset, import_in_child, known_datasets, name_as_read

    for known in known_datasets():
        if known.name == text:
            config: DataConfig = known.config
            return config
    path = Path(text)
    if not path.exists():
        raise DatasetError(
            "'{data}' is neither a dataset here nor a file or folder. "
            "`python -m mmoe_core datasets` lists what there is.",
            data=text,
        )
    is_prepared = (path / "manifest.json").is_file()
    bring_in = adopt_dataset if is_prepared else partial(import_in_child, vocabulary=vocabulary)
    name = _name_of(path) if is_prepared else name_as_read(_name_of(path), vocabulary)
    try:
        return Stored(name=bring_in(path, name).name)
    except NameTaken:
        return Stored(name=bring_in(path, f"{name[: _MAX_NAME - 9]}-{_fingerprint(path)}").name)


def _is_sample(path: Path) -> bool:
    return (path / _SAMPLE_FILE).is_file()


def _name_of(path: Path) -> str:
    """The sample of the tutorials is known by its files; anything else by the name of its folder or file."""
    if _is_sample(path):
        return SAMPLE
    resolved = path.resolve()
    text = resolved.name if resolved.is_dir() else resolved.stem
    return re.sub(r"[^a-z0-9._-]+", "-", text.lower()).strip("-._")[:_MAX_NAME] or "imported"


def _fingerprint(path: Path) -> str:
    """Eight digits that tell tables of one name apart by what is in them."""
    found = hashlib.sha256()
    for file in [path] if path.is_file() else sorted(path.iterdir()):
        if file.is_file() and (file.name.endswith((".csv", ".gz")) or file.name == "manifest.json" or file == path):
            found.update(file.name.encode())
            with file.open("rb") as content:
                found.update(hashlib.file_digest(content, "sha256").digest())
    return found.hexdigest()[:8]
