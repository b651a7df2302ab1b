"""Tables on friction and on trade by partner, for the user's machine: what each cleaning rule does to a small file, and what it refuses."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from mic2025lab.classifications import economies
from mic2025lab.errors import SourceError
from mic2025lab.sources import TABLES, comtrade_monthly, comtrade_sitc, gta
from mic2025lab.sources.fetch import locate

NAMES = "i.un,jurisdiction\n156,China\n251,France\n"


def counts(steps: int = 10, years: tuple[int, ...] = tuple(range(2009, 2021))) -> str:
    rows = [
        f"{code},{year},{kind},{(year - 2008) * steps}"
        for code in (251, 156)
        for kind in (1, 0)
        for year in years
    ]
    return "i.un,year,protect,measures\n" + "\n".join(rows) + "\n"


def test_counts_are_steps_and_codes_are_the_source_s_own(raw_files: Callable) -> None:
    table = gta.trade_interventions(raw_files({gta.CUMULATIVE: counts(), gta.CODES: NAMES}))
    assert set(table["economy"]) == {"CHN", "FRA"}
    assert set(table["value"]) == {10.0}
    assert table.loc[table["flag"] == "part_year", "year"].unique().tolist() == [2020]
    assert gta.harmful_share(table, 2020).to_dict() == {"CHN": 50.0, "FRA": 50.0}
    TABLES["trade_interventions"].validated(table)


@pytest.mark.parametrize(
    ("text", "message"),
    [(counts(-1), "fall"), (counts(years=(2009, 2011)), "every year"), (counts().replace("251", "999"), "999")],
)  # fmt: skip
def test_counts_that_are_not_as_expected(raw_files: Callable, text: str, message: str) -> None:
    with pytest.raises(SourceError, match=message):
        gta.trade_interventions(raw_files({gta.CUMULATIVE: text, gta.CODES: NAMES}))


def test_pairs_and_investigations(raw_files: Callable) -> None:
    head = "implementing.jurisdiction,affected.jurisdiction,gta.evaluation,nr.of.interventions\n"
    text = head + "United States of America,China,harmful,66\nRepublic of Korea,China,liberalising,2\n"
    pairs = gta.trade_interventions_pairs(raw_files({gta.PAIRS: text}))
    assert pairs[["economy", "affected", "evaluation", "value"]].to_numpy().tolist() == [
        ["USA", "CHN", "harmful", 66.0],
        ["KOR", "CHN", "liberalizing", 2.0],
    ]
    text = (
        "year.announced,intervention.type,nr.of.interventions\n2009,Anti-subsidy,29\n2009,Anti-dumping,232\n"
    )
    table = gta.trade_defense_investigations(raw_files({gta.DEFENSE: text}))
    assert table["instrument"].tolist() == ["anti_subsidy", "antidumping"]


SITC_HEAD = (
    "Classification,Year,Trade Flow,Reporter,Reporter ISO,Partner ISO,Commodity Code,Trade Value (US$)\n"
)


def divisions() -> dict[str, str]:
    """China with a partner in every year, Taiwan to the world in every year, Chad in one."""
    china = "".join(f"S4,{year},Import,China,CHN,AUS,00,{year}\n" for year in range(2010, 2019))
    world = "".join(f'S4,{year},Export,"Other Asia, nes",,WLD,78,30\n' for year in range(2010, 2019))
    files = dict.fromkeys(comtrade_sitc.FILES, SITC_HEAD)
    files["comtrade.csv"] = SITC_HEAD + china
    files["comtrade_5.csv"] = SITC_HEAD + world + "S4,2014,Export,Chad,TCD,WLD,78,10\n"
    return files


def test_reporters_of_some_years_are_flagged_and_codes_keep_their_zeros(raw_files: Callable) -> None:
    files = divisions()
    for path, text in files.items():
        if text == SITC_HEAD:
            files[path] = (
                SITC_HEAD + f"S4,2010,Export,China,CHN,{'KOR'},{comtrade_sitc.FILES.index(path):02d},1\n"
            )
    table = comtrade_sitc.sitc_divisions_trade(raw_files(files))
    assert "00" in set(table["product"])
    world = table[table["partner"] == "WLD"]
    assert set(world.loc[world["flag"] == "", "economy"]) == {"TWN"}
    assert world.loc[world["flag"] == comtrade_sitc.CHANGING, ["economy", "year"]].to_numpy().tolist() == [
        ["TCD", 2014]
    ]
    assert comtrade_sitc.constant_share(table).loc["78", [2013, 2014]].tolist() == [100.0, 75.0]
    TABLES["sitc_divisions_trade"].validated(table)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [("S4,2010", "S3,2010", "Classification"), (",AUS,00,", ",AUS,0,", "not two digits"), ("S4,2018", "S4,2019", "years")],
)  # fmt: skip
def test_divisions_that_are_not_as_expected(raw_files: Callable, old: str, new: str, message: str) -> None:
    files = {
        path: (text if text != SITC_HEAD else SITC_HEAD + "S4,2010,Export,China,CHN,KOR,01,1\n").replace(
            old, new
        )
        for path, text in divisions().items()
    }
    with pytest.raises(SourceError, match=message):
        comtrade_sitc.sitc_divisions_trade(raw_files(files))


def test_a_weight_of_nothing_is_missing(raw_files: Callable) -> None:
    text = (
        "period_dt,partner_name,hs6,val,qty,uv\n2017-01-01,Japan,250410,10,5,2\n2017-01-01,UAE,811292,7,0,0\n"
        "2017-02-01,Hong Kong,380110,7,1,7\n"
    )
    table = comtrade_monthly.critical_minerals_monthly(raw_files({comtrade_monthly.DATA: text}))
    weight = table.set_index("importer")[["weight", "weight_flag"]]
    assert weight.loc["JPN"].tolist() == [5.0, ""]
    assert weight.loc["ARE", "weight_flag"] == "missing"
    assert weight["weight"].isna().to_dict() == {"JPN": False, "HKG": False, "ARE": True}
    TABLES["critical_minerals_monthly"].validated(table)
    for old, message in (("250410", "hs6: unexpected"), ("2017-02-01", "not months")):
        with pytest.raises(SourceError, match=message):
            comtrade_monthly.critical_minerals_monthly(
                raw_files({comtrade_monthly.DATA: text.replace(old, "2017")})
            )


@pytest.mark.mirror
def test_interventions_are_as_the_report_prints_them(mirror: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MIC2025LAB_MIRROR", str(mirror))
    names = ("trade_interventions", "trade_interventions_pairs", "trade_defense_investigations")
    made = {name: TABLES[name].validated(TABLES[name](locate)) for name in names}
    counted = made["trade_interventions"]
    china = counted.query("economy == 'CHN' and year == 2020").set_index("evaluation")["value"]
    assert china.to_dict() == {"harmful": 37, "liberalizing": 27}
    printed = pd.read_csv(mirror / gta.SOURCE.id / "g20_harmful_share_2009_2020.csv").query(
        "`year.implemented` == 2020"
    )
    code = {label: economies.resolve(label) for label in printed["implementing.jurisdiction"]}
    expected = printed.set_index(printed["implementing.jurisdiction"].map(code))["harmful.share"] * 100
    assert (gta.harmful_share(counted, 2020) - expected).abs().max() < 1e-9
    recorded = pd.read_csv(mirror / gta.SOURCE.id / "measures_2009_by_reporting_date.csv")["G20"]
    late = TABLES["trade_interventions"].warnings[1]
    assert f"{recorded.sum():,}" in late
    assert f"{recorded.iloc[0]} were recorded" in late


@pytest.mark.mirror
def test_the_gallium_code_is_a_small_part_of_the_repository_s_group(
    mirror: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MIC2025LAB_MIRROR", str(mirror))
    table = comtrade_monthly.critical_minerals_monthly(locate)
    TABLES["critical_minerals_monthly"].validated(table)
    by_year = table[table["product"] == "811292"].groupby("year")["value"].sum() / 1e6
    assert (round(by_year.min()), round(by_year.max())) == (34, 396)  # as the mirror's warning says
    group = pd.read_csv(mirror / comtrade_monthly.SOURCE.id / "overview_monthly.csv").query(
        "broad_group == 'Gallium/Germanium'"
    )
    wide = group.groupby(group["period_dt"].str[:4].astype(int))["total_value"].sum() / 1e6
    assert (wide / by_year).min() > 6
