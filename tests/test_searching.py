"""Search finds what people mean, and each line that it gives runs."""

import re
import subprocess
import sys

import pandas as pd
import pytest
from click.testing import CliRunner

import mic2025lab as lab
from mic2025lab import searching
from mic2025lab.catalog import LOADED
from mic2025lab.classifications import lists
from mic2025lab.cli import main

WORDS = ["chips", "EV", "solar", "robots", "rare earths", "Vietnam", "concentration", "capacity utilization"]


def names(words, kind=None, each=500):
    found = lab.search(words, each=each)
    return found.loc[found["kind"].isin([kind] if kind else found["kind"]), "name"].tolist()


@pytest.mark.parametrize(
    ("words", "kind", "name"),
    [
        ("chips", "product", "854231"),
        ("chips", "table", "chip_trade"),
        ("chips", "sector", "information_technology"),
        ("chips", "claim", "chokepoints_fewer"),
        ("EV", "product", "870380"),
        ("EVs", "table", "ev_sales"),
        ("electric car", "sector", "new_energy_vehicles"),
        ("solar", "product", "854143"),
        ("robots", "sector", "machine_tools_robotics"),
        ("机器人", "sector", "machine_tools_robotics"),
        ("calculated duty", "column", "us_imports_by_industry.duty"),
        ("aerospace", "industry", "aerospace"),
        ("overcapacity", "analysis", "overcapacity"),
        ("Herfindahl", "metric", "hhi"),
        ("synthetic control", "model", "synthetic_control"),
        ("South Korea", "economy", "KOR"),
    ],
)
def test_what_people_say_is_found(words, kind, name):
    assert name in names(words, kind)


def test_synonyms_and_the_plural_find_the_same():
    for row in lists.read("synonyms"):
        sought = {tuple(one.pattern for one in searching._patterns(word)) for word in row["words"].split("|")}
        assert len(sought) == 1, row
    assert names("semiconductors") == names("Semiconductor") == names("chips")


def test_a_short_word_is_not_found_inside_another():
    assert not any(re.search(r"\bevents?\b", text) for text in lab.search("EV", each=500)["what"])


def test_all_words_must_be_there():
    assert set(names("solar capacity")) < set(names("solar")) | set(names("capacity"))
    assert names("solar zebra") == names("") == []


def test_a_name_comes_before_a_mention_and_the_rest_is_counted():
    found = lab.search("capacity utilization", each=1)
    tables = found[found["kind"] == "table"]
    assert tables["name"].tolist()[0] == "capacity_utilization"
    more = found[found["name"] == "…"].iloc[-1]
    whole = eval(more["use"], {"lab": lab})
    hidden = int(more["what"].split()[0])
    assert (whole["kind"] == more["kind"]).sum() == hidden + 1


@pytest.mark.parametrize("words", WORDS)
def test_each_line_runs(words):
    for row in lab.search(words, each=2).to_dict("records"):
        if row["use"].startswith("lab.") and "…" not in row["use"]:
            got = eval(row["use"], {"lab": lab})
            assert got is not None
            assert not isinstance(got, pd.DataFrame) or len(got)
        elif row["use"].startswith("mic2025lab claims"):
            assert CliRunner().invoke(main, row["use"].split()[1:]).exit_code == 0


def test_searching_loads_no_table():
    before = dict(LOADED)
    lab.search("batteries")
    assert before == LOADED
    assert searching._others.cache_info().currsize == 1  # all but the tables is put together once


def test_names_are_there_in_a_fresh_process():
    code = "import mic2025lab as lab; lab.classifications.economies.with_group; lab.classifications.sectors.get('rail')"
    subprocess.run([sys.executable, "-c", code], check=True)
