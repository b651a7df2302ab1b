"""Small tables that a test can build, and a cache of its own."""

from hashlib import sha256

import pandas as pd
import pytest

import mic2025lab.catalog.build as building
from mic2025lab import sources
from mic2025lab.sources.columns import number, year
from mic2025lab.sources.source import Source
from mic2025lab.sources.table import Table


def digests(folder):
    """The sha256 of each file in a folder, by its path, but for the lock of a build."""
    paths = (path for path in folder.rglob("*") if path.is_file() and path.name != building.LOCK)
    return {path.relative_to(folder).as_posix(): sha256(path.read_bytes()).hexdigest() for path in paths}


def table_of(name, build, *sources, format="csv"):
    """A table of years and values that a function makes of all files of its sources."""
    columns = {"year": year(2000, 2030), "value": number("Value", "USD", gt=0)}
    inputs = tuple((source, tuple(source.files)) for source in sources)
    return Table(name, name, "d", "USD", build, inputs, columns, ("year",), format=format)


@pytest.fixture(scope="session")
def small_table():
    """Make a table of one row: `small_table("one", value=2.0, terms="unclear", format="parquet")`."""

    def table(name, value=1.0, *, terms="attribution", format="csv"):
        files = {"f.csv": "0" * 64}
        source = Source(name, "P", "T", "1", None, f"license of {name}", terms, "C", "2026-11-24", files)
        rows = {"year": [2020], "value": [value]}
        return table_of(name, lambda raw: pd.DataFrame(rows), source, format=format)

    return table


@pytest.fixture
def own_cache(monkeypatch, tmp_path):
    """The folder of vintages and of tables that may not be passed on."""
    monkeypatch.setenv("MIC2025LAB_CACHE", str(tmp_path / "cache"))
    monkeypatch.delenv("MIC2025LAB_MIRROR", raising=False)
    return tmp_path / "cache" / "tables"


@pytest.fixture
def small(monkeypatch, tmp_path, own_cache, small_table):
    """Four tables under different terms, with folders of their own; call it to give them another value."""
    monkeypatch.setenv("MIC2025LAB_DATA", str(tmp_path / "data"))

    def hold(value=1.0, formats=("csv", "parquet")):
        tables = {
            name: small_table(name, value, format=kind)
            for name, kind in zip(("one", "two"), formats, strict=True)
        }
        closed = {"closed": "unclear", "paid": "noncommercial"}
        tables |= {name: small_table(name, value, terms=terms) for name, terms in closed.items()}
        monkeypatch.setattr(building, "TABLES", tables)
        monkeypatch.setattr(sources, "TABLES", tables)

    hold()
    return hold
