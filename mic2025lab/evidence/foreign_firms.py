"""Tables and sentences of `foreign_firms`: what part of China's industry foreign-invested firms have, where a figure says so.

Foreign-invested are, as the statistics have it, the firms of foreign investors and of those from Hong Kong, Macao and Taiwan together.
"""

from __future__ import annotations

from calendar import month_name
from collections.abc import Sequence
from typing import Any

import pandas as pd

from mic2025lab.errors import TableError, shown
from mic2025lab.evidence._words import counted, each, listing, plain, signed

FOREIGN, ALL = "foreign_hmt", "all"
#: Owners whose printed growth is shown, in this order.
OWNERS = (ALL, FOREIGN, "private", "state_holding")
#: Columns of a file of one's own, and what each holds.
COLUMNS = {
    "year": "year, a whole number",
    "industry": f"industry, any name; {ALL!r} is all industry",
    "ownership": f"{FOREIGN!r} (foreign investors and those of Hong Kong, Macao and Taiwan) and {ALL!r}; other owners are left alone",
    "indicator": "what is measured: output, sales, exports, profit, …",
    "value": "a number, in the same unit for all owners of an indicator",
}
#: What the claim is about, besides profit.
WANTED = ("output", "sales", "exports")
#: Points within which a share is said to have hardly changed.
MARGIN = 0.5


def profits(table: pd.DataFrame) -> pd.DataFrame:
    """Share of foreign-invested firms in the profit of industry, for the periods whose figures may be used (`use` = series).

    The statistics restate the base of each year's growth, so that levels of two years are not alike. Their printed growth gives what the share of
    the year before was on the same base:

        share_before = share * (1 + growth of all) / (1 + growth of foreign-invested)

    Returns
    -------
    pandas.DataFrame
        `period, year, profit, foreign` (100 million yuan), `share` (%), `growth` and `foreign_growth` (%, as printed), `share_before` (%)
        and `change` (points, on the same base); a row for each period that has both profits. The classes overlap: the share is approximate.
    """
    rows = table[table["use"] == "series"]
    wide = rows.pivot(index=["year", "period"], columns="ownership", values=["value", "growth"])
    wide = wide.reindex(columns=pd.MultiIndex.from_product([["value", "growth"], OWNERS]))
    known: Any = wide[wide[("value", ALL)].notna() & wide[("value", FOREIGN)].notna()]
    profit, foreign = known[("value", ALL)], known[("value", FOREIGN)]
    grown, foreign_grown = known[("growth", ALL)], known[("growth", FOREIGN)]
    share = 100 * foreign / profit
    before = share * (1 + grown / 100) / (1 + foreign_grown / 100)
    found = pd.DataFrame(
        {
            "profit": profit,
            "foreign": foreign,
            "share": share,
            "growth": grown,
            "foreign_growth": foreign_grown,
            "share_before": before,
            "change": share - before,
        }
    )
    return found.reset_index()[["period", "year", *found.columns]].astype(
        dict.fromkeys(found.columns, "float64")
    )


def growth(table: pd.DataFrame) -> pd.DataFrame:
    """Growth of profit by owner as printed (%), a row a period in which foreign-invested firms have one; what is not printed is missing."""
    rows = table[(table["use"] == "series") & table["growth"].notna()]
    wide = rows.pivot(index=["year", "period"], columns="ownership", values="growth").reindex(columns=OWNERS)
    return wide[wide[FOREIGN].notna()].reset_index().rename_axis(columns=None)


def compared(table: pd.DataFrame) -> pd.DataFrame:
    """Hold the figures that are used against those read on press pages (`use` = check), where both have a period and owner.

    Returns
    -------
    pandas.DataFrame
        `period, ownership, used, press, difference` (100 million yuan). A press figure is compared with and enters nothing else.
    """
    keys = ["period", "ownership"]
    used, press = (
        table.loc[table["use"] == use, [*keys, "value"]].dropna().rename(columns={"value": name})
        for use, name in (("series", "used"), ("check", "press"))
    )
    both = used.merge(press, on=keys).sort_values(keys, ignore_index=True)
    return both.assign(difference=both["used"] - both["press"])


