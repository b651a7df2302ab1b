"""Is a refreshed table still the same table? Compared with the one in use: economies, keys, units, and sizes of its series."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from mic2025lab.sources.table import Table

if TYPE_CHECKING:
    import pandas as pd

#: Columns of time: what is left of a key without them names a series.
TIME = ("year", "period", "month", "quarter", "date")
_PLACES = ("economy", "exporter", "importer", "partner", "province")
_KEPT, _JUMP, _SHOWN = 0.9, 10.0, 5


def problems(table: Table, new: pd.DataFrame, old: pd.DataFrame) -> list[str]:
    """Say in which ways a refreshed table is not plausible; a list without items if it is.

    Every economy is still there (Taiwan, where it was), so are at least 90% of the keys, with the same unit; and in no series
    does the median value change by a factor of ten, as it does where thousands become millions. A table of several
    vintages is compared with the one whose keys it shares most.
    """
    keys = [name for name in table.key if table.vintage is None or name != table.vintage[0]]
    old = nearest_vintage(table, new, old, keys)
    return [*_lost_places(new, old), *_lost_keys(keys, new, old), *_units_and_jumps(keys, new, old)]


def nearest_vintage(table: Table, new: pd.DataFrame, old: pd.DataFrame, keys: Sequence[str]) -> pd.DataFrame:
    """Return the rows of the vintage whose keys the new rows share most, or all rows of a table without vintages."""
    if table.vintage is None:
        return old
    known = new[list(keys)].drop_duplicates()
    shared = {
        name: len(rows.merge(known, on=list(keys))) / len(rows)
        for name, rows in old.groupby(table.vintage[0])
    }
    return old[old[table.vintage[0]] == max(shared, key=lambda name: shared[name])]


def _lost_places(new: pd.DataFrame, old: pd.DataFrame) -> list[str]:
    told = []
    for column in (name for name in _PLACES if name in old):
        lost = sorted(
            set(old[column].dropna()) - set(new[column].dropna()), key=lambda code: (code != "TWN", code)
        )
        if lost:
            told.append(f"{len(lost)} of {old[column].nunique()} in {column} are gone: {_first(lost)}")
    return told


def _lost_keys(keys: list[str], new: pd.DataFrame, old: pd.DataFrame) -> list[str]:
    there = len(old[keys].merge(new[keys].drop_duplicates(), on=keys))
    if there >= _KEPT * len(old):
        return []
    return [f"only {there:,} of {len(old):,} keys ({', '.join(keys)}) are still there"]


def _units_and_jumps(keys: list[str], new: pd.DataFrame, old: pd.DataFrame) -> list[str]:
    both = old.merge(new, on=keys, suffixes=("_old", "_new"))
    told = []
    if "unit_old" in both:
        other = both[both["unit_old"] != both["unit_new"]]
        pairs = other[["unit_old", "unit_new"]].drop_duplicates().itertuples(index=False)
        told += [f"the unit was {was} and is {now}" for was, now in list(pairs)[:_SHOWN]]
    series = [name for name in keys if name not in TIME]
    for column in (name for name in old if old[name].dtype == "float64" and name not in keys):
        was, now = both[f"{column}_old"].abs(), both[f"{column}_new"].abs()
        ratio = (now / was)[(was > 0) & (now > 0)]
        median = ratio.groupby([both.loc[ratio.index, name] for name in series]).median() if series else ratio
        jumped = median[(median >= _JUMP) | (median <= 1 / _JUMP)]
        if len(jumped):
            cases = [f"{_named(name)} x {factor:.3g}" for name, factor in jumped.items()]
            told.append(
                f"{len(jumped)} of {len(median)} series of {column} jump by a factor of ten: {_first(cases)}"
            )
    return told


def _named(key: object) -> str:
    return " ".join(map(str, key)) if isinstance(key, tuple) else str(key)


def _first(names: Sequence[str]) -> str:
    return ", ".join(names[:_SHOWN]) + (f", and {len(names) - _SHOWN} more" if len(names) > _SHOWN else "")
