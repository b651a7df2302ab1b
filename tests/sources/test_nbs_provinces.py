"""Tables of the provinces: by hand, against the R package, and against sums that were checked elsewhere."""

import pytest

import mic2025lab as lab
from mic2025lab.errors import SourceError
from mic2025lab.sources import provinces


def slugs():
    return sorted(lab.load("provincial_accounts")["province"].unique())


def asset(**changed):
    """Two years of 10 and 20 at prices of 1 and 2, but for what a province has instead."""
    text = "prv,yr,invest,InvestIndex,InvestPrice,depr\n"
    for slug in slugs():
        text += changed.get(slug, f"{slug},1952,10,,1,\n{slug},1953,20,,2,\n")
    return text


def test_stock_by_hand(raw_files):
    fujian = "fujian,1952,10,,1,\nfujian,1953,-4,,2,\n"
    raw = raw_files({"asset.csv": asset(fujian=fujian)})
    table = provinces.provincial_capital(raw).set_index(["indicator", "province", "year"])["value"]
    # K(1952) = 10 / 0.1; K(1953) = 0.904 * 100 + 20 / 2, at the price of 2.
    assert table["capital", "beijing", 1952] == pytest.approx(100)
    assert table["capital", "beijing", 1953] == pytest.approx(100.4)
    assert table["capital_current", "beijing", 1953] == pytest.approx(200.8)
    # What is below zero adds nothing, and stands in the table as it is.
    assert table["capital", "fujian", 1953] == pytest.approx(90.4)
    assert table["investment", "fujian", 1953] == -4


def test_a_province_that_is_not_known_stops_the_cleaning(raw_files):
    text = asset().replace("shaanxi,", "shensi,")
    raw = raw_files({"asset.csv": text})
    with pytest.raises(SourceError, match=r"'shensi'.*'shaanxi'"):
        provinces.provincial_capital(raw)


def integrated(tax="7"):
    """A province and year each of the real file's layout, 31 x 20, all alike but for one cell of tax."""
    columns = [name for name in provinces.INDICATORS if name != "gov_exp_bn"]
    data, budget = (
        ["province,year," + ",".join(columns)],
        ["province,year,gdp,emp_total_10k,tax_rev_bn,gov_exp_bn"],
    )
    for n, label in enumerate(provinces.SLUGS):
        for year in range(2005, 2025):
            data.append(f"{label},{year}," + ",".join("7" for _ in columns))
            budget.append(f"{label},{year},7,7,{tax if n == year - 2005 == 0 else '7'},9")
    return {
        provinces.DATA: "\n".join(data) + "\n",
        provinces.BUDGET: "\n".join(budget) + "\n",
    }


def test_two_files_that_disagree_stop_the_cleaning(raw_files):
    table = provinces.provincial_accounts(raw_files(integrated()))
    assert set(table.loc[table["indicator"] == "budget_expenditure", "value"]) == {9.0}
    for other in ("8", ""):
        with pytest.raises(SourceError, match="tax_rev_bn differs from local_tax_100m_yuan"):
            provinces.provincial_accounts(raw_files(integrated(other)))
