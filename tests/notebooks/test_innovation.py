"""`innovation`: its shares and correlations are those of the raw rows, and wrong requests are explained."""

from __future__ import annotations

import csv
import gzip
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from statistics import correlation

import pandas as pd
import pytest

from mic2025lab.analyses import validate
from mic2025lab.errors import ParameterError

#: ISIC name of value added -> fields of technology, in the words of the raw files.
FIELDS = {
    ("Pharmaceuticals, medicinal",): ("pharmaceuticals", "biotechnology"),
    ("Chemicals and",): (
        "basic materials chemistry",
        "macromolecular chemistry, polymers",
        "organic fine chemistry",
        "surface technology, coating",
    ),
    ("Computer, electronic",): (
        "computer technology",
        "digital communication",
        "telecommunications",
        "semiconductors",
        "audio-visual technology",
        "basic communication processes",
        "optics",
        "measurement",
    ),
    ("Electrical equipment",): ("electrical machinery, apparatus, energy",),
    ("Machinery and",): (
        "machine tools",
        "handling",
        "engines, pumps, turbines",
        "mechanical elements",
        "textile and paper machines",
        "other special machines",
    ),
    ("Medical and dental",): ("medical technology",),
    ("Motor vehicles", "Railroad", "Air and spacecraft"): ("transport",),
}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("base_year", 2011),
        ("base_year", 2017),
        ("years", 2),
        ("years", 6),
        ("families_to", 2017),
        ("families_to", 2021),
        ("draws", 99),
        ("seed", -1),
    ],
)
def test_wrong_requests_are_explained(name: str, value: int) -> None:
    with pytest.raises(ParameterError, match=name):
        validate("innovation", {name: value})


def test_intervals_hold_their_estimates_and_follow_the_seed(run_cells: Callable) -> None:
    one, again, other = (run_cells("innovation", draws=200, seed=seed)["figures"] for seed in (1, 1, 2))
    for name in ("knowledge_first", "value_added_first", "same_years", "difference"):
        figure = one[f"correlation_{name}"]
        assert figure["low"] < figure["value"] < figure["high"]
        assert figure == again[f"correlation_{name}"]
        assert figure["value"] == other[f"correlation_{name}"]["value"]
        assert figure["low"] != other[f"correlation_{name}"]["low"]
    difference = one["correlation_knowledge_first"]["value"] - one["correlation_value_added_first"]["value"]
    assert one["correlation_difference"]["value"] == pytest.approx(difference)


def test_no_year_after_the_last_of_families_is_used(run_cells: Callable) -> None:
    results = run_cells("innovation", draws=100, base_year=2016, years=5)
    shares = pd.read_csv(results["folder"] / results["tables"]["shares"]["file"]).set_index("year")
    assert shares["Patent families"].last_valid_index() == 2018
    fields = pd.read_csv(results["folder"] / results["tables"]["fields"]["file"])
    assert {"2016", "2018"} <= set(fields.columns)
    assert not {"2019", "2020"} & set(fields.columns)
    changes = fields[[str(year) for year in range(2012, 2017)]].rsub(fields["2018"], axis=0)
    assert fields["lowest"].to_numpy() == pytest.approx(changes.min(axis=1).to_numpy(), abs=0.011)
    assert results["figures"]["fields_up_at_every_base"]["value"] == (fields["lowest"] > 0).sum()


def raw(path: Path, item: str = "series") -> dict[tuple[str, str, int], float]:
    """(series, economy, year) -> value, by the standard library alone."""
    values: dict[tuple[str, str, int], float] = defaultdict(float)
    with (
        gzip.open(path, "rt", encoding="utf-8")
        if path.suffix == ".gz"
        else path.open(encoding="utf-8") as file
    ):
        for row in csv.DictReader(file):
            if row["value"] not in {"", "na", "ne"}:  # the source's words for a missing value
                values[row[item], row["economy"], int(row["year"])] = float(row["value"])
    return values


