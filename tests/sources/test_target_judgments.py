"""The rule that judges the plan's targets, on raw files of a few rows, and its judgments recomputed from the real ones."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path

import pytest

import mic2025lab as lab
from mic2025lab.sources.target_judgments import target_judgments

TARGET = "year,value,unit,definition,status,source,url,retrieved,note,verified_before\n"
FIGURE = "id_or_sector_item,year,value,unit,definition,status,source,url,retrieved,note\n"
SECTOR = '2 Own-brand industrial robots,2020,50,%,"market basis: domestic; roadmap",verified-secondary,S,http://s,d,,no\n'


def judged(raw_files: Callable, target: str, *figures: str) -> tuple[str, str]:
    """Judge one headline target."""
    files = {
        "targets_headline_checked.csv": f"id,{TARGET}{target}",
        "targets_sector_checked.csv": f"sector_no_item,{TARGET}{SECTOR}",
        "actuals_checked.csv": FIGURE + "".join(figures),
    }
    made = target_judgments(raw_files(files))
    row = made[made["scope"] == "headline"].iloc[0]
    return row["judgment"], row["if_target_right"]


def target(value: float, status: str = "verified-official", unit: str = "%", basis: str = "level") -> str:
    return f"broadband,2020,{value},{unit},Broadband / kd ({basis}),{status},S,http://s,d,,no\n"


def figure(period: str, value: float, status: str = "verified-official", unit: str = "%") -> str:
    return f"broadband,{period},{value},{unit},D {period} {value},{status},S,http://s,d,\n"


@pytest.mark.parametrize(
    ("goal", "figures", "expected"),
    [
        (target(70), [figure("2020", 70)], "met"),
        (target(70), [figure("2020", 69.9)], "missed"),
        (target(70), [figure("2020", 60), figure("2021", 90)], "missed"),  # the year itself comes first
        (target(70), [figure("2019", 72), figure("2021", 75)], "met"),
        (
            target(70),
            [figure("2015", 30), figure("2019", 60), figure("2021", 65), figure("2024", 90)],
            "missed",
        ),
        (target(70), [figure("2019", 60), figure("2021", 75)], "not judgeable"),
        (target(70), [figure("2021", 75)], "not judgeable"),
        (target(70), [figure("2020", 80), figure("2020", 60)], "not judgeable"),  # two definitions disagree
        (target(70), [figure("2020", 69, unit="% (more than)")], "not judgeable"),
        (target(70), [figure("2020", 71, unit="% (more than)")], "met"),
        (target(70), [figure("2020", 80, status="not found")], "not judgeable"),
        (target(70), [figure("2020", 80, unit="m dwt")], "not judgeable"),
        (target(18, unit="% fall vs 2015", basis="change vs 2015"), [figure("2016-2020", -20)], "met"),
        (
            target(18, unit="% fall vs 2015", basis="change vs 2015"),
            [figure("2016-2019", -20)],
            "not judgeable",
        ),
    ],
)
def test_the_rule(raw_files: Callable, goal: str, figures: list[str], expected: str) -> None:
    assert judged(raw_files, goal, *figures) == (expected, expected)


@pytest.mark.parametrize("status", ["not found", "conflicting"])
def test_a_target_without_a_source_decides_nothing(raw_files: Callable, status: str) -> None:
    assert judged(raw_files, target(70, status), figure("2020", 80)) == ("not judgeable", "met")


@pytest.mark.mirror
def test_the_judgments_follow_from_the_raw_rows(mirror: Path) -> None:
    """Each judgment with one figure of its year, from the numbers of the raw files."""

    def rows(name: str) -> list[dict[str, str]]:
        with (mirror / "reference-checked" / name).open(encoding="utf-8") as text:
            return list(csv.DictReader(text))

    goals = {
        (row.get("id") or row["sector_no_item"].split(" ", 1)[1], row["year"]): float(row["value"])
        for name in ("targets_headline_checked.csv", "targets_sector_checked.csv")
        for row in rows(name)
    }
    found = {
        (row["id_or_sector_item"].lstrip("0123456789 "), row["year"]): row["value"]
        for row in rows("actuals_checked.csv")
    }
    table = lab.load("target_judgments")
    judged = {
        (row.id if isinstance(row.id, str) else row.indicator, str(row.year)): row.judgment
        for row in table.itertuples()
    }
    for name, year, period, sign in (
        ("broadband", "2020", "2020", 1),
        ("energy_intensity", "2020", "2016-2020", -1),
        ("water_intensity", "2020", "2016-2020", -1),
        ("NEV annual sales", "2020", "2020", 1),
        ("NEV annual sales", "2025", "2025", 1),
    ):
        reached = sign * float(found[name, period]) >= goals[name, year]
        assert judged[name, year] == ("met" if reached else "missed")
    assert judged["Own-brand industrial robots", "2020"] == "missed"
    assert table["judgment"].value_counts().to_dict() == {"not judgeable": 82, "met": 5, "missed": 3}
    assert (
        not table.loc[table["target_status"].isin(["not found", "conflicting"]), "judgment"]
        .ne("not judgeable")
        .any()
    )
