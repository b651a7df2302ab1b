"""The producers themselves: has one changed its interface? Off by default; `pytest -m live tests/sources/test_live_producers.py`."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from mic2025lab.catalog import fetching
from mic2025lab.sources import live


@pytest.mark.live
@pytest.mark.parametrize("name", sorted({interface.table for interface in live.INTERFACES}))
def test_a_producer_sends_what_its_table_is_made_of(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MIC2025LAB_CACHE", str(tmp_path))
    if name == "ev_battery_imports" and not os.environ.get("COMTRADE_API_KEY"):
        pytest.skip("the public preview of UN Comtrade has fewer rows than this table; set COMTRADE_API_KEY")
    for result in fetching.fetch(name):
        assert result.rows > 0
