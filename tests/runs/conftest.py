"""A toy analysis on a toy catalog: what the tests of runs, site and command line execute."""

import hashlib
import json
import shutil
import zipfile
from contextlib import nullcontext
from pathlib import Path

import nbformat
import pytest
from click.testing import CliRunner

from mic2025lab import analyses
from mic2025lab.cli import main
from mic2025lab.runs import run as runs
from mic2025lab.runs.kernels import kernel, warm


class AnyVariables(warm.Kernels):
    """Forks kernels whatever the environment variables are (what the tests set, no library reads when it is imported), and counts them."""

    forked = 0

    def fork(self, *args, **options):
        self.begin()
        self._environ = warm._environment()
        made = super().fork(*args, **options)
        self.forked += made is not None
        return made


@pytest.fixture(scope="session")
def shared_kernels():
    with AnyVariables() as kernels:
        yield kernels


EXECUTE = kernel.execute


@pytest.fixture(scope="module", autouse=True)
def forked(shared_kernels):
    """Runs fork their kernels from one process, where they would start a new Python. `fresh` is for the tests of such a kernel."""

    def execute(*args, kernels=None, **options):
        return EXECUTE(*args, kernels=kernels or shared_kernels, **options)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(kernel, "execute", execute)
        patch.setattr(warm, "Kernels", lambda: nullcontext(shared_kernels))
        yield


@pytest.fixture
def fresh(monkeypatch):
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


PARAMETERS = 'economy = "CHN"  # which economy\nfactor = 1.0  # what values are multiplied by\nlabel = "plain"  # any text'


def write_notebook(path, cells, tables=("toy",), parameters=PARAMETERS, title="What did the toy make?"):
    """Write a notebook of a title, a cell of parameters if there are any, and code cells; without tables, its metadata name no question."""
    made = nbformat.v4.new_notebook(metadata={"kernelspec": {"name": "python3", "display_name": "Python 3"}})
    if tables is not None:
        made.metadata["mic2025lab"] = {"title": "A toy", "question": title, "tables": [*tables]}
    declared = nbformat.v4.new_code_cell(parameters, metadata={"tags": ["parameters"]})
    made.cells = [nbformat.v4.new_markdown_cell(f"# {title}"), *[declared] * bool(parameters)]
    made.cells += map(nbformat.v4.new_code_cell, cells)
    nbformat.write(made, path)
    return path


def call(*words, status=0, reports=None):
    """The command `mic2025lab WORDS` in this process, which ends with this status."""
    options = [] if reports is None else ["--reports", str(reports)]
    done = CliRunner().invoke(main, [*map(str, words), *options])
    assert done.exit_code == status, done.output
    return done


def has(text, *words):
    """Check that a text has all of these words."""
    text = text.decode() if isinstance(text, bytes) else text
    assert [word for word in words if word not in text] == [], text


def ran(analysis="toy", params=None, **options):
    """Make a run, which ends well."""
    result = runs.run(analysis, params, **options)
    assert result.status == "done", result.error
    return result


def failed(params=None, **options):
    """Make a run of the toy, which fails."""
    result = runs.run("toy", params, **options)
    assert result.status == "failed"
    assert result.error
    return result


def read(folder, name="run.json"):
    """The manifest of a run, or another of its files of JSON."""
    return json.loads((folder / name).read_text(encoding="utf-8"))


def recorded(folder):
    """The values of the figures of a run by name."""
    return {name: one["value"] for name, one in read(folder, "results.json")["figures"].items()}


def alter(path, change):
    """Change the content of a JSON file in place."""
    content = json.loads(path.read_text(encoding="utf-8"))
    change(content)
    path.write_text(json.dumps(content), encoding="utf-8")


#: The clock is in the manifest, in papermill's own metadata, and in the crate, which has it from the manifest.
CLOCK = {"run.json", "notebook.ipynb", "ro-crate-metadata.json"}


def contents(folder):
    """Path -> content of all files of a folder."""
    found = sorted(path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in found}


def held(archive):
    """What a zip file holds, by the names in its top folder."""
    with zipfile.ZipFile(archive) as packed:
        return {name.partition("/")[2]: packed.read(name) for name in packed.namelist()}


