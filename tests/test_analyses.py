"""The analyses: parameters are typed, checked against the tables, and explained; notebooks agree with them."""

import json
from pathlib import Path

import nbformat
import pytest
from papermill.inspection import inspect_notebook  # type: ignore[import-untyped]

from mic2025lab import catalog
from mic2025lab.analyses import ANALYSES, get, limits, parameters, validate, validate_text
from mic2025lab.errors import LabError, ParameterError

SHARES = "market_share_shifts"


def refusal(name, values, *, text=False):
    with pytest.raises(ParameterError) as caught:
        (validate_text if text else validate)(name, values)
    return str(caught.value)


@pytest.mark.parametrize("name", ANALYSES)
def test_a_notebook_of_the_package_is_complete(name):
    """Its defaults are valid, papermill shows a type and a help of each parameter, and its tables are here."""
    analysis = get(name)
    assert validate(name, {}).model_dump(mode="json") == analysis.defaults()
    shown = {one["name"]: one for one in inspect_notebook(str(ANALYSES[name])).values()}
    assert list(shown) == list(analysis.declared)
    for field, one in analysis.declared.items():
        assert (shown[field]["inferred_type_name"], shown[field]["help"]) == (one.type, one.help)
        assert one.type, field
        assert one.help, field
    assert analysis.packaged
    assert analysis.question.endswith("?")
    assert all(map(catalog.digest, analysis.tables))


def test_limits_are_for_parameters_that_the_notebooks_have():
    """One that is misspelled would limit nothing."""
    declared = {name: set(get(name).declared) for name in ANALYSES}
    declared["every"] = set.union(*declared.values())
    assert all(limited.keys() <= declared[name] for name, limited in limits.LIMITS.items())
    ours = {name for name, made in vars(limits).items() if getattr(made, "__module__", "") == limits.__name__}
    assert {name for name in ours if name[0] != "_"} <= {*ANALYSES, "Limited", "narrow", "single"}


@pytest.mark.parametrize("values", [{"start": 2012, "end": 2018}, {"base_year": 2005}, {"base_year": 2019}])
def test_values_at_the_edge_are_taken_and_cannot_be_changed(values):
    with pytest.raises(ValueError, match="frozen"):
        validate(SHARES, values).base_year = 2016


@pytest.mark.parametrize(
    ("wrong", "starts"),
    [
        ({"sector": 1, "bsae": 1, "start": "x" * 1_000_000}, ["sector =", "start =", "Unknown parameter"]),
        ({"sector": "x" * 1_000_000, "end": 2040}, ["Unknown sector", "end ="]),
        # Whether this end is too early depends on the base year, which is not known.
        ({"base_year": "soon", "end": 2016}, ["base_year ="]),
    ],
)
def test_all_problems_come_at_once_a_line_each_of_limited_length_types_before_limits(wrong, starts):
    lines = refusal(SHARES, wrong).splitlines()
    assert [" ".join(line.split(" ")[:2]) for line in lines] == starts
    assert max(map(len, lines)) < 1000


def test_text_is_read_as_the_parameters_type_says():
    model = validate_text(SHARES, {"start": "2005", "comparators": "[USA, JPN]", "sector": "rail"})
    assert (model.start, model.comparators, model.sector) == (2005, ["USA", "JPN"], "rail")
    model = validate_text("overcapacity", {"industries": "coal,food", "threshold": "72.5"})
    assert (model.industries, model.threshold) == (["coal", "food"], 72.5)
    assert validate_text("overcapacity", {"industries": "all"}).industries == "all"
    assert "'0204'" in refusal(SHARES, {"sector": "0204"}, text=True)
    assert refusal(SHARES, {"start": "soon"}, text=True).startswith("start = 'soon' must be a whole number")


def own_cell(name):
    cells = nbformat.read(ANALYSES[name], as_version=4).cells
    return next(cell.source for cell in cells if "parameters" in cell.metadata.get("tags", []))


def notebook_namespace(injected="", later=""):
    """What a notebook's globals are when its second cell runs."""
    cells = ["", own_cell(SHARES), injected, later]
    namespace = {}
    for cell in cells:
        exec(cell, namespace)
    return {**namespace, "In": cells, "Out": {}, "exit": object(), "_dh": []}


@pytest.mark.parametrize("injected", ['# Parameters\nsector = "rail"\n', "sector = 'rail'"])
def test_what_papermill_or_jupyter_scheduler_injected_is_taken(injected):
    assert parameters(SHARES, notebook_namespace(injected, "share = 0.34\nrows = [1]")).sector == "rail"


@pytest.mark.parametrize("injected", ["# Parameters\nbsae = 2015\n", "bsae = 2015\nsector = 'rail'"])
def test_an_injected_name_that_nobody_declared_is_refused(injected):
    with pytest.raises(ParameterError, match=r"Unknown parameter 'bsae' of .*Did you mean 'base_year'"):
        parameters(SHARES, notebook_namespace(injected))


def test_a_corrected_parameters_cell_is_taken_though_the_wrong_one_is_in_the_history():
    namespace = notebook_namespace()
    namespace["In"] = ["", "# Parameters of x\nbsae = 2015", *namespace["In"][1:]]
    namespace["bsae"] = 2015
    assert parameters(SHARES, namespace).base_year == 2015


