"""Rows: simulated, shipped or imported, each a `Dataset` on disk and its arrays. No torch."""

from .ali_ccp_csv import import_ali_ccp_csv
from .browsing import field_values, probe_rows
from .catalogue import KnownDataset, adopt_dataset, delete_dataset, known_datasets, prepare
from .dataset import Dataset, Split, open_dataset
from .importing import import_in_child
from .manifest import DataWarning, Dropped, Manifest, Scaling, SplitName
from .summary import FieldSummary, field_summaries

__all__ = [
    "DataWarning",
    "Dataset",
    "Dropped",
    "FieldSummary",
    "KnownDataset",
    "Manifest",
    "Scaling",
    "Split",
    "SplitName",
    "adopt_dataset",
    "delete_dataset",
    "field_summaries",
    "field_values",
    "import_ali_ccp_csv",
    "import_in_child",
    "known_datasets",
    "open_dataset",
    "prepare",
    "probe_rows",
]
