"""What metrics refuse, and that each message names the value and what would be right. `test_matrix` has what all of them refuse."""

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

from mic2025lab.errors import ParameterError, TableError, UnknownName
from tests.metrics.cases import CELLS, SERIES, call

Change = Callable[[pd.DataFrame], pd.DataFrame]


def only(query):
    return lambda table: table.query(query)


def put(column, value, where="index == index"):
    """Put a value into a column, of all rows or of those of a query."""
    return lambda table: table.assign(
        **{column: table[column].mask(table.eval(where), value) if column in table else value}
    )


def lose(row, column="value"):
    return put(column, np.nan, f"index == {row}")


def rename(old, new):
    return lambda table: table.replace(old, new)


#: Case, change of its table, options, and what the message says.
TABLES = [
    ("market_share", lambda t: pd.concat([t, t[:1]]), {}, r"economy='USA', industry='machinery', year=2022\. Add up the"),
    ("market_share", put("value", -1.0, "index == 3"), {}, r"in 1 row.*: -1 \(industry='machinery', year=2015, economy='CHN'\)"),
    ("market_share", put("share", 1), {}, "has a column 'share' already"),
    ("market_share", None, {"world": "WLD"}, r"Unknown economy 'WLD'.* One of: CHN, JPN, USA"),
    ("market_share", None, {"within": ("industries", "year")}, "Unknown column 'industries'"),
    ("market_share", rename("USA", "WLD"), {}, r"'economy' has 'WLD' beside .*parts of it.*world=…"),
    ("share_change", None, {"start": 2022, "end": 2015}, "start=2022 must come before end=2015 in column 'year'"),
    ("share_change", None, {"start": 2014}, r"Unknown year 2014\..* One of: 2015, 2022"),
    ("displacement", only("index != 3"), {}, r"without a row for 2015, .*: industry='machinery', economy='CHN'\..*absent='zero'"),
    ("displacement", lose(3), {}, r"missing in 1 cell \(start\): industry='machinery', economy='CHN'"),
    ("displacement", None, {"gainer": "CHINA"}, "Unknown economy 'CHINA'"),
    ("displacement", rename("aerospace", "manufacturing"), {}, "'industry' has 'manufacturing' beside machinery"),
    ("displacement/rest", put("value", 1.0), {}, r"add up to 3 .*more than the 1 of 'WLD'"),
    ("displacement/rest", rename("USA", "ROW"), {}, "has 'ROW'"),
    ("displacement/rest", only("economy != 'WLD' or industry != 'software'"), {}, r"'software' .*nan of 'WLD'"),
    ("shift_share", only("index != 0"), {}, "without a row for 2022"),
    ("shift_share", lose(0), {}, r"missing in 1 cell \(end\): industry='machinery', economy='USA'"),
    ("shift_share", rename("machinery", "all_industries"), {}, "total=…"),
    ("shift_share", rename("USA", "WLD"), {}, "world=…"),
    ("shift_share", None, {"total": "manufacturing"}, "Unknown industry 'manufacturing'"),
    ("constant_market_share", only("index != 0"), {}, "If a missing row means zero"),
    ("constant_market_share", lose(0), {}, "'value' is missing in 1 cell"),
    ("constant_market_share", put("value", 0.0, "year == 2015"), {}, "total is zero at one of the two times"),
    ("constant_market_share/products", put("value", 0.0, "economy == 'WLD' and year == 2015 and industry == 'software'"), {},
     "row of the world is zero or missing for industry='software'"),
    ("remainder", None, {"parts": []}, "at least one"),
    ("remainder", None, {"parts": ["WLD"]}, "other than the total"),
    ("remainder", None, {"parts": ["CHM"]}, "CHN"),
    ("remainder", None, {"total": "EU27"}, "EU27"),
    ("remainder", None, {"name": "USA"}, "another name"),
    ("rca", rename("USA", "WLD"), {}, r"'exporter' has 'WLD' beside CHN, .*world=…"),
    ("location_quotient/sums", rename("software", "total"), {}, r"'industry' has 'total' beside .*total=…"),
    ("location_quotient", None, {"world": "World"}, "Unknown economy 'World'"),
    ("location_quotient", None, {"total": "manufacturing"}, "Unknown industry 'manufacturing'"),
    ("prody", put("income", 9.0, "index == 0"), {}, r"one number for each exporter in each year, and differs for CHN\."),
    ("expy", None, {"income": "gdp"}, "Unknown column 'gdp'"),
    ("export_similarity", None, {"against": "CHINA"}, "Unknown exporter 'CHINA'"),
    ("import_share", None, {"supplier": "CNH"}, r"Unknown supplier 'CNH'\. Did you mean 'CHN'"),
    ("import_share", None, {"supplier": ("CHN", "MAC")}, "Unknown supplier 'MAC'"),
    ("import_share", None, {"supplier": ("CHN", "CHN")}, "names a member twice"),
    ("import_share", None, {"supplier": ()}, "has no members"),
    ("import_share", put("exporter", "DEU", "importer == 'DEU'"), {}, "more than one row"),
    ("import_share", lambda t: t[:1].assign(exporter="FRA"), {}, "exporter and importer the same; there is no flow"),
    ("import_share/blocs", rename("FRA", "WLD"), {}, "'importer' has 'WLD' beside"),
    ("apparent_consumption", put("apparent_consumption", 1.0), {}, "has a column 'apparent_consumption' already"),
    ("self_sufficiency", None, {"imports": "exports"}, "given two roles"),
    ("localization/firms", put("theirs", 999.0), {}, "'theirs' is a part of 'output' and exceeds it"),
    ("localization", None, {"start": 2020, "end": 2010}, "must come before"),
    ("strategic_dependencies", None, {"bloc": ("DEU", "ITA")}, "Unknown importer 'ITA'"),
    ("strategic_dependencies", None, {"bloc": ()}, "has no members"),
    ("strategic_dependencies", None, {"bloc": "USA"}, "Nothing is imported by USA"),
    ("strategic_dependencies", lose(4), {}, r"'value' is missing in 1 row.*needs every value"),
    ("strategic_dependencies", put("value", 0.0), {}, "No flow of column 'value' is above zero"),
    ("strategic_dependencies", rename("FRA", "WLD"), {"bloc": "CHN"}, "'importer' has 'WLD' beside"),
    ("chokepoints", put("year", 2015), {}, "more than one row"),
    ("chokepoints", lambda t: t.astype({"year": str}), {}, "'year' must hold whole years"),
    ("chokepoints", None, {"importer": ["CHN", "ITA"]}, "Unknown importer 'ITA'"),
    ("reverse_dependence", None, {"economy": "TWN"}, "Unknown exporter 'TWN'"),
    ("reverse_dependence", put("value", 0.0), {}, "No flow to a partner of CHN"),
    ("reverse_dependence", put("value", 0.0, "exporter == 'CHN'"), {}, "CHN sells nothing to any partner"),
    ("export_dominance", None, {"exporter": "CNH"}, r"Unknown exporter 'CNH'\. Did you mean"),
    ("export_dominance", lose(4), {}, "is missing in 1 row"),
    ("foreign_input_reliance", None, {"final": ["consumption"]}, "Unknown final use 'consumption'"),
    ("foreign_input_reliance", None, {"final": []}, "final is empty"),
    ("foreign_input_reliance", put("to_use", "gfcf", "index == 2"), {}, "gfcf in column 'to_use' are neither or both"),
    ("foreign_input_reliance", None, {"final": ["final", "chips"]}, "chips in column 'to_use' are neither or both"),
    ("foreign_input_reliance", put("value", -20.0, "exporter == 'USA' and to_use == 'chips'"), {}, r"'value' is negative in 1 row.*: -20"),
    ("foreign_input_reliance", put("value", 0.0, "exporter == 'CHN' and from_industry == 'chips'"), {},
     r"1 industries buy inputs and have no output.*: CHN chips"),
    ("foreign_input_reliance", put("value", -19.9, "to_use == 'final' and value == 20"), {}, "no Leontief inverse of zero or more"),
    ("foreign_input_reliance", lose(3), {}, "is missing in 1 row"),
    ("foreign_input_reliance", rename("cars", "total"), {}, "'from_industry' has 'total' beside"),
    ("growth_accounting", put("year", 2010), {}, "more than one row"),
    ("growth_accounting", put("rgdpna", 0.0, "index == 0"), {}, "year=2011"),
    ("growth_accounting", put("rnna", -1.0), {}, "'rnna' must be above zero"),
    ("growth_accounting", put("labsh", 55.0), {}, "share from 0 to 1"),
    ("growth_accounting", put("year", 2010.5, "index == 0"), {}, "whole years"),
    ("growth_accounting", None, {"output": "rgdpn"}, "rgdpna"),
    ("growth_by_period", None, {"periods": [(2012, 2010)]}, "first year, last year"),
    ("growth_by_period", None, {"periods": []}, "at least one is needed"),
    ("perpetual_inventory", put("investment", -1.0), {}, "must not be negative"),
    ("perpetual_inventory", None, {"depreciation": 1.5}, "from 0 to 1"),
    ("perpetual_inventory", None, {"initial": {"CHN": 1.0}}, "economy='USA', year=2010 is None"),
    ("perpetual_inventory", None, {"initial": -1.0}, "zero or more"),
    ("perpetual_inventory", None, {"initial": "steady"}, "steady_state"),
    ("perpetual_inventory", put("investment", 3.0, "year > 2010"), {}, "no steady state"),
    ("perpetual_inventory", only("year == 2010"), {}, r"\(nan\).*no steady state"),
    ("icor", put("delta", -1.0), {"depreciation_share": "delta"}, "must not be negative"),
    ("icor", None, {"windows": 0}, "at least one year"),
    ("icor", None, {"windows": 9}, "2010 to 2012"),
    ("icor", None, {"windows": [(2017, 2015)]}, "first year"),
    ("return_on_capital", put("labsh", 60.0), {}, "share from 0 to 1"),
    ("return_on_capital", put("cn", 0.0), {}, "'cn' must be above zero"),
    ("return_on_capital", put("delta", -0.1), {}, "'delta' must not be negative"),
    ("return_on_capital", put("year", 2010), {}, "one row"),
    ("mpk", put("labsh", 60.0), {}, "share from 0 to 1"),
    ("mpk", put("cn", 0.0), {}, "'cn' must be above zero"),
    ("labor_productivity_decomposition", put("employment", 0.0, "index == 3"), {}, "'employment' must be above zero"),
    ("labor_productivity_decomposition", lose(1), {}, "'value' is missing"),
    ("labor_productivity_decomposition", put("industry", "mine", "index == 3"), {}, "'value' is missing in 1 cell"),
    ("labor_productivity_decomposition", put("year", 2019, "year == 2020"), {}, "Unknown year 2020"),
    ("labor_productivity_decomposition", None, {"start": 2020, "end": 2010}, "must come before"),
    ("misallocation_gap", put("value", 0.0, "index == 1"), {}, "'value' must be above zero"),
    ("misallocation_gap", lose(1, "employment"), {}, "'employment' is missing"),
    ("misallocation_gap", put("industry", "farm"), {}, "more than one row"),
    ("misallocation_gap", None, {"sigma": 0}, "sigma is 0 .*must be above zero"),
    ("misallocation_gap", None, {"capital_share": 1.5}, "capital_share 1.5; .*capital_share from 0 to 1"),
    ("peak", put("value", np.nan), {}, "has no value"),
    ("peak", None, {"of": "economy"}, "name its column in `of`"),
    ("peak_sensitivity", only("vintage == 'weo' and year < 2020 or vintage == 'wdi' and year > 2020"), {"common_years": True},
     "no year that all"),
    ("pace", None, {"at": 2015}, "the base year must lie between"),
    ("pace", None, {"at": 2018, "start": 2019}, "the base year must lie between"),
    ("pace", None, {"confidence": 95}, "confidence = 95 is not between 0 and 1"),
    ("pace", lambda t: pd.concat([t, t[:1]]), {}, "more than one row"),
    ("utilization_gap", put("period", "2017"), {}, "more than one row"),
    ("utilization_gap", rename("2021", "2021Q1"), {}, "mixes frequencies, '2017' and '2021Q1'"),
    ("utilization_gap", rename("2021", "soon"), {}, "'soon'"),
    ("utilization_gap", rename("2021", "2021-13"), {}, "'2021-13'"),
    ("utilization_gap", put("value", -1.0), {}, "negative"),
    ("utilization_gap", None, {"history": (1990, 1999)}, r"history \(1990, 1999\).*2017 to 2021"),
    ("utilization_gap", None, {"history": (2017, 2019)}, "No series has 4 values"),
    ("utilization_gap", lambda t: t.assign(unit=["%", "index"] * 5), {}, "different units"),
    ("share_below", put("weight", -1.0), {"weight": "weight"}, "negative"),
    ("share_below", lambda table: table.replace({"coal": "manufacturing", "steel": "machinery"}), {}, "manufacturing"),
    ("surplus_ratio", put("exports", -1.0), {}, "'exports' is negative"),
    ("price_volume", None, {"lag": 0}, "lag must be"),
    ("price_volume", None, {"tolerance": -1}, "lag must be"),
    ("price_volume", put("quantity", -1.0), {}, "must not be negative"),
]  # fmt: skip
PARAMETERS = [
    *(("concentration_ratio", {"k": k}, "it is a number of suppliers") for k in (0, 1.5, True)),
    ("import_share", {"supplier": []}, r"supplier is \[\]"),
    ("import_share", {"supplier": ["CHN", "CHN"]}, "each once"),
    ("localization", {"foreign_output": "output"}, "belong together"),
    ("strategic_dependencies", {"hhi_above": 4000}, "hhi_above is 4000; it is a fraction"),
    ("strategic_dependencies", {"ratio_above": -1}, "ratio_above is -1"),
    ("chokepoints", {"importer": ["CHN", "CHN"]}, "each once"),
    *(("chokepoints", {"n": n}, f"n is {n!r} and last is 3") for n in (0, 4, 1.5, True)),
    ("reverse_dependence", {"share_above": 50}, "share_above is 50"),
    ("export_dominance", {"share_above": 60}, "share_above is 60"),
    *(
        (metric, {"rca_above": bar}, "rca_above is")
        for metric in ("complexity", "product_complexity", "complexity_outlook", "proximity", "density")
        for bar in (0, -1, True)
    ),
]
#: Options that take one of some names, and the metrics that have them.
NAMES = {
    "absent": ["share_change", "displacement", "shift_share", "constant_market_share"],
    "by": ["displacement", "grubel_lloyd", "reverse_dependence", "foreign_input_reliance"],
    "degenerate": ["complexity", "product_complexity", "complexity_outlook"],
    "method": ["labor_productivity_decomposition"],
    "pci": ["complexity_outlook"],
    "reference": ["utilization_gap"],
    "scale": ["product_complexity"],
    "weights": ["constant_market_share"],
}


@pytest.mark.parametrize(("case", "change", "options", "message"), TABLES)
def test_tables(case, change, options, message):
    table = (CELLS | SERIES)[case][0].reset_index(drop=True)
    with pytest.raises(TableError, match=message):
        call(case, lambda _: change(table) if change else table, **options)


@pytest.mark.parametrize(("case", "options", "message"), PARAMETERS)
def test_parameters(case, options, message):
    with pytest.raises(ParameterError, match=message):
        call(case, **options)


@pytest.mark.parametrize(("option", "case"), [(option, case) for option in NAMES for case in NAMES[option]])
def test_names(option, case):
    with pytest.raises(UnknownName, match=f"Unknown {option} 'nothing'. One of: "):
        call(case, **{option: "nothing"})
