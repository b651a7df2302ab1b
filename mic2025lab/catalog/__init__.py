"""The catalog: which tables there are, where each is from, and how to load one; a table is served only if its checksum is right."""

from mic2025lab.catalog.dataset import Dataset as Dataset
from mic2025lab.catalog.diffs import Diff as Diff
from mic2025lab.catalog.diffs import diff as diff
from mic2025lab.catalog.entries import PACKAGE as PACKAGE
from mic2025lab.catalog.entries import catalog as catalog
from mic2025lab.catalog.entries import data_dir as data_dir
from mic2025lab.catalog.entries import datasets as datasets
from mic2025lab.catalog.entries import describe as describe
from mic2025lab.catalog.entries import digest as digest
from mic2025lab.catalog.entries import digests as digests
from mic2025lab.catalog.entries import entry as entry
from mic2025lab.catalog.entries import local_dir as local_dir
from mic2025lab.catalog.entries import verified_path as verified_path
from mic2025lab.catalog.loading import LOADED as LOADED
from mic2025lab.catalog.loading import load as load
from mic2025lab.catalog.loading import scan as scan
from mic2025lab.catalog.overview import sources as sources
from mic2025lab.catalog.overview import status as status
from mic2025lab.catalog.own import register as register
from mic2025lab.catalog.stores import SCANNED as SCANNED
