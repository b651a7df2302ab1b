"""Tables, titles and sentences of `market_share_shifts`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import pandas as pd

from mic2025lab import metrics, models
from mic2025lab.classifications import economies, industries, sectors
from mic2025lab.errors import LabError
from mic2025lab.evidence._words import each, is_clear, listing, moved, pace_word, plain, signed

WORLD = "WLD"
REST = "Rest of the world"


@dataclass(frozen=True)
class Scope:
    """The industries that an answer is about.

    Attributes
    ----------
    headline : str
        The industry of the first sentence: all manufacturing, the sector's only industry, or the sum of its industries.
    industries : tuple of str
        All that are shown, the headline first.
    parts : tuple of str
        Industries that the headline adds up, where the table has no such row of its own.
    names : mapping
        Industry -> name as it stands in a sentence.
    note : str
        How well the industries stand for the sector; empty for all manufacturing.
    """

    headline: str
    industries: tuple[str, ...]
    parts: tuple[str, ...]
    names: Mapping[str, str]
    note: str

    @property
    def labels(self) -> dict[str, str]:
        """Industry -> name with a capital letter, for figures."""
        labels = {industry: name[0].upper() + name[1:] for industry, name in self.names.items()}
        return labels | ({self.headline: "Whole sector"} if self.parts else {})


def scope(sector: str) -> Scope:
    """Say which industries of `value_added` an analysis of a sector looks at.

    Examples
    --------
    >>> scope("biopharma_medical").industries
    ('biopharma_medical', 'pharmaceuticals', 'medical_instruments')
    """
    if sector == "all":
        shown = ("manufacturing", *industries.DETAILED_MANUFACTURING)
        return Scope("manufacturing", shown, (), {i: industries.name(i) for i in shown}, "")
    found = sectors.get(sector)
    if not found.industries:
        raise LabError(f"No industry of value_added stands for {sector!r}: {found.match_note}")
    note = (
        f"The sector is read from {listing([industries.name(i) for i in found.industries])}, "
        f"a {found.match} match: {found.match_note}"
    )
    names = {i: industries.name(i) for i in found.industries}
    if len(found.industries) == 1:
        return Scope(found.industries[0], found.industries, (), names, note)
    words = f"the sector “{found.name}”"
    return Scope(sector, (sector, *found.industries), found.industries, {sector: words, **names}, note)


def with_headline(table: pd.DataFrame, of: Scope) -> pd.DataFrame:
    """Add the sum of the sector's industries to `value_added`, as an industry named after the sector."""
    if not of.parts:
        return table
    rows = table[table["industry"].isin(of.parts)]
    whole = rows.groupby(["year", "economy", "unit"])["value"]
    # An economy-year that lacks one of the industries has no sum.
    total = whole.sum().where(whole.count() == len(of.parts)).reset_index().assign(industry=of.headline)
    return pd.concat([table, total[table.columns]], ignore_index=True)


def pace_table(own: pd.DataFrame, of: Scope, *, at: int) -> pd.DataFrame:
    """`metrics.pace` of one economy's shares (in percent) for the industries in scope, in their order, with names (`label`)."""
    table = (
        metrics.pace(own, of="industry", at=at).set_index("industry").loc[list(of.industries)].reset_index()
    )
    return table.assign(label=table["industry"].map(of.names))


def points_by_economy(
    table: pd.DataFrame, *, industry: str, economy: str, start: int, end: int
) -> pd.DataFrame:
    """Percentage points of the world gained and lost by every economy and the rest; they add up to zero.

    The European Union stands as one unless the economy asked about is a member: then its members stand apart and the rest of the Union is
    in the rest of the world.

    Returns
    -------
    pandas.DataFrame
        `economy`, `label`, `points`, most first.
    """
    rows = table[table["industry"] == industry]
    union = set(economies.members("EU27"))
    dropped = {"EU27"} if economy in union else union
    rows = rows[~rows["economy"].isin(dropped)]
    points = metrics.share_change(rows, start=start, end=end, within="industry", world=WORLD)
    points = points[points["economy"] != WORLD][["economy", "share_change"]].set_axis(
        ["economy", "points"], axis=1
    )
    points["label"] = points["economy"].map(economies.name)
    rest = pd.DataFrame({"economy": ["ROW"], "points": [-points["points"].sum()], "label": [REST]})
    return pd.concat([points, rest]).sort_values("points", ascending=False, ignore_index=True)


