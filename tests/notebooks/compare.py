"""Compare what runs recorded: every figure and every table, by analysis and parameters.

    python tests/notebooks/compare.py BEFORE AFTER [ANALYSIS …]
    python tests/notebooks/compare.py --store REPORTS…

BEFORE and AFTER are folders of reports (they hold `runs/`), or the folder of stored values, `tests/notebooks/values`. Sentences,
notes, captions, and images are not compared: they may be rewritten. Numbers in tables are compared as numbers. Every difference
is printed, and the exit status is 1 if there is one. `--store` writes the stored values anew from folders of reports; do that only
after every difference from the last stored values has been explained.
"""

import io
import json
import re
import sys
from pathlib import Path

import pandas as pd
import pytest

FIELDS = ("value", "low", "high", "unit")


#: The place of a run in a table; its id changes with every edit of the package.
_RUN = re.compile(r"runs/(\w+)/[0-9a-f]{12}")

VALUES = Path(__file__).with_name("values")


def label(analysis, changed):
    """Name a run by its parameters that are not defaults: "analysis name=value …"."""
    return " ".join([analysis, *(f"{name}={value}" for name, value in sorted(changed.items()))])


def values(results, folder):
    """Return the figures, and the tables as CSV, of `results.json` in a folder."""
    return {
        "figures": {
            name: {field: one[field] for field in FIELDS} for name, one in results["figures"].items()
        },
        "tables": {
            name: _RUN.sub("runs/\\1/…", (folder / one["file"]).read_text(encoding="utf-8"))
            for name, one in results["tables"].items()
        },
    }


def recorded(folder, analyses=None):
    """Read what good runs recorded: "analysis name=value …" (parameters that are not defaults) -> figures, and tables as CSV."""
    found = {}
    for path in sorted(() if (folder / "runs").is_dir() else folder.glob("*.json")):  # stored values
        if not analyses or path.stem in analyses:
            found |= json.loads(path.read_text(encoding="utf-8"))
    for manifest in sorted((folder / "runs").glob("*/*/run.json")):
        details = json.loads(manifest.read_text(encoding="utf-8"))
        if details["status"] != "done" or (analyses and details["analysis"] not in analyses):
            continue
        results = json.loads((manifest.parent / "results.json").read_text(encoding="utf-8"))
        found[label(details["analysis"], details["changed"])] = values(results, manifest.parent)
    return found


def store(folders):
    """Write the stored values, one file an analysis."""
    found = {label: run for folder in folders for label, run in recorded(folder).items()}
    VALUES.mkdir(exist_ok=True)
    for name in sorted({label.split()[0] for label in found}):
        runs = {label: run for label, run in sorted(found.items()) if label.split()[0] == name}
        (VALUES / f"{name}.json").write_text(
            json.dumps(runs, indent=1, ensure_ascii=False, sort_keys=True) + "\n", encoding="utf-8"
        )


def _figure_differences(before, after):
    return [
        f"{field} {before[field]!r} -> {after[field]!r}"
        for field in FIELDS
        if before[field] != after[field] and before[field] != pytest.approx(after[field], rel=1e-9, abs=1e-12)
    ]


def _table_differences(before, after):
    old, new = (pd.read_csv(io.StringIO(text)) for text in (before, after))
    try:
        pd.testing.assert_frame_equal(old, new, check_dtype=False, rtol=1e-9, atol=1e-12)
    except AssertionError as error:
        return [" ".join(str(error).split())]
    return []


def differences(old, new):
    """List how the figures and tables of two runs differ; numbers are equal up to a relative tolerance."""
    lines = []
    for kind, compared in (("figures", _figure_differences), ("tables", _table_differences)):
        for name in old[kind] | new[kind]:
            before, after = (run[kind].get(name) for run in (old, new))
            if before is None or after is None:
                lines.append(f"{kind[:-1]} {name}: only {'after' if before is None else 'before'}")
            else:
                lines += [f"{kind[:-1]} {name}: {line}" for line in compared(before, after)]
    return lines


def main(arguments):
    if arguments[0] == "--store":
        store([Path(folder) for folder in arguments[1:]])
        return 0
    before, after = (recorded(Path(folder), arguments[2:]) for folder in arguments[:2])
    bad = 0
    for label in [*before, *(label for label in after if label not in before)]:
        if label not in before or label not in after:
            found = [f"only {'before' if label in before else 'after'}"]
        else:
            found = differences(before[label], after[label])
        run = before.get(label) or after[label]
        print(
            f"{'differs' if found else 'same   '}  {label} ({len(run['figures'])} figures, {len(run['tables'])} tables)"
        )
        for line in found:
            print(f"         {line}")
        bad += bool(found)
    print(f"{len(before)} runs before, {len(after)} after, {bad} differ")
    return int(bad > 0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