def unpacked(archive, to):
    """Unpack a shared run; give its folder."""
    shutil.unpack_archive(archive, to)
    (folder,) = to.iterdir()
    return folder


TABLE = "year,economy,value\n2000,CHN,1.5\n2001,CHN,2.25\n2002,CHN,4.0\n2000,USA,9.0\n"


@pytest.fixture(scope="session")
def toy_data(tmp_path_factory):
    """A catalog of two tables; `other` is not declared by the toy analysis."""
    folder = tmp_path_factory.mktemp("data")
    entry = read(Path(__file__).parent, "toy_table.json")
    entry["sha256"] = hashlib.sha256(TABLE.encode()).hexdigest()
    entries = {name: {"title": f"Table {name}", "file": f"{name}.csv", **entry} for name in ("toy", "other")}
    for each in entries.values():
        (folder / each["file"]).write_text(TABLE, encoding="utf-8")
    (folder / "catalog.json").write_text(json.dumps({"format": 1, "tables": entries}), encoding="utf-8")
    return folder


@pytest.fixture(scope="session")
def toy_notebook(tmp_path_factory):
    return write_notebook(tmp_path_factory.mktemp("toy") / "toy.ipynb", CELLS)


@pytest.fixture
def make_toy(toy_data, tmp_path, monkeypatch):
    """Register a toy analysis whose notebook has the cells given, for one test."""
    monkeypatch.setenv("MIC2025LAB_DATA", str(toy_data))

    def make(*cells, name="toy"):
        notebook = write_notebook(tmp_path / f"{name}.ipynb", list(cells))
        monkeypatch.setitem(analyses.ANALYSES, name, notebook)
        return analyses.get(name)

    return make


@pytest.fixture
def toy(toy_data, toy_notebook, monkeypatch):
    """The toy analysis that `good_run` ran, in the registry for one test."""
    monkeypatch.setenv("MIC2025LAB_DATA", str(toy_data))
    monkeypatch.setitem(analyses.ANALYSES, "toy", toy_notebook)
    return analyses.get("toy")


@pytest.fixture
def fake(toy, monkeypatch):
    """Replace the kernel; `fake(error_by_factor)` gives the factors executed; an error that is a list is used up, an exception is raised."""

    def install(errors=None):
        executed = []

        def execute(notebook, output, parameters, **_):
            factor = parameters["factor"]
            executed.append(factor)
            output.write_bytes(notebook.read_bytes())
            error = (errors or {}).get(factor)
            if isinstance(error, Exception):
                raise error
            return (error.pop(0) if error else None) if isinstance(error, list) else error

        monkeypatch.setattr(kernel, "execute", execute)
        return executed

    return install


@pytest.fixture
def plan(tmp_path):
    """Write a plan."""

    def write(text):
        path = tmp_path / "plan.yml"
        path.write_text(text, encoding="utf-8")
        return path

    return write


#: What the notebook of the good run is given as a key, and as its label.
SECRET = 'sk-"quoted"&<odd>\\0123\u00e9456789'
HOSTILE = '<script src="https://example.org/x.js"></script>"\' {{ 7 * 7 }}'


@pytest.fixture(scope="session")
def good_run(toy_data, toy_notebook, tmp_path_factory):
    """The folder of a good run in a folder of reports, made once; tests that write take a copy."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MIC2025LAB_DATA", str(toy_data))
        patch.setenv("TOY_API_KEY", SECRET)
        patch.setitem(analyses.ANALYSES, "toy", toy_notebook)
        reports = tmp_path_factory.mktemp("good") / "reports {braces}"
        return ran("toy", {"label": HOSTILE}, reports=reports).folder


def copied(folder, to):
    """Copy the folder of reports in which a run is; give the folder of the run there."""
    reports = folder.parents[2]
    return shutil.copytree(reports, to) / folder.relative_to(reports)


@pytest.fixture
def kept(good_run, toy, tmp_path, monkeypatch):
    """The folder of a copy of the good run, which a test may change and run again."""
    monkeypatch.setenv("TOY_API_KEY", SECRET)
    return copied(good_run, tmp_path / "kept")