def checks(
    own: pd.DataFrame,
    table: pd.DataFrame,
    rates: pd.DataFrame,
    *,
    economy: str,
    industry: str,
    at: int,
) -> pd.DataFrame:
    """Compare the two paces again under other choices: base year, last year, trend instead of end points, exchange rate held.

    Parameters
    ----------
    own : pandas.DataFrame
        Shares (percent) of the economy in one industry: `year`, `share`.
    table : pandas.DataFrame
        `value_added` of the industry for the economy and the world.
    rates : pandas.DataFrame
        Exchange rates, national currency to the dollar: `economy`, `year`, `xr`.

    Returns
    -------
    pandas.DataFrame
        `choice`, `before`, `after`, `change`, `low`, `high` (points a year; 95% interval of the change).
    """
    series = own[own["industry"] == industry].assign(one="")
    first, last = int(series["year"].min()), int(series["year"].max())
    lines = [_paces(series, f"base year {at}, to {last} (the headline)", at)]
    for base in range(at - 2, at + 3):
        if base != at and base - first >= 3 and last - base >= 3:
            lines.append(_paces(series, f"base year {base}", base))
    for end in (2019, 2017):
        if end < last and end - at >= 2:
            what = "before the pandemic" if end == 2019 else "before the US tariffs"
            lines.append(_paces(series[series["year"] <= end], f"to {end}, {what}", at))
    held = _held_rate(table[table["industry"] == industry], rates, economy, at)
    if held is not None:
        lines.append(_paces(held, f"exchange rate held at {at}", at))
    trend = models.segmented_trend_by(series, of="one", at=at, value="share").iloc[0]
    bend = {"before": trend["slope_before"], "after": trend["slope_after"], "change": trend["slope_change"]}
    lines.append({"choice": "bend of the fitted trend", **bend, "low": trend["low"], "high": trend["high"]})
    return pd.DataFrame(lines)


def _paces(series: pd.DataFrame, choice: str, at: int) -> dict[str, object]:
    row = metrics.pace(series.assign(one=""), of="one", at=at).iloc[0]
    return {"choice": choice, **{name: row[name] for name in ("before", "after", "change", "low", "high")}}


def _held_rate(table: pd.DataFrame, rates: pd.DataFrame, economy: str, at: int) -> pd.DataFrame | None:
    """Shares with the economy's currency at its rate of the base year in all years, the world total moved with it."""
    rate = rates[rates["economy"] == economy].set_index("year")["xr"]
    wide = table.pivot(index="year", columns="economy", values="value")
    rate = rate.reindex(wide.index)
    if rate.isna().any():
        return None
    held = wide[economy] * rate / rate[at]
    share = 100 * held / (wide[WORLD] - wide[economy] + held)
    return share.rename("share").reset_index()


