"""How several losses become one update."""

from .balancer import Balancer
from .building import build_balancer

__all__ = ["Balancer", "build_balancer"]
