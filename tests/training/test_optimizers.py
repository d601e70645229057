"""The optimisers against PyTorch's dense ones, and what happens to a row while it is away."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
import torch
from torch import Tensor
from torch.optim import SGD, Adagrad, Adam, Optimizer

from mmoe_core.config import IdField, MMoE, Schema, TaskSpec, TrainConfig, ValueField, memory_bytes
from mmoe_core.models import MultiTaskModel, build_model
from mmoe_core.training.balancing.losses import Static
from mmoe_core.training.keeping import Keeper
from mmoe_core.training.optimizer import ModelOptimizer
from mmoe_core.training.row_optimizer import RowOptimizer
from mmoe_core.training.state import Progress
from mmoe_core.training.touched import Touched

NUM_IDS, SIZE = 7, 3
SCHEMA = Schema(
    id_fields=(IdField(name="user", vocabulary_size=4), IdField(name="item", vocabulary_size=3)),
    value_fields=(ValueField(name="price"),),
    tasks=(TaskSpec(name="click"), TaskSpec(name="purchase")),
)
PYTORCH: dict[str, Callable[..., Optimizer]] = {"adam": Adam, "adagrad": Adagrad, "sgd": SGD}
METHODS = list(PYTORCH)


def network() -> MultiTaskModel:
    return build_model(MMoE(num_experts=2, embedding_size=SIZE, expert_widths=(4,)), SCHEMA, seed=1).double()


def batch(num_rows: int, seed: int, users: int = 4) -> tuple[Tensor, Tensor, Tensor]:
    """Ids, values, labels; with at least a dozen rows every id is there."""
    draw = np.random.default_rng(seed)
    ids = np.stack([np.arange(num_rows) % users, 4 + draw.permutation(num_rows) % 3], axis=1).astype(np.int32)
    values, labels = draw.normal(size=(num_rows, 1)), draw.integers(0, 2, (num_rows, 2))
    return torch.from_numpy(ids), torch.from_numpy(values), torch.from_numpy(labels).double()


def loss_of(model: MultiTaskModel, ids_BK: Tensor, dense_BV: Tensor, labels_BT: Tensor) -> Tensor:
    scores_BT = model(ids_BK, dense_BV).scores_BT
    return torch.nn.functional.binary_cross_entropy_with_logits(scores_BT, labels_BT)


def train(model: MultiTaskModel, optimizer: ModelOptimizer, steps: range, *, users: int = 4) -> None:
    for step in steps:
        ids_BK, dense_BV, labels_BT = batch(12, step, users)
        optimizer.zero_grad()
        loss_of(model, ids_BK, dense_BV, labels_BT).backward()
        optimizer.step(optimizer.gradients(Touched.by(ids_BK)), 0.05)


@pytest.mark.parametrize("weight_decay", [0.0, 0.1])
@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize(("moved_rows", "users"), [("read", 4), ("all", 4), ("all", 3)])
def test_where_every_id_is_in_every_batch_or_all_rows_move_it_is_pytorchs_dense_optimizer(
    method: str, weight_decay: float, moved_rows: str, users: int
) -> None:
    ours, theirs = network(), network()
    config = TrainConfig(optimizer=method, learning_rate=0.05, weight_decay=weight_decay, moved_rows=moved_rows)
    train(ours, ModelOptimizer(ours, config), range(30), users=users)
    table_PS = theirs.table.weight.detach().clone().requires_grad_()
    layers = [parameter for parameter in theirs.parameters() if parameter.requires_grad]
    optimizer = PYTORCH[method]([table_PS, *layers], lr=0.05, weight_decay=weight_decay)
    for step in range(30):
        ids_BK, dense_BV, labels_BT = batch(12, step, users)
        theirs.table.weight.data.copy_(table_PS.detach())
        optimizer.zero_grad()
        loss_of(theirs, ids_BK, dense_BV, labels_BT).backward()
        assert theirs.x_BD is not None
        assert theirs.x_BD.grad is not None
        into_rows_BKS = theirs.x_BD.grad[:, :-1].unflatten(1, (2, SIZE))
        table_PS.grad = torch.zeros_like(table_PS).index_add(0, ids_BK.flatten().long(), into_rows_BKS.flatten(0, 1))
        optimizer.step()
    torch.testing.assert_close(ours.table.weight, table_PS, rtol=1e-9, atol=1e-12, check_layout=False)
    for one, other in zip(ours.experts.parameters(), theirs.experts.parameters(), strict=True):
        torch.testing.assert_close(one, other, rtol=1e-9, atol=1e-12)


def test_a_row_that_was_away_comes_back_with_dense_adams_moments_and_has_not_moved_meanwhile() -> None:
    model = network()
    optimizer = RowOptimizer(model.table.weight, TrainConfig(learning_rate=0.05))
    dense_PS = model.table.weight.detach().clone().requires_grad_()
    dense = Adam([dense_PS], lr=0.05)
    draw = np.random.default_rng(1)
    for _ in range(60):
        ids_BK = torch.from_numpy(np.stack([draw.integers(0, 4, 2), draw.integers(4, 7, 2)], axis=1).astype(np.int32))
        read = ids_BK.unique()
        gradient_US = torch.from_numpy(draw.normal(size=(len(read), SIZE)))
        before_PS = model.table.weight.detach().clone()
        optimizer.move(read, gradient_US, 0.05)
        dense_PS.grad = torch.zeros_like(dense_PS).index_add(0, read, gradient_US)
        dense.step()
        state, expected = optimizer.state(), dense.state[dense_PS]
        for moment in ("exp_avg", "exp_avg_sq"):
            torch.testing.assert_close(state[moment][read], expected[moment][read], rtol=1e-9, atol=1e-15)
        away = [row for row in range(NUM_IDS) if row not in read]
        assert torch.equal(model.table.weight[away], before_PS[away])
        assert (model.table.weight[read] != before_PS[read]).any(dim=1).all()


def test_after_an_absence_beyond_its_memory_only_the_new_gradient_counts() -> None:
    config, rows = TrainConfig(learning_rate=0.05), torch.tensor([0, 4], dtype=torch.int32)
    gradient_US = torch.ones(2, SIZE, dtype=torch.float64)
    old, fresh = (RowOptimizer(network().table.weight, config) for _ in range(2))
    old.move(rows, -gradient_US, 0.05)
    for optimizer in (old, fresh):
        state = {name: value.clone() for name, value in optimizer.state().items()}
        optimizer.load(state | {"step": torch.tensor(100_000)})  # as if it had gone on for very long with other rows
        optimizer.move(rows, gradient_US, 0.05)
    for moment in ("exp_avg", "exp_avg_sq"):
        torch.testing.assert_close(old.state()[moment], fresh.state()[moment], rtol=1e-12, atol=0)


@pytest.mark.parametrize("weight_decay", [0.0, 0.1])
def test_on_other_devices_the_same_formula_moves_the_rows(weight_decay: float, monkeypatch: pytest.MonkeyPatch) -> None:
    compiled, plain = network(), network()
    config = TrainConfig(learning_rate=0.05, weight_decay=weight_decay)
    train(compiled, ModelOptimizer(compiled, config), range(20), users=3)
    monkeypatch.setattr("mmoe_core.training.row_optimizer._COMPILED_ON", "nowhere")
    train(plain, ModelOptimizer(plain, config), range(20), users=3)
    torch.testing.assert_close(compiled.table.weight, plain.table.weight, rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize("method", METHODS)
def test_it_lowers_the_loss_and_moves_no_row_that_was_not_read(method: str) -> None:
    model = network()
    before_PS = model.table.weight.detach().clone()
    rows = batch(12, 1, users=2)
    first = float(loss_of(model, *rows).detach())
    train(model, ModelOptimizer(model, TrainConfig(optimizer=method, learning_rate=0.05)), range(1, 30), users=2)
    assert float(loss_of(model, *rows).detach()) < first
    moved = (model.table.weight != before_PS).any(dim=1).nonzero().flatten().tolist()
    assert moved == [0, 1, 4, 5, 6]


def test_weight_decay_adds_l2_to_the_gradient_of_the_rows_that_were_read_and_of_no_others() -> None:
    with_decay, without = network(), network()
    for model, decay in ((with_decay, 0.5), (without, 0.0)):
        train(
            model,
            ModelOptimizer(model, TrainConfig(optimizer="sgd", learning_rate=0.1, weight_decay=decay)),
            range(1),
            users=2,
        )
    start_PS, read, away = network().table.weight, [0, 1, 4, 5, 6], [2, 3]
    expected = without.table.weight[read] - 0.05 * 0.5 * start_PS[read]
    torch.testing.assert_close(with_decay.table.weight[read], expected, rtol=1e-12, atol=1e-14)
    assert torch.equal(with_decay.table.weight[away], start_PS[away])


@pytest.mark.parametrize("method", METHODS)
def test_its_state_survives_saving_bit_by_bit(method: str) -> None:
    config = TrainConfig(optimizer=method, learning_rate=0.05)
    model = network()
    optimizer = ModelOptimizer(model, config)
    train(model, optimizer, range(3), users=3)
    resumed = network()
    resumed.load_state_dict(model.state_dict())
    resumed_optimizer = ModelOptimizer(resumed, config)
    resumed_optimizer.load({name: tensor.clone() for name, tensor in optimizer.state().items()})
    train(model, optimizer, range(3, 8))
    train(resumed, resumed_optimizer, range(3, 8))
    for one, other in zip(model.parameters(), resumed.parameters(), strict=True):
        assert torch.equal(one, other)


def test_clipping_shortens_all_gradients_together_and_leaves_short_ones_alone() -> None:
    moved = {}
    for clip in (None, 1e3, 1e-2, 5e-3):
        model = network()
        before = torch.cat([parameter.detach().flatten() for parameter in model.parameters()])
        train(model, ModelOptimizer(model, TrainConfig(optimizer="sgd", clip_norm=clip)), range(1))
        moved[clip] = torch.cat([parameter.detach().flatten() for parameter in model.parameters()]) - before
    torch.testing.assert_close(moved[1e3], moved[None], rtol=0, atol=0)
    assert float(moved[1e-2].norm()) == pytest.approx(0.05 * 1e-2)
    torch.testing.assert_close(moved[5e-3], moved[1e-2] / 2, rtol=1e-9, atol=1e-15)
    directions = [moved[clip] / moved[clip].norm() for clip in (1e-2, None)]
    torch.testing.assert_close(*directions, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("size", [1, 4, 5, 8])
def test_what_a_run_is_said_to_hold_is_what_it_holds(size: int) -> None:
    schema = SCHEMA.model_copy(update={"id_fields": (IdField(name="user", vocabulary_size=50_000),)})
    config, settings = MMoE(num_experts=2, embedding_size=size, expert_widths=(4,)), TrainConfig(batch_size=1)
    model = build_model(config, schema, seed=1)
    optimizer = ModelOptimizer(model, settings)
    keeper = Keeper(model, optimizer, Static(), Progress(settings.learning_rate, {}), settings.best_by)
    keeper.consider({})
    live = {
        parameter.untyped_storage().data_ptr(): parameter.untyped_storage().nbytes() for parameter in model.parameters()
    }
    gradients = sum(parameter.grad.nbytes for parameter in model.parameters() if parameter.grad is not None)
    checkpoint = sum(tensor.nbytes for tensor in keeper.state().tensors.values())
    best = sum(parameter.nbytes for parameter in model.parameters())
    assert memory_bytes(config, settings, schema) == pytest.approx(
        sum(live.values()) + gradients + checkpoint + best, rel=0.001
    )
