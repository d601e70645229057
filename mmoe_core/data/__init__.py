"""Rows: simulated, shipped or imported, each a `Dataset` on disk and its arrays. No torch."""

from .ahead import in_order
from .ali_ccp_csv import import_ali_ccp_csv
from .browsing import field_values, probe_rows
from .catalogue import KnownDataset, adopt_dataset, delete_dataset, known_datasets, prepare
from .dataset import Dataset, open_dataset
from .description import (
    Description,
    FieldSummary,
    Histogram,
    LabelCorrelation,
    LabelSummary,
    RowsPer,
    describe,
)
from .doctor import Finding, inspect_dataset
from .importing import import_in_child, import_table_in_child, look_in_child
from .manifest import Comparison, DataWarning, Dropped, Manifest, Scaling, SplitName
from .preview import PREVIEW_ROWS, preview, preview_of
from .rows import Rows, Split

__all__ = [
    "PREVIEW_ROWS",
    "Comparison",
    "DataWarning",
    "Dataset",
    "Description",
    "Dropped",
    "FieldSummary",
    "Finding",
    "Histogram",
    "KnownDataset",
    "LabelCorrelation",
    "LabelSummary",
    "Manifest",
    "Rows",
    "RowsPer",
    "Scaling",
    "Split",
    "SplitName",
    "adopt_dataset",
    "delete_dataset",
    "describe",
    "field_values",
    "import_ali_ccp_csv",
    "import_in_child",
    "import_table_in_child",
    "in_order",
    "inspect_dataset",
    "known_datasets",
    "look_in_child",
    "open_dataset",
    "prepare",
    "preview",
    "preview_of",
    "probe_rows",
]
