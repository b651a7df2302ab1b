"""A BACI-format zip, converted, is analyzed by the same notebooks; the data here are made by the test."""

import json
import re

import numpy as np
import pandas as pd
import pytest

import mic2025lab as lab
from mic2025lab.errors import ParameterError
from mic2025lab.runs.request import prepare
from mic2025lab.runs.run import run

ECONOMIES = {156: "CHN", 842: "USA", 276: "DEU", 392: "JPN", 410: "KOR", 490: "S19", 699: "IND", 76: "BRA"}


@pytest.fixture(scope="module")
def store(convert_baci, tmp_path_factory):
    """SIMULATED flows of eight economies in 60 products of the plan and 20 others, nine years."""
    mapping = lab.load("sector_products", hs="HS12")
    products = mapping.groupby("sector").head(6)["product"].drop_duplicates().tolist()
    known = lab.load("hs_products", hs="HS12", level=6)["code"]
    products += known[~known.isin(mapping["product"])].tolist()[:20]
    draws = np.random.default_rng(2025)
    keys = pd.DataFrame(
        [(i, j, k) for i in ECONOMIES for j in ECONOMIES if i != j for k in products], columns=list("ijk")
    )
    skill = keys.groupby(["i", "k"])["j"].transform(lambda rows: draws.lognormal(0, 1.2))
    flows = {}
    for year in range(2012, 2021):
        value = (100 * skill * draws.lognormal(0, 0.3, len(keys))).round(3)
        flows[year] = keys.assign(v=value)[draws.random(len(keys)) < 0.6]
    cache = tmp_path_factory.mktemp("baci") / "cache"
    convert_baci(cache, ECONOMIES, products, flows)
    return cache


@pytest.fixture
def with_store(store, monkeypatch):
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
