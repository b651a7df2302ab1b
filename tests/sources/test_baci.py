"""BACI from a zip like the producer's: downloaded, resumed, converted, scanned; and what is wrong with a zip, in words."""

import csv
import hashlib
import io
import json
import os
import signal
import subprocess
import sys
import tomllib
import zipfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner

from mic2025lab import catalog, metrics
from mic2025lab.cli import main
from mic2025lab.engine.partition_files import read_manifest
from mic2025lab.engine.partitions import open_folder
from mic2025lab.errors import ChecksumError, LabError, SourceError, TableError, UnknownName
from mic2025lab.sources import baci

Rows = list[list[Any]]

COUNTRIES = """country_code,country_name,country_iso2,country_iso3
56,Belgium,BE,BEL
58,Belgium-Luxembourg (...1998),BE,BEL
156,China,CN,CHN
276,Germany,DE,DEU
490,"Other Asia, nes",,S19
697,"Europe EFTA, nes",,R20
842,USA,US,USA
"""
PRODUCTS = 'code,description\n010121,"Horses: live, pure-bred breeding animals"\n280530,"Rare-earth metals"\n854231,Processors\n'


def rows_of(year):
    """Flows in the order of the producer's numbers; one quantity is missing in each of its two ways."""
    return [
        [year, 156, 276, "280530", 60.5, 1.5],
        [year, 156, 842, "854231", 10.0 + year - 2012, ""],
        [year, 276, 842, "280530", 5.25, "          NA"],
        [year, 490, 276, "854231", 30.0, 0.125],
        [year, 842, 276, "010121", 1.001, 2.0],
        [year, 842, 276, "280530", 39.5, 0.5],
    ]


def make_zip(path, years=None, *, skip="", hs="HS12", pad=0):
    """Write a zip; `pad` adds that many bytes of noise, which does not compress."""
    years = years or {year: rows_of(year) for year in (2012, 2013, 2014)}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as made:
        for year, rows in years.items():
            text = io.StringIO()
            csv.writer(text, lineterminator="\n").writerows([["t", "i", "j", "k", "v", "q"], *rows])
            made.writestr(f"BACI_{hs}_Y{year}_V202501.csv", text.getvalue())
        for name, text in (("country_codes", COUNTRIES), (f"product_codes_{hs}", PRODUCTS)):
            if name != skip:
                made.writestr(f"{name}_V202501.csv", text)
        made.writestr("Readme.txt", np.random.default_rng(1).bytes(pad))
    return path


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    """A cache of its own."""
    monkeypatch.setenv("MIC2025LAB_CACHE", str(tmp_path / "cache"))
    monkeypatch.delenv("MIC2025LAB_RUN_DIR", raising=False)
    return tmp_path / "cache"


@pytest.fixture
def zip_file(tmp_path):
    return make_zip(tmp_path / "BACI_HS12_V202501.zip")


def test_a_zip_at_an_address_is_downloaded_converted_scanned_and_analyzed(tmp_path, monkeypatch):
    served = make_zip(tmp_path / "served.zip")
    digest = hashlib.sha256(served.read_bytes()).hexdigest()
    asked = []

    def download(url, target, *, sha256, what):
        asked.append((url, sha256))
        target.parent.mkdir(parents=True)
        target.write_bytes(served.read_bytes())

    monkeypatch.setattr(baci._http, "download", download)
    url = "https://example.org/BACI_HS12_V202501.zip?version=1"
    for _ in range(2):  # what is there is not downloaded again
        told = CliRunner().invoke(main, ["data", "baci", url, "--sha256", digest])
        assert told.exit_code == 0, told.output
    assert asked == [(url, digest)]
    assert "[3/3] HS12 2014: unchanged" in told.output
    table = catalog.scan("baci", hs="HS12")
    assert table.labels == (2012, 2013, 2014)
    found = metrics.hhi(table).set_index(["year", "importer", "product"])["hhi"]
    assert found[2013, "DEU", "280530"] == pytest.approx(0.605**2 + 0.395**2)


