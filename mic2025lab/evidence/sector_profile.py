"""Tables, titles and sentences of `sector_profile`; its questions are answered in `sector_position`, `sector_dependence` and `sector_costs`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import pandas as pd

from mic2025lab.classifications import economies, industries, sectors
from mic2025lab.evidence import localization, sector_costs, sector_dependence, sector_position
from mic2025lab.evidence._words import counted, each, listing, moved, plain, signed
from mic2025lab.evidence.sector_part import NO_FIGURE, Part

#: Table -> the vintage that is taken; None where there is one only.
TABLES: Mapping[str, str | None] = {
    "value_added": None,
    "intermediate_exports": None,
    "industry_supply": "nbs",
    "us_exports_to_china": None,
    "us_imports": None,
    "sector_products": None,
    "critical_materials_exports": None,
    "critical_materials": None,
    "capacity_utilization": None,
    "targets": None,
    "benchmarks": None,
    "ev_sales": "GEVO2025",
    "solar_chain": None,
}

#: The answers that are recorded first: a site shows the first few beside the ten sectors.
FRONT = ("position_change", "import_share_change", "us_share_from_it", "utilization_gap", "policy_effect")

#: What no table here has of any sector.
UNANSWERED = (
    ("Whose firms", "output or sales by ownership and industry (see foreign_firms)"),
    ("Productivity", "output, labor, capital and materials of firms (see firm_productivity)"),
    ("Quality and price", "unit values or prices of its goods"),
    ("Cost of the support", "subsidies, credit and funds by sector"),
)


def profile(tables: Mapping[str, pd.DataFrame], slug: str, *, economy: str, base: int) -> dict[str, Part]:
    """Answer every question about a sector.

    Parameters
    ----------
    tables : mapping
        Those of `TABLES`.
    slug : str
        One of the ten sectors.

    Returns
    -------
    dict
        Name of the figure -> part, in the order of the page; the same names for every sector.
    """
    sectors.get(slug)
    mapping = tables["sector_products"]
    when: dict[str, Any] = {"economy": economy, "base": base}
    answers = (
        sector_position.position(tables["value_added"], slug, **when),
        sector_position.volume(tables, slug, **when),
        sector_position.exports(tables["intermediate_exports"], slug, **when),
        sector_dependence.dependence(tables["industry_supply"], slug, **when),
        sector_dependence.partner(tables["us_exports_to_china"], mapping, slug, **when),
        sector_dependence.own_chokepoints(
            tables["critical_materials_exports"], tables["critical_materials"], mapping, slug, **when
        ),
        sector_dependence.reverse(tables["us_imports"], mapping, slug, economy=economy),
        sector_costs.capacity(tables["capacity_utilization"], slug, economy=economy),
        sector_costs.policy_effect(tables["value_added"], slug, **when),
        sector_costs.targets(tables, slug, economy=economy)[0],
    )
    return {part.name: part for part in answers}


def figures(
    slug: str, answers: Mapping[str, Part]
) -> list[tuple[str, float | str | None, str | None, str, float | None, float | None]]:
    """List what is recorded: name, value, unit, note, low, high.

    First the match and every answer, in every sector, with None where there is no figure: the sectors are compared by these. Then what else
    there is of this one.
    """
    order = [*FRONT, *(name for name in answers if name not in FRONT)]
    told = [(name, answers[name]) for name in order]
    match = (
        "match",
        sectors.get(slug).match,
        None,
        "of the industries of value_added with the sector",
        None,
        None,
    )
    first = [
        (name, one.value, one.unit or None, one.note or one.says, one.low, one.high) for name, one in told
    ]
    return [match, *first, *(more for one in answers.values() for more in one.more)]


def glance(answers: Iterable[Part]) -> pd.DataFrame:
    """Give every question with its figure, its years, and the match: `question`, `figure`, `years`, `read from`, `match`."""
    lines = [(one.question, _short(one), one.span or "–", one.stands or "–", one.match) for one in answers]
    return pd.DataFrame(lines, columns=["question", "figure", "years", "read from", "match"])


def _short(part: Part) -> str:
    if part.value is None:
        return NO_FIGURE.lower()
    if part.unit in ("material", "target"):
        return counted(int(part.value), part.unit)
    number = plain(part.value) if part.name == "us_share_from_it" else signed(part.value)
    return f"{number}{'' if part.unit == '%' else ' '}{part.unit}"


def quality(answers: Iterable[Part]) -> pd.DataFrame:
    """Say what each answer is made of: `question`, `table`, `read from`, `match`, `first`, `last` (year)."""
    lines = [
        (one.question, one.table or "–", one.stands or "–", one.match, *map(str, one.years or ("–", "–")))
        for one in answers
    ]
    return pd.DataFrame(lines, columns=["question", "table", "read from", "match", "first", "last"])


def open_questions(answers: Iterable[Part]) -> pd.DataFrame:
    """List what stays open and what would answer it: no figure, a match that is not good, and what no table has: `question`, `why`, `would take`."""
    lines = [
        (one.question, _why(one), one.wanted) for one in answers if one.value is None or one.match != "good"
    ]
    lines += [(question, "in no table here by sector", wanted) for question, wanted in UNANSWERED]
    return pd.DataFrame(lines, columns=["question", "why", "would take"])


def _why(part: Part) -> str:
    if part.value is None:
        return part.says.removeprefix(f"{NO_FIGURE}: ").partition(". It would take")[0]
    return f"read from {part.stands}, a {part.match} match"


def base_years(
    tables: Mapping[str, pd.DataFrame], slug: str, *, economy: str, base: int, around: Iterable[int]
) -> pd.DataFrame:
    """Give the figures that depend on the base year under others: `question`, `unit`, and a column a year; only those that have one."""
    found = {year: profile(tables, slug, economy=economy, base=year) for year in around}
    still = ("us_share_from_it", "utilization_gap", "targets_met", "chokepoints")
    lines = []
    for name, part in found[base].items():
        if part.value is not None and name not in still:
            lines.append(
                {
                    "question": part.question,
                    "unit": part.unit,
                    **{str(year): answers[name].value for year, answers in found.items()},
                }
            )
    return pd.DataFrame(lines)


# -- words -----------------------------------------------------------------------------------------------------------------------


def say_match(slug: str) -> str:
    """Say which sector it is, and how well the statistics match it."""
    own = sectors.get(slug)
    names = listing([industries.name(name) for name in own.industries])
    read = f"the sector is read from {names}" if names else "no industry stands for the sector"
    return f"**{own.name}**, sector {own.number} of 10. **Match: {own.match}.** In value added {read}. {own.match_note}"


def say_coverage(answers: Mapping[str, Part]) -> str:
    """Say how many questions have a figure, through which matches, and how old the newest of them are."""
    known = [one for one in answers.values() if one.value is not None]
    lacking = [one.question for one in answers.values() if one.value is None]
    text = f"{len(known)} of {len(answers)} questions have a figure"
    if not known:
        return f"{text}."
    counts = [(sum(one.match == match for one in known), match) for match in ("good", "partial", "poor")]
    told = listing([f"{number} through a {match} match" for number, match in counts if number])
    ends = [one.years[1] for one in known if one.years]
    text += f", {told}; their last years are {min(ends)} to {max(ends)}."
    return f"{text} None for: {'; '.join(lacking)}." if lacking else text


def say_open(answers: Mapping[str, Part]) -> str:
    """Say what the page leaves open."""
    without = sum(one.value is None for one in answers.values())
    unsure = sum(one.value is not None and one.match != "good" for one in answers.values())
    always = listing([question.lower() for question, _ in UNANSWERED])
    return (
        f"Open: {counted(without, 'question')} without a figure, {unsure} read from industries or products that are only in part the sector’s, "
        f"and, as for every sector, {always}."
    )


def say_base_years(found: pd.DataFrame, *, base: int) -> str:
    """Say which figures keep their sign whatever the base year."""
    if found.empty:
        return "No figure depends on the base year."
    years = [str(name) for name in found if name not in ("question", "unit")]
    turned = [
        f"“{row['question']}”"
        for _, row in found.iterrows()
        if len({value > 0 for value in row[years].dropna() if value}) > 1
    ]
    span = f"{years[0]} to {years[-1]}"
    if not turned:
        return f"With base years from {span} every figure keeps the sign that it has with {base}."
    return f"With base years from {span} the sign turns for {listing(turned)}; the others keep it."


def title_position(series: pd.DataFrame, *, economy: str, base: int) -> str:
    """Title of the figure of shares of one industry."""
    own = series[series["economy"] == economy].set_index("year")["share"]
    last = int(own.index.max())
    return (
        f"{economies.spoken(economy, first=True, own=True)} share {moved(own[last] - own[base])} from {plain(own[base])}% in {base} to "
        f"{plain(own[last])}% in {last}"
    )


def title_dependence(rows: pd.DataFrame, *, base: int) -> str:
    """Title of the figure of import shares: what each industry did after the base year."""
    found = localization.compare(rows, of="label", base=base)
    if found.empty:
        return "Imports over domestic use"
    words = [
        f"{row.label.lower()} {moved(row.after, margin=localization.MARGIN)} ({signed(row.after)} points)"
        for row in each(found)
    ]
    return f"Imports’ share, {found['before_year'].max()} to {found['last_year'].max()}: {listing(words)}"


def headline(series: pd.DataFrame, slug: str) -> pd.DataFrame:
    """Take the sum of the sector's industries out of `sector_position.shares`, or its only industry."""
    names: Sequence[str] = sectors.get(slug).industries
    return series[series["industry"] == (slug if len(names) > 1 else names[0])]
