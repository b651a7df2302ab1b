"""A toy analysis on a toy catalogue: what the tests of runs, site and command line execute."""

from __future__ import annotations

import hashlib
import json
import shutil
import zipfile
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat
import pytest

from mic2025lab import analyses
from mic2025lab.analyses import Analysis
from mic2025lab.runs import run as runs
from mic2025lab.runs.kernels import kernel, warm


class AnyVariables(warm.Kernels):
    """Forks kernels whatever the environment variables are (what the tests set, no library reads when it is imported), and counts them."""

    forked = 0

    def fork(self, *args: Any, **options: Any) -> Any:
        self.begin()
        self._environ = warm._environment()
        made = super().fork(*args, **options)
        self.forked += made is not None
        return made


@pytest.fixture(scope="session")
def shared_kernels() -> Iterator[AnyVariables]:
    with AnyVariables() as kernels:
        yield kernels


EXECUTE = kernel.execute


@pytest.fixture(scope="module", autouse=True)
def forked(shared_kernels: AnyVariables) -> Iterator[None]:
    """Runs fork their kernels from one process, where they would start a new Python. `fresh` is for the tests of such a kernel."""

    def execute(*args: Any, kernels: Any = None, **options: Any) -> str | None:
        return EXECUTE(*args, kernels=kernels or shared_kernels, **options)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(kernel, "execute", execute)
        patch.setattr(warm, "Kernels", lambda: nullcontext(shared_kernels))
        yield


@pytest.fixture
def fresh(monkeypatch: pytest.MonkeyPatch) -> None:
    """Runs start a new Python."""
    monkeypatch.setattr(kernel, "execute", EXECUTE)


CELLS = [
    "import os\nprint(os.environ['TOY_API_KEY'])\nos.environ['TOY_API_KEY']",
    "lab_label = label\nprint(label)",
    "import mic2025lab as lab\nfrom matplotlib import pyplot as plt\nimport pandas as pd",
    'va = lab.load("toy", economy=economy)\nlab.record("total", va["value"].sum() * factor, unit="million USD")',
    "lab.record_finding(f\"**{economy}** made {va['value'].sum() * factor:.1f} & no <more>.\")",
    'lab.record_table("by_year", va, caption="Value added by year, million USD")',
    'fig, ax = plt.subplots(figsize=(3, 2)); ax.plot(va["year"], va["value"]); ax.set_title("Toy")\n'
    'lab.record_figure("line", fig, alt="A line that rises & ends <here>.", caption="One line")',
    "lab.record('key', os.environ['TOY_API_KEY'], note='seen: ' + repr(os.environ['TOY_API_KEY']))\n"
    "lab.record_table('keys', pd.DataFrame({'key': [os.environ['TOY_API_KEY']]}))",
]


def write_notebook(path: Path, cells: list[str], tables: tuple[str, ...] = ("toy",)) -> Path:
    """Write a notebook of a title, the toy parameters, and code cells."""
    notebook = nbformat.v4.new_notebook(
        metadata={
            "kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"},
            "mic2025lab": {"title": "A toy", "question": "What did the toy make?", "tables": [*tables]},
        }
    )
    parameters = nbformat.v4.new_code_cell(
        'economy = "CHN"  # which economy\nfactor = 1.0  # what values are multiplied by\n'
        'label = "plain"  # any text',
        metadata={"tags": ["parameters"]},
    )
    notebook.cells = [nbformat.v4.new_markdown_cell("# What did the toy make?"), parameters]
    notebook.cells += [nbformat.v4.new_code_cell(source) for source in cells]
    nbformat.write(notebook, path)
    return path


def held(archive: Any) -> dict[str, bytes]:
    """What a zip file holds, by the names in its top folder."""
    with zipfile.ZipFile(archive) as packed:
        return {name.partition("/")[2]: packed.read(name) for name in packed.namelist()}


def unpacked(archive: Path, to: Path) -> Path:
    """Unpack a shared run; give its folder."""
    shutil.unpack_archive(archive, to)
    (folder,) = to.iterdir()
    return folder


