"""`innovation`: its shares and correlations are those of the raw rows."""

from collections import defaultdict
from statistics import correlation

import pytest

#: Beginnings of ISIC names of value added -> fields of technology, in the words of the raw files.
_FIELDS = """
Pharmaceuticals, medicinal: pharmaceuticals; biotechnology
Chemicals and: basic materials chemistry; macromolecular chemistry, polymers; organic fine chemistry; surface technology, coating
Computer, electronic: computer technology; digital communication; telecommunications; semiconductors; \
audio-visual technology; basic communication processes; optics; measurement
Electrical equipment: electrical machinery, apparatus, energy
Machinery and: machine tools; handling; engines, pumps, turbines; mechanical elements; textile and paper machines; other special machines
Medical and dental: medical technology
Motor vehicles; Railroad; Air and spacecraft: transport
"""
FIELDS = {
    tuple(names.split("; ")): tuple(fields.split("; "))
    for names, _, fields in (line.partition(": ") for line in _FIELDS.strip().splitlines())
}


def test_intervals_hold_their_estimates_and_follow_the_seed(run_cells):
    one, again, other = (run_cells("innovation", draws=200, seed=seed)["figures"] for seed in (1, 1, 2))
    for name in ("knowledge_first", "value_added_first", "same_years", "difference"):
        figure, turned = one[f"correlation_{name}"], other[f"correlation_{name}"]
        assert figure["low"] < figure["value"] < figure["high"]
        assert figure == again[f"correlation_{name}"]
        assert figure["value"] == turned["value"]
        assert figure["low"] != turned["low"]
    difference = one["correlation_knowledge_first"]["value"] - one["correlation_value_added_first"]["value"]
    assert one["correlation_difference"]["value"] == pytest.approx(difference)


def test_no_year_after_the_last_of_families_is_used(run_once):
    results = run_once("innovation", draws=100, base_year=2016, years=5)
    shares = results.table("shares").set_index("year")
    assert shares["Patent families"].last_valid_index() == 2018
    fields = results.table("fields")
    assert {"2016", "2018"} <= set(fields.columns)
    assert not {"2019", "2020"} & set(fields.columns)
    changes = fields[[str(year) for year in range(2012, 2017)]].rsub(fields["2018"], axis=0)
    assert fields["lowest"].to_numpy() == pytest.approx(changes.min(axis=1).to_numpy(), abs=0.011)
    assert results.numbers["fields_up_at_every_base"] == (fields["lowest"] > 0).sum()


Values = dict[tuple[str, str, int], float]


@pytest.fixture
def raw(raw_rows):
    """A function: (series, economy, year) -> value of a raw file."""

    def read(path, item="series"):
        values = defaultdict(float)
        for row in raw_rows(path):
            if row["value"] not in {"", "na", "ne"}:  # the source's words for a missing value
                values[row[item], row["economy"], int(row["year"])] = float(row["value"])
        return values

    return read


def pooled(values, names, world, year):
    """China's share of the world in the series whose names begin so, percent."""
    china, everybody = (
        sum(
            v
            for (name, who, when), v in values.items()
            if (who, when) == (one, year) and name.startswith(names)
        )
        for one in ("China", world)
    )
    return 100 * china / everybody


@pytest.mark.mirror
def test_values_are_those_of_the_raw_rows(run_once, raw):
    folder = "nsf-patents-publications"
    families = raw(f"{folder}/international_patent_families_35_fields_1998_2020.csv.gz")
    pct = raw(f"{folder}/pct_applications_2000_2022.csv")
    uspto = raw(f"{folder}/uspto_utility_patents_1998_2022.csv")
    articles = raw(f"{folder}/articles_fractional_2003_2022.csv.gz")
    cited = raw(f"{folder}/top1pct_cited_share_2003_2020.csv")
    added = raw("nsf-kti/value_added_skti2_2002_2022.csv", item="industry")

    def share(values, name, year):
        return 100 * values[name, "China", year] / values[name, "World", year]

    def changes(values, fields, world, start, end):
        return [pooled(values, names, world, end) - pooled(values, names, world, start) for names in fields]

    before, after = (2012, 2015), (2015, 2018)
    patents_before, patents_after = (
        changes(families, FIELDS.values(), "World", *span) for span in (before, after)
    )
    value_before, value_after = (changes(added, FIELDS, "World (75)", *span) for span in (before, after))
    rate = cited["all fields (Scopus)", "China", 2020] / cited["all fields (Scopus)", "World", 2020]
    top = {
        who: values * cited["all fields (Scopus)", who, year] / 100
        for (name, who, year), values in articles.items()
        if name == "all fields" and year == 2020
    }
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
        "top_cited_lead": 100 * (top["China"] - top["United States"]) / top["World"],
    }
    found = run_once("innovation").numbers
    assert {name: found[name] for name in expected} == pytest.approx(expected)
    assert round(expected["families_last"], 1) == 43.0
    assert round(expected["uspto_last"], 1) == 8.6


@pytest.mark.mirror
def test_research_spending_is_that_of_the_raw_rows(run_once, raw_rows):
    spent = {
        (row["REF_AREA"], int(row["TIME_PERIOD"])): float(row["OBS_VALUE"])
        for row in raw_rows("oecd-gerd/OECD_GERD_TOE.csv.gz")
        if row["SECT_PERF"] == row["TYPE_COST"] == "_T"
        and (row["UNIT_MEASURE"], row["PRICE_BASE"]) == ("USD_PPP", "V")
        and row["OBS_VALUE"]
    }
    economies = {
        economy for economy, _ in spent if all((economy, year) in spent for year in range(2005, 2022))
    }
    results = run_once("innovation")
    expected = 100 * spent["CHN", 2021] / sum(spent[economy, 2021] for economy in economies)
    assert results.numbers["research_spending_last"] == pytest.approx(expected)
    firms = raw_rows("eu-rd-scoreboard-2023/rd_scoreboard_firms_us_eu_china_2023.csv")
    rows = [(row["region"], float(row["rd_bn_eur"])) for row in firms]
    spending = {region: sum(v for r, v in rows if r == region and v >= 0.05) for region, _ in rows}
    (china,) = spending.keys() - {"US", "EU"}
    ratio = 100 * spending[china] / max(spending["US"], spending["EU"])
    assert results.numbers["firm_research_ratio"] == pytest.approx(ratio)
    tiers = results.table("firms").set_index("threshold").loc[2.0]
    large = [(region, value) for region, value in rows if value >= 2]
    shares = [value for region, value in large if region == china]
    assert tiers["firms"] == len(large)
    assert tiers["share of firms"] == pytest.approx(100 * len(shares) / len(large), abs=0.006)
    share = 100 * sum(shares) / sum(value for _, value in large)
    assert tiers["share of spending"] == pytest.approx(share, abs=0.006)
