"""The notebooks as papermill alone runs them, and the runs of parameters that are not the defaults."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import nbformat
import pytest

from mic2025lab import catalog
from mic2025lab.analyses import ANALYSES
from mic2025lab.classifications import economies
from mic2025lab.errors import ParameterError
from mic2025lab.findings import pace_word
from mic2025lab.runs.run import execute, prepare

pytestmark = pytest.mark.slow

Call = Callable[..., "CompletedProcess[str]"]

# Analysis, parameters given as on the command line, and a run of the same in `lab_runs` where there is one.
DEFAULTS = [
    pytest.param("overcapacity", [], "overcapacity", marks=pytest.mark.heavy, id="overcapacity"),
    pytest.param("market_share_shifts", ["sector", "aerospace"], "sector", id="market_share_shifts"),
]


# What a reader may well ask for and no default covers.
EDGES = {
    "an economy that loses, other years": (
        "market_share_shifts",
        {"economy": "USA", "comparators": "CHN,JPN", "base_year": "2010", "start": "2005", "end": "2019"},
    ),
    "a sector of three industries": ("market_share_shifts", {"sector": "information_technology"}),
    "another economy, a longer past": ("productivity_costs", {"economy": "DEU", "start": "1990"}),
    "the other vintage": ("productivity_costs", {"vintage": "wdi-2026-07"}),
    "two industries against their peak": (
        "overcapacity",
        {"industries": "coal,ferrous_metals", "reference": "peak"},
    ),
}


def papermill(call: Call, name: str, folder: Path, *given: str) -> CompletedProcess[str]:
    """Execute a notebook where it stands; only the output is written in `folder`."""
    options = [word for pair in zip(given[::2], given[1::2], strict=True) for word in ("-p", *pair)]
    source = str(ANALYSES[name])
    return call("papermill", source, "out.ipynb", *options, "--no-progress-bar", cwd=folder)


def cells(folder: Path) -> list[Any]:
    return nbformat.read(folder / "out.ipynb", as_version=4).cells


def texts(outputs: list[Any]) -> str:
    """Join what the outputs of a cell show as text."""
    found = []
    for output in outputs:
        data = output.get("data", {})
        found += [output.get("text", ""), data.get("text/markdown", ""), data.get("text/plain", "")]
    return "\n".join(found)


def said(run: dict[str, Any]) -> list[str]:
    """List every sentence of a run: findings, descriptions of figures, captions and notes."""
    return [
        *run["finding"],
        *(image["alt"] for image in run["images"].values()),
        *(table["caption"] for table in run["tables"].values()),
        *(figure["note"] for figure in run["figures"].values() if figure["note"]),
    ]


def test_every_notebook_is_an_analysis_and_every_analysis_a_notebook(root: Path) -> None:
    assert {path.name for path in (root / "notebooks").glob("*.ipynb")} == {
        path.name for path in ANALYSES.values()
    }


@pytest.mark.parametrize(("name", "given", "same"), DEFAULTS)
def test_papermill_alone_runs_a_notebook_and_finds_what_the_command_finds(
    call: Call, read_results: Any, lab_runs: Any, tmp_path: Path, name: str, given: list[str], same: str
) -> None:
    done = papermill(call, name, tmp_path, *given)
    assert done.returncode == 0, done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["out.ipynb"]
    bare, kept = (
        cells(tmp_path),
        nbformat.read(getattr(lab_runs, same) / "notebook.ipynb", as_version=4).cells,
    )
    # The two copies differ in the injected cell alone (the command gives every parameter); their outputs are those of the same code.
    code = [
        cell
        for cell in bare
        if cell.cell_type == "code" and "injected-parameters" not in cell.metadata.get("tags", [])
    ]
    other = [
        cell
        for cell in kept
        if cell.cell_type == "code" and "injected-parameters" not in cell.metadata.get("tags", [])
    ]
    assert [cell.source for cell in code] == [cell.source for cell in other]
    shown = [texts(cell.outputs) for cell in code]
    assert shown == [texts(cell.outputs) for cell in other]
    run = read_results(getattr(lab_runs, same))
    assert len(run["figures"]) >= 4
    everything = "\n".join(shown)
    for sentence in run["finding"]:
        assert sentence in everything
    assert not [
        output for cell in bare for output in cell.get("outputs", []) if output.output_type == "error"
    ]


@pytest.mark.parametrize(
    "name",
    [
        "scorecard",
        *(pytest.param(name, marks=pytest.mark.heavy) for name in ("chokepoints", "firm_distress")),
    ],
)
def test_papermill_alone_runs_a_notebook(call: Call, tmp_path: Path, name: str) -> None:
    done = papermill(call, name, tmp_path)
    assert done.returncode == 0, done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["out.ipynb"]
    code = [cell for cell in cells(tmp_path) if cell.cell_type == "code" and cell.source.strip()]
    assert all(cell.execution_count for cell in code)
    assert not [output for cell in code for output in cell.outputs if output.output_type == "error"]


def test_a_run_records_the_same_bytes_again(call: Call, lab_runs: Any, tmp_path: Path) -> None:
    done = call("mic2025lab.cli", "run", "overcapacity", "--reports", "again", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    (again,) = (tmp_path / "again" / "runs" / "overcapacity").iterdir()
    files = sorted(path.relative_to(again) for path in again.rglob("*") if path.is_file())
    assert files == sorted(
        path.relative_to(lab_runs.overcapacity) for path in lab_runs.overcapacity.rglob("*") if path.is_file()
    )
    timed = {
        "run.json",
        "ro-crate-metadata.json",
        "notebook.ipynb",
        "notebook.html",
    }  # when it was run stands in these
    compared = [file for file in files if str(file) not in timed]
    assert len(compared) > 5
    for file in compared:
        assert (again / file).read_bytes() == (lab_runs.overcapacity / file).read_bytes(), file


@pytest.mark.parametrize(
    ("name", "given", "message"),
    [
        ("market_share_shifts", ["sector", "robotics"], "Did you mean 'machine_tools_robotics'?"),
        pytest.param(
            "productivity_costs",
            ["start", "2030"],
            "start = 2030 is outside national_accounts 10.01, which covers",
            marks=pytest.mark.heavy,
        ),
        ("overcapacity", ["bsae", "2015"], "Unknown parameter 'bsae'"),
    ],
    ids=["a sector", "a year", "a name"],
)
def test_a_bad_value_stops_papermill_in_the_validating_cell(
    call: Call, tmp_path: Path, name: str, given: list[str], message: str
) -> None:
    done = papermill(call, name, tmp_path, *given)
    assert done.returncode != 0
    assert "ParameterError" in done.stderr
    assert message in done.stderr
    code = [cell for cell in cells(tmp_path) if cell.cell_type == "code"]
    (stopped,) = [at for at, cell in enumerate(code) if any(o.output_type == "error" for o in cell.outputs)]
    assert f'lab.parameters("{name}", globals())' in code[stopped].source
    assert stopped <= 3  # defaults, injected, papermill's own note of the failure, and this one
    assert len(code) > stopped + 3
    for cell in code[stopped + 1 :]:
        assert cell.outputs == []
        assert cell.execution_count is None


@pytest.fixture(scope="module")
def edges(call: Call, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Run all of `EDGES` as one plan, two at once; folder by name."""
    folder = tmp_path_factory.mktemp("edges")
    plan = {"runs": [{"analysis": name, "params": params} for name, params in EDGES.values()]}
    (folder / "plan.yml").write_text(json.dumps(plan), encoding="utf-8")
    done = call("mic2025lab.cli", "batch", "plan.yml", "--jobs", "2", "--reports", "reports", cwd=folder)
    assert done.returncode == 0, done.stdout + done.stderr
    folders = {}
    for path in (folder / "reports" / "runs").glob("*/*/run.json"):
        run = json.loads(path.read_text(encoding="utf-8"))
        folders[run["analysis"], frozenset(run["changed"])] = path.parent
    by_name = {title: folders[name, frozenset(params)] for title, (name, params) in EDGES.items()}
    assert len(set(by_name.values())) == len(EDGES)
    return by_name


