"""`mic2025lab data check` and `data template`: what is wrong with a file, row by row, and what a file should look like."""

import pytest
from click.testing import CliRunner

from mic2025lab import own_tables, project
from mic2025lab.cli import main


def told(*words):
    return CliRunner().invoke(main, ["data", *words])


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize("form", own_tables.FORMS)
def test_a_template_passes_once_its_examples_are_replaced(here, form):
    assert told("template", form).exit_code == 0
    assert told("template", form).exit_code == 2  # the file exists
    refused = told("check", f"{form}.csv", "--as", form)
    assert refused.exit_code == 2
    assert "note: 2 problems" in refused.output
    text = (here / f"{form}.csv").read_text()
    (here / f"{form}.csv").write_text(text.replace(own_tables._EXAMPLE, ""))
    passed = told("check", f"{form}.csv", "--as", form)
    assert passed.exit_code == 0, passed.output
    assert "2 rows are right" in passed.output


def test_each_kind_is_counted_and_the_first_twenty_are_listed(here):
    rows = [f"Nowhere{n},2015,{n}" for n in range(30)] + ["CHN,2015.5,1", "DEU,2016,x"]
    (here / "a.csv").write_text("economy,year,value\n" + "\n".join(rows))
    result = told("check", "a.csv")
    assert result.exit_code == 2
    assert "economy: 30 problems, the first 20" in result.output
    assert result.output.count("Nowhere") == 20
    assert "row 31, year: 2015.5" in result.output
    assert "row 32, value: 'x'" in result.output


def test_columns_of_the_command_and_of_the_project(here):
    (here / "a.csv").write_text("Country,Year,Exports,note\nChina,2015,1,x\n")
    lacking = told("check", "a.csv", "--as", "market_shares")
    assert lacking.exit_code == 2
    assert "'industry'" in lacking.output
    assert told("check", "a.csv", "--columns", "economy=Country,year=Year,value=Exports").exit_code == 0
    (here / project.FILE).write_text("tables: {mine: {file: a.csv, columns: {economy: Country, year: Year}}}")
    assert "read: economy, year" in told("check", "a.csv").output


@pytest.mark.parametrize(
    "words", [("check", "none.csv"), ("check", "a.csv", "--as", "trad"), ("template", "trad")]
)
def test_what_does_not_exist(here, words):
    (here / "a.csv").write_text("x\n1\n")
    result = told(*words)
    assert result.exit_code == 2
    assert "Did you mean 'trade'" in result.output or "does not exist" in result.output
