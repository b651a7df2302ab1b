"""What notebooks record, run in the process of the test, and raw files to compare it with."""

import csv
import gzip
import json
import zipfile
from typing import Any

import cells
import pandas as pd
import pytest
from filelock import FileLock

from mic2025lab.runs.request import prepare
from mic2025lab.runs.run import is_good
from mic2025lab.sources import baci


class Results(dict[str, Any]):
    """What a notebook recorded, as in `results.json`."""

    def __init__(self, folder, parameters):
        super().__init__(json.loads((folder / "results.json").read_text(encoding="utf-8")))
        self.folder, self.parameters = folder, parameters
        #: Name of a figure -> its value.
        self.numbers = {name: figure["value"] for name, figure in self["figures"].items()}

    def table(self, name, **options):
        return pd.read_csv(self.folder / f"tables/{name}.csv", **options)


def _run(analysis, parameters, folder):
    folder.mkdir(parents=True)
    cells.run(analysis, parameters, folder)
    return Results(folder, parameters)


@pytest.fixture
def run_cells(tmp_path):
    """A function: the name of an analysis and its parameters -> what its cells recorded."""
    return lambda analysis, **parameters: _run(
        analysis, parameters, tmp_path / f"cells/{len(list(tmp_path.glob('cells/*')))}"
    )


@pytest.fixture(scope="session")
def run_once(shared_reports):
    """As `run_cells`, once a session for each set of parameters: for tests that replace neither tables nor settings. Read only.

    A run that is among the shared reports already is not made again; what the cells recorded is shared by all workers.
    """

    def run(analysis, **parameters):
        request = prepare(analysis, parameters)
        if is_good(request.folder(shared_reports)):
            return Results(request.folder(shared_reports), request.parameters)
        folder = shared_reports.with_name("shared_cells") / request.run_id
        folder.parent.mkdir(exist_ok=True)
        with FileLock(f"{folder}.lock"):
            if not folder.exists():
                part = folder.with_suffix(".part")
                _run(analysis, request.parameters, part)
                part.rename(folder)
        return Results(folder, request.parameters)

    return run


@pytest.fixture(scope="session")
def raw_rows(mirror):
    """A function: the rows of a raw file of the mirror, read by the standard library alone."""

    def rows(path):
        with (gzip.open if path.endswith(".gz") else open)(mirror / path, "rt", encoding="utf-8") as file:
            return list(csv.DictReader(file))

    return rows


@pytest.fixture
def built(mirror, tmp_path, monkeypatch):
    """A function that builds tables which may not be redistributed, in a cache of the test's own."""
    from mic2025lab.catalog.build import build

    monkeypatch.setenv("MIC2025LAB_CACHE", str(tmp_path / "cache"))
    return lambda *tables: build(tables, mirror=mirror)


@pytest.fixture(scope="session")
def convert_baci():
    """A function that converts SIMULATED flows, year -> table, from a zip in the producer's format, to a cache."""

    def convert(cache, economies, products, flows):
        codes = pd.DataFrame({"country_code": economies.keys(), "country_name": economies.values()})
        codes["country_iso2"], codes["country_iso3"] = "XX", economies.values()
        cache.mkdir()
        path = cache / "BACI_HS12_V202501.zip"
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("country_codes_V202501.csv", codes.to_csv(index=False))
            described = pd.DataFrame({"code": products, "description": "made by the test"})
            archive.writestr("product_codes_HS12_V202501.csv", described.to_csv(index=False))
            for year, table in flows.items():
                text = table.assign(t=year, q=1.0)[list("tijkvq")].to_csv(index=False)
                archive.writestr(f"BACI_HS12_Y{year}_V202501.csv", text)
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("MIC2025LAB_CACHE", str(cache))
            baci.convert(path)

    return convert
