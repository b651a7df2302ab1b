"""A BACI-format zip, converted, is analyzed by the same notebooks; the data here are made by the test."""

from __future__ import annotations

import json
import re
import zipfile
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import mic2025lab as lab
from mic2025lab.errors import ParameterError
from mic2025lab.runs.run import prepare, run
from mic2025lab.sources import baci

ECONOMIES = {156: "CHN", 842: "USA", 276: "DEU", 392: "JPN", 410: "KOR", 490: "S19", 699: "IND", 76: "BRA"}
YEARS = range(2012, 2021)


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """SIMULATED flows of eight economies in 60 products of the plan and 20 others, nine years, in the producer's format."""
    folder = tmp_path_factory.mktemp("baci")
    mapping = lab.load("sector_products", hs="HS12")
    chosen = mapping.groupby("sector").head(6)["product"].drop_duplicates().tolist()
    others = [
        c for c in lab.load("hs_products", hs="HS12", level=6)["code"] if c not in set(mapping["product"])
    ][:20]
    draws = np.random.default_rng(2025)
    path = folder / "BACI_HS12_V202501.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        codes = pd.DataFrame({"country_code": list(ECONOMIES), "country_name": list(ECONOMIES.values())})
        codes["country_iso2"], codes["country_iso3"] = "XX", list(ECONOMIES.values())
        archive.writestr("country_codes_V202501.csv", codes.to_csv(index=False))
        products = pd.DataFrame({"code": [*chosen, *others], "description": "made by the test"})
        archive.writestr("product_codes_HS12_V202501.csv", products.to_csv(index=False))
        pairs = [(i, j) for i in ECONOMIES for j in ECONOMIES if i != j]
        skill = {(i, k): draws.lognormal(0, 1.2) for i in ECONOMIES for k in (*chosen, *others)}
        for year in YEARS:
            rows = [
                (year, i, j, k, round(100 * skill[i, k] * draws.lognormal(0, 0.3), 3), 1.0)
                for i, j in pairs for k in (*chosen, *others) if draws.random() < 0.6
            ]  # fmt: skip
            table = pd.DataFrame(rows, columns=list("tijkvq"))
            archive.writestr(f"BACI_HS12_Y{year}_V202501.csv", table.to_csv(index=False))
    cache = folder / "cache"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MIC2025LAB_CACHE", str(cache))
        baci.convert(path)
    return cache


@pytest.fixture
def with_store(store: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("MIC2025LAB_CACHE", str(store))
    return store


def test_the_store_describes_itself(with_store):
    entry = lab.describe("baci")
    assert entry.coverage["year"] == [2012, 2020]
    assert "thousand USD" in entry.unit
    assert (min(lab.scan("baci").labels), max(lab.scan("baci").labels)) == (2012, 2020)
    assert lab.scan("baci").about["hs"] == "HS12"


def test_a_run_on_it_says_so_and_is_not_made_twice(with_store, tmp_path):
    params = {"importer": "CHN", "supplier": "USA", "flows": "baci"}
    result = run("chokepoints", params, reports=tmp_path)
    assert result.status == "done", result.error
    manifest = json.loads((result.folder / "run.json").read_text(encoding="utf-8"))
    assert manifest["tables"]["baci"]["loaded"]
    assert run("chokepoints", params, reports=tmp_path).status == "unchanged"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "params"),
    [
        ("chokepoints", {"importer": "CHN", "supplier": "USA"}),
        ("import_dependence", {}),
        ("export_specialization", {"start": 2012}),
    ],
)
def test_the_same_notebooks_say_something_of_it(with_store, run_cells, name, params):
    findings = run_cells(name, **params, flows="baci")["finding"]
    assert findings
    assert not any(re.search(r"\bnan\b", sentence) for sentence in findings)


def test_what_has_not_been_converted_is_refused_before_a_kernel_starts(tmp_path, monkeypatch):
    monkeypatch.setenv("MIC2025LAB_CACHE", str(tmp_path))
    with pytest.raises(ParameterError, match="mic2025lab data baci ZIP_OR_URL"):
        prepare("chokepoints", {"flows": "baci"})


def test_a_year_that_is_not_there_is_refused(with_store):
    with pytest.raises(
        ParameterError, match="base_year = 1999 is not in the converted baci, which covers 2012 to 2020"
    ):
        prepare("import_dependence", {"flows": "baci", "base_year": 1999})
