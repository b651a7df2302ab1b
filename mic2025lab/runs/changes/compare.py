"""What differs between two runs: results first, then inputs."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal

from mic2025lab.errors import RunError
from mic2025lab.results.run import Figure, Manifest, Results, Run

Status = Literal["same", "changed", "added", "removed"]

#: The largest relative difference that counts as rounding (another processor, another build of a library).
ROUNDING = 1e-9


@dataclass(frozen=True)
class FigureChange:
    """A recorded figure in both runs.

    Attributes
    ----------
    name, unit : str
        As recorded. The unit is that of the later run, if it has the figure.
    before, after : number, str, bool or None
        None also if the run has no such figure; see `status`.
    absolute : float or None
        `after` − `before`, in the unit. None unless both are numbers in the same unit.
    relative : float or None
        `absolute` ÷ |`before`|, as a fraction. None also if `before` is 0.
    status : {"same", "changed", "added", "removed"}
        "changed" also if only its interval, unit, or note differs.
    also : tuple of str
        Which of `low`, `high`, `unit`, and `note` differ.
    """

    name: str
    unit: str | None
    before: Any
    after: Any
    absolute: float | None
    relative: float | None
    status: Status
    also: tuple[str, ...] = ()


@dataclass(frozen=True)
class TableChange:
    """A recorded table in both runs.

    Rows are matched by the leftmost columns that identify the rows of both tables (text, or whole numbers such as years). If there are
    none, rows are matched by position. Cells are compared as written, with all digits.

    Attributes
    ----------
    name : str
        As recorded.
    status : {"same", "changed", "added", "removed"}
        "same" means the same bytes.
    rows_before, rows_after : int
        Rows. 0 if the run has no such table.
    key : tuple of str
        The columns that match rows. Empty if rows are matched by position.
    rows_added, rows_removed : int
        Rows without a match.
    columns_added, columns_removed : tuple of str
        Columns that only one of them has.
    cells, cells_changed : int
        Cells that both tables have, outside the key, and how many of them differ.
    largest : float or None
        The largest relative difference of two numbers. None if something other than numbers in matched rows differs.
    """

    name: str
    status: Status
    rows_before: int = 0
    rows_after: int = 0
    key: tuple[str, ...] = ()
    rows_added: int = 0
    rows_removed: int = 0
    columns_added: tuple[str, ...] = ()
    columns_removed: tuple[str, ...] = ()
    cells: int = 0
    cells_changed: int = 0
    largest: float | None = None


@dataclass(frozen=True)
class Change:
    """Something with a name and one value in each run: a parameter, a table, a library, the code, a sentence, an image.

    The value of a table of the catalog is a dict of `sha256`, `vintages`, and `versions`; that of a file of the user's own has `sha256`.
    """

    name: str
    before: Any
    after: Any
    status: Status


@dataclass(frozen=True)
class Inputs:
    """The inputs of two runs compared."""

    parameters: tuple[Change, ...] = ()
    data: tuple[Change, ...] = ()
    code: tuple[Change, ...] = ()
    environment: tuple[Change, ...] = ()

    @property
    def differ(self) -> tuple[str, ...]:
        """The groups of inputs in which something differs."""
        return tuple(
            name for name in ("parameters", "data", "code", "environment") if moved(getattr(self, name))
        )


@dataclass(frozen=True)
class Difference(Inputs):
    """What differs between two runs of one analysis. Plain data, which `dataclasses.asdict` converts.

    Attributes
    ----------
    before, after : dict
        The two runs: `analysis`, `run_id`, `started`, `status`.
    figures : tuple of FigureChange
        All figures of both runs, those of the later run first, in the order of recording.
    tables : tuple of TableChange
        All recorded tables.
    findings : tuple of Change
        The sentences that only one of them has.
    drawings : tuple of Change
        The image files, by sha256.
    parameters, data, code, environment
        As in `Inputs`.
    """

    before: dict[str, str] = field(kw_only=True)
    after: dict[str, str] = field(kw_only=True)
    figures: tuple[FigureChange, ...] = field(kw_only=True)
    tables: tuple[TableChange, ...] = field(kw_only=True)
    findings: tuple[Change, ...] = field(kw_only=True)
    drawings: tuple[Change, ...] = field(kw_only=True)

    @property
    def changed(self) -> bool:
        """Whether a figure, a table, or a sentence differs. Different inputs alone are not a change."""
        return bool(moved(self.figures) or moved(self.tables) or self.findings)

    @property
    def rounding(self) -> bool:
        """Whether only decimal numbers differ, by no more than `ROUNDING`."""
        sizes = [table.largest for table in moved(self.tables)]
        for change in moved(self.figures):
            decimal = isinstance(change.before, float) and isinstance(change.after, float) and not change.also
            sizes.append(change.relative if decimal else None)
        small = all(size is not None and abs(size) <= ROUNDING for size in sizes)
        return self.changed and not self.findings and small

    def as_dict(self) -> dict[str, Any]:
        """Return it as JSON has it, with `changed` and `rounding`."""
        return {**asdict(self), "changed": self.changed, "rounding": self.rounding}


def moved(changes: Iterable[Any]) -> list[Any]:
    """Return the changes whose status is not "same"."""
    return [change for change in changes if change.status != "same"]


def compare(a: str | Path | Run, b: str | Path | Run) -> Difference:
    """Compare two runs of one analysis.

    Parameters
    ----------
    a, b : path or Run
        The earlier run and the later run.

    Returns
    -------
    Difference
        `describe.summary` writes it as text; `changed` says whether the results differ.

    Raises
    ------
    RunError
        If one of them cannot be read as a run, or they are runs of different analyses.
    """
    before, after = Run.read(a), Run.read(b)
    if before.analysis != after.analysis:
        raise RunError(
            f"{before.folder.name} is a run of {before.analysis} and {after.folder.name} is a run of {after.analysis}. "
            "Compare two runs of the same analysis."
        )
    old, new = before.results, after.results
    return Difference(
        **vars(inputs(before.manifest, after.manifest)),
        before=_side(before),
        after=_side(after),
        figures=tuple(
            figure_change(name, old.figures.get(name), new.figures.get(name))
            for name in _names(old, new, "figures")
        ),
        tables=tuple(compare_table(name, before, after) for name in _names(old, new, "tables")),
        findings=_sentences(old.finding, new.finding),
        drawings=_changes(before.drawings(), after.drawings()),
    )


def inputs(before: Manifest, after: Manifest) -> Inputs:
    """Compare what two manifests say the runs were made of."""
    return Inputs(
        parameters=_changes(before.parameters, after.parameters),
        data=_changes(_sources(before), _sources(after)),
        code=_changes(_code(before), _code(after)),
        environment=_changes(_environment(before), _environment(after)),
    )


def figure_change(name: str, before: Figure | None, after: Figure | None) -> FigureChange:
    """Compare a recorded figure of two runs. At most one of them is None: the run has no such figure."""
    if after is None:
        assert before is not None
        return FigureChange(name, before.unit, before.value, None, None, None, "removed")
    if before is None:
        return FigureChange(name, after.unit, None, after.value, None, None, "added")
    parts = ("low", "high", "unit", "note")
    also = tuple(part for part in parts if getattr(before, part) != getattr(after, part))
    x, y = before.value, after.value
    absolute = relative = None
    if before.unit == after.unit and _is_number(x) and _is_number(y):
        absolute = y - x  # type: ignore[operator]
        relative = absolute / abs(x) if x else (None if absolute else 0.0)  # type: ignore[arg-type,operator]
    status: Status = "changed" if before != after else "same"
    return FigureChange(name, after.unit, x, y, absolute, relative, status, also)


def _side(run: Run) -> dict[str, str]:
    said = {"analysis": run.analysis, "run_id": run.run_id, "started": run.started}
    return {**said, "status": run.manifest.status}


def _names(old: Results, new: Results, kind: str) -> list[str]:
    """Return the names of either run, those of the later run first."""
    return list(dict.fromkeys([*getattr(new.order, kind), *getattr(old.order, kind)]))


def _changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[Change, ...]:
    changes = []
    for name in dict.fromkeys([*after, *before]):
        old, new = before.get(name), after.get(name)
        # 1 and True, or 1 and 1.0, are written differently and are not the same.
        status: Status = "same" if type(old) is type(new) and old == new else "changed"
        if name not in before or name not in after:
            status = "added" if name in after else "removed"
        changes.append(Change(name, old, new, status))
    return tuple(changes)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _sentences(old: Sequence[str], new: Sequence[str]) -> tuple[Change, ...]:
    removed = [Change("sentence", text, None, "removed") for text in old if text not in new]
    added = [Change("sentence", None, text, "added") for text in new if text not in old]
    return (*removed, *added)


def _sources(manifest: Manifest) -> dict[str, dict[str, Any]]:
    tables = {}
    for name, table in manifest.tables.items():
        base = name.partition("@")[0]  # a fetched vintage in place of the table is a change of the table
        shown = name if base in manifest.tables else base
        tables[shown] = table.model_dump(include={"sha256", "vintages", "versions"})
    return tables | {name: {"sha256": digest} for name, digest in manifest.files.items()}


def _code(manifest: Manifest) -> dict[str, str | None]:
    package = manifest.package
    return {"mic2025lab": f"{package.version} {package.sha256}", "notebook": manifest.notebook.sha256}


def _environment(manifest: Manifest) -> dict[str, Any]:
    return {"python": manifest.python, **(manifest.environment or manifest.libraries)}


def compare_table(name: str, before: Run, after: Run) -> TableChange:
    """Compare a recorded table of two runs."""
    one, two = before.results.tables.get(name), after.results.tables.get(name)
    if one is None:
        assert two is not None
        return TableChange(name, "added", rows_after=two.rows, columns_added=tuple(two.columns))
    if two is None:
        return TableChange(name, "removed", rows_before=one.rows, columns_removed=tuple(one.columns))
    old, new = before.folder / one.file, after.folder / two.file
    try:
        if old.read_bytes() == new.read_bytes():  # nearly all are the same, and need not be parsed
            cells = one.rows * len(one.columns)
            return TableChange(name, "same", one.rows, one.rows, cells=cells, largest=0.0)
        import pandas as pd

        frames = [pd.read_csv(path, dtype=str, keep_default_na=False) for path in (old, new)]
    except (OSError, ValueError) as error:
        raise RunError(
            f"Table {name!r} of a run cannot be read: {error}. Run it again with --force."
        ) from error
    return _changed(name, *frames)


def _changed(name: str, one: Any, two: Any) -> TableChange:
    shared = [column for column in two.columns if column in one.columns]
    key = _key(one, two, shared)
    compared = [column for column in shared if column not in key]
    if key:
        left, right = one.set_index(key), two.set_index(key)
        both = right.index[right.index.isin(left.index)]
        left, right = left.loc[both, compared], right.loc[both, compared]
    else:
        matched = min(len(one), len(two))
        left, right = one.loc[: matched - 1, compared], two.loc[: matched - 1, compared]
    differs = left.to_numpy() != right.to_numpy()
    pairs = list(zip(left.to_numpy()[differs], right.to_numpy()[differs], strict=True))
    added, removed = len(two) - len(right), len(one) - len(left)
    only_cells = not added and not removed and list(one.columns) == list(two.columns)
    new, gone = (tuple(c for c in each.columns if c not in shared) for each in (two, one))
    largest = _largest(pairs) if only_cells and pairs else None
    rows = len(one), len(two), tuple(key), added, removed
    return TableChange(name, "changed", *rows, new, gone, differs.size, len(pairs), largest)


def _key(one: Any, two: Any, shared: Sequence[str]) -> list[str]:
    """Find the leftmost columns that identify the rows of both tables. Decimal numbers do not identify."""
    key: list[str] = []
    for column in shared[:-1]:  # the last column is left to compare
        if any(_is_measure(frame[column]) for frame in (one, two)):
            continue
        key.append(column)
        if not one.duplicated(key).any() and not two.duplicated(key).any():
            return key
    return []


def _is_measure(column: Any) -> bool:
    return bool(column.str.fullmatch(r"[-+]?\d*\.\d+(e[-+]?\d+)?|[-+]?\d+e[-+]?\d+|", case=False).any())


def _largest(pairs: Sequence[tuple[str, str]]) -> float | None:
    """Return the largest relative difference of pairs of numbers, or None if one is not a number."""
    try:
        numbers = [(float(before), float(after)) for before, after in pairs]
    except ValueError:
        return None
    if not all(math.isfinite(x) and math.isfinite(y) for x, y in numbers):
        return None
    return max(abs(y - x) / max(abs(x), abs(y), 1e-300) for x, y in numbers)
