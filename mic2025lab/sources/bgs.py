"""British Geological Survey, World Mineral Statistics: production of fourteen minerals."""

from __future__ import annotations

import pandas as pd

from mic2025lab.classifications import lists
from mic2025lab.sources.reading import codes, flagged, read
from mic2025lab.sources.source import Raw, source

TIDY = "bgs_production_tidy.csv.gz"
EDITION, FIRST_YEAR = "BGS-2023", 1995

SOURCE = source("bgs-minerals")

#: Commodity and sub-commodity -> mineral, stage, what the tons measure, and whether it is the main form; * is any other sub-commodity.
FORMS = {(row.pop("commodity"), row.pop("sub_commodity")): row for row in lists.read("codebooks/bgs_forms")}

_TONNES = {"tonnes (metric)": 1.0, "tonnes (metal content)": 1.0, "kilograms (metal content)": 1e-3}
_PRECISION = {
    "Nil (nothing produced)": "nil",
    "Figures not available": "not_available",
    "Quantity is more than 0 but less than 0.5": "less_than_half",
}


def _form(commodity: str, sub: str) -> dict[str, str] | None:
    form = FORMS.get((commodity, sub)) or FORMS.get((commodity, "*"))
    if form and form["form"] == "*":
        return form | {"form": f"{commodity}: {sub or 'not specified'}"}
    return form


def production(raw: Raw) -> pd.DataFrame:
    """Clean the production of fourteen minerals from 1995, in metric tons.

    "Figures not available" is missing, and so is "more than 0 but less than 0.5", which the file stores as 0. Economies are
    read from the name, because the file gives Congo (Brazzaville) the code of the other Congo. There are no world totals.

    Returns
    -------
    pandas.DataFrame
        `source, edition, mineral, stage, form, main, economy, level, year, value, unit, flag, note`.
    """
    needed = {"commodity", "sub_commodity", "unit", "country", "year", "quantity", "precision", "note"}
    file = read(raw, SOURCE, TIDY, has=needed)
    frame = file.frame.astype({"year": "int64"})
    frame = frame[frame["year"] >= FIRST_YEAR].reset_index(drop=True)
    pairs = list(zip(frame["commodity"], frame["sub_commodity"], strict=True))
    forms = {pair: _form(*pair) for pair in set(pairs)}
    odd = sorted(pair for pair, form in forms.items() if form is None)
    file.need(not odd, f"unknown commodities: {odd}")
    columns = ["mineral", "stage", "form", "main"]
    frame[columns] = pd.DataFrame([forms[pair] for pair in pairs], columns=columns)
    frame["main"] = frame["main"] == "yes"
    file.within(frame["unit"], _TONNES)
    file.within(frame["precision"], ["", *_PRECISION])
    number, symbol = file.numbers(frame["quantity"]), frame["precision"].map(_PRECISION)
    file.need(
        (number.notna() | (symbol == "not_available")).all(), "a quantity that is missing without a reason"
    )
    estimated = flagged(frame["note"].str.startswith("Estimates."), "estimated")
    return frame.assign(
        source="BGS",
        edition=EDITION,
        economy=codes(frame["country"]),
        level="economy",
        value=(number * frame["unit"].map(_TONNES)).mask(symbol == "less_than_half").round(6),
        flag=symbol.where(symbol.notna(), estimated),
    )