def supplied(table: pd.DataFrame, *, name: str) -> pd.DataFrame:
    """Share of foreign-invested firms in a file of the user's own.

    Parameters
    ----------
    table : pandas.DataFrame
        With the columns of `COLUMNS`.
    name : str
        The file's name, for messages.

    Returns
    -------
    pandas.DataFrame
        `indicator, industry, year, share` (%), where both owners have a value and that of all is above zero.

    Raises
    ------
    TableError
        If a cell comes twice, an owner that is needed is not there, or foreign-invested firms have more than all.
    """
    keys = ["indicator", "industry", "year"]
    rows = table[table["ownership"].isin([FOREIGN, ALL])].dropna(subset=[*keys, "value"])
    there = sorted(table["ownership"].dropna().unique())
    lost = [owner for owner in (FOREIGN, ALL) if owner not in there]
    if lost:
        raise TableError(
            f"{name} has no row with ownership {' and '.join(map(repr, lost))}, only {shown(there)}; foreign-invested firms are "
            f"{FOREIGN!r} and all firms are {ALL!r}."
        )
    twice = rows[rows.duplicated([*keys, "ownership"], keep=False)]
    if len(twice):
        raise TableError(
            f"{name} has {len(twice)} rows whose {', '.join(keys)} and ownership come more than once, first "
            f"{shown(list(twice.iloc[0][[*keys, 'ownership']]))}; keep one of each."
        )
    wide = rows.pivot(index=keys, columns="ownership", values="value").dropna()
    over = wide[(wide[FOREIGN] > wide[ALL]) & (wide[ALL] > 0)]
    if len(over):
        raise TableError(
            f"In {name} foreign-invested firms have more than all firms in {counted(len(over), 'cell')}, first {shown(list(over.index[0]))}; "
            "check owners and units."
        )
    wide = wide[wide[ALL] > 0]
    return (100 * wide[FOREIGN] / wide[ALL]).rename("share").reset_index()


def before_after(shares: pd.DataFrame, *, base_year: int) -> pd.DataFrame:
    """Compare each indicator and industry in the last year with the last one up to the base year.

    Returns
    -------
    pandas.DataFrame
        `indicator, industry, start_year, start, end_year, end, change` (%, points); a row only where there is a year on each side.
    """
    lines = []
    for (indicator, industry), rows in shares.groupby(["indicator", "industry"]):
        values: Any = rows.set_index("year")["share"].sort_index()
        old, new = values[values.index <= base_year], values[values.index > base_year]
        if len(old) and len(new):
            lines.append((indicator, industry, old.index[-1], old.iloc[-1], new.index[-1], new.iloc[-1]))
    columns = ["indicator", "industry", "start_year", "start", "end_year", "end"]
    found = pd.DataFrame(lines, columns=columns)
    return found.assign(change=found["end"] - found["start"])


def untested(indicators: Sequence[str]) -> list[str]:
    """List what the claim is about and no table in the run is: of output, sales and exports those that `indicators` lacks."""
    return [name for name in WANTED if name not in indicators]


def wanted() -> pd.DataFrame:
    """The columns of the table that a user could supply."""
    return pd.DataFrame({"column": list(COLUMNS), "holds": list(COLUMNS.values())})


def own_figures(table: pd.DataFrame) -> list[tuple[str, float, str]]:
    """List the figures of the user's file to record, name, value, note: all industry's change, and the share of industries in which it fell and rose.

    Only indicators that the claim is about, and profit, have figures: a name from a file is no name of a result.
    """
    found = []
    for indicator in (*WANTED, "profit"):
        rows = table[table["indicator"] == indicator]
        total, parts = rows[rows["industry"] == ALL], rows[rows["industry"] != ALL]
        for row in each(total):
            note = f"share of foreign-invested firms in {indicator}, {row.end_year} less {row.start_year}"
            found.append((f"own_foreign_{indicator}_share_change", row.change, note))
        if len(parts):
            note = f"industries in which the share {{}}, by more than {MARGIN:g} points, of {len(parts)}"
            for name in ("fell", "rose"):
                part = 100 * (parts["change"].map(_verb) == name).mean()
                found.append((f"own_foreign_{indicator}_{name}_in", part, note.format(name)))
    return found


def slug(period: str) -> str:
    """Write a period as the name of a result has it.

    Examples
    --------
    >>> slug("2022"), slug("2018-01..07")
    ('2022', '2018_01_07')
    """
    return period.replace("-", "_").replace("..", "_")


def spoken(period: str) -> str:
    """Write a period as a sentence does.

    Examples
    --------
    >>> spoken("2022"), spoken("2018-01..07")
    ('2022', 'January to July 2018')
    """
    year, _, months = period.partition("-")
    if not months:
        return year
    first, last = (month_name[int(month)] for month in months.split(".."))
    return f"{first} to {last} {year}"


# -- words -----------------------------------------------------------------------------------------------------------------------


