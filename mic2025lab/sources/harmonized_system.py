"""The Harmonized System: products of each revision, and the concordance between neighboring revisions."""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import pairwise

import numpy as np
import pandas as pd

from mic2025lab.classifications import products
from mic2025lab.errors import LabError
from mic2025lab.sources.columns import number, text, whole
from mic2025lab.sources.reading import RawTable, entries, flagged, read, renamed
from mic2025lab.sources.table import Raw, columns, need, source, table


def _baci_path(hs: str) -> str:
    return f"baci/product_codes_{hs}_V202401.csv"


BACI = source("hs-concordances")

HEADINGS = source("hs-headings")

_PAIRS = "growthlab/HS_consolidated_comtrade_concordances.csv.gz"
_MATCHED = "growthlab/non_concorded_products_matched.csv"
PAIRS = source("hs-pairs")

#: All of it, as the inputs of tables by product of several revisions.
INPUTS = (BACI, PAIRS, HEADINGS)

NEIGHBORS = tuple(pairwise(products.REVISIONS))

#: `weight_main` ignores a target that takes parts of more codes than this (electronic waste takes parts of a thousand).
CATCH_ALL = 40
_SAME_WORDS = 0.5


def baci_products(raw: Raw, revision: str) -> pd.DataFrame:
    """Read the product file of one revision: `code, description`, codes of six digits."""
    file = read(raw, BACI, ["code", "description"], file=_baci_path(revision))
    frame = file.frame.assign(code=_padded(file, file.frame["code"]))
    file.need(frame["code"].is_unique, "a code that is listed twice")
    frame["description"] = frame["description"].str.split().str.join(" ")
    file.need((frame["description"] != "").all(), "a code without text")
    return frame


def _padded(file: RawTable, codes: pd.Series) -> pd.Series:
    try:
        return codes.map(lambda code: products.pad(code, 6)).astype("str")
    except LabError as error:
        file.need(False, str(error))
        raise


def _headings(raw: Raw) -> pd.Series:
    file = read(raw, HEADINGS, has=["hscode", "description", "level"])
    frame = file.frame[file.frame["level"].isin(["2", "4", "6"])]
    file.need(frame["hscode"].is_unique, "a code that is listed twice")
    return frame.set_index("hscode")["description"].str.split().str.join(" ")


def _pairs(raw: Raw) -> pd.DataFrame:
    """Read the pairs of neighboring revisions, from the older to the newer one, leading zeros restored."""
    by_years = {
        f"{products.REVISIONS[new]} to {products.REVISIONS[old]}": (old, new) for old, new in NEIGHBORS
    }

    def pairs_of(path: str, basis: str) -> pd.DataFrame:
        file = read(raw, PAIRS, file=path, has=["code.after", "code.before", "adjustment"])
        frame = file.frame[file.frame["adjustment"].isin(by_years)]
        file.need(len(frame), "no pair of HS revisions")
        revisions = entries(frame["adjustment"], by_years, "from_hs", "to_hs")
        old, new = _padded(file, frame["code.before"]), _padded(file, frame["code.after"])
        return pd.DataFrame(revisions).assign(from_code=old, to_code=new, basis=basis)

    pairs = pairs_of(_PAIRS, "unsd").drop_duplicates()
    complete = set(pairs["from_hs"]) == {old for old, _ in NEIGHBORS}
    need(complete, PAIRS, _PAIRS, "a pair of neighboring revisions is missing")
    matched = pairs_of(_MATCHED, "growth_lab")
    known = pd.MultiIndex.from_frame(pairs[["from_hs", "from_code"]])
    # Only codes without a successor in the UN's table; the other rows of the file are petroleum, which the UN's table has.
    lost = ~pd.MultiIndex.from_frame(matched[["from_hs", "from_code"]]).isin(known)
    special = matched["from_code"].isin(products.UNSPECIFIED) | matched["from_code"].str.startswith("2710")
    return pd.concat([pairs, matched[lost & ~special]], ignore_index=True)


