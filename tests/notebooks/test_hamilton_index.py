"""`hamilton_index`: leaders and location quotients are those of the raw rows, and wrong requests are explained."""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from mic2025lab.analyses import validate
from mic2025lab.errors import ParameterError

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


@pytest.mark.parametrize(
    ("values", "message"),
    [({"year": 2017}, "year"), ({"year": 2023}, "year"), ({"base_year": 2017}, "base_year")],
)
def test_wrong_requests_are_explained(values: dict, message: str) -> None:
    with pytest.raises(ParameterError, match=message):
        validate("hamilton_index", values)


def test_counts_agree_with_the_table(run_cells: Callable) -> None:
    results = run_cells("hamilton_index", year=2021)
    figures = {name: one["value"] for name, one in results["figures"].items()}
    table = pd.read_csv(results["folder"] / results["tables"]["industries"]["file"])
    assert figures["hamilton_led"] == (table["china"] > table["next_share"]).sum()
    assert ((table["china"] > table["next_share"]) == (table["leader"] == "China")).all()
    assert figures["leaders_as_published"] == (table["leader"] == table["published"]).sum()
    assert set(table.loc[table["leader"] != table["published"], "industry"]) == {"Pharmaceuticals"}  # 2021
    assert (table["published"] == "United States").sum() == 3


@pytest.mark.mirror
def test_values_are_those_of_the_raw_rows(run_cells: Callable, mirror: Path) -> None:
    made: dict[tuple[str, str], float] = defaultdict(float)
    with (mirror / "nsf-kti/value_added_skti2_2002_2022.csv").open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            if row["year"] == "2020" and row["value"]:
                for label, starts in (*NAMES.items(), ("all", ("All ISIC",))):
                    if row["industry"].startswith(starts):
                        made[label, row["economy"]] += float(row["value"])
    results = run_cells("hamilton_index")
    table = pd.read_csv(results["folder"] / results["tables"]["industries"]["file"]).set_index("industry")
    for label in NAMES:
        share = 100 * made[label, "China"] / made[label, "World (75)"]
        assert table.loc[label, "china"] == pytest.approx(share, abs=0.006), label

    def quotient(economy: str) -> float:
        parts = [sum(made[label, who] for label in NAMES) for who in (economy, "World (75)")]
        return parts[0] / parts[1] / (made["all", economy] / made["all", "World (75)"])

    assert results["figures"]["lq_chn_end"]["value"] == pytest.approx(quotient("China"))
    assert results["figures"]["lq_usa_end"]["value"] == pytest.approx(quotient("United States"))