@pytest.mark.mirror
def test_values_are_those_of_the_raw_rows(run_cells: Callable, mirror: Path) -> None:
    folder = mirror / "nsf-patents-publications"
    families = raw(folder / "international_patent_families_35_fields_1998_2020.csv.gz")
    pct, uspto = (
        raw(folder / "pct_applications_2000_2022.csv"),
        raw(folder / "uspto_utility_patents_1998_2022.csv"),
    )
    articles = raw(folder / "articles_fractional_2003_2022.csv.gz")
    cited = raw(folder / "top1pct_cited_share_2003_2020.csv")
    added = raw(mirror / "nsf-kti/value_added_skti2_2002_2022.csv", item="industry")

    def share(values: dict, name: str, year: int) -> float:
        return 100 * values[name, "China", year] / values[name, "World", year]

    def pooled(values: dict, names: tuple[str, ...], world: str, year: int) -> float:
        sums = [
            sum(
                v
                for (name, who, when), v in values.items()
                if who == one and when == year and name.startswith(names)
            )
            for one in ("China", world)
        ]
        return 100 * sums[0] / sums[1]

    def changes(start: int, end: int) -> tuple[list[float], list[float]]:
        patents = [
            pooled(families, names, "World", end) - pooled(families, names, "World", start)
            for names in FIELDS.values()
        ]
        value = [
            pooled(added, names, "World (75)", end) - pooled(added, names, "World (75)", start)
            for names in FIELDS
        ]
        return patents, value

    (patents_before, value_before), (patents_after, value_after) = changes(2012, 2015), changes(2015, 2018)
    rate = cited["all fields (Scopus)", "China", 2020] / cited["all fields (Scopus)", "World", 2020]
    expected = {
        "families_base": share(families, "total", 2015),
        "families_last": share(families, "total", 2018),
        "pct_last": share(pct, "total", 2022),
        "uspto_last": share(uspto, "total", 2022),
        "articles_last": share(articles, "all fields", 2022),
        "top_articles_last": rate * share(articles, "all fields", 2020),
        "manufacturing_last": pooled(added, ("All manufacturing",), "World (75)", 2022),
        "correlation_knowledge_first": correlation(patents_before, value_after),
        "correlation_value_added_first": correlation(value_before, patents_after),
        "correlation_same_years": correlation(patents_before, value_before),
    }
    figures = run_cells("innovation", draws=100)["figures"]
    assert {name: figures[name]["value"] for name in expected} == pytest.approx(expected)
    top = {
        who: values * cited["all fields (Scopus)", who, year] / 100
        for (name, who, year), values in articles.items()
        if name == "all fields" and year == 2020
    }
    lead = 100 * (top["China"] - top["United States"]) / top["World"]
    assert figures["top_cited_lead"]["value"] == pytest.approx(lead)
    assert round(expected["families_last"], 1) == 43.0
    assert round(expected["uspto_last"], 1) == 8.6


@pytest.mark.mirror
def test_research_spending_is_that_of_the_raw_rows(run_cells: Callable, mirror: Path) -> None:
    spent: dict[tuple[str, int], float] = {}
    with gzip.open(mirror / "oecd-gerd/OECD_GERD_TOE.csv.gz", "rt", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            total = row["SECT_PERF"] == row["TYPE_COST"] == "_T" and row["UNIT_MEASURE"] == "USD_PPP"
            if total and row["PRICE_BASE"] == "V" and row["OBS_VALUE"]:
                spent[row["REF_AREA"], int(row["TIME_PERIOD"])] = float(row["OBS_VALUE"])
    economies = {
        economy for economy, _ in spent if all((economy, year) in spent for year in range(2005, 2022))
    }
    firms = mirror / "eu-rd-scoreboard-2023/rd_scoreboard_firms_us_eu_china_2023.csv"
    with firms.open(encoding="utf-8") as file:
        rows = [(row["region"], float(row["rd_bn_eur"])) for row in csv.DictReader(file)]
    large = [(region, value) for region, value in rows if value >= 2]
    results = run_cells("innovation", draws=100)
    expected = 100 * spent["CHN", 2021] / sum(spent[economy, 2021] for economy in economies)
    assert results["figures"]["research_spending_last"]["value"] == pytest.approx(expected)
    spending = {region: sum(v for r, v in rows if r == region and v >= 0.05) for region, _ in rows}
    china = spending.pop(next(region for region in spending if region not in {"US", "EU"}))
    ratio = results["figures"]["firm_research_ratio"]["value"]
    assert ratio == pytest.approx(100 * china / max(spending.values()))
    tiers = (
        pd.read_csv(results["folder"] / results["tables"]["firms"]["file"]).set_index("threshold").loc[2.0]
    )
    assert tiers["firms"] == len(large)
    shares = [v for region, v in large if region not in {"US", "EU"}]
    assert tiers["share of firms"] == pytest.approx(100 * len(shares) / len(large), abs=0.006)
    assert tiers["share of spending"] == pytest.approx(
        100 * sum(shares) / sum(v for _, v in large), abs=0.006
    )
