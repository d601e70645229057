"""Which datasets there are, and how one comes to be ready."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from ..config import (
    SAMPLE,
    SAMPLE_AS_GIVEN,
    Census,
    DataConfig,
    MmoePaper,
    Simulated,
    SimulatedAliCcp,
    SimulatedFeed,
    Stored,
    datasets_folder,
)
from ..errors import DatasetError, NameTaken
from .census import NUM_PEOPLE, write_census
from .dataset import Dataset, name_is_taken, open_dataset
from .feed import write_feed
from .label_spaces import read_in
from .paper import write_regressions
from .parts import Part
from .simulator import write_log

__all__ = ["KnownDataset", "adopt_dataset", "delete_dataset", "known_datasets", "place_for", "prepare"]

_NUM_SAMPLE_ROWS = 200  # as published; what is stored under its name says its own number
_NUM_TRUE_RATES_ROWS = 300_000


@dataclass(frozen=True)
class KnownDataset:
    """A dataset that can be trained on here, now or after a moment's preparation.

    Attributes:
        name: Its folder's name.
        title: A short English name; the key of its translation.
        rows: Of all splits; None when its manifest cannot be read.
        is_ready: Whether its folder is there.
        is_simulated: Whether no row is real.
        config: What a run's config says to train on it.
    """

    name: str
    title: str
    rows: int | None
    is_ready: bool
    is_simulated: bool
    config: DataConfig


def prepare(config: DataConfig, *, home: Path | None = None) -> Dataset:
    """Open the dataset that a config names, its labels read as it says; made first when it is simulated or shipped.

    Args:
        config: The dataset's dials.
        home: The folder that holds `datasets`; default: `MMOE_HOME`.

    Raises:
        ConfigError: a label cannot be read in the space that the config names.
        DatasetError: an imported dataset is not there (says how to get it), or a file is damaged.
    """
    folder = _datasets(home) / config.dataset_name
    if not folder.exists():
        stored = config.as_stored
        match stored:
            case SimulatedAliCcp():
                write_log(stored, folder)
            case SimulatedFeed():
                write_feed(stored, folder)
            case MmoePaper():
                write_regressions(stored, folder)
            case Census():
                write_census(stored, folder)
            case Stored(name=name):
                _refuse_absent(name)
    return read_in(open_dataset(folder), config.label_spaces)


def known_datasets(*, home: Path | None = None) -> list[KnownDataset]:
    """What can be trained on here: the built-in ones first, then every other folder of `datasets` by name."""
    classroom, feed, paper = SimulatedAliCcp(), SimulatedFeed(), MmoePaper()
    true_rates = SimulatedAliCcp(profile="true-rates", num_rows=_NUM_TRUE_RATES_ROWS)
    built_in: list[tuple[DataConfig, str, int]] = [
        (classroom, "Ali-CCP, simulated for the classroom", classroom.num_rows),
        (true_rates, "Ali-CCP, simulated at the real log's rates", true_rates.num_rows),
        (feed, "A content feed, simulated: eight behaviours, one satisfaction", feed.num_rows),
        (paper, "The MMoE paper's synthetic tasks", paper.num_rows),
        (Census(group="g1"), "Census-Income: income and never married", NUM_PEOPLE),
        (Census(group="g2"), "Census-Income: education and never married", NUM_PEOPLE),
        (Stored(name=SAMPLE), "Ali-CCP, the tutorials' sample", _NUM_SAMPLE_ROWS),
        (Stored(name=SAMPLE_AS_GIVEN), "Ali-CCP, the tutorials' sample, read as their notebook does", _NUM_SAMPLE_ROWS),
    ]
    folder = _datasets(home)
    known = [
        KnownDataset(
            name=config.dataset_name,
            title=title,
            rows=_rows_of(folder / config.dataset_name) or rows,
            is_ready=(folder / config.dataset_name).is_dir(),
            is_simulated=isinstance(config, Simulated),
            config=config,
        )
        for config, title, rows in built_in
    ]
    names = {dataset.name for dataset in known}
    others = [path for path in sorted(folder.glob("[a-z0-9]*")) if path.is_dir() and path.name not in names]
    return known + [_found(path) for path in others]


def adopt_dataset(source: Path, name: str, *, home: Path | None = None) -> Dataset:
    """Take in a prepared dataset folder from elsewhere, as it is.

    Args:
        source: A folder that `simulate` or an import made.
        name: What it shall be called here; adopting the same folder again opens what is there.
        home: The folder that holds `datasets`; default: `MMOE_HOME`.

    Raises:
        DatasetError: a file is missing or was changed, or the name belongs to another dataset.
    """
    given, folder = open_dataset(source), _datasets(home) / name
    given.verify()
    if folder.exists():
        if open_dataset(folder).manifest.checksums != given.manifest.checksums:
            raise name_is_taken(name)
        return open_dataset(folder)
    part = Part(folder)
    try:
        shutil.copytree(source, part.path, dirs_exist_ok=True, ignore=shutil.ignore_patterns("arrays-*", ".*"))
        part.path.rename(folder)
    finally:
        part.release()
    return open_dataset(folder)


def place_for(name: str, *, home: Path | None = None) -> Path:
    """The folder that a dataset to be will have, under a name that a person chose.

    Raises:
        DatasetError: it cannot be a name.
        NameTaken: another dataset has it, or will have it once it is simulated or prepared.
    """
    try:
        Stored(name=name)
    except ValidationError:
        raise DatasetError(
            "'{name}' cannot be a dataset's name: use small letters, digits, dots and dashes, such as my-log.",
            name=name[:80],
        ) from None
    built_in = {known.name for known in known_datasets(home=home) if not isinstance(known.config, Stored)}
    folder = _datasets(home) / name
    if folder.exists() or name in built_in:
        raise NameTaken(
            "There is already a dataset '{dataset}'. Choose another name, or delete it first: "
            "`python -m mmoe_core datasets --delete {dataset}`.",
            dataset=name,
        )
    return folder


def delete_dataset(name: str, *, home: Path | None = None) -> None:
    """Delete a prepared dataset; what is simulated or shipped can be made again.

    Raises:
        DatasetError: there is none of that name.
    """
    there = {path.name: path for path in _datasets(home).glob("[a-z0-9]*") if path.is_dir()}
    if name not in there:
        raise DatasetError(
            "There is no dataset '{dataset}' here. `python -m mmoe_core datasets` lists what there is.", dataset=name
        )
    shutil.rmtree(there[name])


def _found(folder: Path) -> KnownDataset:
    try:
        dataset = open_dataset(folder)
    except DatasetError:
        config: DataConfig = Stored.model_construct(name=folder.name)
        return KnownDataset(folder.name, folder.name, None, is_ready=False, is_simulated=False, config=config)
    dials = dataset.manifest.config
    return KnownDataset(
        name=folder.name,
        title=folder.name,
        rows=sum(dataset.manifest.rows.values()),
        is_ready=True,
        is_simulated=dataset.schema.is_simulated,
        config=dials if dials is not None and dials.dataset_name == folder.name else Stored(name=folder.name),
    )


def _rows_of(folder: Path) -> int | None:
    try:
        return sum(open_dataset(folder).manifest.rows.values())
    except DatasetError:
        return None


def _refuse_absent(name: str) -> None:
    if name in (SAMPLE, SAMPLE_AS_GIVEN):
        raise DatasetError(
            "The Ali-CCP sample of the tutorials is not here, since it may not be shipped with this project. Download "
            "ali_ccp_train_sample.csv, ali_ccp_val_sample.csv and ali_ccp_test_sample.csv from torch-rechub "
            "(github.com/datawhalechina/torch-rechub, examples/ranking/data/ali-ccp) into one folder, then run "
            "`python -m mmoe_core train --preset tutorial --data FOLDER`, or upload them on the Data page."
        )
    raise DatasetError(
        "There is no dataset '{dataset}' here. Import it again, or choose another: "
        "`python -m mmoe_core datasets` lists them.",
        dataset=name,
    )


def _datasets(home: Path | None) -> Path:
    return datasets_folder() if home is None else home / "datasets"