def write_catalog(folder: Path, tables: dict[str, str]) -> Path:
    """Write a catalogue of CSV tables with the columns year, economy, value."""
    folder.mkdir(parents=True, exist_ok=True)
    columns = {
        "year": {"dtype": "int64", "description": "", "unit": ""},
        "economy": {"dtype": "str", "description": "", "unit": ""},
        "value": {"dtype": "float64", "description": "", "unit": "million USD"},
    }
    origin = {
        "producer": "Nobody", "title": "Made-up numbers", "version": "1", "url": None, "licence": "CC0",
        "redistributable": "yes", "citation": "Nobody.", "retrieved": "2026-01-01", "sha256": {},
    }  # fmt: skip
    entries = {}
    for name, text in tables.items():
        (folder / f"{name}.csv").write_text(text, encoding="utf-8")
        entries[name] = {
            "title": f"Table {name}", "description": "Simulated.", "file": f"{name}.csv", "format": "csv",
            "unit": "million USD", "columns": columns, "key": ["year", "economy"], "coverage": {"year": [2000, 2002]},
            "origins": [origin], "built_by": "tests", "rows": text.count("\n") - 1, "warnings": [],
            "sha256": hashlib.sha256(text.encode()).hexdigest(), "redistributable": "yes",
            "default_vintage": None, "vintages": [],
        }  # fmt: skip
    (folder / "catalog.json").write_text(json.dumps({"format": 1, "tables": entries}), encoding="utf-8")
    return folder


TABLE = "year,economy,value\n2000,CHN,1.5\n2001,CHN,2.25\n2002,CHN,4.0\n2000,USA,9.0\n"


@pytest.fixture(scope="session")
def toy_data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A catalogue of two tables; `other` is not declared by the toy analysis."""
    return write_catalog(tmp_path_factory.mktemp("toy") / "data", {"toy": TABLE, "other": TABLE})


@pytest.fixture(scope="session")
def toy_notebook(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_notebook(tmp_path_factory.mktemp("toy") / "toy.ipynb", CELLS)


@pytest.fixture
def make_toy(toy_data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Analysis]:
    """Register a toy analysis whose notebook has the cells given, for one test."""
    monkeypatch.setenv("MIC2025LAB_DATA", str(toy_data))

    def make(*cells: str, name: str = "toy") -> Analysis:
        notebook = write_notebook(tmp_path / f"{name}.ipynb", list(cells))
        monkeypatch.setitem(analyses.ANALYSES, name, notebook)
        return analyses.get(name)

    return make


@pytest.fixture
def toy(toy_data: Path, toy_notebook: Path, monkeypatch: pytest.MonkeyPatch) -> Analysis:
    """The toy analysis that `good_run` ran, in the registry for one test."""
    monkeypatch.setenv("MIC2025LAB_DATA", str(toy_data))
    monkeypatch.setitem(analyses.ANALYSES, "toy", toy_notebook)
    return analyses.get("toy")


@pytest.fixture
def fake(toy: Analysis, monkeypatch: pytest.MonkeyPatch) -> Callable[..., list[Any]]:
    """Replace the kernel: `fake(error_by_factor)` gives the list of factors that were executed; an error that is a list is used up."""

    def install(errors: dict[float, Any] | None = None) -> list[Any]:
        executed: list[Any] = []

        def execute(notebook: Path, output: Path, parameters: Any, **_: Any) -> str | None:
            factor = parameters["factor"]
            executed.append(factor)
            output.write_bytes(notebook.read_bytes())
            error = (errors or {}).get(factor)
            return (error.pop(0) if error else None) if isinstance(error, list) else error

        monkeypatch.setattr(kernel, "execute", execute)
        return executed

    return install


@pytest.fixture
def plan(tmp_path: Path) -> Callable[[str], Path]:
    """Write a plan."""

    def write(text: str) -> Path:
        path = tmp_path / "plan.yml"
        path.write_text(text, encoding="utf-8")
        return path

    return write


@dataclass(frozen=True)
class Good:
    """A reports folder with one good run, made once; tests that write take a copy."""

    reports: Path
    result: runs.RunResult
    secret: str
    hostile: str

    @property
    def folder(self) -> Path:
        assert self.result.folder is not None
        return self.result.folder

    def copy(self, to: Path) -> Path:
        shutil.copytree(self.reports, to)
        return to


@pytest.fixture(scope="session")
def good_run(toy_data: Path, toy_notebook: Path, tmp_path_factory: pytest.TempPathFactory) -> Good:
    reports = tmp_path_factory.mktemp("good") / "reports {braces}"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MIC2025LAB_DATA", str(toy_data))
        patch.setenv("TOY_API_KEY", SECRET)
        patch.setitem(analyses.ANALYSES, "toy", toy_notebook)
        result = runs.run("toy", {"label": HOSTILE}, reports=reports)
    assert result.status == "done", result.error
    return Good(reports, result, SECRET, HOSTILE)


SECRET = 'sk-"quoted"&<odd>\\0123\u00e9456789'
HOSTILE = '<script src="https://example.org/x.js"></script>"\' {{ 7 * 7 }}'
