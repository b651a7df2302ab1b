"""A small table that a test can build."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pandas as pd
import pytest

from mic2025lab.sources.columns import number, year
from mic2025lab.sources.source import Source
from mic2025lab.sources.table import Table


@pytest.fixture(scope="session")
def small_table() -> Callable[..., Table]:
    """Make a table of one row: `small_table("one", value=2.0, terms="unclear", format="parquet")`."""

    def table(name: str, value: float = 1.0, *, terms: str = "attribution", format: str = "csv") -> Table:
        files = {"f.csv": "0" * 64}
        source = Source(name, "P", "T", "1", None, f"license of {name}", terms, "C", "2026-11-24", files)
        columns = {"year": year(2000, 2030), "value": number("Value", "USD", gt=0)}

        def build(raw: Any) -> pd.DataFrame:
            return pd.DataFrame({"year": [2020], "value": [value]})

        inputs = ((source, ("f.csv",)),)
        return Table(name, name, "d", "USD", build, inputs, columns, ("year",), ("year",), format=format)

    return table
