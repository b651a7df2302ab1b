"""Penn World Table: version 10.01, version 11.0 with a capital stock constructed here, and 11.0 with its own."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from mic2025lab.classifications import lists
from mic2025lab.sources.columns import Column, economy, flag, number, text, year
from mic2025lab.sources.reading import codebook, flagged, read
from mic2025lab.sources.table import Raw, columns, source, table

_ACCOUNTS, _LABOR = "pwt110_na_data.csv.gz", "pwt110_labor_detail.csv.gz"

PWT1001 = source("pwt-10.01")
PWT110 = source("pwt-11.0")

#: Codes of 11.0 that are left out, with the reason.
DROPPED = codebook("pwt_dropped")
#: The same in words, for the warnings.
LEFT_OUT = "; ".join(f"{code} ({why})" for code, why in DROPPED.items())
_CODES = {"RKS": "XKX"}

#: How `read` reads the files: numbers as numbers.
AS_NUMBERS: dict[str, Any] = {"dtype": None, "na_values": [""], "low_memory": False}

#: Variables of the table: the versions that have it, description, unit, bounds, and the words of a flag.
VARIABLES = {row["variable"]: row for row in lists.read("codebooks/pwt")}
OF_1001, OF_110 = (
    tuple(name for name, about in VARIABLES.items() if version in about["version"])
    for version in ("10.01", "11.0")
)
CONSTRUCTED = ("rnna_constructed", "rnna_constructed_low", "rnna_constructed_high")

#: Last year of the 10.01 capital stock, and the shift of depreciation for the low and the high extension.
BASE_YEAR = 2019
DELTA_STEP = 0.01


def human_capital(years_of_schooling: pd.Series) -> pd.Series:
    """Return the human capital index of the Penn World Table for years of schooling.

    hc = exp(phi(s)), where a year of schooling adds 13.4 % up to four years, 10.1 % from four to eight and 6.8 % above
    (Psacharopoulos 1994, as PWT uses it).

    Examples
    --------
    >>> human_capital(pd.Series([0.0, 4.0, 8.0])).round(4).tolist()
    [1.0, 1.7092, 2.56]
    """
    s = years_of_schooling
    phi = 0.134 * s.clip(upper=4) + 0.101 * (s - 4).clip(lower=0, upper=4) + 0.068 * (s - 8).clip(lower=0)
    return phi.map(np.exp)


def extend_capital(
    capital: pd.Series, delta: pd.Series, investment: pd.Series, *, base: int, delta_shift: float = 0.0
) -> pd.Series:
    """Extend a capital stock beyond `base` by perpetual inventory.

    K(t) = (1 - d) K(t-1) + I(t), with d the depreciation rate of the base year, carried forward. The stock is that of the end of the
    year: extended from 2014 to 2019 this meets 10.01's own stocks better than K(t+1) = (1 - d) K(t) + I(t) does (a test compares them).
    `investment` is in other prices than the stock, so only its growth is used: the level in the base year is the one with which the
    identity gives the stock's own growth, I(base) = K(base) - (1 - delta(base)) K(base-1), and I(t) = I(base) investment(t) /
    investment(base).

    Parameters
    ----------
    capital, delta, investment : pandas.Series
        Of one economy, by year: stock at constant prices, depreciation rate (share of the stock a year), real investment (any unit).
    base : int
        The last year of `capital` that is used.
    delta_shift : float
        Added to the carried depreciation rate, after the level of investment is set: for its sensitivity.

    Returns
    -------
    pandas.Series
        The stock in the years after `base` in which there is investment without a gap; empty when the base year is not complete or
        its implied investment is not positive.

    Examples
    --------
    >>> k, d, i = pd.Series({2018: 100.0, 2019: 105.0}), pd.Series({2019: 0.05}), pd.Series({2019: 20.0, 2020: 22.0})
    >>> extend_capital(k, d, i, base=2019)  # I(2019) = 105 - 95 = 10, I(2020) = 11, K(2020) = 99.75 + 11
    2020    110.75
    dtype: float64
    """
    start, before = (float(capital.get(year, np.nan)) for year in (base, base - 1))
    rate, level = float(delta.get(base, np.nan)), float(investment.get(base, np.nan))
    if np.isnan([start, before, rate, level]).any() or level <= 0:
        return pd.Series(dtype="float64")
    base_investment = start - (1 - rate) * before
    if base_investment <= 0:
        return pd.Series(dtype="float64")
    stocks, year, stock = {}, base + 1, start
    while pd.notna(investment.get(year, np.nan)):
        stock = (1 - rate - delta_shift) * stock + base_investment * investment[year] / level
        stocks[year] = stock
        year += 1
    return pd.Series(stocks, dtype="float64")


def version_1001(raw: Raw) -> pd.DataFrame:
    """Clean the main file, as it has been since version 10.01."""
    has = {"isocode", "year", *OF_1001}
    frame = read(raw, PWT1001, has=has, **AS_NUMBERS).frame
    frame = frame.rename(columns={"isocode": "economy"}).dropna(subset=["rgdpna", "pop"], how="all")
    return frame.assign(
        version="10.01",
        labsh_flag=flagged(frame["labsh"].eq(frame.groupby("economy")["labsh"].shift()), "repeated"),
        hc_flag=flagged(frame["hc"].notna(), "source"),
        gdp_usd=frame["cgdpo"] * frame["pl_gdpo"],
        investment_usd=frame["csh_i"] * frame["cgdpo"] * frame["pl_i"],
        capital_flag=flagged(frame["rnna"].notna(), "source"),
    )


def _labor(raw: Raw, *names: str) -> pd.DataFrame:
    """Read the labor share of 11.0 and how it was obtained, human capital from years of schooling, and columns of these names."""
    own = ["countrycode", "year", *names, "labsh", "i_labsh2", "yr_sch"]
    file = read(raw, PWT110, file=_LABOR, has=own, **AS_NUMBERS)
    frame = file.frame[own]
    how = file.known(frame["i_labsh2"].fillna(""), codebook("pwt_labor_shares"))
    flag = how.where(frame["labsh"].notna(), "")
    return frame.assign(labsh_flag=flag, hc=human_capital(frame["yr_sch"]))


def _version_110(raw: Raw) -> pd.DataFrame:
    accounts = read(raw, PWT110, file=_ACCOUNTS, **AS_NUMBERS)
    frame = accounts.frame.merge(_labor(raw), on=["countrycode", "year"], how="outer", validate="1:1")
    lacking = set(OF_110) - set(frame)
    accounts.need(not lacking, f"lacks {sorted(lacking)}")
    frame = frame[~frame["countrycode"].isin(DROPPED)].rename(columns={"countrycode": "economy"})
    frame = frame.dropna(subset=["v_gdp", "q_gdp", "pop"], how="all")
    return frame.assign(
        version="11.0",
        economy=frame["economy"].replace(_CODES),
        labsh_flag=frame["labsh_flag"].fillna(""),
        hc_flag=flagged(frame["hc"].notna(), "constructed"),
        gdp_usd=frame["v_gdp"] / frame["xr"],
        investment_usd=frame["v_i"] / frame["xr"],
    )


def _constructed(old: pd.DataFrame, new: pd.DataFrame, *, base: int = BASE_YEAR) -> pd.DataFrame:
    """Take 10.01's capital to `base` and extend it with 11.0's investment: one row per economy and year."""
    parts = []
    investment = {code: part.set_index("year")["q_gfcf"] for code, part in new.groupby("economy")}
    for code, part in old.groupby("economy"):
        if code not in investment:
            continue
        part = part.set_index("year")
        stock = part["rnna"].loc[:base].dropna()
        grown = {
            name: extend_capital(part["rnna"], part["delta"], investment[code], base=base, delta_shift=shift)
            for name, shift in zip(CONSTRUCTED, (0.0, DELTA_STEP, -DELTA_STEP), strict=True)
        }
        series = pd.DataFrame({name: pd.concat([stock, more]) for name, more in grown.items()})
        series["capital_flag"] = np.where(series.index > base, "constructed", "source")
        parts.append(series.rename_axis("year").reset_index().assign(economy=code))
    return pd.concat(parts, ignore_index=True)


def _column(about: dict[str, str]) -> Column:
    if about["flags"]:
        return flag(about["description"], *about["flags"].split())
    bounds = {rule: float(about[rule]) for rule in ("gt", "ge", "lt", "le") if about[rule]}
    return number(about["description"], about["unit"], missing=True, **bounds)


@table(PWT1001, PWT110, key="version economy year", unit="by column", vintage="10.01")
@columns(
    version=text("Version of the Penn World Table", isin=["10.01", "11.0"]),
    economy=economy(),
    year=year(1950, 2023),
    **{name: _column(about) for name, about in VARIABLES.items()},
)
def national_accounts(raw: Raw) -> pd.DataFrame:
    """Penn World Table 10.01 (1950-2019) and 11.0 (1950-2023).

    Real and nominal GDP, investment, capital, employment, hours, human capital, labor share, productivity, and price levels.
    Version 11.0 comes from its national accounts and labor detail files, with a capital stock and human capital constructed
    here.

    Warnings
    --------
    - rtfpna, rwtfpna, and rkna are indices of each economy, 2017 = 1: do not compare their levels across economies (use ctfp,
      USA = 1).
    - Version 11.0: v_ and q_ are million national currency, current and constant 2021 prices. The available files have no
      capital and productivity: rnna_constructed* and hc are this project's construction (capital_flag, hc_flag).
    - rnna_constructed after 2019 keeps the depreciation rate of 2019 and uses the growth of q_gfcf. The level of investment in
      2019 is the one that reproduces rnna from 2018 to 2019. _low and _high: depreciation one percentage point higher and
      lower.
    - labsh of 11.0: flag carried = constant or interpolated (China before 1992 and after 2021), extrapolated = by mixed income.
      labsh of 10.01: flag repeated = the value of the year before (China to 1992 and 2017-2019), which the source does not
      mark.
    - Left out of 11.0: {LEFT_OUT}. Kosovo is XKX.
    - China is the mainland; Hong Kong, Macao, and Taiwan have their own rows.
    - Bermuda has negative pl_gdpo in four years of 10.01 (the source's); its real GDP is missing there.
    - gdp_usd and investment_usd are derived: cgdpo x pl_gdpo and csh_i x cgdpo x pl_i (10.01), v_gdp / xr and v_i / xr (11.0).

    Notes
    -----
    Stack the Penn World Table 10.01 (1950-2019) and 11.0 (to 2023), one row for each version, economy, and year.

    The available files of version 11.0 have no capital and productivity. Its rows have this project's construction:
    `rnna_constructed`, 10.01's stock to 2019 and from there perpetual inventory (`extend_capital`) with the growth of 11.0's real
    gross fixed capital formation (q_gfcf: it reproduces 10.01's own stocks better than q_i, which includes inventories) and the
    depreciation rate of 2019; `_low` and `_high` with depreciation one percentage point higher and lower; and `hc`, from years
    of schooling (`human_capital`). Variables have PWT's own names; a variable that a version does not have is missing.
    """
    old, new = version_1001(raw), _version_110(raw)
    new = new.merge(_constructed(old, new), on=["economy", "year"], how="left")
    new["capital_flag"] = new["capital_flag"].fillna("")
    return pd.concat([old, new], ignore_index=True)


@national_accounts.check("low <= constructed <= high")
def band_holds(frame: pd.DataFrame) -> pd.Series:
    """The estimate lies within its band."""
    low, mid, high = (frame[f"rnna_constructed{end}"] for end in ("_low", "", "_high"))
    return mid.isna() | ((low <= mid) & (mid <= high))


def capital_errors(table: pd.DataFrame, *, base: int = 2014) -> pd.Series:
    """Test the construction out of sample: extend 10.01's stock from `base` and compare with its own stock in 2019.

    Returns
    -------
    pandas.Series
        constructed / own - 1 by economy, where both exist.
    """
    old, new = table[table["version"] == "10.01"], table[table["version"] == "11.0"]
    extended = _constructed(old, new, base=base)
    own = old.loc[old["year"] == BASE_YEAR].set_index("economy")["rnna"]
    made = extended.loc[extended["year"] == BASE_YEAR].set_index("economy")["rnna_constructed"]
    return (made / own - 1).dropna().rename("error")


@national_accounts.warns
def _findings(table: pd.DataFrame) -> tuple[str, ...]:
    errors = capital_errors(table)
    wide = table.pivot(index=["economy", "year"], columns="version", values="hc").dropna()
    gap = (wide["11.0"] / wide["10.01"] - 1).abs()
    differ = gap > 1e-4
    last = table[(table["version"] == "11.0") & (table["year"] == table["year"].max())].set_index("economy")
    low, mid, high = (last.loc["CHN", name] for name in CONSTRUCTED[1:2] + CONSTRUCTED[:1] + CONSTRUCTED[2:])
    return (
        f"rnna_constructed, tested by extending 10.01 from 2014 to 2019: median error {errors.abs().median():.1%} in "
        f"{len(errors)} economies, {errors.abs().quantile(0.9):.1%} at the 90th percentile; China {errors['CHN']:+.1%}.",
        f"rnna_constructed, China {last['year'].iloc[0]}: {mid / 1e6:.1f} trillion 2017 USD ({low / 1e6:.1f} and {high / 1e6:.1f} with "
        "depreciation one percentage point higher and lower).",
        f"hc of version 11.0 is computed from yr_sch by PWT's formula: equal to 10.01's hc in {1 - differ.mean():.1%} of {len(gap)} cells; "
        f"the others, in {differ.groupby('economy').any().sum()} economies, differ by {gap[differ].median():.1%} (median) and at most "
        f"{gap.max():.0%}. China: at most {gap.loc['CHN'].max():.2%}.",
    )


DOLLARS, DOLLARS_PPP = "million 2021 USD", "million current PPP USD"

CAPITAL_SOURCE = source("pwt-11.0-capital")


@table(CAPITAL_SOURCE, PWT110, _LABOR, key="economy year", unit="by column")
@columns(
    economy=economy(),
    year=year(1950, 2023),
    rgdpna=number("Real GDP at constant national prices", DOLLARS, missing=True, gt=0),
    rnna=number("Capital stock at constant national prices", DOLLARS, missing=True, gt=0),
    cn=number("Capital stock at current PPPs", DOLLARS_PPP, missing=True, gt=0),
    cgdpo=number("Output-side real GDP at current PPPs", DOLLARS_PPP, missing=True, gt=0),
    emp=number("Persons engaged", "million persons", missing=True, gt=0),
    avh=number("Average hours worked by a person engaged", "hours a year", missing=True, gt=500, lt=4000),
    hc=number("Human capital per person, constructed from years of schooling", "index", missing=True, ge=1, lt=6),
    labsh=number("Share of labor compensation in GDP", "share", missing=True, gt=0, lt=1),
    labsh_flag=flag("How labsh was obtained", "observed", "carried", "extrapolated"),
)  # fmt: skip
def growth_accounts(raw: Raw) -> pd.DataFrame:
    """Growth accounts of the Penn World Table 11.0: output, capital, labor, and labor share, 1950-2023.

    Real GDP and the capital stock of version 11.0, with employment, hours, human capital, and the labor share of its labor
    detail file; the columns that metrics.growth_accounting reads.

    Warnings
    --------
    - The available files have no total factor productivity of version 11.0. Compute it with metrics.growth_accounting: it uses
      the capital stock, where PWT uses capital services.
    - The version decides the sign for China: real GDP grows by 38.3% in 2014-2019 here and by 16.2% in version 10.01, with
      nearly the same growth of capital (60.0% and 60.3%).
    - Levels of capital and output are rounded to a million dollars in the source. hc is this project's construction by PWT's
      formula.
    - labsh: flag carried = constant or interpolated (China before 1992 and after 2021).
    - Left out: {LEFT_OUT}. Kosovo is XKX.

    Notes
    -----
    Join output and capital of version 11.0 with labor and its share.
    """
    key, levels = ["countrycode", "year"], ["rgdpna", "rnna", "cn", "cgdpo"]
    capital = read(raw, CAPITAL_SOURCE, has=[*key, *levels], **AS_NUMBERS).frame[[*key, *levels]]
    both = capital.merge(_labor(raw, "emp", "avh"), on=key, how="left", validate="1:1")
    both = both[~both["countrycode"].isin(DROPPED)]
    flag = both["labsh_flag"].fillna("")
    return both.assign(economy=both["countrycode"].replace(_CODES), labsh_flag=flag)


@growth_accounts.warns
def _growth_findings(frame: pd.DataFrame) -> str:
    last = frame[frame["year"] == frame["year"].max()].dropna(subset=["rnna", "emp", "hc", "labsh"])
    return f"{len(last)} economies have everything that growth accounting needs in {frame['year'].max()}."
