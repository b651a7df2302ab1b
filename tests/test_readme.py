"""The README is true: its tables are the catalogue's, its example runs, its commands exist."""

import io
import json
import re
import subprocess
import sys
from types import SimpleNamespace

import pandas as pd
import pytest
from click.testing import CliRunner

from mic2025lab import analyses
from mic2025lab.cli import main


@pytest.fixture(scope="module")
def readme(root):
    return (root / "README.md").read_text(encoding="utf-8")


def test_the_table_of_datasets_is_the_catalogues(root):
    page = (root / "docs" / "datasets.md").read_text(encoding="utf-8")
    written = re.search(r"<!-- mic2025lab data list --markdown -->\n(.*?)\n<!-- end -->", page, flags=re.S)
    assert written is not None
    printed = CliRunner().invoke(main, ["data", "list", "--markdown"], env={"MIC2025LAB_CACHE": "absent"})
    assert written[1].strip() == printed.output.strip(), "paste what `mic2025lab data list --markdown` prints"


def test_the_example_runs(readme):
    example = re.search(r"```python\n(.*?)```", readme, flags=re.S)[1]
    done = subprocess.run([sys.executable, "-c", example], capture_output=True, text=True, check=True)
    assert re.search(r"2022\s+0\.0932", done.stdout)


def test_every_name_in_the_readme_is_there_in_a_fresh_process(readme):
    names = sorted(set(re.findall(r"`lab\.([a-z_.]+[a-z_])", readme)))
    assert len(names) > 10
    code = f"import functools, mic2025lab as lab\nfor name in {names}: functools.reduce(getattr, name.split('.'), lab)"
    subprocess.run([sys.executable, "-c", code], check=True)


def test_the_commands_exist(readme, root):
    makefile = (root / "Makefile").read_text(encoding="utf-8")
    for target in set(re.findall(r"`?make (\w+)`?", readme)) - {"sure"}:
        assert re.search(rf"^{target}:", makefile, flags=re.M), target
    for plan in set(re.findall(r"notebooks/plans/\w+\.yml", readme)):
        assert (root / plan).is_file()
    for target in re.findall(r"\]\((?!https?:)([^)#]+)", readme):
        assert (root / target).is_file(), target


def test_every_analysis_is_in_the_readme(readme):
    for name in analyses.ANALYSES:
        assert f"`{name}`" in readme


@pytest.fixture(scope="module")
def stored(root):
    """What the default run of each analysis recorded; runs are compared with these values."""
    values = {
        path.stem: json.loads(path.read_text(encoding="utf-8"))
        for path in root.glob("tests/notebooks/values/*.json")
    }
    return {name: runs[name] for name, runs in values.items() if name in runs}


def test_the_findings_in_the_readme_are_the_recorded_ones(root, readme, stored):
    """Every number in the table of findings is that of the stored values: `readme_findings.txt` has the words around them."""
    figures = {
        name: {key: entry["value"] for key, entry in run["figures"].items()} for name, run in stored.items()
    }
    tables = {
        (name, key): pd.read_csv(io.StringIO(text))
        for name, run in stored.items()
        for key, text in run["tables"].items()
    }
    lead, gaps = figures["leadership"], tables["fiscal_strain", "gap"].set_index("year")["gap"]
    fields = lead["fields_led_by_volume"] / (lead["fields_led_by_volume_share"] / 100)
    figures["computed"] = {
        "fields": fields,
        "valued": fields - lead["fields_without_value"],
        "gap_2015": gaps[2015],
        "points_below": -figures["overcapacity"]["utilization_gap"],
        "fell_in": figures["import_dependence"]["finer_fell_in"] * 16 / 100,
        "exports_fell": -figures["friction"]["exports_change"],
    }
    known = {name: SimpleNamespace(**values) for name, values in figures.items()}
    for line in (root / "tests/readme_findings.txt").read_text(encoding="utf-8").splitlines():
        assert line.format(**known) in readme, line
    # The words that say which way: no clear slowdown, no clear break, no clear order, falls in both years.
    for name, figure in (
        ("market_share_shifts", "pace_change"),
        ("fiscal_strain", "gap_level_break"),
        ("innovation", "correlation_difference"),
    ):
        entry = stored[name]["figures"][figure]
        assert entry["low"] < 0 < entry["high"]
    assert max(figures["foreign_firms"][f"foreign_profit_share_change_{year}"] for year in (2021, 2022)) < 0
    partners = {"all others", "Vietnam", "Taiwan", "Mexico"}
    assert set(tables["trade_diversion", "periods"]) == {"period", *partners, "mix of industries", "total"}
    below = tables["overcapacity", "gaps"].query("`gap, s.d.` < -1")["industry"]
    assert {"Motor vehicles", "Electrical equipment"} <= set(below)


def test_the_finding_on_advantages_is_that_of_the_table(readme):
    import mic2025lab as lab
    from mic2025lab.classifications.industries import ICIO_TARGETED

    exports = lab.load("intermediate_exports", year=[2015, 2020])
    exports = exports[exports["industry"].str[0].isin(["A", "B", "C"])]
    rca = lab.metrics.rca(exports, of="economy", item="industry", within="year")
    rca = rca[rca["economy"] == "CHN"].pivot(index="industry", columns="year", values="rca")
    rose = (rca[2020] - rca[2015])[list(ICIO_TARGETED)] > 0.1
    assert ("by more than 0.1 in none of the plan's industries" in readme) == (not rose.any())
