"""A folder of reports with runs that recorded what a test says they did."""

from __future__ import annotations

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
def record(reports: Path, write_run: Callable[..., Path]) -> Record:
    """Write a run: figures are name -> value or (value, low, high), or a mapping as `results.json` has it."""
    made = 0

    def write(
        analysis: str,
        figures: dict[str, Any],
        *,
        changed: dict[str, Any] | None = None,
        tables: dict[str, str] | None = None,
        **given: Any,
    ) -> Path:
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
            sources={name: {"sha256": digest} for name, digest in (tables or {}).items()},
            **given,
        )

    return write


def entry(value: Any) -> dict[str, Any]:
    if isinstance(value, dict):
        return value
    number, low, high = value if isinstance(value, tuple) else (value, None, None)
    return {"value": number, "low": low, "high": high, "unit": "points"}


@pytest.fixture
def today() -> Callable[[str], dict[str, str]]:
    """The digest of a table as the catalogue has it."""
    return lambda name: {name: catalog.digest(name)}
