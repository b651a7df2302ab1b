"""Whatever stands in a file or a parameter, it is read, or refused with an error of the package; never a traceback of a library."""

import contextlib
import copy
import json
import os
import shutil
import tracemalloc

import nbformat
import pytest
import yaml
from click.testing import CliRunner
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import mic2025lab as lab
from mic2025lab import analyses, catalog
from mic2025lab.claims import ledger
from mic2025lab.cli import main
from mic2025lab.errors import LabError
from mic2025lab.runs.journal import NAME
from mic2025lab.runs.plan import read_plan
from mic2025lab.runs.request import prepare

CHECKS = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large]


def fuzz(test):
    """Run a test with many examples, which it draws from `data`."""
    return settings(suppress_health_check=CHECKS)(given(data=st.data())(test))


def pick(data, options):
    return data.draw(options if isinstance(options, st.SearchStrategy) else st.sampled_from(list(options)))


#: Texts that have broken a reader: names that no file can have, bytes that are no text, numbers that are none, and much of anything.
ODD = st.sampled_from([
    "", ".", "a\0b", "x" * 256 + ".csv", "d/" * 2500 + "f.csv", "~nobody-of-this-name/f.csv", "~nobody-of-this-name.ipynb",
    os.fsdecode(b"caf\xe9.csv"), "\ud800", "\x1b[2J", "9" * 5000, "-1e999", "nan", "\u00b2", "[" * 3000, '{"a":' * 3000, "=", "[,]", "firm=",
    "/dev/full", "/proc/self/mem.csv", "../../etc/passwd", "WLD", "2015", "true", "null",
])  # fmt: skip
SCALARS = ODD | st.text(max_size=8) | st.none() | st.booleans() | st.floats() | st.integers(-(10**30), 10**30)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=4,
)


def places(content, place=()):
    """Yield the place of everything in nested lists and mappings."""
    if place:
        yield place
    for key in (
        content if isinstance(content, dict) else range(len(content) if isinstance(content, list) else 0)
    ):
        yield from places(content[key], (*place, key))


def edited(data, content):
    """Replace, remove, or add one to three things in nested lists and mappings."""
    content = copy.deepcopy(content)
    for _ in range(data.draw(st.integers(1, 3))):
        *above, last = pick(data, places(content))
        owner = content
        for key in above:
            owner = owner[key]
        what = pick(data, ["replace", "replace", "remove", "add"])
        if what == "remove":
            del owner[last]
        elif what == "add" and isinstance(owner, dict):
            owner[pick(data, ["x", "", "tests", "file", 1])] = data.draw(VALUES)
        else:
            owner[last] = data.draw(VALUES)
        if not content:
            break
    return content


def damaged(data, raw):
    """Cut the bytes of a file short or overwrite some of them; most often neither."""
    kind = pick(data, ["whole", "whole", "whole", "cut", "overwritten"])
    if kind == "cut":
        return raw[: data.draw(st.integers(0, len(raw)))]
    if kind == "overwritten" and raw:
        changed = bytearray(raw)
        for place in data.draw(st.lists(st.integers(0, len(raw) - 1), min_size=1, max_size=3)):
            changed[place] = data.draw(st.integers(0, 255))
        return bytes(changed)
    return raw


def tried(function):
    """Call a function, which may refuse what it is given."""
    with contextlib.suppress(LabError):
        function()


def notebook_of(source, **metadata):
    """Make a notebook with one cell of parameters."""
    cell = nbformat.v4.new_code_cell(source, metadata={"tags": ["parameters"]})
    return nbformat.v4.new_notebook(cells=[cell], metadata=metadata)


TYPED = "path: str = 'f.csv'\nn: int = 3\nx: float = 0.5\nok: bool = True\nwho: list = ['CHN']\nfree = None\nby: dict = {}\n"


@fuzz
def test_parameters(data, tmp_path):
    own = tmp_path / "mine.ipynb"
    own.write_text(json.dumps(notebook_of(TYPED)))
    known = ["firm_productivity", "overcapacity", "import_dependence", str(own)]
    name = pick(data, st.sampled_from(known) | ODD)
    declared = list(analyses.get(name).declared) if name in known else ["path"]
    names = st.sampled_from([*declared, *declared, "bsae"]) | ODD
    values = data.draw(st.dictionaries(names, VALUES, max_size=3))
    tried(lambda: prepare(name, values, text=data.draw(st.booleans())))


