"""Raw files made of originals: the very bytes that are pinned, or a message and nothing.

With MIC2025LAB_MIRROR, the originals of every raw file are written again from it in the layout of the producer's file (those of the
BGS, the USGS, and NREL are themselves in the mirror), and converted.
"""

import csv
import gzip
import hashlib
import io
import os
import re
import tomllib
from pathlib import Path

import pandas as pd
import pytest

from mic2025lab.errors import SourceError
from mic2025lab.sources import TABLES, originals
from mic2025lab.sources.fetch import can_get, locate
from mic2025lab.sources.source import Source

MADE = b"a,b\n01,2\n"
SOURCE = Source(
    *("src", "P", "T", "1", "https://example.org", "L", "yes", "C", "2026-11-24"),
    {"made.csv.gz": hashlib.sha256(gzip.compress(MADE, 9, mtime=0)).hexdigest()},
)
LISTED = {
    "src/made.csv.gz": {
        "repository": "owner/name",
        "commit": "0" * 40,
        "files": ["in a/folder.csv"],
        "convert": "as_text",
        "options": {"sep": ";", "digits": {"a": 2}},
    }
}


@pytest.fixture
def place(tmp_path, monkeypatch):
    """The place of the original, in an empty cache without a network."""
    monkeypatch.setattr(originals, "_listed", lambda: LISTED)
    for name, value in {"MIC2025LAB_OFFLINE": "1", "MIC2025LAB_CACHE": str(tmp_path)}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("MIC2025LAB_MIRROR", raising=False)
    (tmp_path / "src" / "originals" / "in a").mkdir(parents=True)
    return tmp_path / "src" / "originals" / "in a" / "folder.csv"


def test_a_raw_file_is_made_of_an_original_that_the_user_brings(place, tmp_path):
    place.write_bytes(b"a;empty;b\r\n1;;2\r\n")
    assert can_get(SOURCE, "made.csv.gz")
    made = locate(SOURCE, "made.csv.gz")
    assert made == tmp_path / "src" / "made.csv.gz"
    assert gzip.decompress(made.read_bytes()) == MADE
    place.unlink()
    assert locate(SOURCE, "made.csv.gz") == made


@pytest.mark.parametrize("body", [b"a;b\n1;3\n", b"<html>", b"", b"\xff\xfe", b"b;c\n1;2\n"])
def test_another_original_is_refused_and_nothing_is_made(place, tmp_path, body):
    place.write_bytes(body)
    with pytest.raises(SourceError) as error:
        locate(SOURCE, "made.csv.gz")
    for words in ("src/made.csv.gz", str(tmp_path / "src" / "originals"), "owner/name", "in%20a/folder.csv"):
        assert words in str(error.value)
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == [place]


def test_an_original_that_is_not_here_is_asked_for_at_its_address(place):
    address = f"https://raw.githubusercontent.com/owner/name/{'0' * 40}/in%20a/folder.csv"
    with pytest.raises(SourceError, match="MIC2025LAB_OFFLINE") as error:
        locate(SOURCE, "made.csv.gz")
    assert address in str(error.value)
    assert str(place) in str(error.value)


FILES = {
    f"{source.id}/{path}": source
    for table in TABLES.values()
    for source, paths in table.inputs
    for path in paths
}
MIRROR = Path(os.environ.get("MIC2025LAB_MIRROR", "missing"))


def test_originals_are_of_files_that_have_no_address_of_their_own():
    for place, about in originals._listed().items():
        source = FILES[place]
        assert place.removeprefix(f"{source.id}/") not in source.urls
        assert about["commit"] in str(source.made_from)


COLUMNS = tomllib.loads(Path(__file__).with_name("original_columns.toml").read_text(encoding="utf-8"))


def _csv(frame, **options):
    return frame.to_csv(index=False, **options).encode(options.get("encoding", "utf-8"))


def _series(frame, name):
    """A series with all years, and a missing value."""
    rows = frame[frame["indicator"] == name.split("/")[1].upper()]
    rows = pd.concat([rows.head(1).assign(year="1960"), rows.head(1).assign(value=""), rows])
    columns = {"Country Name": "Name, " + rows["iso3"], "Country Code": rows["iso3"]}
    return _csv(pd.DataFrame(columns | {"Year": rows["year"], "Value": rows["value"]}))


def _wide(frame, name):
    wide = frame.pivot(index=["country", "iso3"], columns="year", values=frame.columns[-1]).fillna("")
    first = frame[["country", "iso3"]].drop_duplicates()
    wide = wide.reindex(list(first.itertuples(index=False, name=None))).reset_index()
    wide = wide.rename(columns={"country": "Country Name", "iso3": "Country Code"})
    wide.insert(2, "Indicator Name", "Manufacturing, value added (current US$)")
    return _csv(wide)


