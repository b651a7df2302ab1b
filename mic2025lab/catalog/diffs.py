"""Two vintages of a table: which rows and values changed, and whether a refreshed one is still plausible beside the one in use."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from mic2025lab.catalog import vintages
from mic2025lab.catalog.entries import describe
from mic2025lab.catalog.loading import load
from mic2025lab.errors import TableError
from mic2025lab.findings import listing

if TYPE_CHECKING:
    import pandas as pd

    from mic2025lab.sources.table import Table

_SHOWN = 10

#: Columns of time: what is left of a key without them names a series.
TIME = ("year", "period", "month", "quarter", "date")
_PLACES = ("economy", "exporter", "importer", "partner", "province")
_KEPT, _JUMP, _NAMED = 0.9, 10.0, 5


@dataclass(frozen=True)
class Diff:
    """The difference between two vintages of a table; prints as text and renders in Jupyter.

    Attributes
    ----------
    name, old, new : str
        The table and the two vintages.
    rows : tuple of int
        The number of rows before and after.
    compared : int
        How many numbers are in rows that both have.
    added, removed : pandas.DataFrame
        The rows that only one of them has.
    changes : pandas.DataFrame
        One row for each number that differs: the key, `column`, `old`, `new`, and `change` (%), the largest first.
    labels : pandas.DataFrame
        The same for texts, such as units and flags.
    """

    name: str
    old: str
    new: str
    rows: tuple[int, int]
    compared: int
    added: pd.DataFrame = field(repr=False)
    removed: pd.DataFrame = field(repr=False)
    changes: pd.DataFrame = field(repr=False)
    labels: pd.DataFrame = field(repr=False)

    @property
    def same(self) -> bool:
        """Whether both have the same rows."""
        return not any(map(len, (self.added, self.removed, self.changes, self.labels)))

    def __str__(self) -> str:
        before, after = self.rows
        lines = [
            f"{self.name}: {self.old} ({before:,} rows) and {self.new} ({after:,} rows)",
            f"rows added      {len(self.added):,}{_extent(self.added)}",
            f"rows removed    {len(self.removed):,}{_extent(self.removed)}",
            f"changed values  {len(self.changes):,} of {self.compared:,}{self._missing()}",
        ]
        if len(self.labels):
            counts = (f"{column} {count:,}" for column, count in self.labels["column"].value_counts().items())
            lines.append(f"changed labels  {', '.join(counts)}")
        if len(self.changes):
            shown = self.changes.head(_SHOWN).to_string(
                index=False, float_format=lambda value: f"{value:.6g}", na_rep="missing"
            )
            lines += ["", "Largest changes:", shown]
        return "\n".join(lines)

    def _missing(self) -> str:
        gone, come = int(self.changes["new"].isna().sum()), int(self.changes["old"].isna().sum())
        return f" ({gone:,} now missing, {come:,} no longer missing)" if gone or come else ""

    def _repr_html_(self) -> str:
        import html

        head, _, _ = str(self).partition("\n\n")
        return f"<pre>{html.escape(head)}</pre>" + self.changes.head(_SHOWN).to_html(
            index=False, na_rep="missing"
        )


def diff(name: str, old: str, new: str) -> Diff:
    """Compare two vintages of a table, matched by its key.

    Parameters
    ----------
    name : str
        The table.
    old, new : str
        Vintages, of those that `describe(name).vintages` lists; `"embedded"` is the one that comes with the package.

    Returns
    -------
    Diff
        A value counts as changed if it is not exactly the same; a value that is missing in both is the same.

    Raises
    ------
    UnknownName
        If there is no such table or vintage.
    TableError
        If the vintages have no key in common.

    Examples
    --------
    >>> found = diff("national_accounts", "10.01", "11.0")
    >>> found.rows, len(found.added), len(found.removed)
    ((10399, 12691), 2292, 0)
    """
    table = describe(name, vintage=vintages.EMBEDDED)
    key = [column for column in table.key if column != table.vintage_column]
    frames = []
    for vintage in (old, new):
        frame = load(name, vintage=vintage).drop(columns=[table.vintage_column or ""], errors="ignore")
        if not set(key) <= set(frame) or frame.duplicated(key).any():
            raise TableError(
                f"{', '.join(key)} do not identify the rows of {name} {vintage!r}. Compare two vintages that have each key once."
            )
        frames.append(frame.set_index(key))
    before, after = frames
    both = before.index.intersection(after.index)
    measures = [column for column in before if column in after]
    kinds = {column: {before[column].dtype.kind, after[column].dtype.kind} for column in measures}
    changes = _changes(before.loc[both, measures], after.loc[both, measures], key)
    numbers = [column for column in measures if kinds[column] <= {"f", "i"}]
    of_numbers = changes["column"].isin(numbers)
    return Diff(
        name,
        old,
        new,
        (len(before), len(after)),
        len(both) * len(numbers),
        after.drop(both).reset_index(),
        before.drop(both).reset_index(),
        changes[of_numbers].reset_index(drop=True),
        changes[~of_numbers].reset_index(drop=True),
    )


def _changes(old: pd.DataFrame, new: pd.DataFrame, key: list[str]) -> pd.DataFrame:
    import pandas as pd

    changes = old.reset_index().melt(key, var_name="column", value_name="old")
    changes["new"] = new.reset_index().melt(key, value_name="new")["new"]
    same = (changes["old"] == changes["new"]) | (changes["old"].isna() & changes["new"].isna())
    changes = changes[~same].astype({"old": object, "new": object})
    ratio = pd.to_numeric(changes["new"], errors="coerce") / pd.to_numeric(changes["old"], errors="coerce")
    # What was halved has changed as much as what was doubled.
    size = ratio.abs().where(ratio.abs() >= 1, 1 / ratio.abs())
    order = size.sort_values(ascending=False, kind="stable").index
    return changes.assign(change=100 * (ratio - 1)).loc[order]


def _extent(frame: pd.DataFrame) -> str:
    if not len(frame) or "year" not in frame:
        return ""
    return f" ({frame['year'].min()} to {frame['year'].max()})"


def problems(table: Table, new: pd.DataFrame, old: pd.DataFrame) -> list[str]:
    """Return the reasons why a refreshed table is implausible; an empty list if there are none.

    A plausible table still has every economy (Taiwan too, if it was there) and at least 90% of the keys, in the same unit. In no
    series does the median value change by a factor of ten, as it would if thousands became millions. A table of several
    vintages is compared with the one whose keys it shares most.
    """
    keys = [name for name in table.key if table.vintage is None or name != table.vintage[0]]
    if table.vintage is not None:
        old = _nearest_vintage(table.vintage[0], new, old, keys)
    return [*_lost_places(new, old), *_lost_keys(keys, new, old), *_units_and_jumps(keys, new, old)]


def _nearest_vintage(column: str, new: pd.DataFrame, old: pd.DataFrame, keys: list[str]) -> pd.DataFrame:
    """Return the rows of the vintage whose keys the new rows share most."""
    known = new[keys].drop_duplicates()
    shared = {name: len(rows.merge(known, on=keys)) / len(rows) for name, rows in old.groupby(column)}
    return old[old[column] == max(shared, key=lambda name: shared[name])]


def _lost_places(new: pd.DataFrame, old: pd.DataFrame) -> Iterator[str]:
    for column in (name for name in _PLACES if name in old):
        lost = sorted(
            set(old[column].dropna()) - set(new[column].dropna()), key=lambda code: (code != "TWN", code)
        )
        if lost:
            yield f"{len(lost)} of {old[column].nunique()} in {column} are gone: {listing(lost, most=_NAMED)}"


def _lost_keys(keys: list[str], new: pd.DataFrame, old: pd.DataFrame) -> Iterator[str]:
    there = len(old[keys].merge(new[keys].drop_duplicates(), on=keys))
    if there < _KEPT * len(old):
        yield f"only {there:,} of {len(old):,} keys ({', '.join(keys)}) are still there"


def _units_and_jumps(keys: list[str], new: pd.DataFrame, old: pd.DataFrame) -> Iterator[str]:
    both = old.merge(new, on=keys, suffixes=("_old", "_new"))
    if "unit_old" in both:
        other = both[both["unit_old"] != both["unit_new"]]
        pairs = other[["unit_old", "unit_new"]].drop_duplicates().itertuples(index=False)
        yield from (f"the unit was {was} and is {now}" for was, now in list(pairs)[:_NAMED])
    series = [name for name in keys if name not in TIME]
    for column in (name for name in old if old[name].dtype == "float64" and name not in keys):
        was, now = both[f"{column}_old"].abs(), both[f"{column}_new"].abs()
        ratio = (now / was)[(was > 0) & (now > 0)]
        median = ratio.groupby([both.loc[ratio.index, name] for name in series]).median() if series else ratio
        jumped = median[(median >= _JUMP) | (median <= 1 / _JUMP)]
        if len(jumped):
            names = (" ".join(map(str, key if isinstance(key, tuple) else (key,))) for key in jumped.index)
            cases = [f"{name} x {factor:.3g}" for name, factor in zip(names, jumped, strict=True)]
            yield f"{len(jumped)} of {len(median)} series of {column} jump by a factor of ten: {listing(cases, most=_NAMED)}"
