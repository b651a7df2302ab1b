"""The README is true: its tables are the catalogue's, its example runs, its commands exist."""

from __future__ import annotations

import re
import subprocess
import sys

import pytest
from click.testing import CliRunner

from mic2025lab import analyses
from mic2025lab.cli import main


@pytest.fixture(scope="module")
def readme(root) -> str:
    return (root / "README.md").read_text(encoding="utf-8")


def test_the_table_of_datasets_is_the_catalogues(readme):
    written = re.search(r"<!-- mic2025lab data list --markdown -->\n(.*?)\n<!-- end -->", readme, flags=re.S)
    assert written is not None
    printed = CliRunner().invoke(main, ["data", "list", "--markdown"], env={"MIC2025LAB_CACHE": "absent"})
    assert written[1].strip() == printed.output.strip(), "paste what `mic2025lab data list --markdown` prints"


def test_the_example_runs(readme):
    example = re.search(r"```python\n(.*?)```", readme, flags=re.S)[1]
    done = subprocess.run([sys.executable, "-c", example], capture_output=True, text=True, check=True)
    assert re.search(r"2022\s+0\.0932", done.stdout)


def test_the_commands_exist(readme, root):
    makefile = (root / "Makefile").read_text(encoding="utf-8")
    for target in set(re.findall(r"`?make (\w+)`?", readme)) - {"sure"}:
        assert re.search(rf"^{target}:", makefile, flags=re.M), target
    for plan in set(re.findall(r"notebooks/plans/\w+\.yml", readme)):
        assert (root / plan).is_file()
    for image in re.findall(r"!\[[^\]]+\]\(([^)]+)\)", readme):
        assert (root / image).is_file()


def test_every_analysis_is_in_the_readme(readme):
    for name in analyses.ANALYSES:
        assert f"`{name}`" in readme


def test_the_figures_in_the_readme_are_those_of_the_data(readme):
    import mic2025lab as lab
    from mic2025lab.evidence import productivity
    from mic2025lab.findings import plain, signed

    shares = lab.metrics.market_share(lab.load("value_added"), world="WLD").assign(
        share=lambda t: 100 * t["share"]
    )
    own = shares[(shares["economy"] == "CHN") & (shares["industry"] == "manufacturing")].set_index("year")
    pace = lab.metrics.pace(own.reset_index(), of="economy", at=2015).iloc[0]
    world = lab.load("world_economy", economy="CHN")
    icor = productivity.icor(world, [(2006, 2010), (2011, 2015), (2021, 2024)])["icor"]
    rates = lab.load("capacity_utilization", frequency="quarter", year=slice(2016, None))
    gaps = lab.metrics.utilization_gap(rates[rates["flag"] != "unverified"], history=(2016, 2019))
    gaps = gaps[gaps["period"].between("2024Q3", "2025Q2")].groupby("industry")[["gap", "gap_sd"]].mean()
    accounts = lab.load("national_accounts", vintage="all", economy="CHN", year=slice(1995, None))
    tfp = productivity.tfp_choices(accounts, economy="CHN", base=2015, length=5)
    for text in (
        f"{plain(pace['value_start'])}% (2002) to {plain(pace['value_at'])}% (2015) and {plain(pace['value_end'])}% (2022)",
        f"{pace['before']:.2f} points a year before 2015 and {pace['after']:.2f} after",
        "{:.1f} points of GDP in investment in 2006–10, {:.1f} in 2011–15 and {:.1f} in 2021–24".format(
            *icor
        ),
        f"{plain(-gaps.loc['total', 'gap'])} points below its 2016–19 mean",
        f"{signed(tfp['after'].iloc[0])}%",
        f"about +{tfp['after'].iloc[2]:.0f}%",
    ):
        assert text in readme, text
    # "Most of it goes when the exchange rate is held still."
    rate = lab.load("national_accounts", vintage="11.0", economy="CHN").set_index("year")["xr"]
    world = 100 * own["value"] / own["share"]
    constant = own["value"] * rate / rate[2015]
    held = (100 * constant / (world - own["value"] + constant)).dropna().rename("share").reset_index()
    change = lab.metrics.pace(held.assign(economy="CHN"), of="economy", at=2015)["change"].iloc[0]
    assert abs(change) < abs(pace["change"]) / 2
    clearly_below = gaps.index[gaps["gap_sd"] < -1]
    assert {"motor_vehicles", "electrical_equipment", "computers_electronics"} <= set(clearly_below)


def test_the_trade_figures_in_the_readme_are_those_of_the_data(readme):
    import mic2025lab as lab
    from mic2025lab.classifications.industries import ICIO_TARGETED
    from mic2025lab.evidence import chokepoints, imports

    content = imports.foreign_content(lab.load("wiod_foreign_content", economy="CHN"))
    content = content[content["industry"] == imports.ALL].set_index("year")["content"]
    earths = lab.metrics.export_dominance(
        lab.load("critical_materials_exports", product="280530"), exporter="CHN"
    )
    earths = 100 * earths.set_index("year")["share"]
    mined = chokepoints.production(lab.load("mineral_production", vintage="all"), economy="CHN", year=2023)
    mapping = lab.load("sector_products", hs="HS22")
    flows = chokepoints.partner_imports(lab.load("us_imports"))
    _, sectors = chokepoints.captive(
        flows, supplier="CHN", share_above=0.5, alternative_above=0.1, mapping=mapping
    )
    captive = sectors.set_index("sector").loc["all products", "captive_share"]
    for text in (
        f"{content[2005]:.1f}% (2005) to {content[2011]:.1f}% (2011)",
        f"{mined.set_index('mineral').loc['rare_earths'].max():.0f}% of the world's rare earths",
        f"{earths[2010]:.0f}% (2010) to {earths[2015]:.0f}% (2015) and {earths[2023]:.0f}% (2023)",
        f"{captive:.1f}% of United States imports",
    ):
        assert text in readme, text
    exports = lab.load("intermediate_exports", year=[2015, 2020])
    exports = exports[exports["industry"].str[0].isin(["A", "B", "C"])]
    rca = lab.metrics.rca(exports, of="economy", item="industry", within="year")
    rca = rca[rca["economy"] == "CHN"].pivot(index="industry", columns="year", values="rca")
    rose = (rca[2020] - rca[2015])[list(ICIO_TARGETED)] > 0.1
    assert ("the advantage rose in none of the plan's industries" in readme) == (not rose.any())
