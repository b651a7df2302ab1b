"""Periods as releases print them: a year, a month, or the months of a year so far."""

from __future__ import annotations

import re

import pandas as pd


def months_of(periods: pd.Series) -> pd.Series:
    """Count the months of periods.

    Examples
    --------
    >>> months_of(pd.Series(["2024", "2024-12", "2022-01..08"])).tolist()
    [12, 1, 8]
    """

    def one(period: str) -> int:
        span = re.fullmatch(r"\d{4}-(\d{2})\.\.(\d{2})", period)
        return int(span[2]) - int(span[1]) + 1 if span else 1 if "-" in period else 12

    return periods.map(one).astype("int64")