@fuzz
def test_notebooks(data, tmp_path):
    lines = ["n: int = 3", "_x = 1", "problems = 1", "a = b", "a = 1e999", "a: list[" * 60 + "int" + "]" * 60 + " = []", "\0", "a = (",
             "a = '\\ud800'", "model_fields = 1", "a = " + "-" * 3000 + "1", "a: 3 = 1", "%magic", "import os", "a.b = 1"]  # fmt: skip
    source = "\n".join(data.draw(st.lists(st.sampled_from(lines), max_size=3)))
    about = {"title": "t", "question": "q", "tables": ["value_added"], "optional": ["n"], "after": False}
    content = notebook_of(source)
    if data.draw(st.booleans()):
        content = edited(data, notebook_of(source, mic2025lab=about))
    path = tmp_path / pick(data, ["mine.ipynb", "model.ipynb", "é.ipynb", "overcapacity.ipynb"])
    path.write_bytes(damaged(data, json.dumps(content).encode()))
    analyses.notebook._read.cache_clear()
    tried(lambda: prepare(str(path), {}))


@pytest.fixture
def tables(tmp_path, monkeypatch):
    """A folder with three tables, and its catalog."""
    whole = json.loads((catalog.data_dir() / "catalog.json").read_text(encoding="utf-8"))["tables"]
    some = {name: whole[name] for name in ("value_added", "national_accounts", "targets")}
    for entry in some.values():
        shutil.copy(catalog.data_dir() / entry["file"], tmp_path)
    monkeypatch.setenv("MIC2025LAB_DATA", str(tmp_path))
    return tmp_path, {"format": 1, "tables": some}


@fuzz
def test_catalogs(data, tables):
    folder, content = tables
    raw = json.dumps(edited(data, content)).encode()
    (folder / "catalog.json").write_bytes(damaged(data, raw))
    catalog.dataset.read_entries.cache_clear()
    name = pick(data, sorted(content["tables"]))
    tried(lambda: lab.load(name, columns=["year"]))
    tried(lambda: lab.load(name, vintage="all"))
    for show in (str, catalog.Dataset._repr_html_, catalog.Dataset.source_line):
        tried(lambda show=show: show(lab.describe(name)))
    tried(lab.datasets)


@fuzz
def test_journals(data, tmp_path):
    (tmp_path / "plan.yml").write_text("runs:\n  - analysis: not_there\n")
    numbers = {"jobs": 1, "scheduler": None, "timeout": None, "retries": 0}
    options = {**numbers, "fail_fast": False, "force": False, "fresh": False}
    lines = [
        {"asked": {"plan": "../plan.yml", "only": [], "options": options}},
        *({"analysis": "a", "run_id": str(number), "status": "done", "error": None} for number in range(2)),
    ]
    reports = tmp_path / "reports"
    reports.mkdir(exist_ok=True)
    raw = "\n".join(map(json.dumps, edited(data, lines))).encode()
    (reports / NAME).write_bytes(damaged(data, raw))
    told = CliRunner().invoke(main, ["batch", "--resume", "--reports", str(reports)])
    assert isinstance(told.exception, SystemExit), told.exception
    assert told.exit_code == 2


@pytest.fixture(scope="module")
def claims():
    """Two claims of the ledger."""
    return yaml.safe_load(ledger.LEDGER.read_text(encoding="utf-8"))["claims"][:2]


@pytest.mark.parametrize("read", [ledger.read, read_plan])
@fuzz
def test_yaml_files(data, read, claims, tmp_path):
    if read is read_plan:
        grid = {"grid": {"base_year": [2015, 2016]}, "exclude": [{"base_year": 2015}], "tags": ["a"]}
        runs = [{"params": {"base_year": 2014}}, grid]
        content = {"runs": [{"analysis": "overcapacity", **one} for one in runs]}
    else:
        content = {"claims": claims}
    path = tmp_path / "file.yml"
    path.write_bytes(damaged(data, yaml.safe_dump(edited(data, content)).encode()))
    tried(lambda: read(path))


@pytest.mark.parametrize("read", [ledger.read, read_plan])
def test_aliases_that_stand_for_millions_of_values_are_refused_before_they_are_made(read, tmp_path):
    lines = ["x-0: &a0 [one, two, three, four, five, six, seven, eight]"]
    lines += [f"x-{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 8)}]" for n in range(1, 9)]
    path = tmp_path / "file.yml"
    path.write_text("\n".join([*lines, "claims: [*a8]", "runs: [*a8]"]))
    tracemalloc.start()
    with pytest.raises(LabError, match="more than 100,000 values"):
        read(path)
    assert tracemalloc.get_traced_memory()[1] < 50 << 20
    tracemalloc.stop()
    path.write_text("claims: &a [*a]\nruns: &b [*b]\n")
    with pytest.raises(LabError, match="more than 100,000 values"):
        read(path)


@pytest.mark.parametrize("read", [ledger.read, read_plan])
@pytest.mark.parametrize("opened", ["[", "{a: ", "- ", "? "])
def test_lists_in_lists_without_end_are_refused(read, opened, tmp_path):
    path = tmp_path / "file.yml"
    path.write_text(opened * 200_000)
    with pytest.raises(LabError, match="write it flatter"):
        read(path)
