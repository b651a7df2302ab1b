"""Targets of the plan looked up again, and figures to compare them with, each row with the status of its source."""

from __future__ import annotations

import pandas as pd

from mic2025lab.classifications import sectors as classification
from mic2025lab.sources.columns import Column, measured, number, text, truth, year
from mic2025lab.sources.reading import codebook, counted, read
from mic2025lab.sources.reference import SCOPE, VERIFIED, last_year, numbers
from mic2025lab.sources.table import Raw, source, table

ACTUALS, HEADLINE = "actuals_checked.csv", "targets_headline_checked.csv"
BY_SECTOR = "targets_sector_checked.csv"

SOURCE = source("reference-checked")

#: Status of a row, best first.
STATUSES = ("verified-official", "verified-secondary", "single-secondary", "conflicting", "not found")
#: A row with one of these may decide whether a target was met.
DECIDING = STATUSES[:3]
_SECTORS = {str(sector.number): sector.slug for sector in classification.SECTORS}

#: Item of a figure -> the indicator of the sector target that it comes closest to, and what differs in its definition (empty: nothing known).
CLOSEST = codebook("closest_targets")
_HIJACKED = "topvintage"


def _statuses() -> dict[str, Column]:
    return {
        "status": text("How well the row was verified, from verified-official to not found", isin=STATUSES),
        "decides": truth("True if the row may decide whether a target was met"),
    }


_MEANING = (
    "status: verified-official = read in an official text or a copy of one; verified-secondary = on several pages of others; single-secondary = on "
    "one; conflicting = pages disagree; not found = no page shows the number, which does not make it wrong. Rows that are conflicting or not found "
    "decide nothing (decides is False)."
)


def _finished(frame: pd.DataFrame) -> pd.DataFrame:
    """Read values, keep addresses that are good, and add `decides`."""
    frame = numbers(frame).assign(decides=frame["status"].isin(DECIDING))
    address = frame["url"].str.startswith("http") & ~frame["url"].str.contains(_HIJACKED)
    frame["url"] = frame["url"].where(address, "")
    frame["source"] = frame["source"].str.replace(r" in a stored .*", "", regex=True)
    return frame


_COLUMNS = ("year", "value", "unit", "definition", "status", "source", "url", "retrieved", "note")


@table(
    unit="by row",
    inputs=(SOURCE, HEADLINE, BY_SECTOR),
    columns={
        **SCOPE,
        "indicator": text("What the target refers to, as in targets"),
        "market": text("The whole that a sector target is a share or amount of", missing=True),
        "basis": text("level, change vs 2015, or yearly average; missing for sector", missing=True),
        "year": year(2013, 2025, "Year of the base value or target"),
        **measured("Value in the row's unit"),
        **_statuses(),
        "source": text("Document; missing where not found", missing=True),
        "url": text("Address", missing=True),
        "verified_before": text("verified of the same row of targets", isin=VERIFIED),
        "note": text("What else to know", missing=True),
    },
    key=("scope", "sector", "id", "indicator", "market", "year"),
    order=(),  # `build` sorts
    format="csv",
)  # fmt: skip
def targets_checked(raw: Raw) -> pd.DataFrame:
    """Targets of Made in China 2025 checked again.

    The rows of targets looked up again in public pages: headline indicators of the plan and items of its roadmap by sector,
    each with the status of its source.

    Warnings
    --------
    - {_MEANING}
    - The plan's own table was never seen in full, so most of its numbers are not found.
    - Values of 2015 are estimates of May 2015: broadband 50 against 40.0 measured, numerical control 33 against 47.3.
    - The rate of value added (value added over output) is not the growth of value added.
    - Chips 40 and 70 are the press's version; the plan's 40 and 70 refer to core components and materials.

    Notes
    -----
    Stack the checked targets; indicator, basis, and market are taken from the texts of their definitions.
    """
    headline = read(raw, SOURCE, HEADLINE, ["id", *_COLUMNS, "verified_before"]).frame
    about = headline["definition"].str.extract(r"^(?P<indicator>.*?) / .*? \((?P<basis>[a-z].*)\)$")
    headline = headline.assign(scope="headline", **about)
    items = read(raw, SOURCE, BY_SECTOR, ["sector_no_item", *_COLUMNS, "verified_before"]).frame
    parts = items["sector_no_item"].str.extract(r"^(?P<sector>\d+) (?P<indicator>.*)$")
    market = items["definition"].str.extract(r"^market basis: (\w+);", expand=False)
    items = items.assign(scope="sector", **parts, market=market)
    items["sector"] = items["sector"].map(_SECTORS)
    both = pd.concat([headline, items], ignore_index=True).fillna("")
    return _finished(both.astype({"year": "int64"}))


