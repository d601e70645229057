"""Two tasks whose gradients are known: what a balancing method makes of them can be worked out by hand.

Both tasks share θ in the plane; each has one number of its own. L_k = g_k · θ + own_k + c_k with g_1 = (1, 0) and
g_2 = (−1, 1): they conflict, g_1 · g_2 = −1, and the second is √2 times as long. The Gramian is [[1, −1], [−1, 2]].
"""

from __future__ import annotations

from types import SimpleNamespace

import torch
from torch import Tensor, nn

from mmoe_core.config import RunConfig, Schema, TaskSpec, TrainConfig, ValueField
from mmoe_core.training.balancing import Balancer, build_balancer

__all__ = ["GRADIENTS", "SCHEMA", "Plane", "balancer", "one_step"]

GRADIENTS = torch.tensor([[1.0, 0.0], [-1.0, 1.0]])
SCHEMA = Schema(value_fields=(ValueField(name="x"),), id_fields=(), tasks=(TaskSpec(name="a"), TaskSpec(name="b")))


class Plane(nn.Module):
    """What a balancing method asks of a model."""

    def __init__(self, gradients: Tensor = GRADIENTS) -> None:
        super().__init__()
        self._gradients = gradients
        self.theta = nn.Parameter(torch.zeros(2))
        self.own_T = nn.Parameter(torch.zeros(2))
        self.x_BD = torch.zeros(1, 1, requires_grad=True)  # reads nothing from a table
        self.table = SimpleNamespace(num_columns=0)

    def losses(self, constants: tuple[float, float] = (2.0, 4.0)) -> Tensor:
        return self._gradients @ self.theta + self.own_T + torch.tensor(constants) + 0 * self.x_BD.sum()

    def shared_layers(self) -> tuple[tuple[nn.Parameter, Tensor], ...]:
        return ((self.theta, torch.ones(2, dtype=torch.bool)),)

    def last_shared_layer(self) -> tuple[nn.Parameter, Tensor]:
        return self.shared_layers()[0]


def balancer(balancing: object, **train: object) -> Balancer:
    return build_balancer(RunConfig(train=TrainConfig(balancing=balancing, **train)), SCHEMA)


def one_step(
    method: Balancer,
    step: int = 1,
    epoch: int = 1,
    constants: tuple[float, float] = (2.0, 4.0),
    gradients: Tensor = GRADIENTS,
) -> tuple[Plane, Tensor | None]:
    """The plane after one step's gradients, and λ."""
    plane = Plane(gradients)
    method.begin(step, epoch)
    losses_T = plane.losses(constants)
    weights_T = method.backward(losses_T, plane)  # type: ignore[arg-type]
    method.learn(losses_T)
    return plane, weights_T
