"""Totals are known from the labels of a column, and numbers that only look like them are not."""

import random
from pathlib import Path

import pytest
import yaml

from mic2025lab.classifications import economies, industries, products, regions
from mic2025lab.classifications.totals import find_totals

CASES = yaml.safe_load(Path(__file__).with_name("totals.yml").read_text(encoding="utf-8"))
LISTS = [
    products.codes("HS17"),
    products.codes("HS92", 4),
    [f"{number:02}" for number in range(1, 45)],
    [f"c{number}" for number in range(1, 36)],
    [str(number) for number in range(1, 154)],
    industries.ICIO,
    list(industries.CAPACITY)[7:],
]


@pytest.mark.parametrize(
    ("labels", "expected"), CASES["totals"], ids=lambda value: ",".join(map(str, value))[:40]
)
def test_totals_are_found(labels, expected):
    found = find_totals(labels)
    wanted = {total: set(parts) for total, parts in expected.items() if parts}
    assert {total: set(parts) for total, parts in found.items()} == wanted


@pytest.mark.parametrize(
    "labels", [*CASES["none"], *map(list, LISTS)], ids=lambda value: ",".join(map(str, value))[:40]
)
def test_other_labels_have_no_totals(labels):
    assert find_totals(labels) == {}


def test_numbers_of_firms_are_no_totals():
    draw = random.Random(2025)
    for _ in range(300):
        upto = draw.choice([60, 300, 999, 5_000, 10**6])
        numbers = draw.sample(range(upto), min(upto, draw.choice([5, 20, 200, 800])))
        assert find_totals(numbers) == {}
        assert find_totals(map(str, numbers)) == {}


def test_codes_of_an_unknown_list_nest_where_their_pattern_shows_it():
    sitc = ["0", "00", "01", "02", "03", "04", "1", "11", "12", "2", "21", "22", "23", "24", "7", "71", "72"]
    assert set(find_totals(sitc)) == {"0", "1", "2", "7"}
    three = [f"{division}{group}" for division in range(13, 33) for group in range(1, 5)]
    assert set(find_totals([*three, *map(str, range(13, 33))])) == set(map(str, range(13, 33)))
    assert find_totals(three) == {}


def test_members_of_groups_are_economies_and_regions_cover_them():
    everyone = {code for number in (2, 9, 19, 142, 150) for code in regions.numbered(number) or ()}
    assert set(economies.ECONOMIES) - everyone == {"ATA", "CHI", "PUS"}
    assert everyone <= set(economies.ECONOMIES)
    for code in economies.ECONOMIES:
        assert regions.members(code) == {code} == regions.members(economies.name(code))
    world_bank = [regions.members(code) or frozenset() for code in ("EAS", "ECS", "LCN", "MEA", "NAC", "SSF")]
    assert sum(map(len, world_bank)) == len(frozenset().union(*world_bank))
    assert len(regions.members("OECD") or ()) == 38
    assert regions.numbered(826) == regions.two_letters("GB") == regions.two_letters("UK") == {"GBR"}
