"""The reviewed mapping of the ten sectors to products, and the mapping derived from it in the other revisions."""

from __future__ import annotations

from itertools import pairwise

import pandas as pd

from mic2025lab.classifications import products, sectors
from mic2025lab.sources import harmonized_system as harmonized
from mic2025lab.sources.columns import number, text
from mic2025lab.sources.table import Raw, columns, need, source, table

#: The reviewed revision, in force when the plan was made.
REVIEWED = "HS12"
#: A code of another revision belongs to a sector if at least this share of it goes to reviewed codes.
LEAST = 0.5

SOURCE = source("mic2025lab")


@table(
    SOURCE,
    *harmonized.INPUTS,
    key="sector hs product",
    order="",
    unit="coverage: share of the code that goes to reviewed codes",
)
@columns(
    sector=text("Slug of the sector", isin=sectors.slugs()),
    hs=text("Revision of the HS", isin=products.REVISIONS),
    product=text("Code of six digits", str_matches=r"^\d{6}$"),
    description=text("Text of the code"),
    role=text("Role of the code in the sector", isin=products.ROLES),
    confidence=text(
        "Confidence that the code belongs to the sector",
        isin=[level for level in products.CONFIDENCE if level != "excluded"],
    ),
    basis=text("reviewed, or by the concordance from reviewed codes", isin=["reviewed", "concordance"]),
    coverage=number("Share of the code that goes to reviewed codes of the sector", "share", ge=0.5, le=1),
    reason=text("Reason; for a derived row, the reason of its largest part"),
)
def sector_products(raw: Raw) -> pd.DataFrame:
    """The ten sectors as products of the Harmonized System, reviewed, seven revisions.

    Six-digit codes that represent a sector, each with its reason and confidence. Codes were reviewed in HS12 (and where other
    revisions have codes that HS12 does not have); the other rows are derived by the concordance. Texts are those of
    hs_products.

    Warnings
    --------
    - A judgment, not an official list: the plan names no HS codes. Confidence low marks codes of which the sector is a minor
      part or that serve everyone; show results with and without them.
    - Software and services have no HS codes. Weapons and military vehicles are left out. Ordinary cars are left out of
      new_energy_vehicles, although the plan includes energy-saving cars.
    - New products have no past: electric cars begin with HS17 (870380), lithium-ion batteries with HS12 (850760), solar
      modules, display modules, and drones with HS22, and chip-making machines (8486) with HS07. In older revisions, the codes
      that contained them have low confidence or are missing.

    Notes
    -----
    Carry the reviewed codes to all revisions, and add their texts.

    The steps go from HS12 to HS17 and HS22, and back to HS92, one revision at a time. A code belongs to a sector if it was
    reviewed in its own revision, or if at least half of it, by `weight_main`, goes to codes of the sector in the previous step.
    Its `coverage` is that share; its confidence is the lowest of theirs, and low if the coverage is below 1. A code that was
    reviewed (or excluded) in its revision is only in the sectors it was reviewed for.
    """
    lines = pd.DataFrame(products.reviewed())
    complete = set(lines["sector"]) == set(sectors.slugs())
    need(complete, SOURCE, SOURCE.only, "a sector that is not one of the ten, or one without codes")
    for revision, part in lines.groupby("hs"):
        products.check(part["product"], str(revision))
    concordance = harmonized.hs_concordance(raw)
    order = list(products.REVISIONS)
    start = order.index(REVIEWED)
    made = {REVIEWED: _reviewed(lines, REVIEWED)}
    for known, wanted in [*pairwise(order[start:]), *pairwise(order[start::-1])]:
        step = concordance[(concordance["from_hs"] == wanted) & (concordance["to_hs"] == known)]
        made[wanted] = _next(made[known], step, lines, wanted)
    full = pd.concat([made[revision] for revision in order], ignore_index=True)
    texts = harmonized.hs_products(raw).set_index(["hs", "code"])["description"]
    full["description"] = texts.reindex(pd.MultiIndex.from_frame(full[["hs", "product"]])).to_numpy()
    rank = {name: number for number, name in enumerate([*sectors.slugs(), *order])}
    return full.sort_values(
        ["sector", "hs", "product"],
        key=lambda c: c.map(rank) if c.name != "product" else c,
        ignore_index=True,
    )


def _reviewed(lines: pd.DataFrame, revision: str) -> pd.DataFrame:
    part = lines[(lines["hs"] == revision) & (lines["confidence"] != "excluded")]
    return part.drop(columns="keyword").assign(basis="reviewed", coverage=1.0)


def _next(known: pd.DataFrame, step: pd.DataFrame, lines: pd.DataFrame, revision: str) -> pd.DataFrame:
    """Derive the sectors' codes of a revision from those of its neighbor; `step` goes from the revision to the neighbor."""
    own = _reviewed(lines, revision)
    settled = lines.loc[lines["hs"] == revision, "product"]
    step = step[(step["weight_main"] > 0) & ~step["from_code"].isin(settled)]
    both = step.merge(known.drop(columns="hs"), left_on="to_code", right_on="product")
    both["part"] = both["weight_main"] * both["coverage"]
    level = {name: number for number, name in enumerate(products.CONFIDENCE)}
    both["level"] = both["confidence"].map(level)
    # Role and reason are the largest part's.
    both = both.sort_values(["part", "to_code"], ascending=[False, True])
    derived = both.groupby(["sector", "from_code"], as_index=False).agg(
        coverage=("part", "sum"), level=("level", "max"), role=("role", "first"), reason=("reason", "first")
    )
    derived["coverage"] = derived["coverage"].round(6)
    derived = derived[derived["coverage"] >= LEAST].rename(columns={"from_code": "product"})
    whole = derived["coverage"] == 1
    names = derived["level"].map(dict(enumerate(products.CONFIDENCE)))
    derived = derived.assign(hs=revision, basis="concordance", confidence=names.where(whole, "low"))
    return pd.concat([own, derived.drop(columns="level")], ignore_index=True)


@sector_products.warns
def _findings(frame: pd.DataFrame) -> tuple[str, ...]:
    codes = frame["hs"].value_counts().to_dict()
    own = frame.loc[frame["basis"] == "reviewed", "hs"].value_counts().to_dict()
    told = ", ".join(f"{name} {codes[name]} ({own.get(name, 0)} reviewed)" for name in products.REVISIONS)
    twice = frame[frame.duplicated(["hs", "product"], keep=False) & (frame["hs"] == REVIEWED)]
    by_code = twice.groupby("product", sort=False)["sector"].agg(", ".join)
    shared = "; ".join(f"{code}: {names}" for code, names in by_code.items())
    return (
        f"Codes by revision: {told}.",
        f"HS12 codes in more than one sector (do not add them across sectors): {shared or 'none'}.",
    )
