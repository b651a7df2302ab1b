"""docs/designs.md and README.md are true: their numbers are the data's, their names and commands exist, their references are complete."""

import importlib
import inspect
import io
import json
import re
import subprocess
import sys
from types import SimpleNamespace

import pandas as pd
import pytest
from click.testing import CliRunner

import mic2025lab as lab
from mic2025lab import analyses
from mic2025lab.cli import main
from mic2025lab.findings import signed
from mic2025lab.models import _event_study_result

NUMBER = re.compile(r"-?\d+\.\d+")


@pytest.fixture(scope="module")
def page(root):
    return (root / "docs" / "designs.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def stored(root):
    """What the default run of each analysis recorded; runs are compared with these values."""
    values = {
        path.stem: json.loads(path.read_text(encoding="utf-8"))
        for path in root.glob("tests/notebooks/values/*.json")
    }
    return {name: runs[name] for name, runs in values.items() if name in runs}


def _doc(module):
    """Documentation of a module and of its public functions."""
    found = importlib.import_module(module)
    return "\n".join(
        [inspect.getdoc(found), *(inspect.getdoc(getattr(found, name)) for name in found.__all__)]
    )


def test_tables_of_simulations_are_those_of_the_modules(page):
    """Row by row: the same numbers in the same order as in the documentation of the module that the block names."""
    blocks = re.findall(r"<!-- table of ([\w.]+) -->\n(.*?)\n<!-- end -->", page, flags=re.S)
    assert len(blocks) == 7
    for module, block in blocks:
        known = _doc(module).replace("`", "").replace(" %", "%")
        for row in block.splitlines()[2:]:
            label, *cells = (cell.strip() for cell in row.strip("|").split("|"))
            label = label.replace("`", "")
            found = re.search(rf"^{re.escape(label)}(:.*?)?\s\s+(-?\d.*)$", known, flags=re.M)
            assert found is not None, (module, label)
            assert NUMBER.findall(" ".join(cells)) == NUMBER.findall(found[2]), (module, label)


@pytest.mark.parametrize(
    ("source", "name"),
    [
        ("value_added", "Value added"),
        pytest.param("intermediate_exports", "Intermediate exports", marks=pytest.mark.slow),
    ],
)
def test_the_policy_effect_is_that_of_the_notebook(page, recorded, source, name):
    results = recorded("policy_effect", source=source)
    figures, text = results["figures"], " ".join(page.split())
    effect, said = figures["effect"], " ".join(results["finding"])
    level, units = re.search(r"(\d+)% CI by randomization over (\d+)", effect["note"]).groups()
    for words in (
        f"{name}, {units} economies: {signed(effect['value'], 2)}, p = {figures['p_value']['value']:.2f}",
        f"{level}% CI {signed(effect['low'], 2)} to {signed(effect['high'], 2)}, leads' p = {figures['leads_p_value']['value']:.2f}",
        re.search(r"Against the trends before 2015 the difference is (.* \(p = [\d.]+\))", said)[1],
        f"{name}: {figures['specifications_same_sign']['value']:.0f}% of {figures['specifications_clear']['note'].split()[1]} "
        f"specifications have the sign of the headline estimate, "
        f"{figures['specifications_clear']['value']:.0f}% have a {level}% CI on that side of zero, "
        "and the joint test ranks China "
        + re.search(r"ranks (\d+ of \d+ economies \(p = [\d.]+\))", said)[1],
    ):
        assert words in text, words
    # "no effect is claimed"
    assert figures["p_value"]["value"] > 0.05


def test_synthetic_doubles_are_those_of_the_notebook(page, stored):
    """A gap is not shown where the fit is poor."""
    text = io.StringIO(stored["growth_counterfactual"]["tables"]["summary"])
    summary = pd.read_csv(text).set_index("measure")
    text = " ".join(page.split())
    for row in summary.drop(index="gdp_per_worker_11").itertuples():
        words = f"{signed(row.gap, 3)}, rank {row.rank:.0f} of {row.units:.0f}, p = {row.p_value:.2f}."
        assert words in text.replace(" log points", ""), words
        assert not row.poor_fit
        assert row.p_value > 0.10
    assert summary.loc["gdp_per_worker_11", "poor_fit"]
    assert "(PWT 11.0): no estimate, because the pre-2015 fit is poor." in text


def test_conventions_are_what_the_tables_print(page):
    """What the result prints below its table stands in the page."""
    for name, words in _event_study_result._CONVENTIONS.items():
        for part in words.rstrip(".").split("; "):
            assert name == "t" or part in page, part
    elsewhere = {
        "synthetic_control": "standard error: root mean square of the placebos' mean gaps",
        "breaks": "Newey-West standard errors",
        "production": "standard errors from a bootstrap of firms",
        "misallocation": "standard errors by the delta method; intervals from a studentized bootstrap of firms",
        "measurement_error": "standard errors clustered by firm (delta method)",
    }
    for module, words in elsewhere.items():
        assert words in inspect.getsource(importlib.import_module(f"mic2025lab.models.{module}")), module
        assert words in page, module


def test_published_figures_are_those_the_tests_pin(page, root):
    pinned = "".join(
        (root / "tests" / "models" / f"test_{name}.py").read_text(encoding="utf-8")
        for name in ("synthetic_published", "synthetic_control", "event_study", "production")
    )
    rows = page.split("## Published examples")[1].split("## References")[0]
    plain = pinned.replace("_", "").replace(",", "")
    for number in NUMBER.findall(rows.replace("−", "-").replace(",", "")):
        assert number == "0.1" or number in plain, number
    assert "20339" in plain


def test_names_exist(page, root):
    known = {*lab.models.__all__, *analyses.ANALYSES, *lab.datasets()["name"]}
    for result in (lab.models.SyntheticControl, lab.models.SupF):
        known |= {*dir(result), *result.__dataclass_fields__}
    names = set(re.findall(r"`([a-z]+_[a-z_]+)`", page))
    assert names <= known, names - known
    for path in re.findall(r"`((?:tests|benchmarks)/[\w/.]+)`", page):
        assert (root / path).is_file(), path


def test_every_reference_is_cited_and_every_citation_has_one(page):
    body, listed = page.split("## References")
    body = " ".join(body.split())
    lines = listed.strip().splitlines()
    entries = [(re.match(r"- ([A-Z][\w'-]+)", line)[1], re.search(r"\((\d{4})\)", line)[1]) for line in lines]
    assert [name for name, _ in entries] == sorted(name for name, _ in entries)
    assert len(set(entries)) == len(lines) > 25
    # "Surname (2010)", "Surname & Surname 2010", "Surname, Surname & Surname (2010)", "Surname et al. 2010".
    surname = r"[A-Z][\w'-]+"
    cited = re.findall(
        rf"({surname})((?:, {surname})*(?: & {surname})?|(?: et al\.)?) \(?((?:19|20)\d\d)\b", body
    )
    found = {(first, year) for first, _, year in cited}
    assert set(entries) <= found, set(entries) - found
    with_others = {(first, year) for first, others, year in cited if "&" in others or "et al" in others}
    assert with_others <= set(entries), with_others - set(entries)


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