@table(BACI, HEADINGS, PAIRS, key="code hs", order="", unit="no numbers")
@columns(
    hs=text("Revision of the HS", isin=products.REVISIONS),
    code=text("Code, text with its zeros", str_matches=r"^(\d{2}|\d{4}|\d{6}|9999AA)$"),
    level=whole("Digits of the code", isin=products.LEVELS),
    description=text("Text of the code; missing where no source has a text that fits", missing=True),
    listed=text("Who lists the code: both, BACI only, or UN only", isin=["both", "baci", "un"]),
    source=text("Source of the text or, without a text, of the code"),
)
@lru_cache(maxsize=1)  # sector_products needs it, too
def hs_products(raw: Raw) -> pd.DataFrame:
    """Products of the Harmonized System, seven revisions, HS92 to HS22.

    Chapters (2 digits), headings (4), and subheadings (6) of each revision. Texts of subheadings are BACI's. Texts of chapters
    and headings are those of HS 2022; older revisions have them only where they still fit.

    Warnings
    --------
    - BACI combines all of 2710 as 271000 and has 999999 (and 9999AA to HS02) for unspecified goods. The column listed marks
      codes that only BACI (baci) or only the UN (un) has.
    - The texts are shortened versions, not the legal texts.

    Notes
    -----
    List chapters, headings, and subheadings of the seven revisions with their texts.

    Subheadings are BACI's, and the UN's where BACI combines them (2710). The text of a chapter or heading is that of HS 2022. A
    heading of an older revision gets it only if at least half of its words occur in that revision's six-digit texts below it,
    or one of these has kept code and text, because numbers are reused: 8485 was ship propellers before it was additive
    manufacturing.
    """
    texts = _headings(raw)
    pairs = _pairs(raw)
    newest = baci_products(raw, "HS22").set_index("code")["description"]
    parts = [
        _revision(revision, baci_products(raw, revision), texts, pairs, newest)
        for revision in products.REVISIONS
    ]
    stacked = pd.concat(parts, ignore_index=True)
    stacked["level"] = stacked["code"].str.len()
    return stacked.sort_values(["code", "hs"], key=_by_revision, ignore_index=True)


def _by_revision(column: pd.Series) -> pd.Series:
    """Sort revisions by their year, other columns by themselves."""
    order = {revision: number for number, revision in enumerate(products.REVISIONS)}
    return column.map(order) if str(column.name).endswith("hs") else column


@hs_products.check("every code has its chapter and heading")
def is_a_tree(frame: pd.DataFrame) -> pd.Series:
    """A subheading has its heading and chapter."""
    there = set(zip(frame["hs"], frame["code"], strict=True))
    rows = zip(frame["hs"], frame["code"], strict=True)
    return pd.Series([{(hs, code[:2]), (hs, code[:4])} <= there for hs, code in rows], index=frame.index)


def _revision(
    revision: str, own: pd.DataFrame, texts: pd.Series, pairs: pd.DataFrame, newest: pd.Series
) -> pd.DataFrame:
    un = {code for end in ("from", "to") for code in pairs.loc[pairs[f"{end}_hs"] == revision, f"{end}_code"]}
    un |= {code for code in texts.index if len(code) == 6} if revision == "HS22" else set()
    six = own.assign(source="CEPII BACI", listed=flagged(own["code"].isin(un), "both", "baci"))
    only_un = sorted(un - set(own["code"]))
    known = all(code.startswith("2710") for code in only_un)
    need(known, PAIRS, _PAIRS, f"codes that BACI's {revision} does not have: {only_un[:10]}")
    since_2012 = {"271012", "271019", "271020", "271091", "271099"}
    kept = [code if products.REVISIONS[revision] >= 2012 and code in since_2012 else "" for code in only_un]
    petroleum = pd.DataFrame({"code": only_un, "description": texts.reindex(kept).to_numpy(), "listed": "un"})
    petroleum["source"] = flagged(petroleum["description"].notna(), HEADINGS.producer, PAIRS.producer)
    above = pd.concat([_above(own, texts, newest, level) for level in (2, 4)])
    above = above.assign(source=HEADINGS.producer, listed="both")
    return pd.concat([six, petroleum, above]).assign(hs=revision)


