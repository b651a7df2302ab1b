"""The authors' file of industrial-policy measures is read in its published layout, and other files are refused with the reason."""

import pandas as pd
import pytest

from mic2025lab.errors import TableError
from mic2025lab.own_policies import read_measures, sector_shares

#: The header as published; the rows are made up.
HEADER = (
    "MeasureID,AnnouncedYear,StateActTitle,CountryImposing_cleaned,D_IP_bert_3,D_OTHER_INTENTION_bert_3,D_NOT_ENOUGH_INFO_bert_3,"
    "MeasureAffectedProducts,MAST_chapterName,MeasureType,firm_specific,ImplementationLevel,same_year_published"
)
ROWS = [
    '1,2015,"A, with a comma",China,1,0,0,"854231,854232",Subsidies,Grant,Not firm specific,national,1',
    "2,2015,B,China,1,0,0,010121,Subsidies,Grant,Not firm specific,national,1",
    "3,2015,C,China,0,1,0,854231,Tariff measures,Import tariff,Not firm specific,national,1",
    "4,2015,D,China,1,0,0,854231,Subsidies,Grant,Not firm specific,national,",
    "5,2016,E,China & Italy,1,0,0,854231,Subsidies,Grant,Firm specific,national,1",
    "6,2016,F,China,1,0,0,NA,Subsidies,Grant,Not firm specific,national,1",
    "7,2016,G,Italy,1,0,0,010121,Subsidies,Grant,Not firm specific,national,1",
]
PRODUCTS = pd.DataFrame(
    [("information_technology", "854231"), ("information_technology", "854232"), ("farms", "010121")],
    columns=["sector", "product"],
)


def written(folder, rows, header=HEADER):
    path = folder / "JLOP_2025.csv"
    path.write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
    return str(path)


def test_one_row_for_each_measure_and_product(tmp_path):
    measures = read_measures(written(tmp_path, ROWS))
    assert len(measures) == 8
    assert measures.loc[measures["measure"] == "1", "product"].tolist() == ["854231", "854232"]
    assert measures.loc[measures["measure"] == "2", "product"].item() == "010121"
    assert measures.loc[measures["measure"] == "6", "product"].isna().all()
    assert measures.groupby("measure")["comparable"].first().to_dict()["4"] is False


def test_shares_count_comparable_industrial_policy_with_products(tmp_path):
    shares = sector_shares(read_measures(written(tmp_path, ROWS)), PRODUCTS).set_index(["year", "sector"])
    assert shares.loc[(2015, "information_technology"), ["measures", "of", "share"]].tolist() == [1, 2, 50]
    assert shares.loc[(2015, "farms"), "share"] == 50
    assert shares.loc[(2016, "information_technology"), ["measures", "of"]].tolist() == [1, 1]
    italy = sector_shares(read_measures(written(tmp_path, ROWS)), PRODUCTS, "Italy").set_index("sector")
    assert italy["share"].to_dict() == {"farms": 50, "information_technology": 50}


@pytest.mark.parametrize(
    ("header", "row", "message"),
    [
        (HEADER.replace("D_IP_bert_3", "IP"), ROWS[0], "D_IP_bert_3"),
        (HEADER, ROWS[1].replace("2015", "15"), "four digits"),
        (HEADER, ROWS[1].replace("010121", "0101"), "six digits"),
    ],
)
def test_another_layout_is_refused(tmp_path, header, row, message):
    with pytest.raises(TableError, match=message):
        read_measures(written(tmp_path, [row], header))
