"""A small table that a test can build."""

import pandas as pd
import pytest

from mic2025lab.sources.columns import number, year
from mic2025lab.sources.source import Source
from mic2025lab.sources.table import Table


@pytest.fixture(scope="session")
def small_table():
    """Make a table of one row: `small_table("one", value=2.0, terms="unclear", format="parquet")`."""

    def table(name, value=1.0, *, terms="attribution", format="csv"):
        files = {"f.csv": "0" * 64}
        source = Source(name, "P", "T", "1", None, f"license of {name}", terms, "C", "2026-11-24", files)
        columns = {"year": year(2000, 2030), "value": number("Value", "USD", gt=0)}

        def build(raw):
            return pd.DataFrame({"year": [2020], "value": [value]})

        inputs = ((source, ("f.csv",)),)
        return Table(name, name, "d", "USD", build, inputs, columns, ("year",), format=format)

    return table
