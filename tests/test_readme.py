"""The README is true: its tables are the catalogue's, its example runs, its commands exist."""

import io
import json
import re
import subprocess
import sys

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


def test_the_findings_in_the_readme_are_the_recorded_ones(root, readme):
    """Every number in the table of findings is that of the stored values, which the runs are compared with."""

    def of(analysis, name, label=None):
        runs = json.loads((root / f"tests/notebooks/values/{analysis}.json").read_text(encoding="utf-8"))
        return runs[label or analysis]["figures"][name]["value"]

    def tables(analysis, name):
        runs = json.loads((root / f"tests/notebooks/values/{analysis}.json").read_text(encoding="utf-8"))
        return pd.read_csv(io.StringIO(runs[analysis]["tables"][name]))

    shares, costs, below = "market_share_shifts", "productivity_costs", "overcapacity"
    sector = "sector_scorecard"
    imports, lead, firms, fiscal = "import_dependence", "leadership", "foreign_firms", "fiscal_strain"
    fields = of(lead, "fields_led_by_volume") / (of(lead, "fields_led_by_volume_share") / 100)
    valued = fields - of(lead, "fields_without_value")
    gaps = tables(fiscal, "gap").set_index("year")["gap"]
    partner, limits = "partner_dependence", "limits_of_leverage"
    for text in (
        f"In 2020, {of(partner, 'battery_dependent_start')} of {of(partner, 'battery_importers_start')} importers took more than half",
        f"in 2024, {of(partner, 'battery_dependent_end')} of {of(partner, 'battery_importers_end')} did, and "
        f"{of(partner, 'battery_captive_end')} of these had no other supplier",
        f"in {of(partner, 'made_over_base')} of {of(partner, 'made_series')} solar stages and minerals in 2015 and in the last year",
        f"{of(limits, 'manufacturing_last'):.1f}% of the world's manufactures (2022) and sells {of(limits, 'merchandise_exports_last'):.1f}%",
        f"{of(limits, 'turnover_last'):.1f}% of foreign exchange turnover and {of(limits, 'payments_last'):.1f}% of payments (2025)",
        f"China led in {of('hamilton_index', 'hamilton_led'):.0f} of the 8 with data in 2020",
        f"location quotient was {of('hamilton_index', 'lq_chn_end'):.2f}, that of the United States {of('hamilton_index', 'lq_usa_end'):.2f}",
        f"rose {of(limits, 'chip_tools_imports_change'):.0f}% from 2015 to 2019",
        f"{of(shares, 'share_start'):.1f}% (2002) to {of(shares, 'share_base'):.1f}% (2015) and {of(shares, 'share_end'):.1f}% (2022)",
        f"{of(shares, 'pace_before'):.2f} points a year before 2015 and {of(shares, 'pace_after'):.2f} after",
        f"{of(costs, 'icor_2006_2010'):.1f} points of GDP in investment in 2006-2010, {of(costs, 'icor_2011_2015'):.1f} in 2011-2015, "
        f"and {of(costs, 'icor_2021_2024'):.1f} in 2021-2024",
        f"from {of(costs, 'tfp_growth_after_low'):.1f}% to {of(costs, 'tfp_growth_after_high'):.1f}% a year across 7 measures",
        f"{-of(below, 'utilization_gap'):.1f} points below its 2016-2019 mean. {of(below, 'industries_below_history')} of 15 industries",
        f"{of(imports, 'foreign_content_2005'):.1f}% (2005) to {of(imports, 'foreign_content_2011'):.1f}% (2011)",
        f"fell in {of(imports, 'finer_fell_in') * 16 / 100:.0f} of 16 plan industries",
        f"from {of(imports, 'electronic_components_2012'):.1f}% to {of(imports, 'electronic_components_2020'):.1f}%",
        f"{of('chokepoints', 'captive_import_share'):.1f}% of US imports",
        f"mined {of('chokepoints', 'rare_earths_mcs2025'):.0f}% of the world's rare earths in 2023",
        f"was {of('chokepoints', 'rare_earth_metals_2010'):.0f}% in 2010, {of('chokepoints', 'rare_earth_metals_2015'):.0f}% in 2015, "
        f"and {of('chokepoints', 'rare_earth_metals_2023'):.0f}% in 2023",
        f"By volume in {of(lead, 'fields_led_by_volume'):.0f} of {fields:.0f} fields; "
        f"by value in {of(lead, 'fields_led_by_value'):.0f} of the {valued:.0f} fields with data",
        f"pays {of(lead, 'ip_payments_to_receipts_end'):.1f} dollars for foreign technology per dollar it receives "
        f"({of(lead, 'ip_payments_to_receipts_start'):.1f} in 2015)",
        f"{of(firms, 'foreign_profit_share_2022'):.1f}% of profit in 2022",
        f"{gaps[2015]:.1f}% of GDP in 2015 and {of(fiscal, 'gap_last'):.1f}% in 2024, without a significant break",
        f"rose {of(fiscal, 'debt_pace_change'):.1f} points of GDP a year faster after 2015",
        f"paid {of('friction', 'extra_duty', 'friction'):.1f} points more US duty",
        f"fell {-of('friction', 'exports_change', 'friction'):.0f}% from 2017 to 2019",
        f"fell from {of('trade_diversion', 'china_share_base'):.1f}% (2017) to {of('trade_diversion', 'china_share_end'):.1f}% (2024), and over "
        f"January to November from {of('trade_diversion', 'china_share_2024_same_months'):.1f}% (2024) to "
        f"{of('trade_diversion', 'china_share_2025_same_months'):.1f}% (2025)",
        f"rose from {of('innovation', 'families_base'):.1f}% (2015) to {of('innovation', 'families_last'):.1f}% (2018) of patent families, which "
        f"include grants at home, and from {of('innovation', 'uspto_base'):.1f}% (2015) to {of('innovation', 'uspto_last'):.1f}% (2022) of USPTO",
        f"{of(sector, 'cells_filled')} of 80 cells have a number, from {of(sector, 'observations')} observations: "
        f"{of(sector, 'observations_toward')} moved toward the plan's aims or became cheaper, "
        f"{of(sector, 'observations_away')} moved away, and {of(sector, 'observations_unclear')} are unclear",
    ):
        assert text in readme, text
    # The words that say which way: no clear slowdown, not wider since 2015, falls in both years.
    stored = json.loads((root / f"tests/notebooks/values/{shares}.json").read_text(encoding="utf-8"))[shares][
        "figures"
    ]
    assert stored["pace_change"]["low"] < 0 < stored["pace_change"]["high"]
    level_break = json.loads((root / f"tests/notebooks/values/{fiscal}.json").read_text(encoding="utf-8"))
    level_break = level_break[fiscal]["figures"]["gap_level_break"]
    assert level_break["low"] < 0 < level_break["high"]
    assert max(of(firms, f"foreign_profit_share_change_{year}") for year in (2021, 2022)) < 0
    order = json.loads((root / "tests/notebooks/values/innovation.json").read_text(encoding="utf-8"))
    order = order["innovation"]["figures"]["correlation_difference"]
    assert order["low"] < 0 < order["high"]
    periods = tables("trade_diversion", "periods")
    partners = {"all others", "Vietnam", "Taiwan", "Mexico"}
    assert set(periods.columns) == {"period", *partners, "mix of industries", "total"}
    assert {"Motor vehicles", "Electrical equipment"} <= set(
        tables(below, "gaps").query("`gap, s.d.` < -1")["industry"]
    )


def test_the_finding_on_advantages_is_that_of_the_table(readme):
    import mic2025lab as lab
    from mic2025lab.classifications.industries import ICIO_TARGETED

    exports = lab.load("intermediate_exports", year=[2015, 2020])
    exports = exports[exports["industry"].str[0].isin(["A", "B", "C"])]
    rca = lab.metrics.rca(exports, of="economy", item="industry", within="year")
    rca = rca[rca["economy"] == "CHN"].pivot(index="industry", columns="year", values="rca")
    rose = (rca[2020] - rca[2015])[list(ICIO_TARGETED)] > 0.1
    assert ("by more than 0.1 in none of the plan's industries" in readme) == (not rose.any())