def _of_wto(frame, name):
    """An extract in any order; the two of imports overlap."""
    if name.startswith("Wto"):
        frame = frame.assign(Indicator=frame["Indicator"].str.replace(" - ", " \u2013 "))
        early = name == "WtoData2002.csv"
        frame = frame[(frame["Year"] != "2023") if early else (frame["Year"] > "2010")].sample(
            frac=1, random_state=1
        )
    return _csv(
        frame.reindex(columns=COLUMNS["wto"], fill_value=""), quoting=csv.QUOTE_ALL, encoding="cp1252"
    )


def _script(frame):
    keys = ["country", "period", "dataset", "source_url"]
    parts = ["// Data sets", '"use strict";']
    for (country, period, kind, address), rows in frame.groupby(keys, sort=False):
        sales = "\n, ".join(f'"{name}": {units}' for name, units in rows[["model_or_brand", "units"]].values)
        parts.append(
            f'db.insert(db.countries.{country}, "{period}", db.dsTypes.{kind}, "{address}",\n{{ {sales}\n}});'
        )
    return "\n\n".join([*parts, ""]).encode()


def _workbook(frame, sheet):
    with io.BytesIO() as stream:
        with pd.ExcelWriter(stream) as book:
            frame.head(1).to_excel(book, sheet_name="Notes")
            frame.to_excel(book, sheet_name=sheet, index=False)
        return stream.getvalue()


def _levels(frame, name):
    """With rows that have no level, and another column."""
    without = frame.head(3).assign(**dict.fromkeys(frame.columns[3:], ""))
    return _csv(pd.concat([frame, without]).assign(hc="1"))


def _tariffs(frame, name):
    return _csv(frame.assign(hs_8digit=frame["hs_8digit"].str.lstrip("0"), empty=""), sep=";")


def _downloads(frame, name):
    return _csv(frame.reindex(columns=COLUMNS["comtrade"], fill_value=""), lineterminator="\r\n")


def _sales(frame, name):
    return _script(frame[frame["country"] == re.search(r"data-(\w+)", name)[1]])


#: What a source's name begins with -> how its producer writes the rows of the raw file.
LAYOUTS = {
    **{"wdi-manufacturing-va": _wide, "wdi": _series, "wto": _of_wto, "comtrade": _downloads, "pwt": _levels},
    **{"oec": lambda frame, name: _csv(frame, sep="|"), "gta": _tariffs, "open-ev": _sales},
}


def _content(path):
    return gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()


def written_again(place, name):
    """Return an original in the layout of its producer."""
    here = MIRROR / place
    source = here.parent.name
    if source in ("bgs-minerals", "usgs-minerals", "nrel-pv-shares"):
        body = _content(min(here.parent.glob(f"{Path(name).name}*")))
        return body.decode().encode("cp1252") if "2026" in name else body
    if "convert" not in originals._listed()[place]:
        return b"\xef\xbb\xbf" + _content(here).replace(b"\n", b"\r\n")
    if source == "baci-critical-materials":
        if name.endswith(".csv"):
            return (MIRROR / "hs-concordances/baci/product_codes_HS92_V202401.csv").read_bytes()
        file = here.parent / "baci_crm_hs6_export_shares_1995_2023.csv.gz"
        shares = pd.read_csv(file, dtype={"hs92_6": "str"})
        wide = shares.pivot(index=["year", "country"], columns="hs92_6", values="pct_of_max").fillna(0)
        return wide.assign(pivotal1=1.0).reset_index().to_parquet()
    if name.endswith(".parquet"):
        return pd.read_csv(here).sample(frac=1, random_state=1).to_parquet()
    if name.endswith(".xlsx"):
        return _workbook(pd.read_csv(here, keep_default_na=False, na_values=[""]), "GEVO_EV_2025")
    layout = next(LAYOUTS[begin] for begin in LAYOUTS if source.startswith(begin))
    return layout(pd.read_csv(here, dtype="str", keep_default_na=False), name)


@pytest.mark.mirror
@pytest.mark.skipif(not MIRROR.is_dir(), reason="needs MIC2025LAB_MIRROR")
@pytest.mark.parametrize(
    "place",
    [
        pytest.param(place, marks=pytest.mark.heavy if about["files"][0].endswith(".xlsx") else ())
        for place, about in originals._listed().items()
    ],
)
def test_originals_in_the_layout_of_their_producers_give_the_pinned_bytes(place, tmp_path, monkeypatch):
    monkeypatch.setenv("MIC2025LAB_OFFLINE", "1")
    source = FILES[place]
    for name in originals.addresses(source, place.removeprefix(f"{source.id}/")):
        path = tmp_path / source.id / "originals" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(written_again(place, name))
    made = locate(source, place.removeprefix(f"{source.id}/"), mirror=tmp_path / "none", cache=tmp_path)
    assert made == tmp_path / place