@pytest.mark.parametrize(
    "title",
    list(EDGES),
)
def test_no_sentence_says_what_only_a_program_says(
    edges: dict[str, Path], read_results: Any, title: str
) -> None:
    run = read_results(edges[title])
    assert len(run["finding"]) >= 3
    for sentence in said(run):
        assert not re.search(r"\b(nan|NaN|None(?! of)|inf|NaT|<NA>|True|False)\b|[{}]|  ", sentence), sentence


@pytest.mark.parametrize(
    "title",
    list(EDGES),
)
def test_no_zero_has_a_sign(edges: dict[str, Path], read_results: Any, title: str) -> None:
    for sentence in said(read_results(edges[title])):
        assert not re.search(r"[-\u2212]0\.0+(?!\d)", sentence), sentence


@pytest.mark.parametrize("title", [t for t in EDGES if "industries against" not in t])
def test_sentences_are_about_the_economy_asked_about(
    edges: dict[str, Path], read_results: Any, title: str
) -> None:
    run = read_results(edges[title])
    who = economies.name(run["parameters"]["economy"])
    assert who in run["finding"][0]
    if who != "China":
        subjects = [s for s in said(run) if re.match(r"(In |The share of )?China\b", s)]
        assert subjects == []
        assert not [note for note in said(run) if note.startswith("China,")]


