"""The same work by public libraries, as their own tutorials use them. Installed by `requirements-bench.txt`."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Mapping
from typing import Any

import numpy as np
import torch

from ..config import RunConfig
from ..data import Split
from .figures import Figures
from .work import VOCABULARIES, Work

__all__ = ["time_deepctr_torch", "time_torch_rechub"]

_EXPERTS, _TOWER, _EMBEDDING = [16], [8], 4


def time_torch_rechub(work: Work, config: RunConfig) -> Figures:
    """`MTLTrainer` on `MMOE`: one epoch, and `evaluate`."""
    from torch_rechub.basic.features import DenseFeature, SparseFeature
    from torch_rechub.models.multi_task import MMOE
    from torch_rechub.trainers import MTLTrainer
    from torch_rechub.utils.data import DataGenerator

    torch.manual_seed(config.train.seed)
    features = [SparseFeature(name, vocab_size=size, embed_dim=_EMBEDDING) for name, size in VOCABULARIES.items()]
    features += [DenseFeature(field.name) for field in work.schema.value_fields]
    model = MMOE(features, ["classification"] * 2, 8, {"dims": _EXPERTS, "activation": "relu"}, [{"dims": _TOWER}] * 2)
    train, validation = work.split("train"), work.split("validation")
    held_out, labels = _columns(validation, work), np.asarray(validation.labels_NT)
    generator = DataGenerator(_columns(train, work), np.asarray(train.labels_NT))
    train_loader, validation_loader, _ = generator.generate_dataloader(
        x_val=held_out, y_val=labels, x_test=held_out, y_test=labels, batch_size=config.train.batch_size
    )
    with tempfile.TemporaryDirectory() as folder:
        trainer = MTLTrainer(
            model,
            task_types=["classification"] * 2,
            optimizer_params={"lr": config.train.learning_rate},
            n_epoch=1,
            device="cpu",
            model_path=folder,
        )
        began = time.perf_counter()
        trainer.train_one_epoch(train_loader)
        trained = time.perf_counter()
        trainer.evaluate(trainer.model, validation_loader)
        evaluated = time.perf_counter()
        scores = np.asarray(trainer.predict(trainer.model, [columns for columns, _ in validation_loader]))
    return Figures(
        train_rows_per_second=len(train) / (trained - began),
        evaluate_rows_per_second=len(validation) / (evaluated - trained),
        validation_loss=_loss(scores, validation),
    )


def time_deepctr_torch(work: Work, config: RunConfig) -> Figures:
    """`MMOE.fit` for one epoch, and `predict` with scikit-learn's AUC of every task."""
    from deepctr_torch.inputs import DenseFeat, SparseFeat
    from deepctr_torch.models import MMOE
    from sklearn.metrics import roc_auc_score

    columns: list[Any] = [
        SparseFeat(name, vocabulary_size=size, embedding_dim=_EMBEDDING) for name, size in VOCABULARIES.items()
    ]
    columns += [DenseFeat(field.name, 1) for field in work.schema.value_fields]
    model = MMOE(
        columns,
        num_experts=8,
        expert_dnn_hidden_units=_EXPERTS,
        gate_dnn_hidden_units=(),
        tower_dnn_hidden_units=_TOWER,
        task_types=["binary", "binary"],
        task_names=list(work.schema.task_names),
        device="cpu",
    )
    model.compile(torch.optim.Adam(model.parameters(), lr=config.train.learning_rate), loss=["binary_crossentropy"] * 2)
    train, validation = work.split("train"), work.split("validation")
    inputs, held_out = _columns(train, work), _columns(validation, work)
    began = time.perf_counter()
    model.fit(inputs, np.asarray(train.labels_NT), batch_size=config.train.batch_size, epochs=1, verbose=0)
    trained = time.perf_counter()
    scores = model.predict(held_out, batch_size=config.train.batch_size)
    for task in range(2):
        roc_auc_score(validation.labels_NT[:, task], scores[:, task])
    evaluated = time.perf_counter()
    return Figures(
        train_rows_per_second=len(train) / (trained - began),
        evaluate_rows_per_second=len(validation) / (evaluated - trained),
        validation_loss=_loss(scores, validation),
    )


def _columns(split: Split, work: Work) -> Mapping[str, np.ndarray]:
    """One array per field, ids counted from 0 in each, as both libraries want it."""
    ids = {
        field.name: np.asarray(split.ids_NF[:, column] - offset, np.int64)
        for column, (field, offset) in enumerate(zip(work.schema.id_fields, work.schema.offsets, strict=True))
    }
    values = {
        field.name: np.asarray(split.dense_ND[:, column]) for column, field in enumerate(work.schema.value_fields)
    }
    return ids | values


def _loss(probabilities_NT: np.ndarray, split: Split) -> float:
    """Cross-entropy, summed over the tasks."""
    p_NT = np.clip(np.asarray(probabilities_NT, np.float64), 1e-7, 1 - 1e-7)
    labels_NT = np.asarray(split.labels_NT)
    return float(-(labels_NT * np.log(p_NT) + (1 - labels_NT) * np.log1p(-p_NT)).mean(axis=0).sum())
