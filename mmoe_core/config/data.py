"""Where the rows come from: a simulator with its dials, a shipped log, or a dataset made earlier."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from .base import DatasetName, Frozen

__all__ = ["Census", "DataConfig", "SimulatedAliCcp", "Stored"]


class SimulatedAliCcp(Frozen):
    """A log in Ali-CCP's schema, written by a simulator that knows the true probabilities."""

    source: Literal["ali-ccp"] = "ali-ccp"
    profile: Literal["classroom"] = "classroom"  # rates raised so that 200,000 rows teach something
    num_rows: int = Field(200_000, ge=1_000, le=5_000_000)
    rho: float = Field(0.0, ge=-0.9, le=1.0)  # correlation of the click's and the purchase's utility
    seed: int = Field(2022, ge=0, le=2**32 - 1)

    @property
    def dataset_name(self) -> str:
        """Folder of the simulated log; equal dials, equal name."""
        return f"ali-ccp-{self.profile}-{self.num_rows}-rho{self.rho:g}-seed{self.seed}"


class Census(Frozen):
    """Census-Income (KDD), shipped and real, with one of the MMoE paper's two task groups."""

    source: Literal["census"] = "census"
    group: Literal["g1", "g2"] = "g1"  # g1: income, never_married; g2: education, never_married

    @property
    def dataset_name(self) -> str:
        """Folder of the prepared dataset."""
        return f"census-{self.group}"


class Stored(Frozen):
    """A dataset that was imported earlier, by its name; never by a path."""

    source: Literal["stored"] = "stored"
    name: DatasetName

    @property
    def dataset_name(self) -> str:
        """Folder of the imported dataset."""
        return self.name


DataConfig = Annotated[SimulatedAliCcp | Census | Stored, Field(discriminator="source")]
