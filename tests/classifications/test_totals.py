"""Totals are known from the labels of a column, and numbers that only look like them are not."""

import random

import pytest

from mic2025lab.classifications import economies, industries, products, regions
from mic2025lab.classifications.totals import find_totals

# Labels, then each total among them with its parts.
TOTALS = [
    (["MEX", "BRA", "WLD"], {"WLD": ["MEX", "BRA"]}),
    (["Mexico", "Brazil", "World (all partners)"], {}),  # not one of the words
    (["Mexico", "Brazil", "World, total"], {"World, total": ["Mexico", "Brazil"]}),
    (["MX", "BR", "Total"], {"Total": ["MX", "BR"]}),
    (["484", "076", "000"], {"000": ["484", "076"]}),
    ([484, 76, 0], {0: [484, 76]}),
    ([484.0, 76.0, 0.0], {0.0: [484.0, 76.0]}),
    ([842, 484, 124, 97, 56, 251], {97: [56, 251]}),  # numbers of Comtrade: the European Union
    ([1, 2, 12, 818], {1: [2, 12, 818], 2: [12, 818]}),  # M49: the world, Africa
    (["POL", "EU28", "GBR", "NOR"], {"EU28": ["POL", "GBR"]}),
    (["PL", "EU27_2020", "EA19", "FI", "NO"], {"EU27_2020": ["PL", "EA19", "FI"], "EA19": ["FI"]}),
    (["Vietnam", "ASEAN", "Japan"], {"ASEAN": ["Vietnam"]}),
    (["latin_america_and_the_caribbean", "south_america", "PER"], {
        "latin_america_and_the_caribbean": ["south_america", "PER"], "south_america": ["PER"],
    }),
    (["SSF", "KEN", "EGY"], {"SSF": ["KEN"]}),
    (["High income", "KEN", "EGY"], {"High income": ["KEN", "EGY"]}),  # members not listed: any economy may be one
    (["CHN+HKG+MAC", "MAC", "CHN"], {"CHN+HKG+MAC": ["CHN", "MAC"]}),
    (["全国", "广东", "江苏"], {"全国": ["广东", "江苏"]}),
    (["中国", "广东省", "江苏省", "新疆维吾尔自治区"], {"中国": ["广东省", "江苏省", "新疆维吾尔自治区"]}),
    (["China", "Guangdong Province", "Jiangsu Province", "Tibet"], {"China": ["Guangdong Province", "Jiangsu Province", "Tibet"]}),
    (["TOTAL", "280461", "280469"], {"TOTAL": ["280461", "280469"]}),
    (["All Commodities", "28", "29"], {"All Commodities": ["28", "29"]}),
    (["28", "2804", "280461", "010121"], {"28": ["2804", "280461"], "2804": ["280461"]}),
    (["0101", "010121", "0102"], {"0101": ["010121"]}),
    ([28, 280461, 10121, 290110], {28: [280461]}),
    (["28-38_Chemicals", "280461", "Section VI"], {"28-38_Chemicals": ["280461"], "Section VI": ["280461"]}),
    (["VI", "XVI", "280461", "84"], {"VI": ["280461"], "XVI": ["84"]}),
    (["C", "C20", "C21", "D"], {"C": ["C20", "C21"]}),
    (["C", "20", "21", "35"], {"C": ["20", "21"]}),
    (["C20T22", "C21", "C22", "C26"], {"C20T22": ["C21", "C22"]}),
    (["C19-C21", "C20", "J62_63", "J62"], {"C19-C21": ["C20"], "J62_63": ["J62"]}),
    (["D", "D17", "D18"], {"D": ["D17", "D18"]}),  # manufacturing in revision 3
    (["DTOTAL", "D10T33", "D20"], {"DTOTAL": ["D10T33", "D20"], "D10T33": ["D20"]}),
    (["31-33", "325", "541"], {"31-33": ["325"]}),
    (["20", "20.1", "20.14", "21"], {"20": ["20.1", "20.14"], "20.1": []}),
    (["manufacturing", "pharmaceuticals", "software"], {"manufacturing": ["pharmaceuticals"]}),
    (["chemicals", "pharmaceuticals", "textiles", "manufactures"], {
        "chemicals": ["pharmaceuticals"], "manufactures": ["chemicals", "pharmaceuticals", "textiles"],
    }),
]  # fmt: skip

NO_TOTALS = [
    ["CHN", "ROW", "TWN"],
    ["ZA1", "ZAF"],  # the customs union until 1999 and its member afterwards
    ["africa", "asia", "europe", "north_america", "middle_east", "central_and_south_america"],
    ["010121", "020110", "850760"],
    [10121, 20110, 850760],
    ["2804", "010121"],
    list(products.codes("HS17")),
    list(products.codes("HS92", 4)),
    ["01", "02", "10", "28"],
    [f"{number:02}" for number in range(1, 45)],
    [f"c{number}" for number in range(1, 36)],
    [str(number) for number in range(1, 154)],
    ["1", "2", "10", "11", "12"],
    ["10", "100", "101", "1000"],
    list(industries.ICIO),
    list(industries.CAPACITY)[7:],
    ["chemicals", "pharmaceuticals"],
    ["A", "B", "C"],
    ["C", "D", "E", "I", "V"],
    [0, 1, 2, 3],
    [0, 4, 8, 12],
    [1, 10, 101, 85],
    [85, 850, 8507],
    ["0", "1", "2"],
    [2015, 2016],
    ["2015", "2016"],
    [True, False],
    [0.5, 1.0],
    ["TotalEnergies", "All Nippon Airways", "World Fuel Services", "Total SA"],
    ["Total"],
    ["比亚迪", "宁德时代", "吉利"],
    [],
]


@pytest.mark.parametrize(("labels", "expected"), TOTALS, ids=lambda value: ",".join(map(str, value))[:40])
def test_totals_are_found(labels, expected):
    found = find_totals(labels)
    wanted = {total: set(parts) for total, parts in expected.items() if parts}
    assert {total: set(parts) for total, parts in found.items()} == wanted


@pytest.mark.parametrize("labels", NO_TOTALS, ids=lambda value: ",".join(map(str, value))[:40])
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
