"""What the tests of several models share."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pandas as pd
import pytest


@pytest.fixture
def of_kind() -> Callable[[str, pd.DataFrame], Any]:
    """Return a function that makes a table of another library ("pandas" leaves it as it is)."""

    def made(kind: str, table: pd.DataFrame) -> Any:
        if kind == "polars":
            return pytest.importorskip("polars").from_pandas(table)
        if kind == "arrow":
            return pytest.importorskip("pyarrow").Table.from_pandas(table, preserve_index=False)
        return table

    return made
