"""A content feed whose users' satisfaction is known: what people do in it, and what creators make of that."""

from .behaviours import BEHAVIOURS, DWELL, LONG_VIEW_S, Behaviour, Behaviours, Feed, Impressions, draw_feed
from .check import check_feed
from .evolution import LIKES_ONLY, MIX, Evolution, Round, Rule, evolve, in_units_of_rates
from .fields import FIELD_MEANINGS, SATISFACTION, VALUE_MEANINGS, write_feed
from .log import FeedLog, simulate_feed
from .people import GROUPS, Group
from .world import FeedWorld

__all__ = [
    "BEHAVIOURS",
    "DWELL",
    "FIELD_MEANINGS",
    "GROUPS",
    "LIKES_ONLY",
    "LONG_VIEW_S",
    "MIX",
    "SATISFACTION",
    "VALUE_MEANINGS",
    "Behaviour",
    "Behaviours",
    "Evolution",
    "Feed",
    "FeedLog",
    "FeedWorld",
    "Group",
    "Impressions",
    "Round",
    "Rule",
    "check_feed",
    "draw_feed",
    "evolve",
    "in_units_of_rates",
    "simulate_feed",
    "write_feed",
]
