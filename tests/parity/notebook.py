"""The tutorial's notebook, cell by cell, with torch-rechub: its data, its MMOE at seed 2022, its trainer.

`../shared/tutorial.zh.md`, section 1.2.11; the notebook renames the labels, nothing else is left out.
"""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import torch
from torch import nn
from torch.utils.data import DataLoader
from torch_rechub.basic.features import DenseFeature, SparseFeature
from torch_rechub.models.multi_task import MMOE
from torch_rechub.trainers import MTLTrainer
from torch_rechub.utils.data import DataGenerator

from tests.parity.rows import SAMPLE

__all__ = ["LABELS", "SEED", "loaders", "model", "train"]

SEED, BATCH, RATE, DECAY = 2022, 1024, 1e-3, 1e-4
LABELS = ["purchase", "click"]
DENSE = ["D109_14", "D110_14", "D127_14", "D150_14", "D508", "D509", "D702", "D853"]


def _table() -> tuple[pd.DataFrame, list[str], list[int]]:
    frames = [pd.read_csv(SAMPLE / f"ali_ccp_{split}_sample.csv") for split in ("train", "val", "test")]
    data = pd.concat(frames, axis=0)
    sparse = [name for name in data.columns if name not in [*DENSE, *LABELS]]
    return data, sparse, [len(frame) for frame in frames]


def model() -> nn.Module:
    """Its network before the first step."""
    torch.manual_seed(SEED)
    data, sparse, _ = _table()
    features = [SparseFeature(name, int(data[name].max() + 1), embed_dim=4) for name in sparse]
    features += [DenseFeature(name) for name in DENSE]
    return MMOE(
        features=features,
        task_types=["classification", "classification"],
        n_expert=8,
        expert_params={"dims": [16]},
        tower_params_list=[{"dims": [8]}, {"dims": [8]}],
    )


def loaders() -> tuple[DataLoader, DataLoader, DataLoader]:
    """Its three splits."""
    data, sparse, (train, val, _) = _table()
    places = (slice(0, train), slice(train, train + val), slice(train + val, None))
    (x_train, y_train), (x_val, y_val), (x_test, y_test) = (
        ({name: data[name].values[place] for name in [*sparse, *DENSE]}, data[LABELS].values[place]) for place in places
    )
    generator = DataGenerator(x_train, y_train)
    return generator.generate_dataloader(x_val=x_val, y_val=y_val, x_test=x_test, y_test=y_test, batch_size=BATCH)


def train(folder: Path) -> tuple[list[float], list[float], list[float], MTLTrainer]:
    """Its numbers: train losses, validation AUC and test AUC, purchase first; and its trainer."""
    network = model()
    train_loader, val_loader, test_loader = loaders()
    trainer = MTLTrainer(
        network,
        task_types=["classification", "classification"],
        optimizer_params={"lr": RATE, "weight_decay": DECAY},
        n_epoch=1,
        earlystop_patience=30,
        device="cpu",
        model_path=str(folder),
    )
    ((*first, val_purchase, val_click),) = trainer.fit(train_loader, val_loader)
    return first, [val_purchase, val_click], trainer.evaluate(trainer.model, test_loader), trainer
