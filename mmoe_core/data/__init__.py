"""Rows: simulated, shipped or imported, each a `Dataset` on disk and its arrays. No torch."""

from .ahead import in_order
from .ali_ccp_csv import import_ali_ccp_csv
from .ali_ccp_vocabulary import name_as_read
from .background import BackgroundJob, Board
from .browsing import field_values, probe_rows
from .catalogue import KnownDataset, adopt_dataset, delete_dataset, known_datasets, place_for, prepare
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
from .editing import changed_row
from .importing import convert_in_child, import_in_child, import_table_in_child, look_in_child
from .label_spaces import readable_on_clicks
from .manifest import VOCABULARIES, Comparison, DataWarning, Dropped, Manifest, Scaling, SplitName, Vocabulary
from .marks import Mark
from .preview import PREVIEW_ROWS, preview, preview_of
from .progress import Progress
from .rows import Rows, Split
from .truth import APPETITE, TrueReasons, true_reasons
from .uploads import Reception, discard_upload, is_uploaded, sweep_uploads, upload_limit, uploaded_file
from .writing import SEGMENT

__all__ = [
    "APPETITE",
    "PREVIEW_ROWS",
    "SEGMENT",
    "VOCABULARIES",
    "BackgroundJob",
    "Board",
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
    "Mark",
    "Progress",
    "Reception",
    "Rows",
    "RowsPer",
    "Scaling",
    "Split",
    "SplitName",
    "TrueReasons",
    "Vocabulary",
    "adopt_dataset",
    "changed_row",
    "convert_in_child",
    "delete_dataset",
    "describe",
    "discard_upload",
    "field_values",
    "import_ali_ccp_csv",
    "import_in_child",
    "import_table_in_child",
    "in_order",
    "inspect_dataset",
    "is_uploaded",
    "known_datasets",
    "look_in_child",
    "name_as_read",
    "open_dataset",
    "place_for",
    "prepare",
    "preview",
    "preview_of",
    "probe_rows",
    "readable_on_clicks",
    "sweep_uploads",
    "true_reasons",
    "upload_limit",
    "uploaded_file",
]
