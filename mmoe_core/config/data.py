"""Where the rows come from: a simulator with its dials, a shipped log, or a dataset made earlier."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from .base import DatasetName, Frozen, TaskName

__all__ = ["Census", "DataConfig", "MmoePaper", "Simulated", "SimulatedAliCcp", "SimulatedFeed", "Source", "Stored"]


class Source(Frozen):
    """What all sources share: how the labels of their rows are read. The rows are the same however that is."""

    label_spaces: Mapping[TaskName, Literal["ctcvr", "cvr"]] = Field(default_factory=dict)  # absent: as stored

    @property
    def as_stored(self) -> Self:
        """The same rows, each label in the space in which it is stored."""
        return self.model_copy(update={"label_spaces": {}})


class SimulatedAliCcp(Source):
    """A log in Ali-CCP's schema, written by a simulator that knows the true probabilities."""

    source: Literal["ali-ccp"] = "ali-ccp"
    profile: Literal["classroom", "true-rates"] = "classroom"  # raised so that 200,000 rows teach, or the real log's
    num_rows: int = Field(200_000, ge=1_000, le=5_000_000)
    rho: float = Field(0.0, ge=-0.9, le=1.0)  # correlation of the click's and the purchase's utility
    nonlinearity: float = Field(0.5, ge=0, le=1)  # w in f(U) = U + w sin 2U; 0: a straight line
    hidden: float = Field(0.25, ge=0, le=1)  # true-rates: share of a utility that only user and item ids could tell
    satisfaction: float = Field(0.5, ge=0, le=3)  # true-rates: weight of what moves click and purchase, unobserved
    seed: int = Field(2022, ge=0, le=2**32 - 1)

    @property
    def dataset_name(self) -> str:
        """Folder of the simulated log; equal dials, equal name."""
        turned = "".join(
            f"-{dial}{getattr(self, dial):g}"
            for dial in ("nonlinearity", "hidden", "satisfaction")
            if getattr(self, dial) != type(self).model_fields[dial].default
        )
        return f"ali-ccp-{self.profile}-{self.num_rows}-rho{self.rho:g}-seed{self.seed}{turned}"


class SimulatedFeed(Source):
    """A content feed with eight behaviours; satisfaction is known, and never an input."""

    source: Literal["feed"] = "feed"
    num_rows: int = Field(200_000, ge=1_000, le=5_000_000)
    bait: float = Field(1.0, ge=0, le=2)  # how strongly items can ask for reactions that they do not earn; 0 = off
    seed: int = Field(2022, ge=0, le=2**32 - 1)

    @property
    def dataset_name(self) -> str:
        """Folder of the simulated log; equal dials, equal name."""
        return f"feed-{self.num_rows}-bait{self.bait:.12g}-seed{self.seed}"


class MmoePaper(Source):
    """The synthetic regression tasks of Ma et al., KDD 2018, section 3.2: their relatedness is a dial.

    m, c, alpha and beta are not in the paper; the defaults are those of its repeat in PLE (RecSys 2020): m = 10, c = 1,
    alpha and beta from N(0, 1), the same for all tasks.
    """

    source: Literal["mmoe-paper"] = "mmoe-paper"
    num_rows: int = Field(30_000, ge=1_000, le=1_000_000)
    num_features: int = Field(100, ge=2, le=512)  # d
    correlation: float = Field(0.5, ge=0, le=1)  # p, the cosine between any two tasks' weights
    num_waves: int = Field(10, ge=0, le=100)  # m
    scale: float = Field(1.0, gt=0, le=100)  # c
    alpha_spread: float = Field(1.0, ge=0, le=10)  # standard deviation of the waves' frequencies
    beta_spread: float = Field(1.0, ge=0, le=10)  # and of their phases
    noise: float = Field(0.01, ge=0, le=100)  # variance of epsilon
    num_tasks: int = Field(2, ge=2, le=16)
    seed: int = Field(2022, ge=0, le=2**32 - 1)

    @model_validator(mode="after")
    def _has_room_for_its_tasks(self) -> MmoePaper:
        if self.num_tasks > self.num_features:
            raise ValueError(
                f"{self.num_tasks} tasks need as many orthogonal directions, but there are {self.num_features} "
                "features; choose fewer tasks or more features"
            )
        return self

    @property
    def dataset_name(self) -> str:
        """Folder of the generated rows; equal dials, equal name."""
        function = f"m{self.num_waves}-c{self.scale:.12g}-noise{self.noise:.12g}"
        for name, spread in (("alpha", self.alpha_spread), ("beta", self.beta_spread)):
            if spread != 1:
                function += f"-{name}{spread:.12g}"
        size = f"{self.num_rows}-d{self.num_features}-tasks{self.num_tasks}"
        return f"mmoe-paper-{size}-p{self.correlation:.12g}-{function}-seed{self.seed}"


class Census(Source):
    """Census-Income (KDD), shipped and real, with one of the MMoE paper's two task groups."""

    source: Literal["census"] = "census"
    group: Literal["g1", "g2"] = "g1"  # g1: income, never_married; g2: education, never_married

    @property
    def dataset_name(self) -> str:
        """Folder of the prepared dataset."""
        return f"census-{self.group}"


class Stored(Source):
    """A dataset that was imported earlier, by its name; never by a path."""

    source: Literal["stored"] = "stored"
    name: DatasetName

    @property
    def dataset_name(self) -> str:
        """Folder of the imported dataset."""
        return self.name


Simulated = SimulatedAliCcp | SimulatedFeed | MmoePaper
DataConfig = Annotated[Simulated | Census | Stored, Field(discriminator="source")]