def editions(
    panel: pd.DataFrame, latest: pd.DataFrame, *, economy: str, shown: Iterable[str], year: int = 2018
) -> pd.DataFrame:
    """Give the share in one year by edition of the source, for the industries that the editions define alike; may have no rows."""
    latest = latest[["economy", "year", "industry", "value"]].assign(edition="SKTI-2")
    rows = pd.concat([panel[["economy", "year", "industry", "value", "edition"]], latest])
    rows = rows[
        rows["economy"].isin([economy, WORLD]) & (rows["year"] == year) & rows["industry"].isin(list(shown))
    ]
    wide = rows.pivot(index=["industry", "edition"], columns="economy", values="value")
    if economy not in wide or WORLD not in wide:
        return pd.DataFrame()
    share = (100 * wide[economy] / wide[WORLD]).unstack("edition")
    share = share[share.notna().sum(axis=1) > 1]
    if share.empty:
        return share
    share["largest difference"] = share.max(axis=1) - share.min(axis=1)
    return (
        share.rename_axis(columns=None)
        .reset_index()
        .assign(industry=lambda t: t["industry"].map(industries.name))
    )


def growth_parts(parts: pd.DataFrame, of: Scope, *, economy: str) -> pd.DataFrame:
    """Show `metrics.shift_share` of one economy in percent of the starting value, for the industries in scope."""
    rows = (
        parts[parts["economy"] == economy]
        .set_index("industry")
        .reindex(of.industries)
        .dropna(subset=["initial"])
    )
    names = ["growth", "reference_growth", "industry_mix", "competitive"]
    rates = rows[names].div(rows["initial"], axis=0) * 100
    rates = rates.rename(columns=lambda name: name.replace("_", " "))
    return rates.rename(index=dict(of.names)).rename_axis("industry").reset_index()


def by_year(
    table: pd.DataFrame, of: Scope, *, economy: str, value: str, years: Iterable[int]
) -> pd.DataFrame:
    """Show a yearly number of one economy with a column a year, for the industries in scope."""
    rows = table[(table["economy"] == economy) & table["year"].isin(list(years))]
    wide = rows.pivot(index="industry", columns="year", values=value).reindex(of.industries).dropna(how="all")
    wide.columns = [str(year) for year in wide.columns]
    return wide.rename(index=dict(of.names)).rename_axis("industry").reset_index()


# -- words -----------------------------------------------------------------------------------------------------------------------


def answer(pace: pd.DataFrame, *, economy: str, base_year: int, start: int, end: int) -> list[str]:
    """Say how a share moved before and after the base year, in the headline industry (the first row) and in the others.

    Parameters
    ----------
    pace : pandas.DataFrame
        What `pace_table` returned.
    economy : str
        Code of the economy.
    """
    row = pace.iloc[0]
    word = pace_word(row["before"], row["after"])
    goes_on = word.endswith(("slowed", "quickened", "kept their pace"))
    sentences = [
        f"{economies.spoken(economy, first=True, own=True)} share of world value added in {row['label']} "
        f"{moved(row['value_end'] - row['value_start'])}: {plain(row['value_start'])}% in {start}, {plain(row['value_at'])}% in "
        f"{base_year}, {plain(row['value_end'])}% in {end}.",
        f"It moved by {signed(row['before'], 2)} points a year before {base_year} and by {signed(row['after'], 2)} after: "
        f"{word.replace(' ', ' went on and ', 1) if goes_on else word}.",
        _how_clear(row),
    ]
    return sentences + ([_by_word(pace.iloc[1:], base_year)] if len(pace) > 1 else [])


def _how_clear(row: pd.Series) -> str:
    change, low, high = row["change"], row["low"], row["high"]
    if low != low:
        return "There are too few years for an interval of the difference."
    interval = f"{signed(change, 2)} points a year, 95% interval {signed(low, 2)} to {signed(high, 2)}"
    if is_clear(change, low, high):
        return f"The difference ({interval}) is more than the ordinary ups and downs of the share."
    return (
        f"The difference ({interval}) is within the ordinary ups and downs of the share, "
        "so a lasting change of pace is not established."
    )


def _by_word(others: pd.DataFrame, base_year: int) -> str:
    words = [pace_word(row.before, row.after) for row in each(others)]
    parts = []
    for word in sorted(set(words), key=words.count, reverse=True):
        named = [
            str(row.label) + (" (clearly)" if is_clear(row.change, row.low, row.high) else "")
            for row, own in zip(each(others), words, strict=True)
            if own == word
        ]
        parts.append(f"{word} in {listing(named)}")
    return f"By industry, after {base_year}: {'; '.join(parts)}."


