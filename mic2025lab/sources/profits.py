"""National Bureau of Statistics of China: profits of industrial enterprises by ownership.

Two compilations of the releases stand side by side: the series, and figures kept to check it by.
"""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from mic2025lab.sources import clean
from mic2025lab.sources.base import Raw, RawFile, Source, Table, need
from mic2025lab.sources.enterprises import MONEY, PROFITS, SOURCE
from mic2025lab.sources.reference import resolve_idem

SPOT = "nbs_profit_by_ownership.csv"

SPOT_SOURCE = Source(
    id="spot-values",
    producer=SOURCE.producer,
    title="Industrial profits by ownership: single releases, to check by",
    version="2015-2024, single periods",
    url="https://www.stats.gov.cn/english/PressRelease/",
    license=SOURCE.license,
    redistributable="attribution",
    citation="National Bureau of Statistics of China, releases on industrial profits, via the pages named in the column source.",
    retrieved="2026-11-24",
    files=(
        RawFile(
            SPOT,
            "7e0ea55385be0cda6a93f2f0875943b4542454d1d89b379ff2aa6b36fb90f9ed",
            url_note="typed by hand from the pages named in the column source",
        ),
    ),
)

OWNERSHIP = {
    "all": "all",
    "total": "all",
    "state_holding": "state_holding",
    "share_holding": "share_holding",
    "foreign_hmt": "foreign_hmt",
    "private": "private",
    "manufacturing": "all_manufacturing",
}
USES = ("series", "check")


def _series(raw: Raw) -> pd.DataFrame:
    frame = clean.read(raw(SOURCE, PROFITS))
    clean.expect(frame, ["period", "ownership", "profit_100m_yuan", "yoy_pct", "source"], SOURCE, PROFITS)
    return pd.DataFrame(
        {
            "period": frame["period"],
            "ownership": clean.known(frame["ownership"], OWNERSHIP, SOURCE, PROFITS),
            "value": clean.numbers(frame["profit_100m_yuan"], SOURCE, PROFITS),
            "growth": clean.numbers(frame["yoy_pct"], SOURCE, PROFITS),
            "use": "series",
            "source": resolve_idem(frame["source"]),
            "note": "",
        }
    )


def _checks(raw: Raw) -> pd.DataFrame:
    frame = clean.read(raw(SPOT_SOURCE, SPOT))
    classes = [name for name in OWNERSHIP if name != "all"]
    clean.expect(frame, ["period", *classes, "unit", "url", "note"], SPOT_SOURCE, SPOT)
    need(set(frame["unit"]) == {"100m yuan"}, SPOT_SOURCE, SPOT, f"units {sorted(set(frame['unit']))}")
    long = frame.melt(["period", "url", "note"], classes, var_name="ownership", value_name="text")
    long = long[long["text"] != ""].reset_index(drop=True)
    note = long["note"].str.removeprefix("validation only").str.removeprefix("; ")
    return pd.DataFrame(
        {
            "period": long["period"],
            "ownership": clean.known(long["ownership"], OWNERSHIP, SPOT_SOURCE, SPOT),
            "value": clean.numbers(long["text"], SPOT_SOURCE, SPOT),
            "growth": float("nan"),
            "use": "check",
            "source": long["url"],
            "note": note,
        }
    )


def industrial_profits(raw: Raw) -> pd.DataFrame:
    """Stack the profits of industrial enterprises by ownership: the series, and the single releases kept to check it by.

    Returns
    -------
    pandas.DataFrame
        `period, year, frequency, ownership, value, growth, unit, use, source, note`; frequency is year or months (January to
        the month that the period names, added up); growth is the printed one in percent.
    """
    table = pd.concat([_series(raw), _checks(raw)], ignore_index=True)
    odd = sorted(set(table.loc[~table["period"].str.fullmatch(r"\d{4}(-01\.\.\d{2})?"), "period"]))
    need(not odd, SOURCE, PROFITS, f"periods that are no year and no span of months: {odd}")
    table["year"] = table["period"].str[:4].astype("int64")
    table["frequency"] = table["period"].str.contains("..", regex=False).map({True: "months", False: "year"})
    columns = ["period", "year", "frequency", "ownership", "value", "growth", "unit", "use", "source", "note"]
    table = table.assign(unit=MONEY)[columns].sort_values(["use", "ownership", "period"], ignore_index=True)
    table["note"] = table["note"].mask(table["note"] == "")
    return table.astype({name: "str" for name in columns if name not in ("year", "value", "growth")})


def disagreements(table: pd.DataFrame, within: float = 1.0) -> pd.DataFrame:
    """List the periods and ownerships whose two figures differ by more than `within` (100 million yuan)."""
    wide = table.pivot(index=["period", "ownership"], columns="use", values="value").dropna()
    return wide[(wide["series"] - wide["check"]).abs() > within]


def _profit_findings(table: pd.DataFrame) -> Sequence[str]:
    wide = table.pivot(index=["period", "ownership"], columns="use", values="value").dropna()
    apart = (wide["series"] - wide["check"]).abs()
    return (
        f"{len(wide)} figures stand in both compilations and differ by at most {apart.max():.1f} (100 million yuan).",
    )


TABLES = (
    Table(
        name="industrial_profits",
        title="Profits of China's industrial enterprises by ownership, 2015-2024, single periods",
        description=(
            "From NBS releases: all, state_holding, share_holding, foreign_hmt (foreign investors and those of Hong Kong, Macao and Taiwan), "
            "private, and all_manufacturing (all owners, manufacturing only)."
        ),
        unit=MONEY,
        build=industrial_profits,
        inputs=((SOURCE, (PROFITS,)), (SPOT_SOURCE, (SPOT,))),
        key=("period", "ownership", "use"),
        coverage=("year", "ownership", "use"),
        findings=_profit_findings,
        warnings=(
            "use = check: figures read on press pages to compare with; never an input of a result. Three of their twelve periods were read a "
            "second time, nine were not.",
            "Read growth, never compute it: the NBS restates the base of each year. frequency months is January to the month named, added up.",
            "Classes overlap (share_holding holds state firms, a private firm may be foreign-held): they do not add up to all, and a share of "
            "foreign_hmt in all is an approximation.",
            "Profits rise and fall with prices; the number of firms counted changes every year. Periods are scattered: no series of full years.",
        ),
    ),
)
