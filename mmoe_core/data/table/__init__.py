"""A log of your own: a CSV or Parquet file with a mapping of its columns becomes a dataset."""

from .choosing import ROLES, ColumnRole, TableChoices, choices_of, offered_roles
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
from .roots import ROOTS_VARIABLE, allowed_file, allowed_folder, allowed_path, data_roots

__all__ = [
    "DELIMITERS",
    "ROLES",
    "ROOTS_VARIABLE",
    "ColumnGuess",
    "ColumnKind",
    "ColumnReport",
    "ColumnRole",
    "Delimiter",
    "Guess",
    "LabelColumn",
    "Role",
    "SplitRule",
    "TableChoices",
    "TableMapping",
    "TableReport",
    "ValueColumn",
    "allowed_file",
    "allowed_folder",
    "allowed_path",
    "choices_of",
    "data_roots",
    "guess",
    "import_table",
    "look",
    "mapping_from_json",
    "offered_roles",
]