def who_lost(points: pd.DataFrame, *, economy: str, what: str, since: int, until: int) -> str:
    """Say who lost the points that the economy gained, or gained those it lost, from `points_by_economy`."""
    own = float(points.loc[points["economy"] == economy, "points"].iloc[0])
    others = points[points["economy"] != economy]
    sign = 1 if own >= 0 else -1
    opposite = others[sign * others["points"] < -0.05].sort_values("points", ascending=sign > 0)
    same = others[sign * others["points"] > 0.05].sort_values("points", ascending=sign < 0)

    def named(rows: pd.DataFrame, most: int) -> str:
        return listing([f"{_spoken(row.economy)} ({signed(row.points)})" for row in each(rows.head(most))])

    text = f"Between {since} and {until} {economies.spoken(economy)} {'gained' if own >= 0 else 'lost'} {plain(abs(own))} points in {what}"
    text += (
        f"; {'losses' if own >= 0 else 'gains'} elsewhere were largest for {named(opposite, 3)}."
        if len(opposite)
        else "."
    )
    if len(same):
        text += f" {'Gains' if own >= 0 else 'Losses'} were also made by {named(same, 3)}."
    return text


def _spoken(code: str) -> str:
    return "the rest of the world" if code == "ROW" else economies.spoken(code)


def robustness(table: pd.DataFrame) -> str:
    """Say how many of the other choices of `checks` agree with the headline (its first row), and whether one is clear."""
    head, rest = table.iloc[0], table.iloc[1:].dropna(subset=["change"])
    same = int((rest["change"] * head["change"] > 0).sum())
    clear = [row.choice for row in each(rest) if is_clear(row.change, row.low, row.high)]
    against = [
        f"{row.choice} ({signed(row.change, 2)})" for row in each(rest) if row.change * head["change"] <= 0
    ]
    text = f"The change of pace has the sign of the headline in {same} of {len(rest)} other choices"
    text += f"; not with {listing(against)}." if against else "."
    text += (
        f" Its interval leaves zero out with {listing(clear)}."
        if clear
        else " Its interval leaves zero out in none of them."
    )
    return text


def title_share(row: pd.Series, *, economy: str, start: int, end: int) -> str:
    """Title of the first figure: what the share did."""
    change = row["value_end"] - row["value_start"]
    return (
        f"{economies.spoken(economy, first=True, own=True)} share of {row['label']} {moved(change)} from {plain(row['value_start'])}% "
        f"to {plain(row['value_end'])}% between {start} and {end}"
    )


def title_pace(pace: pd.DataFrame, *, base_year: int) -> str:
    """Title of the pace figure: what became of the pace in most of the industries."""
    rows = pace.iloc[1:] if len(pace) > 1 else pace
    words = [pace_word(row.before, row.after) for row in each(rows)]
    word = max(words, key=words.count)
    if len(rows) == 1:
        return f"{word.capitalize()} after {base_year}"
    return f"{word.capitalize()} after {base_year} in {words.count(word)} of {len(rows)} industries"


def title_points(points: pd.DataFrame, *, economy: str, since: int, until: int) -> str:
    """Title of the figure of gains and losses."""
    own = float(points.loc[points["economy"] == economy, "points"].iloc[0])
    most = points.loc[points["economy"] != economy].sort_values("points", ascending=own >= 0).iloc[0]
    verb = "lost" if most["points"] < 0 else "gained"
    return (
        f"{economies.spoken(economy, first=True)} {'gained' if own >= 0 else 'lost'} {plain(abs(own))} points of the world from {since} "
        f"to {until}; {_spoken(most['economy'])} {verb} {plain(abs(most['points']))}"
    )