def test_columns_are_typed_and_coded_with_one_codebook(zip_file):
    folder = baci.convert(zip_file)
    assert folder.name == "HS12_V202501"
    frame = catalog.scan("baci").collect()
    expected = pd.DataFrame(
        [row for year in (2012, 2013, 2014) for row in rows_of(year)],
        columns=["year", "exporter", "importer", "product", "value", "quantity"],
    )
    names = {156: "CHN", 276: "DEU", 490: "TWN", 842: "USA"}
    for column in ("exporter", "importer"):
        expected[column] = expected[column].map(names)
    expected["quantity"] = pd.to_numeric(expected["quantity"], errors="coerce")
    keys = ["year", "importer", "exporter", "product"]  # what an economy buys lies together
    expected = expected.sort_values(keys, ignore_index=True)[[*keys, "value", "quantity"]]
    plain = frame.astype(dict.fromkeys(("exporter", "importer", "product"), "str"))
    pd.testing.assert_frame_equal(plain, expected, check_dtype=False)
    assert frame["year"].dtype == np.int64
    assert frame["quantity"].isna().sum() == 6
    assert frame["product"].cat.categories.tolist() == ["010121", "280530", "854231"]
    assert frame["exporter"].cat.categories.tolist() == ["BEL", "CHN", "DEU", "R20", "TWN", "USA"]
    assert {str(pq.read_schema(path).field("product").type) for path in folder.glob("*.parquet")} == {"int16"}


def test_the_manifest_says_what_was_made_of_what(zip_file):
    manifest = read_manifest(baci.convert(zip_file))
    zips = {entry["zip"]: entry["zip_sha256"] for entry in manifest["partitions"]}
    assert zips == {zip_file.name: hashlib.sha256(zip_file.read_bytes()).hexdigest()}
    assert zips == catalog.describe("baci").origins[0].sha256
    assert (manifest["hs"], manifest["version"]) == ("HS12", "202501")
    warnings = "\n".join(manifest["warnings"])
    assert "TWN is the producer's S19 (490, 'Other Asia, nes'): Taiwan" in warnings
    assert "R20 (697, 'Europe EFTA, nes') is no ISO code and is kept" in warnings
    assert "BEL is 56 'Belgium' and 58 'Belgium-Luxembourg (...1998)'" in warnings
    assert [entry["missing_quantity"] for entry in manifest["partitions"]] == [2, 2, 2]
    assert [entry["rows"] for entry in manifest["partitions"]] == [6, 6, 6]


def test_a_product_without_its_zero_is_padded_and_counted(tmp_path):
    rows = rows_of(2012)
    rows[4][3] = "10121"
    folder = baci.convert(make_zip(tmp_path / "a.zip", {2012: rows}))
    manifest = read_manifest(folder)
    assert manifest["partitions"][0]["padded"] == 1
    assert "1 product codes had lost their leading zeros, which were restored." in manifest["warnings"]
    assert "010121" in set(catalog.scan("baci").collect(["product"])["product"])


CASES = tomllib.loads(Path(__file__).with_name("baci.toml").read_text(encoding="utf-8"))


def _spoil(rows, case):
    """Change the rows of a year as a case says."""
    if "cells" in case:
        row, column, value = case["cells"]
        rows[row][column] = value * case["times"] if "times" in case else value
    elif "repeat" in case:
        rows.append(rows[case["repeat"]])
    elif "more" in case:
        rows[case["more"]].append(1)
    else:
        rows.clear()


@pytest.mark.parametrize("case", CASES["year"], ids=lambda case: case["error"][:40])
def test_what_is_wrong_in_a_year_is_named_and_the_years_before_it_need_not_be_converted_again(tmp_path, case):
    years = {year: rows_of(year) for year in (2012, 2013)}
    _spoil(years[2013], case)
    with pytest.raises(SourceError, match=case["error"]):
        baci.convert(make_zip(tmp_path / "a.zip", years))
    with pytest.raises(LabError, match=r"has not been converted .* or not to its end"):
        catalog.scan("baci")
    assert not list((tmp_path / "cache" / "baci").rglob("*.part"))
    told = []
    baci.convert(tmp_path / "a.zip", years=[2012], progress=told.append)
    assert told == ["[1/1] HS12 2012: unchanged"]
    assert catalog.scan("baci").labels == (2012,)