@pytest.mark.parametrize("title", [t for t, (name, _) in EDGES.items() if name == "market_share_shifts"])
def test_verbs_agree_with_the_recorded_numbers(edges: dict[str, Path], read_results: Any, title: str) -> None:
    run = read_results(edges[title])
    value = {name: figure["value"] for name, figure in run["figures"].items()}
    years = run["parameters"]
    first = run["finding"][0]
    assert (" rose: " in first) == (value["share_end"] - value["share_start"] >= 0.05)
    assert (" fell: " in first) == (value["share_end"] - value["share_start"] <= -0.05)
    for share, year in (("start", years["start"]), ("base", years["base_year"]), ("end", years["end"])):
        assert f"{value[f'share_{share}']:.1f}% in {year}" in first
    before = (value["share_base"] - value["share_start"]) / (years["base_year"] - years["start"])
    after = (value["share_end"] - value["share_base"]) / (years["end"] - years["base_year"])
    assert value["pace_before"] == pytest.approx(before)
    assert value["pace_after"] == pytest.approx(after)
    assert value["pace_change"] == pytest.approx(after - before)
    word = pace_word(before, after)
    second = run["finding"][1]
    assert word in second
    clear = run["figures"]["pace_change"]["low"] > 0 or run["figures"]["pace_change"]["high"] < 0
    assert ("is statistically significant" in second) == clear


def test_a_share_that_was_highest_in_its_first_year_has_peaked(
    edges: dict[str, Path], read_results: Any
) -> None:
    # Germany's share of world GDP in PPP is at its highest in the first year of the table and has fallen since.
    run = read_results(edges["another economy, a longer past"])
    (sentence,) = [s for s in run["finding"] if "purchasing power parity" in s]
    assert "has not peaked" not in sentence


def test_the_pinned_vintage_is_the_one_that_is_quoted(edges: dict[str, Path], read_results: Any) -> None:
    run = read_results(edges["the other vintage"])
    (sentence,) = [s for s in run["finding"] if "world GDP" in s]
    # This vintage has no PPP series: a number in PPP is another vintage's, and must say so.
    assert "purchasing power parity" not in sentence or "weo-2025-10" in sentence


def test_a_name_that_takes_an_article_has_it(edges: dict[str, Path], read_results: Any) -> None:
    findings = " ".join(read_results(edges["an economy that loses, other years"])["finding"])
    assert findings.startswith("The United States’ share")
    assert not re.search(r"(?<!the )(?<!The )United States\b", findings)


def test_the_caveat_counts_the_values_that_were_used(edges: dict[str, Path], read_results: Any) -> None:
    run = read_results(edges["two industries against their peak"])
    table = catalog.load(
        "capacity_utilization",
        frequency="quarter",
        year=slice(run["parameters"]["start"], None),
        industry=["total", *run["parameters"]["industries"]],
    )
    (sentence,) = [s for s in run["finding"] if "unverified" in s]
    unverified, derived = (table["flag"] == "unverified").sum(), (table["flag"] == "derived").sum()
    assert f"Not used: {unverified} of {len(table)} quarterly values" in sentence
    assert f" {derived} values that are used are derived" in sentence


@pytest.mark.parametrize("name", ["market_share_shifts", "productivity_costs"])
@pytest.mark.parametrize("economy", ["USA", "IND"])
def test_another_economy_alone_is_a_request(name: str, economy: str) -> None:
    request = prepare(name, {"economy": economy})
    assert economy not in request.parameters["comparators"]


@pytest.mark.parametrize(
    ("name", "params"),
    [
        ("productivity_costs", {"vintage": "wdi-gdp-csv"}),
        ("productivity_costs", {"base_year": 2020}),
        ("overcapacity", {"start": 2020}),
        ("overcapacity", {"industries": "mining"}),
    ],
    ids=[
        "a vintage without investment",
        "a base year after TFP ends",
        "a history that ends before it starts",
        "an aggregate",
    ],
)
def test_what_validation_lets_through_runs(name: str, params: dict[str, Any], tmp_path: Path) -> None:
    try:
        request = prepare(name, params)
    except ParameterError:
        return  # refused before a kernel starts, which is as good
    result = execute(request, reports=tmp_path)
    assert result.status == "done", result.error