def test_outside_ipython_every_plain_variable_counts():
    with pytest.raises(ParameterError, match="'bsae'"):
        parameters(SHARES, {"sector": "rail", "bsae": 2015, "json": json, "Path": Path})
    assert parameters(SHARES, {"sector": "rail", "json": json, "Path": Path, "_x": 1}).sector == "rail"


def write(path, parameters, *cells, **metadata):
    """Write a notebook with a title, a parameters cell, and code cells."""
    made = nbformat.v4.new_notebook(metadata={"mic2025lab": metadata} if metadata else {})
    made.cells = [
        nbformat.v4.new_markdown_cell("# How much did it grow?\n\nA paragraph."),
        nbformat.v4.new_code_cell(parameters, metadata={"tags": ["parameters"]}),
        *map(nbformat.v4.new_code_cell, cells),
    ]
    nbformat.write(made, path)
    return path


def test_any_notebook_is_an_analysis(tmp_path):
    cell = "start: int = 2005  # first year\nwho: list[str] = ['CHN']\nrate = 0.5\nboth: int | None = None\nkind = 'a'  # type: list|str  which"
    code = (
        "%matplotlib inline\nimport mic2025lab as lab, numpy as np\nlab.load('value_added'); np.load('x.npy')"
    )
    path = write(tmp_path / "My notebook-2.ipynb", cell, code, "from mic2025lab import scan\nscan('baci')")
    own = get(path)
    assert (own.name, own.title, own.tables, own.packaged) == (
        "my_notebook_2", "How much did it grow?", ("baci", "value_added"), False,
    )  # fmt: skip
    assert own.defaults() == {"start": 2005, "who": ["CHN"], "rate": 0.5, "both": None, "kind": "a"}
    assert own.declared["start"].help == "first year"
    given = {"start": "2010", "who": "USA,JPN", "rate": "1", "both": "3", "kind": "x"}
    read = {"start": 2010, "who": ["USA", "JPN"], "rate": 1.0, "both": 3, "kind": "x"}
    assert validate_text(path, given).model_dump() == read


def test_metadata_come_before_what_the_cells_say(tmp_path):
    about = {"title": "T", "question": "Q?", "tables": ["sectors"], "optional": ["flows"], "after": True}
    own = get(write(tmp_path / "x.ipynb", "", **about))
    assert (own.title, own.question, own.after) == ("T", "Q?", True)
    assert (own.tables, own.optional) == (("sectors",), ("flows",))


def test_an_own_copy_of_a_notebook_of_the_package_may_have_more_parameters(tmp_path):
    copy = write(tmp_path / "overcapacity.ipynb", own_cell("overcapacity") + "\nmore: int = 1  # one more")
    assert validate(copy, {"more": 3, "reference": "peak"}).more == 3
    with pytest.raises(ParameterError, match="Did you mean 'peak'"):
        validate(copy, {"reference": "pek"})
    assert not get(copy).packaged
    fewer = write(tmp_path / f"{SHARES}.ipynb", "sector: str = 'another'")
    assert validate(fewer, {}).sector == "another"
    namespace = {"In": ["", own_cell("overcapacity") + "\nmore: int = 1"], "more": 7}
    assert parameters("overcapacity", namespace).more == 7


@pytest.mark.parametrize(
    ("cell", "message"),
    [
        ("start = 2 +", "is not Python"),
        ("import os", "may have only lines like start = 2005"),
        ("start = max(1, 2)", "a parameter is a plain value"),
        ("a, b = 1, 2", "may have only lines like start = 2005"),
    ],
)
def test_a_parameters_cell_that_cannot_be_read_is_refused(tmp_path, cell, message):
    with pytest.raises(ParameterError, match=message):
        get(write(tmp_path / "x.ipynb", cell))


NOT_NOTEBOOKS = [b"", b"{}", b"[]", b'{"cells": 3}', b'{"cells": [{}]}', b"\xff\xfe"]


@pytest.mark.parametrize("content", NOT_NOTEBOOKS)
def test_a_file_that_is_not_a_notebook_is_refused(tmp_path, content):
    (tmp_path / "x.ipynb").write_bytes(content)
    with pytest.raises(LabError, match="cannot be read as a notebook"):
        get(tmp_path / "x.ipynb")


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("none.ipynb", "There is no notebook"),
        ("mine", "give its path"),
        ("market_shares", f"mean '{SHARES}'"),
    ],
)
def test_a_name_of_no_notebook_is_refused(name, words):
    with pytest.raises(LabError, match=words):
        get(name)


def test_a_file_is_known_by_its_path_from_the_notebook_else_by_its_name(tmp_path):
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "mine.csv").write_text("x\n1\n")
    own = get(write(tmp_path / "x.ipynb", 'file: str = "data/mine.csv"\nword: str = "plain"'))
    assert list(own.files(own.defaults())) == ["data/mine.csv"]
    assert list(own.files({"file": str(tmp_path / "data" / "mine.csv")})) == ["mine.csv"]
