"""A log of your own: a CSV or Parquet file with a mapping of its columns becomes a dataset."""

from .guessing import ColumnGuess, Guess, Role, guess
from .making import import_table
from .mapping import (
    DELIMITERS,
    Delimiter,
    LabelColumn,
    SplitRule,
    TableMapping,
    ValueColumn,
    mapping_from_json,
)
from .report import ColumnKind, ColumnReport, TableReport, look
from .roots import ROOTS_VARIABLE, allowed_path, data_roots

__all__ = [
    "DELIMITERS",
    "ROOTS_VARIABLE",
    "ColumnGuess",
    "ColumnKind",
    "ColumnReport",
    "Delimiter",
    "Guess",
    "LabelColumn",
    "Role",
    "SplitRule",
    "TableMapping",
    "TableReport",
    "ValueColumn",
    "allowed_path",
    "data_roots",
    "guess",
    "import_table",
    "look",
    "mapping_from_json",
]