@table(
    unit="by row",
    inputs=(SOURCE, ACTUALS),
    columns={
        "scope": text("headline or sector", isin=["headline", "sector"]),
        "sector": text("Slug of the sector; missing for headline", missing=True, isin=classification.slugs()),
        "id": text("Short name of a headline indicator; missing for sector", missing=True),
        "item": text("What is measured; for headline the id"),
        "target": text("Indicator of targets_checked that a sector item comes closest to, if any", missing=True),
        "gap": text("What differs from the definition of that target, if anything", missing=True),
        "period": text("Month, quarter, year or span of years"),
        "year": year(2010, 2026, "Last year of period"),
        "value": number("Value in the row's unit; missing where not found", missing=True),
        "value_text": text("The value where it is not a number", missing=True),
        "unit": text("Unit of value", missing=True),
        "definition": text("Definition of the figure"),
        **_statuses(),
        "source": text("Document; missing where not found", missing=True),
        "url": text("Address", missing=True),
        "note": text("What else to know", missing=True),
    },
    key=("scope", "sector", "item", "period", "value", "definition"),
    order=(),  # `build` sorts
    format="csv",
)  # fmt: skip
def target_actuals_checked(raw: Raw) -> pd.DataFrame:
    """Figures to compare with the targets of Made in China 2025.

    Official and other figures on the plan's headline indicators and sector items, each with definition and status of its
    source.

    Warnings
    --------
    - {_MEANING}
    - Definitions differ from the targets': read definition and gap before comparing. R&D intensity is over main-business
      revenue in the target and over operating revenue later; all industry is below manufacturing.
    - Numerical control and design tools come from samples that change between years; 51.3 for 2021 in one transcript is a slip
      for 55.3.
    - Solid waste is all industrial waste in the target, and general or bulk waste in recent figures.
    - Shares of ships are of all ships by deadweight, not of high-tech ships. Sales of the CAAM include exports.

    Notes
    -----
    Clean the figures; `year` is the last year of `period`, and `target` the closest indicator of `targets_checked`.
    """
    frame = read(raw, SOURCE, ACTUALS, ["id_or_sector_item", *_COLUMNS]).frame
    frame = frame.rename(columns={"year": "period"})
    parts = frame["id_or_sector_item"].str.extract(r"^(?P<sector>\d+) (?P<item>.*)$").fillna("")
    headline = parts["sector"] == ""
    item = parts["item"].mask(headline, frame["id_or_sector_item"])
    definition = frame["definition"]
    same = definition.str.startswith("same")
    before = definition.mask(same).ffill()
    definition = definition.mask(same, before + definition.str.removeprefix("same"))
    closest = {name: CLOSEST.get(name, ("", "")) for name in item.unique()}
    return _finished(
        frame.assign(
            scope=headline.map({True: "headline", False: "sector"}),
            sector=parts["sector"].map(_SECTORS),
            id=item.where(headline, ""),
            item=item,
            target=item.map({name: target for name, (target, _) in closest.items()}),
            gap=item.map({name: gap for name, (_, gap) in closest.items()}),
            year=last_year(frame["period"]),
            definition=definition,
        )
    )


@targets_checked.warns
@target_actuals_checked.warns
def _findings(frame: pd.DataFrame) -> str:
    return f"Of {len(frame)} rows: {counted(frame['status'], STATUSES)}."