def _above(own: pd.DataFrame, texts: pd.Series, newest: pd.Series, level: int) -> pd.DataFrame:
    """Derive a revision's chapters or headings from its subheadings, with their texts where these still fit."""
    top = own["code"].str[:level]
    below = own.groupby(top)["description"].agg(" ".join)
    text = texts.reindex(below.index)
    if level == 4:
        same = own["description"].str.casefold() == own["code"].map(newest).str.casefold()
        kept = same.groupby(top).any()
        words = [_overlap(text[code], below[code]) for code in below.index]
        text = text.where(kept.to_numpy() | (np.array(words) >= _SAME_WORDS))
    return pd.DataFrame({"code": below.index, "description": text.to_numpy()})


def _overlap(text: object, below: str) -> float:
    """Return the share of the words of `text` (four letters or more, plural or not) that occur in `below`."""
    if not isinstance(text, str):
        return 0.0
    words, there = (
        {word.rstrip("s") for word in re.findall(r"[a-z]{4,}", part.lower())} for part in (text, below)
    )
    return len(words & there) / len(words) if words else 0.0


@table(PAIRS, BACI, key="from_hs to_hs from_code to_code", order="", unit="weight: share of the code's value")
@columns(
    from_hs=text("Revision to convert from", isin=products.REVISIONS),
    from_code=text("Code in that revision", str_matches=r"^(\d{6}|9999AA)$"),
    to_hs=text("Neighboring revision to convert to", isin=products.REVISIONS),
    to_code=text("Code in that revision", str_matches=r"^(\d{6}|9999AA)$"),
    weight=number("Share of the code's value, in equal parts", "share", gt=0, le=1),
    weight_main=number("Share of the code's value, all to the code that continues", "share", ge=0, le=1),
    relation=text("1:1; 1:n (split); n:1 (merged); n:m (both)", isin=["1:1", "1:n", "n:1", "n:m"]),
    basis=text("Source of the pair", isin=["unsd", "growth_lab", "baci"]),
)
@lru_cache(maxsize=1)
def hs_concordance(raw: Raw) -> pd.DataFrame:
    """Concordance between neighboring revisions of the Harmonized System, both directions.

    UN correlation tables as compiled by the Growth Lab, with leading zeros restored: every pair of six-digit codes of
    neighboring revisions. Revisions further apart take several steps, up to six to HS92; metrics.convert_products chains them.

    Warnings
    --------
    - The UN publishes pairs, not weights: weight (equal parts) and weight_main (the code that continues keeps everything) are
      assumptions. Codes with relation 1:1 or n:1 do not need weights.
    - From an older revision to a newer one, new products (lithium-ion batteries, electric cars, solar modules) get nothing by
      weight_main and an arbitrary part by weight: such a series begins with the revision, whatever the weights.
    - basis growth_lab: two codes that the UN's table leaves out; basis baci: codes that only BACI has.

    Notes
    -----
    Pair the codes of neighboring revisions, in both directions, with two sets of weights.

    `weight` splits a code in equal parts, 1/n. `weight_main` gives everything to the code of the same number where there is
    one, because a revision usually takes something small out of a code that continues. Elsewhere it splits the code in equal
    parts among the targets that do not take parts of more than 40 codes, or among all if there is no other target. Both add up
    to 1 for each code.
    """
    forward = _pairs(raw)
    backward = forward.rename(
        columns=renamed("from_hs=to_hs to_hs=from_hs from_code=to_code to_code=from_code")
    )
    listed = {revision: set(baci_products(raw, revision)["code"]) for revision in products.REVISIONS}
    both = pd.concat([forward, backward], ignore_index=True)
    steps = [*NEIGHBORS, *((new, old) for old, new in NEIGHBORS)]
    there = both.groupby(["from_hs", "to_hs"])["from_code"].agg(set)
    own = [_own(old, new, listed[old] - there[old, new], listed[new]) for old, new in steps]
    made = weighted(pd.concat([both, *own], ignore_index=True))
    return made.sort_values(["from_hs", "to_hs", "from_code", "to_code"], key=_by_revision, ignore_index=True)


