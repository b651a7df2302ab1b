"""The lists of this folder: CSV files, in which names and codes can be read and corrected."""

from __future__ import annotations

import csv
from pathlib import Path


def read(name: str) -> list[dict[str, str]]:
    """Return the rows of a list; those of `codebooks/` translate the labels of raw files.

    Examples
    --------
    >>> read("economies")[0]["name"]
    'Aruba'
    """
    text = (Path(__file__).parent / f"{name}.csv").read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines()))
