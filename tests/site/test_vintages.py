"""The page of a fetched vintage that a report used: what changed since the vintage in the package."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from mic2025lab import catalog
from mic2025lab.catalog.build import keep_vintage
from mic2025lab.site.build import build_site


def test_a_vintage_that_a_report_used_has_a_page_of_what_changed(
    make_run: Callable[..., Path],
    read: Callable[[Path], Any],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("MIC2025LAB_CACHE", str(tmp_path / "cache"))
    steel = catalog.load("steel")
    there = (steel["economy"] == "CHN") & (steel["year"] == 2015)
    newer = steel.assign(value=steel["value"].mask(there, 812_345.0))
    keep_vintage("steel", newer, "ws-2026", catalog.describe("steel").origins)
    used = {"title": "Steel", "sha256": catalog.digest("steel@ws-2026"), "license": ["CC0"]}
    gone = {**used, "sha256": "0" * 64}
    make_run(tmp_path / "reports", "0" * 12, sources={"steel@ws-2026": used, "steel@ws-2020": gone})
    build_site(tmp_path / "reports")
    assert "vintages/steel.ws-2026.html" in read(tmp_path / "reports" / "data.html").links
    page = read(tmp_path / "reports" / "vintages" / "steel.ws-2026.html").text
    assert "Changed values 1 of 1,794" in page
    assert "2015 CHN value 803,825 812,345" in " ".join(page.split())
    assert [path.name for path in (tmp_path / "reports" / "vintages").iterdir()] == ["steel.ws-2026.html"]