def test_a_year_that_is_missing_is_named(tmp_path, zip_file):
    hole = make_zip(tmp_path / "hole.zip", {year: rows_of(year) for year in (2012, 2014)})
    with pytest.raises(SourceError, match=r"hole\.zip has no file of 2013; it has 2012, 2014"):
        baci.convert(hole)
    told = CliRunner().invoke(main, ["data", "baci", str(zip_file), "--years", "2011-2013"])
    assert told.exit_code == 1
    assert "has no file of 2011; it has 2012, 2013, 2014" in told.output
    assert CliRunner().invoke(main, ["data", "baci", str(zip_file), "--years", "2013"]).exit_code == 0
    assert catalog.scan("baci").labels == (2013,)


def test_a_wrong_hash_is_refused_with_both(tmp_path, zip_file):
    found = hashlib.sha256(zip_file.read_bytes()).hexdigest()
    with pytest.raises(SourceError, match=rf"sha256 of the file:  {found}\n  sha256 expected:     abc"):
        baci.convert(zip_file, sha256="abc")
    assert not (tmp_path / "cache").exists()


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda path: path.write_bytes(b"not a zip"), "is damaged or is not a zip"),
        (lambda path: make_zip(path, skip="country_codes"), "country_codes_V202501.csv is not in"),
        (lambda path: make_zip(path, skip="product_codes_HS12"), "product_codes_HS12_V202501.csv is not in"),
        (lambda path: make_zip(path, hs="HS17"), "has no BACI of HS12: HS17 V202501"),
        (lambda path: zipfile.ZipFile(path, "w").close(), "has no BACI year file"),
        (lambda path: None, "There is no file"),
    ],
)
def test_what_is_no_zip_of_baci_is_refused(tmp_path, make, message):
    make(tmp_path / "a.zip")
    with pytest.raises(SourceError, match=message):
        baci.convert(tmp_path / "a.zip", hs="HS12")


def _rewritten(path, case):
    """Write a zip again, with the members of a case changed and more of them."""
    with zipfile.ZipFile(path) as old:
        contents = {name: old.read(name) for name in old.namelist()}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as new:
        for name, content in contents.items():
            if case.get("part", "/") in name:
                text = content.decode().replace(case.get("old", "\0"), case.get("new", ""))
                text += case.get("end", "") * case.get("times", 1)
                content = text.encode(case.get("encoding", "utf-8"))
            new.writestr(name, content)
        for name, text in case.get("more", {}).items():
            new.writestr(name, text)


@pytest.mark.parametrize("case", CASES["zip"], ids=lambda case: case["error"][:40])
def test_what_a_repacked_or_old_zip_gets_wrong_is_named_and_nothing_is_converted(zip_file, case):
    _rewritten(zip_file, case)
    with pytest.raises(SourceError, match=case["error"]):
        baci.convert(zip_file)
    with pytest.raises(LabError, match="has not been converted"):
        catalog.scan("baci")


def test_an_encrypted_zip_is_refused(zip_file):
    """Every member is marked as encrypted, in its own header and in the directory."""
    content = bytearray(zip_file.read_bytes())
    for mark, flags in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        place = content.find(mark)
        while place >= 0:
            content[place + flags] |= 1
            place = content.find(mark, place + 4)
    zip_file.write_bytes(content)
    with pytest.raises(SourceError, match=r"Y2012_V202501\.csv is encrypted\. Unpack"):
        baci.convert(zip_file)


def test_names_in_latin_1_are_read_and_the_manifest_says_so(zip_file):
    _rewritten(zip_file, {"part": "country", "old": "Germany", "new": "(öst.)", "encoding": "latin-1"})
    warnings = read_manifest(baci.convert(zip_file))["warnings"]
    assert "country_codes_V202501.csv is not in UTF-8; its names were read as Latin-1." in warnings


@pytest.mark.parametrize("seed", range(3))
def test_a_damaged_zip_is_an_error_of_its_own_kind(tmp_path, seed):
    whole = make_zip(tmp_path / "a.zip").read_bytes()
    draws = np.random.default_rng(seed)
    for number in range(60):
        content = bytearray(whole)
        for place in draws.integers(len(content), size=draws.integers(1, 4)):
            content[place] ^= 1 << draws.integers(8)
        path = tmp_path / f"{number}.zip"
        path.write_bytes(content[: draws.integers(len(content))] if number % 5 == 0 else content)
        try:
            baci.convert(path, folder=tmp_path / f"{number}")
        except LabError:
            continue
        frame = open_folder(tmp_path / f"{number}").collect()  # the damage was where nothing is read
        assert sorted(frame["value"]) == sorted(
            row[4] for year in (2012, 2013, 2014) for row in rows_of(year)
        )


