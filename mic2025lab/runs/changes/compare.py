"""What differs between two runs: first what they found, then what they were made of."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal

from mic2025lab.errors import RunError
from mic2025lab.results import record
from mic2025lab.runs import manifest
from mic2025lab.runs.changes.tables import TableChange, compare_tables

Status = Literal["same", "changed", "added", "removed"]

#: The sha256, the vintages and the versions of a table.
_Source = tuple[str | None, tuple[str, ...], tuple[str, ...]]

#: Two numbers whose relative difference is no more than this differ by rounding: another processor, another build of a library.
ROUNDING = 1e-9


@dataclass(frozen=True)
class FigureChange:
    """A recorded figure in both runs.

    Attributes
    ----------
    name, unit : str
        As recorded; the unit of the later run, or of the one that has it.
    before, after : number, str, bool or None
        None also where the run has no such figure; `status` tells the two apart.
    absolute : float or None
        `after` − `before`, in the unit; None unless both are numbers of the same unit.
    relative : float or None
        `absolute` ÷ |`before`|, as a fraction; None also where `before` is 0.
    status : {"same", "changed", "added", "removed"}
        "changed" also if only what stands beside the value differs.
    also : tuple of str
        Which of `low`, `high`, `unit` and `note` differ.
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
class Change:
    """Anything that has a name and one value a run: a parameter, a library, the code, a sentence, a drawing."""

    name: str
    before: Any
    after: Any
    status: Status


@dataclass(frozen=True)
class DataChange:
    """A table of the catalogue (or a file of the user's own) that the runs were made from."""

    table: str
    status: Status
    sha_before: str | None
    sha_after: str | None
    vintages_before: tuple[str, ...] = ()
    vintages_after: tuple[str, ...] = ()
    versions_before: tuple[str, ...] = ()
    versions_after: tuple[str, ...] = ()


@dataclass(frozen=True)
class Side:
    """Which run it is."""

    analysis: str
    run_id: str
    started: str
    status: str


@dataclass(frozen=True)
class Inputs:
    """What a run was made of, against what another was made of."""

    parameters: tuple[Change, ...] = ()
    data: tuple[DataChange, ...] = ()
    code: tuple[Change, ...] = ()
    environment: tuple[Change, ...] = ()

    @property
    def differ(self) -> tuple[str, ...]:
        """The names of the groups in which something differs."""
        return tuple(
            name for name in ("parameters", "data", "code", "environment") if moved(getattr(self, name))
        )


@dataclass(frozen=True)
class Difference(Inputs):
    """What differs between two runs of one analysis; plain data, which `asdict` of `dataclasses` takes apart.

    Attributes
    ----------
    before, after : Side
        The two runs.
    figures : tuple of FigureChange
        Every figure that either has, those of the later run first, in the order in which it recorded them.
    tables : tuple of TableChange
        Every recorded table.
    findings : tuple of Change
        The sentences, only those that one of them does not have.
    drawings : tuple of Change
        The image files by their sha256.
    parameters, data, code, environment
        As in `Inputs`.
    """

    before: Side = field(kw_only=True)
    after: Side = field(kw_only=True)
    figures: tuple[FigureChange, ...] = field(kw_only=True)
    tables: tuple[TableChange, ...] = field(kw_only=True)
    findings: tuple[Change, ...] = field(kw_only=True)
    drawings: tuple[Change, ...] = field(kw_only=True)

    @property
    def changed(self) -> bool:
        """Whether a figure, a table or a sentence differs. That other data or code gave the same results is no change."""
        return bool(moved(self.figures) or moved(self.tables) or self.findings)

    @property
    def rounding(self) -> bool:
        """Whether all that differs is numbers with decimals, and those by no more than `ROUNDING`."""
        numbers = [
            change.relative
            for change in moved(self.figures)
            if isinstance(change.before, float) and isinstance(change.after, float) and not change.also
        ]
        return (
            self.changed
            and not self.findings
            and len(numbers) == len(moved(self.figures))
            and all(value is not None and abs(value) <= ROUNDING for value in numbers)
            and all(table.largest is not None and table.largest <= ROUNDING for table in moved(self.tables))
        )

    def summary(self) -> str:
        """Write it in lines for a reader: the results first, then what the runs were made of."""
        from mic2025lab.runs.changes.describe import summary

        return summary(self)

    def as_dict(self) -> dict[str, Any]:
        """Give it as JSON has it, with `changed` and `rounding`."""
        return {**asdict(self), "changed": self.changed, "rounding": self.rounding}


def moved(changes: Iterable[Any]) -> list[Any]:
    """Keep what is not the same in both."""
    return [change for change in changes if change.status != "same"]


def compare(a: str | Path, b: str | Path) -> Difference:
    """Compare two runs from their folders.

    Parameters
    ----------
    a, b : path
        The folders: the earlier run, the later run.

    Returns
    -------
    Difference
        `summary()` is its text, `changed` whether the results differ.

    Raises
    ------
    RunError
        If one of them cannot be read as a run, or they are runs of different analyses.
    """
    a, b = Path(a), Path(b)
    before, after = read(a), read(b)
    if before["analysis"] != after["analysis"]:
        raise RunError(
            f"{a.name} is a run of {before['analysis']} and {b.name} one of {after['analysis']}: "
            "they answer different questions; compare two runs of one analysis."
        )
    old, new = results(a), results(b)
    made = inputs(before, after)
    return Difference(
        parameters=made.parameters,
        data=made.data,
        code=made.code,
        environment=made.environment,
        before=_side(before),
        after=_side(after),
        figures=_figures(old, new),
        tables=compare_tables(a, old["tables"], b, new["tables"], _order(old, new, "tables")),
        findings=_sentences(old["finding"], new["finding"]),
        drawings=drawings(a, b),
    )


