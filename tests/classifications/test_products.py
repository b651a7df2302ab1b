"""Products of the Harmonized System, and the reviewed codes of the sectors."""

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import mic2025lab as lab
from mic2025lab.classifications import products, sectors
from mic2025lab.errors import LabError, UnknownName


def test_the_revision_of_a_year():
    years = {1988: "HS92", 1995: "HS92", 1996: "HS96", 2011: "HS07", 2012: "HS12", 2017: "HS17", 2030: "HS22"}
    assert {year: products.revision_of(year) for year in years} == years
    with pytest.raises(LabError, match="began in 1988"):
        products.revision_of(1987)


def test_a_revision_by_its_other_names():
    names = {"HS2022": "HS22", "2002": "HS02", "H0": "HS92", "H6": "HS22", "hs17": "HS17"}
    assert {name: products.revision(name) for name in names} == names
    with pytest.raises(UnknownName, match="Did you mean 'HS12'"):
        products.revision("HS13")


@pytest.mark.parametrize(
    ("code", "level", "padded"),
    [("10121", 6, "010121"), (10121, 6, "010121"), ("850760", 6, "850760"), ("0101.21", 6, "010121"), ("01.01", 4, "0101"),
     ("101", 4, "0101"), (1, 2, "01"), ("9999aa", 6, "9999AA")],
)  # fmt: skip
def test_a_lost_zero_is_put_back(code, level, padded):
    assert products.pad(code, level) == padded


def test_what_is_not_a_code_is_not_padded():
    for code in (
        "8507",
        "85076000",
        "85O760",
        "",
        None,
        8507.6,
        10121.0,
        "10121.0",
        "8507.6",
        "８５０７６０",
    ):
        with pytest.raises(LabError, match="is not a code of 6 digits"):
            products.pad(code, 6)
    with pytest.raises(LabError, match="2, 4 or 6 digits, not 5"):
        products.pad("10121", 5)
    with pytest.raises(LabError, match="not 8"):
        products.codes("HS12", level=8)


@given(st.sampled_from(sorted(products.REVISIONS)), st.data())
def test_every_code_survives_the_loss_of_its_zero(hs, data):
    code = data.draw(st.sampled_from([code for code in products.codes(hs) if code.isdigit()]))
    assert products.pad(int(code), 6) == code
    products.check([code, code[:4], code[:2]], hs)


def test_an_unknown_code_is_named_with_the_nearest_and_where_it_is():
    with pytest.raises(UnknownName) as error:
        products.check(["850760", "870380", "10121", "123456", "8507AB", 850760], "HS12")
    message = str(error.value)
    for words in (
        "5 codes are not in HS12",
        "'870380' (it is in HS17, HS22; nearest here '870390')",
        "'10121' (lost its leading zero: '010121')",
        "'123456' (it is in no revision; nearest here '121",
        "'8507AB' (it is in no revision; nearest here '8507",
        "850760 (not text)",
    ):
        assert words in message
    assert "'850760'" not in message
    with pytest.raises(UnknownName, match=r"50 codes are not in HS22: .*; and 30 more\."):
        products.check([f"99{number:04d}" for number in range(50)], "HS22")


def test_texts():
    assert products.describe("850760", "HS12").startswith("Electric accumulators: lithium-ion")
    assert products.describe("85", "HS92").startswith("Electrical machinery")
    # A number that is used again does not bear its new text; 8508 were tools for working in the hand.
    texts = {("8508", "HS22"): "Vacuum cleaners", ("8485", "HS22"): "Machines for additive manufacturing"}
    texts |= dict.fromkeys([("8485", "HS02"), ("8524", "HS96"), ("8508", "HS96")])
    assert {key: products.describe(*key) for key in texts} == texts


def test_the_list_beside_the_module_is_the_catalogue_s_table(root):
    own = root / "mic2025lab" / "classifications" / "hs_products.parquet"
    table = root / "data" / "hs_products.parquet"
    assert own.read_bytes() == table.read_bytes(), "copy the table of data/ to classifications/"


def test_every_reviewed_code_exists_and_is_the_one_meant():
    for line in products.reviewed():
        products.check(line.product, line.hs)
        text = (products.describe(line.product, line.hs) or "").lower()
        assert line.keyword == line.keyword.lower()
        assert any(word in text for word in line.keyword.split("|")), (
            f"{line.hs} {line.product}: {line.keyword!r} not in {text!r}"
        )


def test_the_review_is_whole():
    lines = products.reviewed()
    assert {line.sector for line in lines} == set(sectors.slugs())
    assert len({(line.sector, line.hs, line.product) for line in lines}) == len(lines)
    for line in lines:
        assert line.confidence in products.CONFIDENCE
        assert line.role in products.ROLES
        assert len(line.reason.split()) >= 4, line
        assert line.reason[-1] != "."
        assert len(line.keyword) > 1
    assert 250 <= sum(line.hs == "HS12" for line in lines) <= 450


def test_broad_codes_are_not_held_for_sure():
    """What is not named elsewhere, and goods of every use, are low or medium."""
    for line in products.reviewed():
        text = products.describe(line.product, line.hs) or ""
        broad = {"847989", "853710", "850440", "870899", "903289", "300490", "901890"}
        if "n.e.c. in this chapter" in text or line.product in broad:
            assert line.confidence in {"low", "medium"}, line


def test_sectors_in_other_revisions(root):
    """Codes that a reader would look for, with their confidence; without one, the code is not of the sector."""
    expected = pd.read_csv(root / "tests/classifications/sector_codes.csv", dtype="str")
    found = expected.merge(lab.load("sector_products"), "left", on=["sector", "hs", "product"])
    assert found["confidence_x"].fillna("").tolist() == found["confidence_y"].fillna("").tolist()
    for hs, codes in expected.groupby("hs")["product"]:
        products.check(codes, hs)


def test_every_sector_code_of_the_table_exists_in_its_revision_and_bears_its_text():
    table = lab.load("sector_products")
    for hs, part in table.groupby("hs"):
        products.check(part["product"], str(hs))
        assert [products.describe(code, str(hs)) for code in part["product"]] == part["description"].tolist()
    assert set(table["hs"]) == set(products.REVISIONS)
    assert (table.loc[table["coverage"] < 1, "confidence"] == "low").all()
    assert (table.loc[table["basis"] == "reviewed", "coverage"] == 1).all()
