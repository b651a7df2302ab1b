"""`against_others`: a change among the changes of others."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from mic2025lab.errors import ParameterError
from mic2025lab.models import against_others

OTHERS = pd.Series(np.arange(101.0), [f"E{number}" for number in range(101)])


def changes(own: float) -> pd.Series:
    return pd.concat([pd.Series({"CHN": own}), OTHERS])


def test_by_hand() -> None:
    assert against_others(changes(100.0), "CHN") == (50.0, 5.0, 95.0)  # 5 and 95 are the quantiles
    assert against_others(changes(100.0), "CHN", level=0.5) == (50.0, 25.0, 75.0)


def test_turned_around_it_is_the_mirror_image() -> None:
    estimate, low, high = against_others(changes(96.0), "CHN")
    assert against_others(-changes(96.0), "CHN") == (-estimate, -high, -low)


def test_the_interval_leaves_zero_out_beyond_that_share_of_the_others() -> None:
    assert against_others(changes(96.0), "CHN")[1] > 0
    assert against_others(changes(94.0), "CHN")[1] < 0


def test_missing_values_are_no_others() -> None:
    few = pd.Series({"CHN": 1.0, "USA": 2.0, "JPN": 3.0, "KOR": None})
    with pytest.raises(ParameterError, match="2 others"):
        against_others(few, "CHN")
    with pytest.raises(ParameterError, match="CHN has no change"):
        against_others(changes(np.nan), "CHN")


def test_a_table_is_its_two_columns() -> None:
    table = changes(100.0).rename_axis("economy").rename("value").reset_index()
    assert against_others(table, "CHN") == against_others(changes(100.0), "CHN")
    renamed = table.rename(columns={"economy": "who", "value": "change"})
    assert against_others(renamed, "CHN", of="who", value="change") == against_others(changes(100.0), "CHN")
    with pytest.raises(ParameterError, match="CHN has more than one change"):
        against_others(pd.concat([table, table.head(1)]), "CHN")
