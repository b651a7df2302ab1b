"""A folder of reports with runs that recorded what a test says they did."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

Record = Callable[..., Path]


@pytest.fixture
def reports(tmp_path):
    return tmp_path / "reports"


@pytest.fixture
def record(reports, write_run):
    """Write a run: figures are name -> value or [value, low, high], or a mapping as `results.json` has it; sources name -> sha256."""
    made = 0

    def write(analysis, figures, *, changed=None, sources=None, **given):
        nonlocal made
        made += 1
        given.setdefault("ended", f"2026-01-01T00:00:{made:02d}+00:00")
        return write_run(
            reports,
            f"{made:012x}",
            analysis=analysis,
            figures={name: entry(value) for name, value in figures.items()},
            parameters=changed or {},
            changed=changed or {},
            sources={name: {"sha256": digest} for name, digest in (sources or {}).items()},
            **given,
        )

    return write


def entry(value):
    if isinstance(value, dict):
        return value
    number, low, high = value if isinstance(value, tuple | list) else (value, None, None)
    return {"value": number, "low": low, "high": high, "unit": "points"}


@pytest.fixture(scope="session")
def stored(root, tmp_path_factory, write_run):
    """The stored values of the notebooks, which another test compares with new runs, as if they had been run today.

    Notes are not stored, so a figure that its note calls unverified counts here.
    """
    reports = tmp_path_factory.mktemp("stored")
    paths = sorted((root / "tests/notebooks/values").glob("*.json"))
    values = (json.loads(path.read_text("utf-8")) for path in paths)
    for made, (label, run) in enumerate(pair for each in values for pair in each.items()):
        analysis, *words = label.split(" ", 1)
        changed = dict(parameters(words[0] if words else ""))
        write_run(
            reports, f"{made:012x}", analysis=analysis, sources={}, parameters=changed, changed=changed, figures=run["figures"],
            tables=run["tables"],
        )  # fmt: skip
    return reports


def parameters(words):
    """Read `economy=USA comparators=['CHN', 'JPN']` as `compare.py` writes it."""
    for word in words.replace("', '", "','").split():
        name, _, value = word.partition("=")
        yield name, yaml.safe_load(value)
