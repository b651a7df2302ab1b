"""What the cleaning functions make of small raw files, and what they refuse (`cleaning.toml`)."""

import tomllib
from importlib import import_module
from pathlib import Path

import pandas as pd
import pytest

from mic2025lab.errors import LabError, SourceError, UnknownName
from mic2025lab.sources import TABLES, gta, product_groups
from mic2025lab.sources.fetch import locate
from mic2025lab.sources.reading import RawTable, codes

CASES = [
    (name, case)
    for name, cases in tomllib.loads(
        Path(__file__).with_name("cleaning.toml").read_text(encoding="utf-8")
    ).items()
    for case in cases
]
REFUSED = [
    (name, case.get("files", {}) | refused["files"], refused["error"])
    for name, case in CASES
    for refused in case.get("refused", ())
]


def cleaner(name):
    """Return a table, or the function of a module that makes a part of one."""
    module, _, function = name.rpartition(":")
    return getattr(import_module(f"mic2025lab.sources.{module}"), function) if module else TABLES[name]


@pytest.mark.parametrize(("name", "case"), [each for each in CASES if "gives" in each[1]])
def test_raw_files_become_rows(raw_files, name, case):
    table = cleaner(name)(raw_files(case["files"]))
    columns = case["gives"].partition("\n")[0].split(",")
    made = table[columns].to_csv(index=False, float_format="%.10g")
    assert made.splitlines() == case["gives"].splitlines(), case["is"]


@pytest.mark.parametrize(("name", "files", "error"), REFUSED)
def test_what_is_not_as_expected_is_refused(raw_files, name, files, error):
    check = TABLES[name].validated if name in TABLES else lambda made: made
    with pytest.raises(LabError, match=error):
        check(cleaner(name)(raw_files(files)))


#: Tables whose functions take a raw file of another header as it comes.
UNCHECKED = {"world_economy", "benchmarks"}


@pytest.mark.parametrize("name", [name for name in TABLES if name not in UNCHECKED])
def test_another_header_is_refused(raw_files, name):
    files = {path: "a,b\n1,2\n" for _, paths in TABLES[name].inputs for path in paths}
    with pytest.raises(SourceError, match="does not have the expected layout"):
        TABLES[name](raw_files(files))


@pytest.mark.mirror
def test_interventions_are_as_the_report_prints_them(mirror):
    table = gta.trade_interventions(lambda source, path: locate(source, path, mirror=mirror))
    folder = mirror / gta.SOURCE.id
    printed = pd.read_csv(folder / "g20_harmful_share_2009_2020.csv").query("`year.implemented` == 2020")
    expected = printed.set_index(codes(printed["implementing.jurisdiction"]))["harmful.share"] * 100
    assert (gta.harmful_share(table, 2020) - expected).abs().max() < 1e-9
    recorded = pd.read_csv(folder / "measures_2009_by_reporting_date.csv")["G20"]
    late = TABLES["trade_interventions"].warnings[1]
    assert f"{recorded.sum():,}" in late
    assert f"{recorded.iloc[0]} were recorded" in late


def test_every_group_of_goods_lies_in_a_group_there_is():
    names = {name for name, _ in product_groups.GROUPS.values()}
    assert {within for _, within in product_groups.GROUPS.values()} - {""} <= names


def test_text_to_numbers():
    file = RawTable(gta.SOURCE, "f", pd.DataFrame())
    values = file.numbers(pd.Series(["1,234.5", " 7 ", "", "-2"], dtype="str"))
    assert values.tolist()[:2] == [1234.5, 7.0]
    assert values.isna().tolist() == [False, False, True, False]
    with pytest.raises(SourceError, match=r"not numbers: \['n/a'\]"):
        file.numbers(pd.Series(["n/a"], dtype="str"))
    with pytest.raises(UnknownName, match="Atlantis"):
        codes(pd.Series(["Atlantis"], dtype="str"))