@hs_concordance.check("the weights of a code add up to 1")
def adds_up(frame: pd.DataFrame) -> bool:
    """Conversion preserves the total value."""
    sums = frame.groupby(["from_hs", "to_hs", "from_code"])[["weight", "weight_main"]].sum()
    return bool(((sums - 1).abs() < 1e-12).all(axis=None))


def _own(from_hs: str, to_hs: str, lacking: set[str], listed: set[str]) -> pd.DataFrame:
    """Pair the codes that only BACI has with themselves, and its old code of unspecified goods with the new one."""
    odd = sorted(code for code in lacking if code not in listed and code != "9999AA")
    need(not odd, PAIRS, _PAIRS, f"codes of {from_hs} that have no pair in {to_hs}: {odd[:10]}")
    pairs = pd.DataFrame({"from_code": sorted(lacking), "from_hs": from_hs, "to_hs": to_hs, "basis": "baci"})
    return pairs.assign(to_code=pairs["from_code"].where(pairs["from_code"].isin(listed), "999999"))


def weighted(pairs: pd.DataFrame) -> pd.DataFrame:
    """Add `weight`, `weight_main`, and `relation` to pairs `from_hs, from_code, to_hs, to_code`."""
    source, target = ["from_hs", "to_hs", "from_code"], ["from_hs", "to_hs", "to_code"]
    targets = pairs.groupby(source)["to_code"].transform("size")
    sources = pairs.groupby(target)["from_code"].transform("size")
    stays = pairs["from_code"] == pairs["to_code"]
    small = sources <= CATCH_ALL
    by_code = pairs.assign(stays=stays, small=small).groupby(source)
    main = np.select(
        [by_code["stays"].transform("any"), by_code["small"].transform("any")], [stays, small], default=True
    ).astype("float64")
    pairs = pairs.assign(weight=1 / targets, main=main)
    pairs["weight_main"] = pairs["main"] / pairs.groupby(source)["main"].transform("sum")
    pairs["relation"] = np.select(
        [(sources == 1) & (targets == 1), sources == 1, targets == 1], ["1:1", "1:n", "n:1"], default="n:m"
    )
    return pairs.drop(columns="main")


@hs_concordance.warns
def _concordance_findings(frame: pd.DataFrame) -> tuple[str, ...]:
    code = ["from_hs", "to_hs", "from_code"]
    targets = frame.groupby(code, sort=False).size()
    several = (targets > 1).groupby(["from_hs", "to_hs"], sort=False).mean().mul(100).round(1)
    shares = several.reset_index(name="share").itertuples()
    told = ", ".join(f"{row.from_hs} to {row.to_hs} {row.share}%" for row in shares)
    phones = targets["HS17", "HS22", "851712"]
    waste = targets["HS22", "HS17", "854921"]
    return (
        f"Share of codes with more than one target, which need weights: {told}.",
        "Equal parts are misleading for flat panel modules (8524) and electronic waste (8549), which take parts of many codes in HS2022: "
        f"mobile telephones (851712) have {phones} targets, and 854921 goes back to {waste:,} codes. weight_main ignores such targets "
        "on the way to HS2022; on the way back, nothing shows where their trade belongs.",
    )


@hs_products.warns
def _product_findings(frame: pd.DataFrame) -> tuple[str, ...]:
    missing = frame["description"].isna()
    heads = frame.loc[missing & (frame["level"] == 4), "hs"].value_counts()
    told = ", ".join(f"{hs} {heads[hs]}" for hs in products.REVISIONS if hs in heads)
    six = frame[missing & (frame["level"] == 6)]
    return (
        f"Headings without a text, by revision: {told}. Subheadings without one: "
        f"{', '.join(sorted(set(six['code'])))} (petroleum, {', '.join(dict.fromkeys(six['hs']))}).",
    )
