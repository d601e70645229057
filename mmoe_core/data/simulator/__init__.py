"""A log in Ali-CCP's schema whose true probabilities are known: for the classroom, or at the real log's rates."""

from .check import check_true_rates, compare_rates
from .fields import write_classroom
from .formats import LogFormat, write_files, write_log
from .laws import LAWS
from .log import Log, simulate
from .mechanisms import MECHANISMS
from .profiles import PROFILES, TRUE_RATES, Profile, Segment, TrueRates
from .tokens import LogTable, Tokens, log_table
from .true_rates import TrueLog, simulate_true_rates

__all__ = [
    "LAWS",
    "MECHANISMS",
    "PROFILES",
    "TRUE_RATES",
    "Log",
    "LogFormat",
    "LogTable",
    "Profile",
    "Segment",
    "Tokens",
    "TrueLog",
    "TrueRates",
    "check_true_rates",
    "compare_rates",
    "log_table",
    "simulate",
    "simulate_true_rates",
    "write_classroom",
    "write_files",
    "write_log",
]
