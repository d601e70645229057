"""The raw Ali-CCP log: four text files of 38 GB together, and the dataset they become."""

from .converting import convert_raw, work_folder
from .layout import raw_files
from .options import RawOptions
from .watching import STAGES, Cancelled, Silent, Watcher

__all__ = ["STAGES", "Cancelled", "RawOptions", "Silent", "Watcher", "convert_raw", "raw_files", "work_folder"]