def converting(path, years):
    """Convert in another process, and return when some years are done."""
    code = f"from mic2025lab.sources import baci; baci.convert({str(path)!r}, progress=lambda line: print(line, flush=True))"
    process = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    for _ in range(years):
        process.stdout.readline()
    return process


def test_of_two_conversions_at_once_one_is_refused_and_the_other_is_whole(tmp_path):
    path = make_zip(tmp_path / "a.zip", {year: rows_of(year) for year in range(2012, 2042)})
    first = converting(path, years=1)
    first.send_signal(signal.SIGSTOP)
    with pytest.raises(LabError, match="Another conversion is writing to"):
        baci.convert(path)
    first.send_signal(signal.SIGCONT)
    assert first.wait() == 0
    assert len(catalog.scan("baci").collect()) == 6 * 30
    assert not list(baci.folder_of("HS12", "202501").glob("*.lock"))


def test_a_revised_zip_replaces_the_table_as_a_whole(tmp_path, zip_file):
    baci.convert(zip_file)
    before = catalog.scan("baci").collect()
    revised = {year: rows_of(year) for year in (2012, 2013, 2014)}
    revised[2012][0][4] = 1000.0
    revised[2014][0][4] = "wrong"
    with pytest.raises(SourceError, match="wrong"):
        baci.convert(make_zip(tmp_path / "b.zip", revised))
    pd.testing.assert_frame_equal(catalog.scan("baci").collect(), before)
    revised[2014][0][4] = 60.5
    # And 2012, which the table has and the zip changed.
    baci.convert(make_zip(tmp_path / "b.zip", revised), years=[2014])
    assert catalog.scan("baci", year=2012).collect()["value"].max() == 1000.0
    zips = {entry["zip"] for entry in read_manifest(baci.folder_of("HS12", "202501"))["partitions"]}
    assert zips == {zip_file.name, "b.zip"}


def test_years_that_are_there_are_skipped_unless_damaged_or_revised(tmp_path, zip_file):
    folder = baci.convert(zip_file)
    first = {path.name: path.stat().st_mtime_ns for path in folder.glob("*.parquet")}
    path = min(folder.glob("*Y2013*"))
    path.write_bytes(path.read_bytes()[:-1] + b"x")
    told = []
    baci.convert(zip_file, progress=told.append)
    assert [line.split(": ")[1] for line in told] == ["unchanged", "6 rows, 0 MB", "unchanged"]
    assert {name for name in first if (folder / name).stat().st_mtime_ns != first[name]} == {path.name}
    revised = {year: rows_of(year) for year in (2012, 2013, 2014)}
    revised[2014][0][4] = 61.5
    baci.convert(make_zip(tmp_path / "revised.zip", revised))
    assert catalog.scan("baci", year=2014).collect(["value"])["value"].max() == 61.5
    assert len(list(folder.glob("*.parquet"))) == 3  # the file of the old 2014 is gone


def test_a_conversion_that_is_killed_publishes_nothing_and_continues(tmp_path):
    path = make_zip(tmp_path / "a.zip", {year: rows_of(year) for year in range(2012, 2052)})
    process = converting(path, years=3)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    with pytest.raises(LabError, match="not to its end"):
        catalog.scan("baci")
    told = []
    baci.convert(path, progress=told.append)
    assert 3 <= sum("unchanged" in line for line in told) < 40
    whole = catalog.scan("baci")
    assert len(whole) == 40
    assert not list(baci.folder_of("HS12", "202501").glob("*.part"))
    with ThreadPoolExecutor(2) as pool:
        pd.testing.assert_frame_equal(metrics.hhi(whole.on(pool)), metrics.hhi(whole))


# What a scan is


