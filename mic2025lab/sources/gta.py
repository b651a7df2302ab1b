"""Global Trade Alert, counts behind its 26th report: trade interventions of G20 members; built on the user's machine only."""

from __future__ import annotations

import pandas as pd

from mic2025lab.sources.columns import constant, economy, flag, measured, number, text, words, year
from mic2025lab.sources.reading import codes, flagged, listed, read
from mic2025lab.sources.table import Raw, columns, source, table

CUMULATIVE, CODES = "g20_measures_cumulative_2009_2020.csv", "jurisdictions.csv"
PAIRS, DEFENSE = "heatmap_g20_2020.csv", "trade_defence_inquiries_2009_2020.csv"
UNIT, FIRST_YEAR, LAST_YEAR = "interventions", 2009, 2020
PART_YEAR = "part_year"

SOURCE = source("gta-g20-counts")

EVALUATIONS = {"1": "harmful", "0": "liberalizing"}
INSTRUMENTS = {"Anti-dumping": "antidumping", "Anti-subsidy": "anti_subsidy", "Safeguard": "safeguard"}

_SHARED = (
    "A count is not a weight: one loan to one firm counts as much as a tariff schedule. Subsidies are counted where governments publish them "
    "(inward subsidies of 2020: China 16, United States 66), so a low count for China does not show that it has few subsidies.",
    "The table has 19 G20 members, without the European Union. Counts of France, Germany, Italy, and the United Kingdom are nearly the same, as if "
    "the union's common measures were counted for each: do not add those four. Hong Kong and Taiwan are missing.",
)

_LATE = (
    "Counts are late: of 1,309 measures that G20 members announced in 2009, 205 were recorded by October 2009. Recent years, above all 2020, are "
    "undercounts: a rise at the end is understated, and a fall may not be one."
)


@table(SOURCE, CUMULATIVE, CODES, key="year economy evaluation", order="")
@columns(
    year=year(FIRST_YEAR, LAST_YEAR, "Year in which the measure came into force"),
    economy=economy("ISO3 code of the economy that took the measure"),
    evaluation=text("harmful or liberalizing", isin=EVALUATIONS.values()),
    value=number("Measures of the year", "interventions", ge=0),
    cumulative=number("Measures since 2009", "interventions", ge=0),
    unit=constant(UNIT, "Unit of value and cumulative"),
    flag=flag("part_year for 2020, else empty", PART_YEAR),
)
def trade_interventions(raw: Raw) -> pd.DataFrame:
    """Trade interventions of 19 G20 members by year, harmful and liberalizing, 2009-2020.

    Measures by the year in which they came into force; the source's counts are cumulative, and value is their yearly change.

    Warnings
    --------
    - cumulative is the source's running count: never add it over years. value of 2009 is everything counted in that year.
    - {_LATE}
    - 2020 ends on October 21 (flag part_year).
    - {_SHARED[0]}
    - {_SHARED[1]}

    Notes
    -----
    Clean the measures of 19 G20 members by year, 2009-2020: the steps of the source's cumulative counts.

    The source's country codes are its own (France 251, India 699, Italy 381) and are read by its list of names. The flag
    part_year marks 2020, which ends on October 21.
    """
    names = read(raw, SOURCE, ["i.un", "jurisdiction"], file=CODES).frame
    code = dict(zip(names["i.un"], codes(names["jurisdiction"]), strict=True))
    file = read(raw, SOURCE, ["i.un", "year", "protect", "measures"], file=CUMULATIVE)
    frame = file.frame.astype({"year": "int64"}).assign(
        evaluation=file.known("protect", EVALUATIONS),
        economy=file.known("i.un", code),
        cumulative=file.numbers("measures"),
    )
    frame = frame.sort_values(["evaluation", "economy", "year"], ignore_index=True)
    each = frame.groupby(["evaluation", "economy"])
    every_year = set(each["year"].agg(tuple)) == {tuple(range(FIRST_YEAR, LAST_YEAR + 1))}
    file.need(every_year, "an economy that does not have every year")
    value = each["cumulative"].diff().fillna(frame["cumulative"])
    file.need((value >= 0).all(), "cumulative counts that fall")
    return frame.assign(value=value, flag=flagged(frame["year"] == LAST_YEAR, PART_YEAR))


@table(SOURCE, PAIRS, key="evaluation economy affected year", format="csv")
@columns(
    year=year(LAST_YEAR, description="Calendar year, to October 21"),
    economy=economy("ISO3 code of the economy that took the measure"),
    affected=economy("ISO3 code of the economy that the measure affects"),
    evaluation=words("harmful or liberalizing", {"harmful": "harmful", "liberalising": "liberalizing"}),
    **measured("Measures", UNIT, ge=0),
)
def trade_interventions_pairs(raw: Raw) -> pd.DataFrame:
    """Trade interventions by each of 19 G20 members that affect each other member, January to October 2020.

    Who took measures that affected whom.

    Warnings
    --------
    - One measure affects many members: the rows of an economy do not add up to its measures.
    - To October 21, 2020, as recorded by then: an undercount.
    - {_SHARED[0]}
    - {_SHARED[1]}

    Notes
    -----
    Clean the measures of 2020 (to October 21) of each of 19 G20 members that affect each other member.

    `economy` took the measure.
    """
    columns = "implementing.jurisdiction=economy affected.jurisdiction=affected gta.evaluation=evaluation nr.of.interventions=value"
    return read(raw, SOURCE, columns, file=PAIRS).frame


@trade_interventions_pairs.check("no economy is affected by its own measure")
def two_economies(frame: pd.DataFrame) -> pd.Series:
    """The two economies of a pair differ."""
    return frame["economy"] != frame["affected"]


@table(SOURCE, DEFENSE, key="instrument year", format="csv")
@columns(
    year=year(FIRST_YEAR, LAST_YEAR),
    instrument=words("Kind of investigation", INSTRUMENTS),
    **measured("New investigations, January 1 to October 21", "investigations", ge=0),
)
def trade_defense_investigations(raw: Raw) -> pd.DataFrame:
    """New trade-defense investigations in the world, January to October of each year, 2009-2020.

    Antidumping, anti-subsidy, and safeguard investigations announced between January 1 and October 21.

    Warnings
    --------
    - Each year covers January 1 to October 21 only, so that 2020 can be compared.
    - World totals: the file does not say who investigates whom.
    """
    columns = "year.announced=year intervention.type=instrument nr.of.interventions=value"
    return read(raw, SOURCE, columns, file=DEFENSE).frame


def harmful_share(table: pd.DataFrame, year: int) -> pd.Series:
    """Return the harmful percentage of each economy's measures in a year."""
    part = table[table["year"] == year].pivot(index="economy", columns="evaluation", values="value")
    return part["harmful"] / part.sum(axis=1) * 100


@trade_interventions.warns
def _findings(table: pd.DataFrame) -> tuple[str, ...]:
    china = table[(table["economy"] == "CHN") & (table["year"] == LAST_YEAR)].set_index("evaluation")["value"]
    total = table[table["evaluation"] == "harmful"].groupby("year")["value"].sum()
    said = listed(total, ".0f")
    return (
        f"China in {LAST_YEAR}: {china['harmful']:.0f} harmful and {china['liberalizing']:.0f} liberalizing measures "
        f"({harmful_share(table, LAST_YEAR)['CHN']:.1f}% harmful). Harmful measures of the 19 by year: {said}.",
    )