def read(folder: Path) -> dict[str, Any]:
    """Read the manifest of a run.

    Raises
    ------
    RunError
        If there is none, or it is not one.
    """
    return _json(folder, manifest.NAME, {"analysis", "run_id", "status", "parameters", "tables", "started"})


def results(folder: Path) -> dict[str, Any]:
    """Read what a run recorded.

    Raises
    ------
    RunError
        If there is no such file, or it is not one.
    """
    return _json(folder, record.RESULTS, {"finding", "figures", "tables", "images", "order"})


def inputs(before: Mapping[str, Any], after: Mapping[str, Any]) -> Inputs:
    """Compare what two manifests say the runs were made of."""
    return Inputs(
        parameters=_changes(before["parameters"], after["parameters"]),
        data=_data(before, after),
        code=_changes(_code(before), _code(after)),
        environment=_changes(_environment(before), _environment(after)),
    )


def drawings(a: Path, b: Path) -> tuple[Change, ...]:
    """Compare the files of figures by their bytes."""
    return _changes(_hashes(a), _hashes(b))


def _json(folder: Path, name: str, wanted: set[str]) -> dict[str, Any]:
    path = folder / name
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise RunError(f"{folder} is not the folder of a run: it has no {name}.") from None
    except (OSError, ValueError) as error:
        raise RunError(f"{path} cannot be read ({error}); make the run again with --force.") from error
    missing = wanted - set(content) if isinstance(content, dict) else wanted
    if missing:
        raise RunError(f"{path} has no {', '.join(sorted(missing))}; make the run again with --force.")
    return content


def _side(details: Mapping[str, Any]) -> Side:
    return Side(details["analysis"], details["run_id"], details["started"], details["status"])


def _order(old: Mapping[str, Any], new: Mapping[str, Any], kind: str) -> list[str]:
    return list(dict.fromkeys([*new["order"][kind], *old["order"][kind]]))


def _changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[Change, ...]:
    names = dict.fromkeys([*after, *before])
    return tuple(
        Change(name, before.get(name), after.get(name), _status(name, before, after)) for name in names
    )


def _status(name: str, before: Mapping[str, Any], after: Mapping[str, Any]) -> Status:
    if name not in before:
        return "added"
    if name not in after:
        return "removed"
    # 1 and True, or 1 and 1.0, are not written alike and are not the same.
    alike = type(before[name]) is type(after[name]) and before[name] == after[name]
    return "same" if alike else "changed"


def figure_change(
    name: str, before: Mapping[str, Any] | None, after: Mapping[str, Any] | None
) -> FigureChange:
    """Compare two entries of `figures`; None where a run has no such figure, though one of them must."""
    one, two = before or {}, after or {}
    unit = (two or one)["unit"]
    if not one or not two:
        status: Status = "removed" if one else "added"
        return FigureChange(name, unit, one.get("value"), two.get("value"), None, None, status)
    also = tuple(key for key in ("low", "high", "unit", "note") if one[key] != two[key])
    x, y = one["value"], two["value"]
    absolute = relative = None
    if one["unit"] == two["unit"] and _is_number(x) and _is_number(y):
        absolute = y - x
        relative = absolute / abs(x) if x else (None if absolute else 0.0)
    return FigureChange(name, unit, x, y, absolute, relative, "changed" if one != two else "same", also)


def _figures(old: Mapping[str, Any], new: Mapping[str, Any]) -> tuple[FigureChange, ...]:
    before, after = old["figures"], new["figures"]
    return tuple(
        figure_change(name, before.get(name), after.get(name)) for name in _order(old, new, "figures")
    )


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _sentences(old: list[str], new: list[str]) -> tuple[Change, ...]:
    gone = [Change("sentence", text, None, "removed") for text in old if text not in new]
    come = [Change("sentence", None, text, "added") for text in new if text not in old]
    return (*gone, *come)


def _data(before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[DataChange, ...]:
    one, two = _sources(before), _sources(after)
    absent: _Source = (None, (), ())
    changes = []
    for name in dict.fromkeys([*two, *one]):
        old, new = one.get(name, absent), two.get(name, absent)
        changes.append(
            DataChange(name, _status(name, one, two), old[0], new[0], old[1], new[1], old[2], new[2])
        )
    return tuple(changes)


def _sources(details: Mapping[str, Any]) -> dict[str, _Source]:
    tables: dict[str, _Source] = {
        name: (table["sha256"], tuple(table.get("vintages", ())), tuple(table.get("versions", ())))
        for name, table in details["tables"].items()
    }
    return tables | {name: (sha256, (), ()) for name, sha256 in details.get("files", {}).items()}


def _code(details: Mapping[str, Any]) -> dict[str, Any]:
    notebook, package = details.get("notebook", {}), details.get("package", {})
    return {"mic2025lab": (package.get("version"), package.get("sha256")), "notebook": notebook.get("sha256")}


def _environment(details: Mapping[str, Any]) -> dict[str, Any]:
    libraries = details.get("environment") or details.get("libraries", {})
    return {"python": details.get("python"), **libraries}


def _hashes(folder: Path) -> dict[str, str]:
    from hashlib import sha256

    return {
        path.relative_to(folder).as_posix(): sha256(path.read_bytes()).hexdigest()
        for path in sorted((folder / "figures").glob("*"))
        if path.is_file()
    }
