"""Products of the Harmonized System, and the reviewed codes of the sectors."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

import mic2025lab as lab
from mic2025lab.classifications import products, sectors
from mic2025lab.errors import LabError, UnknownName


@pytest.mark.parametrize(
    ("year", "hs"),
    [(1988, "HS92"), (1995, "HS92"), (1996, "HS96"), (2011, "HS07"), (2012, "HS12"), (2016, "HS12"), (2017, "HS17"), (2030, "HS22")],
)  # fmt: skip
def test_the_revision_of_a_year(year, hs):
    assert products.revision_of(year) == hs


def test_there_was_no_hs_before_1988():
    with pytest.raises(LabError, match="began in 1988"):
        products.revision_of(1987)


@pytest.mark.parametrize(
    ("name", "hs"), [("HS2022", "HS22"), ("2002", "HS02"), ("H0", "HS92"), ("H6", "HS22"), ("hs17", "HS17")]
)
def test_a_revision_by_its_other_names(name, hs):
    assert products.revision(name) == hs


def test_an_unknown_revision_names_the_nearest():
    with pytest.raises(UnknownName, match="Did you mean 'HS12'"):
        products.revision("HS13")


@pytest.mark.parametrize(
    ("code", "level", "padded"),
    [("10121", 6, "010121"), (10121, 6, "010121"), ("850760", 6, "850760"), ("0101.21", 6, "010121"), ("01.01", 4, "0101"),
     ("101", 4, "0101"), (1, 2, "01"),
     ("9999aa", 6, "9999AA")],
)  # fmt: skip
def test_a_lost_zero_is_put_back(code, level, padded):
    assert products.pad(code, level) == padded


@pytest.mark.parametrize(
    "code", ["8507", "85076000", "85O760", "", None, 8507.6, 10121.0, "10121.0", "8507.6", "８５０７６０"]
)
def test_what_is_not_a_code_is_not_padded(code):
    with pytest.raises(LabError, match="is not a code of 6 digits"):
        products.pad(code, 6)


def test_only_three_lengths():
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
        products.check(["850760", "870380", "10121", "123456"], "HS12")
    message = str(error.value)
    assert "3 codes are not in HS12" in message
    assert "'870380' (it is in HS17, HS22; nearest here '870390')" in message
    assert "'10121' (lost its leading zero: '010121')" in message
    assert "'123456' (it is in no revision" in message
    assert "850760" not in message


def test_a_code_that_is_not_text_is_refused():
    with pytest.raises(UnknownName, match=r"850760 \(not text\)"):
        products.check([850760], "HS12")


def test_many_unknown_codes_are_counted():
    with pytest.raises(UnknownName, match=r"50 codes are not in HS22: .*; and 30 more\."):
        products.check([f"99{number:04d}" for number in range(50)], "HS22")


def test_texts():
    assert products.describe("850760", "HS12").startswith("Electric accumulators: lithium-ion")
    assert products.describe("8508", "HS22") == "Vacuum cleaners"
    assert products.describe("85", "HS92").startswith("Electrical machinery")


def test_a_number_used_again_does_not_bear_its_new_text():
    assert products.describe("8485", "HS22") == "Machines for additive manufacturing"
    assert products.describe("8485", "HS02") is None
    assert products.describe("8524", "HS96") is None
    assert (
        products.describe("8508", "HS96") is None
    )  # tools for working in the hand, before it was vacuum cleaners


def test_the_list_beside_the_module_is_the_catalogue_s_table(root):
    own = root / "mic2025lab" / "classifications" / "hs_products.parquet"
    table = root / "data" / "hs_products.parquet"
    assert own.read_bytes() == table.read_bytes(), (
        "copy data/hs_products.parquet to mic2025lab/classifications/"
    )


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


@pytest.mark.parametrize(
    ("sector", "hs", "product", "confidence"),
    [
        ("new_energy_vehicles", "HS17", "870380", "high"), ("new_energy_vehicles", "HS22", "870360", "high"),
        ("new_energy_vehicles", "HS12", "850760", "high"), ("new_energy_vehicles", "HS92", "870390", "low"),
        ("power_equipment", "HS22", "854143", "high"), ("power_equipment", "HS17", "854140", "medium"),
        ("information_technology", "HS12", "848620", "high"), ("information_technology", "HS92", "854211", "high"),
        ("machine_tools_robotics", "HS22", "847950", "high"), ("machine_tools_robotics", "HS22", "842870", "high"),
        ("aerospace", "HS12", "880330", "high"), ("aerospace", "HS22", "880730", "high"), ("rail", "HS92", "860110", "high"),
        ("ships_ocean_engineering", "HS02", "890120", "high"), ("agricultural_machinery", "HS17", "870195", "high"),
        ("new_materials", "HS92", "280530", "high"), ("biopharma_medical", "HS17", "300215", "high"),
    ],
)  # fmt: skip
def test_sectors_in_other_revisions(sector, hs, product, confidence):
    table = lab.load("sector_products", sector=sector, hs=hs, product=product)
    assert table["confidence"].tolist() == [confidence]


@pytest.mark.parametrize(
    ("sector", "hs", "product"),
    [
        ("power_equipment", "HS22", "854141"),  # light-emitting diodes, once solar cells have codes of their own
        ("new_energy_vehicles", "HS17", "870390"), ("new_energy_vehicles", "HS22", "870490"),
        ("new_energy_vehicles", "HS22", "870323"), ("information_technology", "HS22", "854921"),
    ],
)  # fmt: skip
def test_what_is_not_of_a_sector(sector, hs, product):
    products.check(product, hs)
    assert product not in set(lab.load("sector_products", sector=sector, hs=hs)["product"])


def test_every_sector_code_of_the_table_exists_in_its_revision_and_bears_its_text():
    table = lab.load("sector_products")
    for hs, part in table.groupby("hs"):
        products.check(part["product"], str(hs))
        assert [products.describe(code, str(hs)) for code in part["product"]] == part["description"].tolist()
    assert set(table["hs"]) == set(products.REVISIONS)
    assert (table.loc[table["coverage"] < 1, "confidence"] == "low").all()
    assert (table.loc[table["basis"] == "reviewed", "coverage"] == 1).all()
