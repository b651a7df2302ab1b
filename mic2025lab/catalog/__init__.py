"""The catalog: which tables there are, where each is from, and how to load one; a table is served only if its checksum is right."""

from mic2025lab.catalog.dataset import Dataset
from mic2025lab.catalog.diffs import Diff, diff
from mic2025lab.catalog.entries import (
    PACKAGE,
    catalog,
    data_dir,
    datasets,
    describe,
    digest,
    digests,
    entry,
    local_dir,
    verified_path,
)
from mic2025lab.catalog.loading import load
from mic2025lab.catalog.overview import sources, status
from mic2025lab.catalog.own import register
from mic2025lab.catalog.records import LOADED
from mic2025lab.catalog.scanning import scan
from mic2025lab.catalog.stores import SCANNED

__all__ = [
    "LOADED",
    "PACKAGE",
    "SCANNED",
    "Dataset",
    "Diff",
    "catalog",
    "data_dir",
    "datasets",
    "describe",
    "diff",
    "digest",
    "digests",
    "entry",
    "load",
    "local_dir",
    "register",
    "scan",
    "sources",
    "status",
    "verified_path",
]
