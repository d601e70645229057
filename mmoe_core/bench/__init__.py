"""How fast the engine is, beside its peers and beside what the processor allows. A benchmark, never a test."""

from .balancing import BalancingCosts, measure_balancing, read_balancing_costs
from .growth import Growth, measure_growth
from .report import Report, measure
from .scaling import Scaling, measure_scaling

__all__ = [
    "BalancingCosts",
    "Growth",
    "Report",
    "Scaling",
    "measure",
    "measure_balancing",
    "measure_growth",
    "measure_scaling",
    "read_balancing_costs",
]
