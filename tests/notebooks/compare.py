"""Compare what the runs in two folders of reports recorded: every figure and every table, by analysis and parameters.

    python tests/notebooks/compare.py BEFORE AFTER [ANALYSIS …]

Each argument is a folder of reports (it holds `runs/`). Sentences, notes, captions, and images are not compared: they may be
rewritten. Numbers in tables are compared as numbers, so that a column may change its type but not its values. Columns may be
renamed only if the script is told so on purpose: a difference is printed and the exit status is 1.
"""

from __future__ import annotations

import io
import json
import math
import sys
from pathlib import Path
from typing import Any

import pandas as pd

FIELDS = ("value", "low", "high", "unit")


def recorded(reports: Path, analyses: list[str]) -> dict[str, tuple[Path, dict[str, Any]]]:
    """Find the good runs: "analysis name=value …" (parameters that are not defaults) -> folder and results."""
    found = {}
    for manifest in sorted((reports / "runs").glob("*/*/run.json")):
        details = json.loads(manifest.read_text(encoding="utf-8"))
        if details["status"] != "done" or (analyses and details["analysis"] not in analyses):
            continue
        changed = " ".join(f"{name}={value}" for name, value in sorted(details["changed"].items()))
        results = json.loads((manifest.parent / "results.json").read_text(encoding="utf-8"))
        found[f"{details['analysis']} {changed}".strip()] = (manifest.parent, results)
    return found


def same(before: Any, after: Any, tolerance: float = 1e-9) -> bool:
    """Return True if two values are equal, numbers up to a relative tolerance."""
    if isinstance(before, int | float) and isinstance(after, int | float):
        return math.isclose(before, after, rel_tol=tolerance, abs_tol=1e-12) or (before != before and after != after)
    return before == after


def table_differences(before: str, after: str) -> list[str]:
    """List how two CSV tables differ: columns, rows, and the first cell of each column that is not the same."""
    old, new = (pd.read_csv(io.StringIO(text)) for text in (before, after))
    lines = []
    if list(old.columns) != list(new.columns):
        lines.append(f"columns {list(old.columns)} -> {list(new.columns)}")
    if len(old) != len(new):
        return [*lines, f"{len(old)} -> {len(new)} rows"]
    for name in [column for column in old.columns if column in new.columns]:
        pairs = zip(old[name].tolist(), new[name].tolist(), strict=True)
        wrong = [(row, a, b) for row, (a, b) in enumerate(pairs) if not same(a, b) and not (pd.isna(a) and pd.isna(b))]
        if wrong:
            row, a, b = wrong[0]
            lines.append(f"column {name!r}: {len(wrong)} cells, first in row {row}: {a!r} -> {b!r}")
    return lines


def differences(before: tuple[Path, dict[str, Any]], after: tuple[Path, dict[str, Any]]) -> list[str]:
    """List how the figures and tables of two runs differ."""
    (old_folder, old), (new_folder, new) = before, after
    lines = []
    for kind in ("figures", "tables"):
        lines += [f"{kind[:-1]} {name}: only before" for name in old[kind] if name not in new[kind]]
        lines += [f"{kind[:-1]} {name}: only after" for name in new[kind] if name not in old[kind]]
    for name in [name for name in old["figures"] if name in new["figures"]]:
        for field in FIELDS:
            a, b = old["figures"][name][field], new["figures"][name][field]
            if not same(a, b):
                lines.append(f"figure {name}: {field} {a!r} -> {b!r}")
    for name in [name for name in old["tables"] if name in new["tables"]]:
        texts = [(folder / f"tables/{name}.csv").read_text(encoding="utf-8") for folder in (old_folder, new_folder)]
        lines += [f"table {name}: {line}" for line in table_differences(*texts)]
    return lines


def main(arguments: list[str]) -> int:
    before, after = (recorded(Path(folder), arguments[2:]) for folder in arguments[:2])
    bad = 0
    for label in [*before, *(label for label in after if label not in before)]:
        if label not in before or label not in after:
            found = [f"only {'before' if label in before else 'after'}"]
        else:
            found = differences(before[label], after[label])
        figures = len(before[label][1]["figures"]) if label in before else 0
        tables = len(before[label][1]["tables"]) if label in before else 0
        print(f"{'differs' if found else 'same   '}  {label} ({figures} figures, {tables} tables)")
        for line in found:
            print(f"         {line}")
        bad += bool(found)
    print(f"{len(before)} runs before, {len(after)} after, {bad} differ")
    return int(bad > 0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
