"""The reviewed mapping of the ten sectors to products, and what follows from it in the other revisions."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from importlib.resources import files
from itertools import pairwise

import pandas as pd

from mic2025lab.classifications import products, sectors
from mic2025lab.sources import hs
from mic2025lab.sources.base import Raw, RawFile, Source, Table, need

#: The reviewed revision: the one in force when the plan was made.
REVIEWED = "HS12"
#: A code of another revision belongs to a sector if at least this share of it goes to reviewed codes.
LEAST = 0.5

_FILE = "mic2025lab/classifications/sector_products.csv"
_OWN = files("mic2025lab.classifications").joinpath("sector_products.csv").read_bytes()
SOURCE = Source(
    id="mic2025lab",
    producer="mic2025lab",
    title="Reviewed mapping of the ten sectors to products of the HS",
    version="1",
    url=None,
    license="BSD-3-Clause",
    redistributable="yes",
    citation=f"mic2025lab, {_FILE}.",
    retrieved=hs.BACI.retrieved,
    files=(RawFile(_FILE, hashlib.sha256(_OWN).hexdigest(), url_note="part of the package"),),
)


def sector_products(raw: Raw) -> pd.DataFrame:
    """Bring the reviewed codes to all revisions, and give them their texts.

    From HS12 it goes to HS17 and HS22, and back to HS92, a revision at a time. A code is of a sector if it was reviewed in its own
    revision, or if at least half of it, by `weight_main`, goes back to codes of the sector in the revision before; its
    `coverage` is that share, its confidence the least of theirs, and low if the coverage is not whole. A code that was reviewed
    in its revision (or excluded) is in the sectors it was reviewed for, and in no others.

    Returns
    -------
    pandas.DataFrame
        `sector, hs, product, description, role, confidence, basis, coverage, reason`.
    """
    lines = pd.DataFrame([vars(line) for line in products.reviewed()])
    need(
        set(lines["sector"]) == set(sectors.slugs()),
        SOURCE,
        _FILE,
        "a sector that is not one of the ten, or one without codes",
    )
    for revision, part in lines.groupby("hs"):
        products.check(part["product"], str(revision))
    concordance = hs.hs_concordance(raw)
    order = list(products.REVISIONS)
    start = order.index(REVIEWED)
    table = {REVIEWED: _reviewed(lines, REVIEWED)}
    for known, wanted in [*pairwise(order[start:]), *pairwise(order[start::-1])]:
        step = concordance[(concordance["from_hs"] == wanted) & (concordance["to_hs"] == known)]
        table[wanted] = _next(table[known], step, lines, wanted)
    full = pd.concat([table[revision] for revision in order], ignore_index=True)
    texts = hs.hs_products(raw).set_index(["hs", "code"])["description"]
    full["description"] = texts.reindex(pd.MultiIndex.from_frame(full[["hs", "product"]])).to_numpy()
    columns = ["sector", "hs", "product", "description", "role", "confidence", "basis", "coverage", "reason"]
    rank = {name: number for number, name in enumerate([*sectors.slugs(), *order])}
    full = full.sort_values(
        columns[:3], key=lambda c: c.map(rank) if c.name != "product" else c, ignore_index=True
    )
    return full[columns].astype(dict.fromkeys([c for c in columns if c != "coverage"], "str"))


def _reviewed(lines: pd.DataFrame, revision: str) -> pd.DataFrame:
    part = lines[(lines["hs"] == revision) & (lines["confidence"] != "excluded")]
    return part.drop(columns="keyword").assign(basis="reviewed", coverage=1.0)


def _next(known: pd.DataFrame, step: pd.DataFrame, lines: pd.DataFrame, revision: str) -> pd.DataFrame:
    """Make the sectors' codes of a revision from those of its neighbour; `step` goes from the revision to the neighbour."""
    own = _reviewed(lines, revision)
    settled = lines.loc[lines["hs"] == revision, "product"]
    step = step[(step["weight_main"] > 0) & ~step["from_code"].isin(settled)]
    both = step.merge(known.drop(columns="hs"), left_on="to_code", right_on="product")
    both["part"] = both["weight_main"] * both["coverage"]
    level = {name: number for number, name in enumerate(products.CONFIDENCE)}
    both["level"] = both["confidence"].map(level)
    both = both.sort_values(
        ["part", "to_code"], ascending=[False, True]
    )  # role and reason are the largest part's
    derived = both.groupby(["sector", "from_code"], as_index=False).agg(
        coverage=("part", "sum"), level=("level", "max"), role=("role", "first"), reason=("reason", "first")
    )
    derived["coverage"] = derived["coverage"].round(6)
    derived = derived[derived["coverage"] >= LEAST].rename(columns={"from_code": "product"})
    whole = derived["coverage"] == 1
    names = derived["level"].map(dict(enumerate(products.CONFIDENCE)))
    derived = derived.assign(hs=revision, basis="concordance", confidence=names.where(whole, "low"))
    return pd.concat([own, derived.drop(columns="level")], ignore_index=True)


def _findings(frame: pd.DataFrame) -> Sequence[str]:
    codes = frame["hs"].value_counts().to_dict()
    own = frame.loc[frame["basis"] == "reviewed", "hs"].value_counts().to_dict()
    told = ", ".join(f"{name} {codes[name]} ({own.get(name, 0)} reviewed)" for name in products.REVISIONS)
    twice = frame[frame.duplicated(["hs", "product"], keep=False) & (frame["hs"] == REVIEWED)]
    by_code: dict[str, list[str]] = {}
    for code, sector in zip(twice["product"], twice["sector"], strict=True):
        by_code.setdefault(code, []).append(sector)
    shared = "; ".join(f"{code}: {', '.join(names)}" for code, names in by_code.items())
    return (
        f"Codes by revision: {told}.",
        f"HS12 codes of more than one sector, not to be added up across them: {shared or 'none'}.",
    )


TABLES = (
    Table(
        name="sector_products",
        title="The ten sectors in products of the Harmonized System, reviewed, seven revisions",
        description=(
            "Six-digit codes that stand for a sector, each with its reason and how sure it is. Reviewed in HS12 (and where other revisions "
            "have codes that HS12 has not); the other rows follow by the concordance. Texts are those of hs_products."
        ),
        unit="coverage: share of the code that goes to reviewed codes",
        build=sector_products,
        inputs=(
            (SOURCE, (_FILE,)),
            (hs.BACI, tuple(file.path for file in hs.BACI.files)),
            (hs.PAIRS, tuple(file.path for file in hs.PAIRS.files)),
            (hs.HEADINGS, tuple(file.path for file in hs.HEADINGS.files)),
        ),
        key=("sector", "hs", "product"),
        coverage=("sector", "hs", "confidence", "basis"),
        format="parquet",
        findings=_findings,
        warnings=(
            "A judgment, not an official list: the plan names no HS codes. Confidence low marks codes in which the sector is a minor part or "
            "that serve everyone; results should be shown with and without them.",
            "Software and services are in no HS code; weapons and military vehicles are left out; ordinary cars are left out of "
            "new_energy_vehicles, although the plan's energy-saving cars are among them.",
            "New products have no past: electric cars begin with HS17 (870380), lithium-ion batteries with HS12 (850760), solar modules, "
            "display modules and drones with HS22, chip-making machines (8486) with HS07. In older revisions the codes that held them are "
            "low, or not there.",
        ),
    ),
)
