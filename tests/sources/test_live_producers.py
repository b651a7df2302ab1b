"""The producers: has one changed its interface, or a public original? Off by default; `pytest -m live tests/sources/test_live_producers.py`."""

import os

import pytest

from mic2025lab.catalog import fetching
from mic2025lab.sources import TABLES, live, originals
from mic2025lab.sources.fetch import locate


@pytest.mark.live
@pytest.mark.parametrize("name", sorted({interface.table for interface in live.INTERFACES}))
def test_a_producer_sends_what_its_table_is_made_of(name, tmp_path, monkeypatch):
    monkeypatch.setenv("MIC2025LAB_CACHE", str(tmp_path))
    if name == "ev_battery_imports" and not os.environ.get("COMTRADE_API_KEY"):
        pytest.skip("the public preview of UN Comtrade has fewer rows than this table; set COMTRADE_API_KEY")
    for result in fetching.fetch(name):
        assert result.rows > 0


@pytest.mark.live
@pytest.mark.parametrize("place", originals._listed())
def test_the_public_originals_of_a_raw_file_give_the_pinned_bytes(place, tmp_path):
    sources = (source for table in TABLES.values() for source, _ in table.inputs)
    source = next(source for source in sources if place.startswith(f"{source.id}/"))
    made = locate(source, place.removeprefix(f"{source.id}/"), mirror=tmp_path / "none", cache=tmp_path)
    assert made == tmp_path / place
