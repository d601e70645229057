"""Bringing data in from a page: where it lies, what its columns are, and the jobs that import it."""

from . import columns, imports, looking, raw, source

__all__ = ["columns", "imports", "looking", "raw", "source"]