def test_a_scan_selects_years_columns_and_rows(zip_file):
    baci.convert(zip_file)
    assert catalog.scan("baci", year=slice(2013, None)).labels == (2013, 2014)
    chosen = catalog.scan(
        "baci", year=[2012, 2014], columns=["value", "importer", "exporter", "product"], product="280530"
    )
    assert [list(frame) for frame in chosen] == [["year", "value", "importer", "exporter", "product"]] * 2
    assert chosen.collect()["product"].unique().tolist() == ["280530"]
    some = catalog.scan("baci", product=["280530", "010121"], value=slice(5, 50))
    assert some.collect()["value"].tolist() == [39.5, 5.25] * 3
    shares = metrics.market_share(chosen, of="exporter", within=("importer", "product", "year"))
    assert len(shares) == 6
    assert list(shares) == ["year", "value", "importer", "exporter", "product", "share"]
    none = catalog.scan("baci", value=slice(1000, None))
    with pytest.raises(TableError, match="No partition has a row"):
        metrics.hhi(none)
    assert "3 x year (2012 to 2014), 18 rows" in repr(catalog.scan("baci"))


def test_a_scan_is_recorded_for_the_run(zip_file, tmp_path, monkeypatch):
    monkeypatch.delitem(catalog.LOADED, "baci", raising=False)
    folder = baci.convert(zip_file)
    monkeypatch.setenv("MIC2025LAB_RUN_DIR", str(tmp_path))
    catalog.scan("baci")
    digest = hashlib.sha256((folder / "manifest.json").read_bytes()).hexdigest()
    assert catalog.LOADED["baci"] == digest
    line = json.loads((tmp_path / "loaded.jsonl").read_text())
    assert line == {"sha256": digest, "table": "baci", "vintage": "HS12 V202501"}


@pytest.mark.parametrize(
    ("name", "asked", "error", "words"),
    [
        ("value_added", {}, LabError, r"Unknown partitioned table 'value_added'.*use load\(\)"),
        ("baci", {"exporter": "CHM"}, UnknownName, r"Unknown exporter in baci 'CHM'\. Did you mean 'CHN'"),
        ("baci", {"columns": ["exporters"]}, UnknownName, r"Unknown column of baci 'exporters'\. Did you mean 'exporter'"),
        ("baci", {"year": 2020}, UnknownName, "Unknown year 2020"),
        ("baci", {"year": slice(2020, None)}, UnknownName, "No year from 2020 to 2014; there are 2012 to 2014"),
        ("baci", {"value": abs}, LabError, r"a filter (of a scan )?is a value, a list, or slice"),
    ],
)  # fmt: skip
def test_what_cannot_be_scanned_is_said(zip_file, name, asked, error, words):
    with pytest.raises(LabError, match=r"has not been converted on this machine .*data baci ZIP_OR_URL"):
        catalog.scan("baci")
    baci.convert(zip_file)
    with pytest.raises(error, match=words):
        catalog.scan(name, **asked)


def test_one_of_several_revisions_is_named_and_is_whole(tmp_path, zip_file):
    folder = baci.convert(zip_file)
    baci.convert(make_zip(tmp_path / "b.zip", hs="HS17"))
    with pytest.raises(LabError, match=r"several revisions: HS12_V202501, HS17_V202501"):
        catalog.scan("baci")
    path = min(folder.glob("*.parquet"))
    path.write_bytes(path.read_bytes()[:-100])
    with pytest.raises(ChecksumError, match=r"manifest says \d+ bytes\. Convert it again"):
        catalog.scan("baci", hs="HS12")


@pytest.mark.mirror
def test_the_producers_own_format_is_read(mirror, tmp_path):
    folder = mirror / "api-bodies" / "baci-format-fixtures"
    path = tmp_path / "BACI_HS12_V202501.zip"
    frames = [pd.read_csv(file, dtype={"k": "str"}) for file in sorted(folder.glob("BACI_HS12_Y*.csv"))]
    codes = sorted(set(pd.concat(frames)["k"]))
    with zipfile.ZipFile(path, "w") as made:
        for file in folder.glob("*.csv"):
            made.write(file, file.name)
        made.writestr("product_codes_HS12_V202501.csv", "\n".join(["code,description", *codes]))
    baci.convert(path)
    table = catalog.scan("baci").collect()
    whole = pd.concat(frames)
    assert len(table) == len(whole)
    assert table["value"].sum() == pytest.approx(whole["v"].sum())
    assert table["quantity"].isna().sum() == whole["q"].isna().sum() > 0
