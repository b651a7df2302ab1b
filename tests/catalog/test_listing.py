"""Lists to look something up in: every table and what can be done to have it, and texts that are not cut."""

import html

import pytest

import mic2025lab as lab
from mic2025lab import catalog
from mic2025lab.classifications import economies, industries, sectors
from mic2025lab.errors import LabError
from mic2025lab.sources import TABLES


def test_every_table_is_listed_with_where_it_is_and_how_to_get_it(own_cache):
    tables = lab.datasets().set_index("name")
    assert set(tables.index) >= {*TABLES, "baci"}
    here = tables["where"] != "not here"
    assert set(tables.index[here]) >= {name for name, table in TABLES.items() if table.embedded}
    assert tables.loc[here, "rows"].min() > 0
    assert tables.loc[~here, "get"].str.startswith("mic2025lab data ").all()
    # A file without a public address is named, because the command alone would fail.
    assert "chips-trade-2012-2024/" in tables.loc["chip_trade", "get"]
    assert tables.loc["robots", "get"] == "mic2025lab data build robots"


def test_a_raw_file_that_is_there_need_not_be_brought(own_cache, monkeypatch, tmp_path):
    source, (path, *_) = TABLES["chip_trade"].inputs[0]
    monkeypatch.setenv("MIC2025LAB_MIRROR", str(tmp_path))
    assert path in catalog.describe("chip_trade").get
    (tmp_path / source.id / path).parent.mkdir(parents=True)
    (tmp_path / source.id / path).touch()
    assert catalog.describe("chip_trade").get == "mic2025lab data build chip_trade"


@pytest.mark.parametrize("name", ["chip_trade", "baci"])
def test_a_table_that_is_not_here_is_described_and_not_loaded(name, own_cache):
    entry = lab.describe(name)
    assert entry.where == "not here"
    for text in (str(entry), entry._repr_html_()):
        assert entry.title in text
        assert entry.get.split(",")[0] in text
        assert "value" in text
        assert "sha256" not in text
    for ask in (catalog.load, catalog.digest):
        with pytest.raises(LabError, match=f"mic2025lab data .*{name}"):
            ask(name)


@pytest.mark.parametrize("columns", [60, 100, 200])
def test_no_text_is_cut(columns, monkeypatch):
    monkeypatch.setenv("COLUMNS", str(columns))
    tables = lab.datasets()
    page, text = tables._repr_html_(), " ".join(repr(tables).split())
    for row in tables.to_dict("records"):
        assert row["name"] in text
        assert f'<td style="text-align:left;vertical-align:top">{row["name"]}</td>' in page
        assert row["title"].replace("&", "&amp;").replace("<", "&lt;") in page
    longest = max(tables["title"], key=len)
    assert all(word in text for word in longest.split())
    assert max(map(len, repr(tables[["name", "title"]]).splitlines())) <= columns
    assert "…" not in page + text
    assert "..." not in page + text


def test_lists_of_codes():
    assert tuple(lab.sectors()["sector"]) == sectors.slugs()
    assert set(lab.economies()["economy"]) >= {*economies.ECONOMIES, "WLD", "EU27"}
    found = lab.industries()
    assert not found.duplicated(["industry", "table"]).any()
    for table, names in (
        ("value_added", industries.VALUE_ADDED),
        ("capacity_utilization", industries.CAPACITY),
    ):
        codes = found.loc[found["table"] == table, "industry"]
        assert set(codes) == set(names)
        assert set(codes) <= set(lab.load(table)["industry"])


def test_the_table_of_claims_is_not_cut(tmp_path):
    found = lab.claims(tmp_path)
    page = found._repr_html_()
    assert len(found) == 16
    for claim in lab.claims.ledger.read():
        assert html.escape(claim.sentence, quote=False) in page
        assert claim.sentence.split()[-1] in repr(found)


def test_an_index_with_a_name_is_shown_and_what_pandas_makes_is_shown_in_full_too():
    named = lab.sectors().set_index("sector")[["name"]].sort_values("name").head(3)
    assert named.index[0] in repr(named)
    assert named.index[0] in named._repr_html_()
    assert repr(lab.sectors().query("number < 3")[["sector", "number"]]).splitlines()[0].split() == [
        "sector",
        "number",
    ]
    assert repr(lab.sectors().iloc[:0]).split() == list(lab.sectors().columns)
