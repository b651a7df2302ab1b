"""`hamilton_index`: leaders and location quotients are those of the raw rows."""

from collections import defaultdict

import pytest

#: Industry -> beginnings of its names in the raw file.
NAMES = {
    "Pharmaceuticals": ("Pharmaceuticals, medicinal",),
    "Electrical equipment": ("Electrical equipment",),
    "Machinery and equipment": ("Machinery and",),
    "Motor vehicles": ("Motor vehicles",),
    "Other transportation": ("Air and spacecraft", "Railroad"),
    "Computers and electronics": ("Computer, electronic",),
    "IT and information services": ("IT ",),
    "Chemicals": ("Chemicals and",),
}


def test_counts_agree_with_the_table(run_once):
    results = run_once("hamilton_index", year=2021)
    table = results.table("industries")
    assert results.numbers["hamilton_led"] == (table["china"] > table["next_share"]).sum()
    assert ((table["china"] > table["next_share"]) == (table["leader"] == "China")).all()
    assert results.numbers["leaders_as_published"] == (table["leader"] == table["published"]).sum()
    assert set(table.loc[table["leader"] != table["published"], "industry"]) == {"Pharmaceuticals"}  # 2021
    assert (table["published"] == "United States").sum() == 3


@pytest.mark.mirror
def test_values_are_those_of_the_raw_rows(run_once, raw_rows):
    made = defaultdict(float)
    for row in raw_rows("nsf-kti/value_added_skti2_2002_2022.csv"):
        if row["year"] == "2020" and row["value"]:
            for label, starts in (*NAMES.items(), ("all", ("All ISIC",))):
                if row["industry"].startswith(starts):
                    made[label, row["economy"]] += float(row["value"])
    results = run_once("hamilton_index")
    shares = {label: 100 * made[label, "China"] / made[label, "World (75)"] for label in NAMES}
    table = results.table("industries").set_index("industry")
    assert table["china"].to_dict() == pytest.approx(shares, abs=0.006)

    def quotient(economy):
        parts = [sum(made[label, who] for label in NAMES) for who in (economy, "World (75)")]
        return parts[0] / parts[1] / (made["all", economy] / made["all", "World (75)"])

    assert results.numbers["lq_chn_end"] == pytest.approx(quotient("China"))
    assert results.numbers["lq_usa_end"] == pytest.approx(quotient("United States"))
