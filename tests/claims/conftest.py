"""A folder of reports with runs that recorded what a test says they did."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from mic2025lab import catalog

Record = Callable[..., Path]


@pytest.fixture
def reports(tmp_path: Path) -> Path:
    return tmp_path / "reports"


@pytest.fixture
def record(reports: Path) -> Record:
    """Write a run: figures are name -> value or (value, low, high), or a mapping as `results.json` has it."""
    made = 0

    def write(
        analysis: str,
        figures: dict[str, Any],
        *,
        changed: dict[str, Any] | None = None,
        status: str = "done",
        tables: dict[str, str] | None = None,
        ended: str | None = None,
    ) -> Path:
        nonlocal made
        made += 1
        folder = reports / "runs" / analysis / f"{made:012x}"
        folder.mkdir(parents=True)
        entries = {name: entry(value) for name, value in figures.items()}
        (folder / "results.json").write_text(json.dumps({"figures": entries}), encoding="utf-8")
        details = {
            "analysis": analysis,
            "status": status,
            "ended": ended or f"2026-01-01T00:00:{made:02d}+00:00",
            "parameters": changed or {},
            "changed": changed or {},
            "tables": {name: {"sha256": digest} for name, digest in (tables or {}).items()},
        }
        (folder / "run.json").write_text(json.dumps(details), encoding="utf-8")
        return folder

    return write


def entry(value: Any) -> dict[str, Any]:
    if isinstance(value, dict):
        return {"value": None, "low": None, "high": None, "unit": None, "note": None, **value}
    number, low, high = value if isinstance(value, tuple) else (value, None, None)
    return {"value": number, "low": low, "high": high, "unit": "points", "note": None}


@pytest.fixture
def today() -> Callable[[str], dict[str, str]]:
    """The digest of a table as the catalogue has it."""
    return lambda name: {name: catalog.digest(name)}
