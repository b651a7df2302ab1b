"""The rule that judges the plan's targets, on raw files of a few rows, and its judgments recomputed from the real ones."""

import tomllib
from pathlib import Path

import pytest

import mic2025lab as lab
from mic2025lab.sources.targets_checked import target_judgments

TARGET = "year,value,unit,definition,status,source,url,retrieved,note,verified_before\n"
FIGURE = "id_or_sector_item,year,value,unit,definition,status,source,url,retrieved,note\n"
SECTOR = '2 Own-brand industrial robots,2020,50,%,"market basis: domestic; roadmap",verified-secondary,S,http://s,d,,no\n'


RESEARCH = "province,year,variable,value,unit\n" + "".join(
    f"P{n},{year},{variable},{value},u\n"
    for n in range(31)
    for year, variable, value in (
        ("2019", "rd_expenditure", 100),
        ("2019", "valid_invention_patents", 2),
        ("2022", "rd_expenditure", 100),
        ("2022", "valid_invention_patents", 1),
    )
)


def judged(raw_files, target, *figures):
    """Judge one headline target."""
    files = {
        "targets_headline_checked.csv": f"id,{TARGET}{target}",
        "targets_sector_checked.csv": f"sector_no_item,{TARGET}{SECTOR}",
        "actuals_checked.csv": FIGURE + "".join(figures),
        "actuals_headline.csv": "id,year,value,unit,source,url,verified,note\n"
        "rd_intensity,2019,1,%,S,http://s,yes,all industry\n",
        "scorecards.csv": "assessment,scope,item,value,unit,year,url,verified,note\n",
        "provincial_industrial_rd_2012_2024.csv": RESEARCH,
    }
    made = target_judgments(raw_files(files))
    row = made[made["scope"] == "headline"].iloc[0]
    return row["judgment"], row["if_target_right"]


def target(value, status="verified-official", unit="%", basis="level"):
    return f"broadband,2020,{value},{unit},Broadband / kd ({basis}),{status},S,http://s,d,,no\n"


def figure(period, value, status="verified-official", unit="%"):
    return f"broadband,{period},{value},{unit},D {period} {value},{status},S,http://s,d,\n"


RULE = tomllib.loads(Path(__file__).with_name("target_rule.toml").read_text(encoding="utf-8"))["case"]


@pytest.mark.parametrize("case", RULE, ids=lambda case: str(case["figures"]))
def test_the_rule(raw_files, case):
    figures = [figure(period, value, **dict(*more)) for period, value, *more in case["figures"]]
    goal = target(**{"value": 70} | case.get("goal", {}))
    assert judged(raw_files, goal, *figures) == (case["is"], case["is"])


@pytest.mark.parametrize("status", ["not found", "conflicting"])
def test_a_target_without_a_source_decides_nothing(raw_files, status):
    assert judged(raw_files, target(70, status), figure("2020", 80)) == ("not judgeable", "met")


@pytest.mark.parametrize(("goal", "expected"), [(1, "met"), (1.5, "not judgeable"), (2.5, "missed")])
def test_patents_over_revenue_are_computed(raw_files, goal, expected):
    """62 times 10,000 patents over 310,000 (2019), and 31 over 310,000 (2022): 2 and 1 for each 100 million yuan."""
    unit = "patents per 100m yuan"
    text = f"patents,2020,{goal},{unit},Patents / kd (level),verified-official,S,http://s,d,,no\n"
    share = 'rd_intensity,2022,1,%,"ALL INDUSTRY, R&D over revenue",verified-official,S,http://s,d,\n'
    assert judged(raw_files, text, share) == (expected, expected)


@pytest.mark.parametrize(("goal", "expected"), [(15, "met"), (18, "missed")])
def test_centers_at_the_end_of_2020_are_a_later_count_less_the_new_ones(raw_files, goal, expected):
    text = f"innovation_centres,2020,{goal},count,Centers / kd (level),verified-official,S,http://s,d,,no\n"
    later = 'innovation_centres,2025-09,33,count,national,verified-official,S,http://s,d,"16 new in 2021-25, so 17"\n'
    assert judged(raw_files, text, later) == (expected, expected)


def test_sales_of_new_energy_vehicles_agree_with_the_agency():
    """The IEA's counts, a second producer, are on the same side of the targets of 2020 and 2025 (its last year is 2024)."""
    sold = lab.load("ev_sales", economy="CHN", indicator="ev_sales", mode=["cars", "vans", "trucks", "buses"])
    sold = sold[sold["flag"] != "projection"].groupby("year")["value"].sum() / 1e6
    goals = lab.load("target_judgments", indicator="NEV annual sales").set_index("year")
    assert goals["judgment"].tolist() == ["met", "met"]
    assert sold[2020] > goals["target"][2020]
    assert sold[2024] > goals["target"][2025]