def say_profits(table: pd.DataFrame) -> str:
    """Say what share of profit foreign-invested firms made in the last period, and which way it went on the same base."""
    if table.empty:
        return "No period has the profit both of foreign-invested firms and of all: there is no figure of their share."
    row = table.iloc[-1]
    text = (
        f"In {spoken(row['period'])} foreign-invested firms, those of Hong Kong, Macao and Taiwan among them, made about "
        f"{plain(row['share'])}% of the profit of China’s larger industrial enterprises"
    )
    changes = table.dropna(subset=["change"])
    if changes.empty:
        return f"{text}. No growth is printed for both, so that nothing is said of which way it went."
    said = [f"{signed(r.change)} points in {spoken(r.period)}" for r in each(changes)]
    fell = int((changes["change"] < -MARGIN).sum())
    rose = int((changes["change"] > MARGIN).sum())
    way = "fell" if fell == len(changes) else "rose" if rose == len(changes) else "did not move one way"
    return f"{text}. On the year before, on the base that the statistics restate, the share {way}: {listing(said)}."


def say_growth(table: pd.DataFrame) -> str:
    """Say in how many periods the profit of foreign-invested firms grew by less than that of all, by the printed growth."""
    both = table.dropna(subset=[ALL])
    if both.empty:
        return "No period has the printed growth of profit both of foreign-invested firms and of all."
    less = both[both[FOREIGN] < both[ALL]]
    shown_ = [f"{spoken(r.period)} ({signed(r.foreign_hmt)}% against {signed(r.all)}%)" for r in each(both)]
    return (
        f"Their profit grew by less than that of all firms in {len(less)} of {counted(len(both), 'period')} for which both are printed: "
        f"{listing(shown_)}."
    )


def say_before(table: pd.DataFrame, *, base_year: int) -> str:
    """Say whether the share of profit can be compared across the base year."""
    old, new = table[table["year"] <= base_year], table[table["year"] > base_year]
    if len(old) and len(new):
        first, last = old.iloc[-1], new.iloc[-1]
        return (
            f"Across {base_year} the share went from {plain(first['share'])}% ({first['period']}) to {plain(last['share'])}% ({last['period']}), "
            "with bases that were restated in between."
        )
    side = "up to" if not len(old) else "after"
    return f"No share of profit {side} {base_year} may be used, so that whether it fell since then is not testable with the tables here."


def say_untested(missing: Sequence[str]) -> str:
    """Say what is not testable, and what would make it so."""
    if not missing:
        return "Output, sales and exports are in the file that was given."
    return (
        f"The share of foreign-invested firms in {listing(list(missing))} is not testable: no table here has it by owner. A file of one’s own with "
        f"the columns {listing(list(COLUMNS))} would do (`-p path=my_file.csv`)."
    )


def say_supplied(table: pd.DataFrame, *, base_year: int, name: str) -> list[str]:
    """Say for each indicator of the user's file how the share changed across the base year, in all industry and by industry."""
    if table.empty:
        return [
            f"{name} has no indicator and industry with a year up to {base_year} and one after it: not testable."
        ]
    sentences = []
    for indicator, rows in table.groupby("indicator"):
        total, parts = rows[rows["industry"] == ALL], rows[rows["industry"] != ALL]
        text = f"By {name}, the share of foreign-invested firms in {indicator} "
        said = []
        for row in each(total):
            verb = _verb(row.change)
            said.append(
                f"{verb} in all industry ({plain(row.start)}% in {row.start_year} to {plain(row.end)}% in {row.end_year})"
            )
        if len(parts):
            ways = [_verb(row.change) for row in each(parts)]
            most: Any = parts.sort_values("change").iloc[-1]
            said.append(
                f"fell in {ways.count('fell')} and rose in {ways.count('rose')} of {counted(len(parts), 'industry', 'industries')}"
                + (
                    f", most in {most['industry'].replace('_', ' ')} ({signed(most['change'])})"
                    if "rose" in ways
                    else ""
                )
            )
        sentences.append(f"{text}{' and '.join(said)}.")
    return sentences


def _verb(change: float) -> str:
    return "hardly changed" if abs(change) < MARGIN else "rose" if change > 0 else "fell"


def title_profits(table: pd.DataFrame) -> str:
    """Title of the figure of shares of profit."""
    row = table.iloc[-1]
    text = f"Foreign-invested firms made {plain(row['share'], 0)}% of industrial profit in {row['period']}"
    if row["change"] != row["change"]:
        return text
    return f"{text}, {signed(row['change'])} points on the year before"


def title_growth(table: pd.DataFrame) -> str:
    """Title of the figure of growth."""
    both = table.dropna(subset=[ALL])
    less = int((both[FOREIGN] < both[ALL]).sum())
    return f"Profit of foreign-invested firms grew by less than that of all in {less} of {counted(len(both), 'period')}"


def say_compared(table: pd.DataFrame) -> str:
    """Say how far the figures that are used differ from those of press pages."""
    if table.empty:
        return "No figure of this page is in a second source."
    worst = table["difference"].abs().max()
    return (
        f"{counted(len(table), 'figure')} of profit in use can be held against a second compilation, and differ from it by at most "
        f"{plain(worst)} (100 million yuan); two readings of one release are no independent sources."
    )
