"""A log in Ali-CCP's schema whose true probabilities are known."""

from .fields import write_log
from .log import Log, simulate
from .mechanisms import MECHANISMS
from .profiles import PROFILES, Profile, Segment

__all__ = ["MECHANISMS", "PROFILES", "Log", "Profile", "Segment", "simulate", "write_log"]
