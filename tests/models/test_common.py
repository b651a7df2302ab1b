"""What holds for every model: what is refused (`refused.yml`), any kind of table, any order of rows, any executor."""

from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
import yaml

from mic2025lab import errors, models
from mic2025lab.models.tables import Tabled

FIRMS = models.simulated_firms(n_firms=60, start=2010, end=2016, seed=1)
COLUMNS = {"output": "value_added", "free": "labor", "state": "capital", "proxy": "materials", "draws": 0}
SHARES = {"productivity": "true_tfp", "weight": "value_added"}


def cells():
    """Random walks of eight economies and five industries: simulated."""
    y = 0.1 * np.random.default_rng(1).standard_normal((8, 5, 12)).cumsum(axis=2)
    economy, industry, year = (index.ravel() for index in np.indices(y.shape))
    names = {"economy": [f"e{n}" for n in economy], "industry": [f"k{n}" for n in industry]}
    table = pd.DataFrame(names | {"year": year + 2008, "value": np.exp(y.ravel())})
    return table.assign(trait=table["value"] + 1, coast=1.0 * (table["economy"] == "e0"), tax=0.25)


CELLS = cells()
UNITS = CELLS[CELLS["industry"] == "k0"].reset_index(drop=True)
SERIES = UNITS[UNITS["economy"] == "e1"].reset_index(drop=True)
TARGETS = {"treated": "e0", "targeted": ["k0", "k1", "k2"], "untargeted": ["k3", "k4"]}
CALLS = {
    "production_function": (FIRMS, {"method": "lp", **COLUMNS}),
    "hsieh_klenow": (FIRMS, {"trim": 0.02}),
    "olley_pakes_decomposition": (FIRMS, {"within": "industry", **SHARES}),
    "melitz_polanec": (FIRMS, {"within": "industry", "start": 2010, "end": 2015, **SHARES}),
    "foster_haltiwanger_krizan": (FIRMS, {"within": "industry", "start": 2010, "end": 2015, **SHARES}),
    "zombies": (FIRMS, {}),
    "loss_making_share": (FIRMS, {"subsidy": "subsidy", "weight": "labor"}),
    "subsidy_intensity": (FIRMS, {"within": ["year", "industry"]}),
    "event_study": (UNITS, {"of": "economy", "treated": "e0", "draws": 5}),
    "triple_difference": (CELLS, TARGETS),
    "synthetic_control": (UNITS, {"treated": "e0"}),
    "segmented_trend": (SERIES, {"draws": 99, "at": 2013}),
    "segmented_trend_by": (CELLS, {"of": ["economy", "industry"], "draws": 99, "at": 2013}),
    "sup_f": (SERIES, {"draws": 99}),
}
KINDS = {
    "another order": lambda table: table.sample(frac=1, random_state=1),
    "polars": pl.from_pandas,
    "arrow": lambda table: pa.Table.from_pandas(table, preserve_index=False),
}
REFUSED = yaml.safe_load(Path(__file__).with_name("refused.yml").read_text(encoding="utf-8"))


def tables(result):
    """Tables of the caller's kind that a model or its result gives."""
    if isinstance(result, Tabled):
        return [getattr(result, name)() for name in ("firms", "tfp") if hasattr(result, name)]
    return [result]


@pytest.mark.parametrize("case", REFUSED, ids=lambda case: f"{case['model']}: {case['words']}")
def test_refuses(case):
    table, options = CALLS[case["model"]]
    if "change" in case:
        table = eval(case["change"], {"t": table, "np": np, "pd": pd})
    with pytest.raises(getattr(errors, case.get("error", "TableError")), match=case["words"]):
        getattr(models, case["model"])(table, **{**options, **case.get("options", {})})


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", CALLS)
def test_kind_and_order_of_a_table_do_not_matter(name, kind):
    table, options = CALLS[name]
    given = KINDS[kind](table)
    first, other = (getattr(models, name)(one, **options) for one in (table, given))
    pairs = list(zip(tables(first), tables(other), strict=True))
    assert all(type(two) is type(given) for _, two in pairs)
    if isinstance(first, Tabled):
        pairs.append((first.to_frame(), other.to_frame()))
    for one, two in pairs:
        back = two.sort_index() if isinstance(two, pd.DataFrame) else two.to_pandas()
        pd.testing.assert_frame_equal(one, back, check_dtype=False, rtol=1e-9, atol=1e-9)


def number(label):
    """The number of a label, or of each in a list."""
    return [number(one) for one in label] if isinstance(label, list) else int(label[1:])


@pytest.mark.parametrize(
    ("name", "labels"),
    [
        ("event_study", {"treated": "e0"}),
        ("event_study", {"treated": ["e0", "e3"]}),
        ("triple_difference", {"treated": "e0", "targeted": "k0", "untargeted": ["k3", "k4"]}),
        ("synthetic_control", {"treated": "e0", "exclude": "e5"}),
        ("synthetic_control", {"treated": "e0", "donors": ["e1", "e2", "e3"]}),
    ],
)
def test_labels_may_be_numbers(name, labels):
    """One label or several: 0 is a unit like any other."""
    table, options = CALLS[name]
    numbered = table.assign(
        economy=table["economy"].str[1:].astype(int), industry=table["industry"].str[1:].astype(float)
    )
    numbers = {key: number(label) for key, label in labels.items()}
    first = getattr(models, name)(table, **options | labels)
    other = getattr(models, name)(numbered, **options | numbers)
    assert (other.estimate, other.p_value) == (first.estimate, first.p_value)


@pytest.mark.parametrize(
    ("name", "options"),
    [("production_function", {"draws": 25, "degree": 1, "method": "acf"}), ("synthetic_control", {})],
)
def test_executors_change_no_digit(name, options):
    table, usual = CALLS[name]
    plain, again, threads, process = (
        getattr(models, name)(table, **usual | options, executor=executor)
        for executor in (None, None, ThreadPoolExecutor(2), ProcessPoolExecutor(1))
    )
    for other in (again, threads, process):
        pd.testing.assert_frame_equal(plain.to_frame(), other.to_frame(), check_exact=True)
