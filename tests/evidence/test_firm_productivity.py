"""Numbers and sentences of firm productivity: worked by hand, turned around, against the truth, and on real plants."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from mic2025lab.analyses import get, validate
from mic2025lab.errors import LabError, ParameterError, TableError
from mic2025lab.evidence import firm_aggregate as aggregate
from mic2025lab.evidence import firm_productivity as evidence
from mic2025lab.evidence import firm_productivity_words as words
from mic2025lab.own_files import parse_columns as mapping
from mic2025lab.own_panels import Panel as Firms
from mic2025lab.own_panels import read_panel as panel

ALL = ("ols", "fe", "op", "lp", "wooldridge", "acf")


def study_of(firms: Firms, methods: Any = ("ols", "acf"), **changes: Any) -> evidence.Study:
    options = {"method": methods[-1], "free": ["labor"], "replications": 40, "degree": 2} | changes
    return evidence.estimate(firms, methods=methods, **options)


@pytest.fixture(scope="module")
def simulated() -> evidence.Study:
    return study_of(panel("simulated", {}, evidence.needs(ALL, ["labor"])), ALL)


@pytest.fixture(scope="module")
def split(simulated: evidence.Study) -> tuple[Any, Any]:
    return aggregate.decomposition(simulated, 2015)


def test_only_the_estimator_that_is_right_holds_the_truth(simulated: evidence.Study) -> None:
    table = evidence.elasticities(simulated)
    acf = table[table["method"] == "acf"]
    assert acf["holds"].all()
    assert acf["truth"].tolist() == pytest.approx([0.4, 0.3, 0.7])
    assert not table.loc[table["method"] == "ols", "holds"].any()
    assert (table["low"] <= table["high"]).all()


def test_productivity_is_what_the_model_calls_so(simulated: evidence.Study) -> None:
    ours = evidence.productivity(simulated).sort_values(["firm", "year"])["tfp"].to_numpy()
    theirs = simulated.fits["acf"].tfp().sort_values(["firm", "year"])["tfp"].to_numpy()
    assert ours == pytest.approx(theirs, abs=1e-12)
    agreement = evidence.agreement(simulated)
    assert agreement.loc["Ackerberg-Caves-Frazer", "true productivity"] > 0.9


def test_the_spread_is_that_of_the_quantiles(simulated: evidence.Study) -> None:
    table = evidence.dispersion(simulated)
    rows = evidence.productivity(simulated)
    last = rows.loc[rows["year"] == 2022, "tfp"]
    assert table["spread"].iloc[-1] == pytest.approx(100 * (last.quantile(0.9) - last.quantile(0.1)))
    assert table["ratio"].iloc[-1] == pytest.approx(math.exp(table["spread"].iloc[-1] / 100))
    assert table["p50"].iloc[0] == 0


def test_parts_add_up_in_every_way(simulated: evidence.Study, split: tuple[Any, Any]) -> None:
    parts, _ = split
    for _, rows in parts.groupby("period"):
        values = rows.set_index("part")["value"]
        assert values[list(aggregate.PARTS)].sum() == pytest.approx(values["total"], abs=1e-10)
    ways = aggregate.variants(simulated, 2015)
    assert ways[list(aggregate.PARTS)].sum(axis=1).to_numpy() == pytest.approx(
        ways["total"].to_numpy(), abs=1e-10
    )
    first = ways.groupby("period", sort=False).first()["total"]
    assert first.tolist() == pytest.approx(parts.loc[parts["part"] == "total", "value"].tolist())
    other = aggregate.other_split(simulated, 2015)
    assert other["total"].tolist() == pytest.approx(first.tolist())


def test_the_intervals_are_those_of_one_sample_after_another(
    simulated: evidence.Study, split: tuple[Any, Any]
) -> None:
    """The samples are split in batches; one at a time, with tables made the long way, gives the same quantiles."""
    from mic2025lab.models import bootstrap

    fit = simulated.fits["acf"]
    names = np.unique(simulated.rows["firm"])
    counts = bootstrap.counts(fit.n_firms, fit.draws, seed=simulated.seed).astype(int)
    order = simulated.rows.iloc[fit.sample.panel.order[fit.sample.rows]]["firm"].drop_duplicates().to_numpy()
    assert sorted(order) == sorted(names)
    totals = []
    for count, values in zip(counts, fit.boot, strict=True):
        rows = evidence.productivity(simulated, elasticity=values)
        copies = [
            rows[rows["firm"].isin(order[count > k])].assign(firm=lambda t, k=k: t["firm"] + f"/{k}")
            for k in range(count.max())
        ]
        totals.append(aggregate.split(pd.concat(copies), simulated.left_out, 2008, 2015)["exit"])
    row = split[0].query("part == 'exit' and start == 2008").iloc[0]
    assert [row["low"], row["high"]] == pytest.approx(list(np.quantile(totals, [0.025, 0.975])), rel=1e-9)


def test_a_split_worked_by_hand() -> None:
    rows = pd.DataFrame(
        {"firm": ["a", "b", "a", "c"], "year": [2010, 2010, 2020, 2020], "tfp": [1.0, 0.0, 2.0, 1.0], "weight": [1.0, 1.0, 3.0, 1.0]}
    )  # fmt: skip
    none = pd.DataFrame({"firm": [], "year": []})
    found = aggregate.split(rows, none, 2010, 2020)
    assert [found[name] for name in ("total", *aggregate.PARTS)] == pytest.approx(
        [12.5, 10.0, 0.0, -2.5, 5.0]
    )
    # c had a row in 2010 without productivity: it is no entrant.
    lost = pd.DataFrame({"firm": ["c"], "year": [2010]})
    assert aggregate.split(rows, lost, 2010, 2020)["n_entrants"] == 0
    elsewhere = pd.DataFrame({"firm": ["c"], "year": [2015]})
    assert aggregate.split(rows, elsewhere, 2010, 2020) == found


def own(table: pd.DataFrame, *, simulated: bool = False) -> Firms:
    return Firms(table, simulated, "a.csv: firms", "a.csv", "0" * 64, [])


def real_looking(**changes: Any) -> pd.DataFrame:
    return (
        panel("simulated", {}, evidence.needs(ALL, ["labor"]))
        .table.drop(columns="simulated")
        .assign(**changes)
    )


def test_a_panel_of_the_users_has_no_truth_and_no_label() -> None:
    table = real_looking()
    table.loc[0, "labor"] = np.nan
    table.loc[1, "capital"] = 0.0
    study = study_of(own(table))
    assert evidence.elasticities(study)["truth"].isna().all()
    assert "true productivity" not in evidence.agreement(study)
    assert "2 of 9,016 rows are incomplete and left out" in study.notes
    assert any("4 industries are taken to have one technology" in note for note in study.notes)
    assert words.say_truth(evidence.elasticities(study)) == ""
    assert study.firms.named("x") == "x"


def test_logs_give_what_levels_give() -> None:
    table = real_looking()
    logs = table.assign(
        **{name: np.log(table[name]) for name in ("value_added", "labor", "capital", "materials")}
    )
    a, b = study_of(own(table)), study_of(own(logs), logs=True)
    pd.testing.assert_frame_equal(evidence.elasticities(a), evidence.elasticities(b))


def test_one_industry_may_be_taken() -> None:
    study = study_of(own(real_looking()), industry="industry 2")
    assert study.rows["industry"].unique().tolist() == ["industry 2"]
    with pytest.raises(ParameterError, match=r"Did you mean 'industry 1'|One of: all, industry 1"):
        study_of(own(real_looking()), industry="industrie 1")


def test_what_cannot_be_estimated_is_refused() -> None:
    with pytest.raises(
        TableError, match=r"a.csv has no row with all of value_added, labor, capital, materials above zero"
    ):
        study_of(own(real_looking(labor=0.0)))


def test_the_base_year_must_lie_inside(simulated: evidence.Study) -> None:
    for year in (2008, 2022, 1990):
        with pytest.raises(
            ParameterError,
            match=rf"base_year = {year} must be a year of simulated between its first, 2008, and its last, 2022",
        ):
            aggregate.periods(simulated, year)


# The words


def estimates(*rows: tuple[str, str, float, float, float, float]) -> pd.DataFrame:
    table = pd.DataFrame(rows, columns=["method", "input", "estimate", "low", "high", "truth"])
    holds = [None if np.isnan(r.truth) else r.low <= r.truth <= r.high for r in table.itertuples()]
    return table.assign(
        estimator=table["method"].map(evidence.METHODS), holds=pd.array(holds, dtype="boolean")
    )


NO = math.nan


@pytest.mark.parametrize(
    ("low", "high", "said"),
    [
        (0.8, 0.9, "below constant returns"),
        (1.1, 1.2, "above constant returns"),
        (0.9, 1.1, "not clearly other than constant returns"),
    ],
)
def test_returns_to_scale_turn_with_the_interval(low: float, high: float, said: str) -> None:
    table = estimates(
        ("acf", "labor", 0.6, 0.5, 0.7, NO), ("acf", "returns to scale", (low + high) / 2, low, high, NO)
    )
    text = words.say_elasticities(table, "acf")
    assert said in text
    assert "1 % more labor goes with 0.60 % more output (95 % interval 0.50 to 0.70)" in text


def test_estimators_agree_or_do_not() -> None:
    a = ("ols", "labor", 0.6, 0.5, 0.7, NO)
    agree = estimates(a, ("acf", "labor", 0.65, 0.55, 0.75, NO))
    apart = estimates(a, ("acf", "labor", -0.001, -0.2, 0.1, NO))
    assert words.say_estimators(agree).startswith("The 2 estimators agree within their intervals")
    text = words.say_estimators(apart)
    assert "do not agree" in text
    assert "labor from 0.00 (Ackerberg-Caves-Frazer) to 0.60 (least squares)" in text
    assert words.say_estimators(estimates(a)) == ""


def test_the_truth_is_held_or_missed() -> None:
    right, wrong = ("acf", "labor", 0.4, 0.3, 0.5, 0.4), ("ols", "labor", 0.8, 0.7, 0.9, 0.4)
    assert words.say_truth(estimates(right, wrong)) == (
        "The truth of the simulation, labor 0.40, is held by the intervals of Ackerberg-Caves-Frazer, "
        "and missed, for one input at least, by those of least squares."
    )
    assert "missed" not in words.say_truth(estimates(right))
    assert "held" not in words.say_truth(estimates(wrong))


def parts_of(**values: tuple[float, float, float]) -> pd.DataFrame:
    rows = [
        {
            "period": "2010–2015", "start": 2010, "end": 2015, "part": part, "label": aggregate.PARTS.get(part, "total"), "value": value, "low": low,
            "high": high, "clear": low > 0 or high < 0, "n_survivors": 9, "n_entrants": 1, "n_exits": 2,
        }
        for part, (value, low, high) in values.items()
    ]  # fmt: skip
    return pd.DataFrame(rows)


UP, DOWN, NONE = (2.0, 1.0, 3.0), (-2.0, -3.0, -1.0), (0.5, -1.0, 2.0)


@pytest.mark.parametrize(
    ("total", "verb"), [(UP, "rose from"), (DOWN, "fell from"), (NONE, "did not clearly change from")]
)
def test_growth_turns_with_its_interval(total: tuple, verb: str) -> None:
    text = words.say_growth(parts_of(total=total))
    assert f"Aggregate productivity {verb} 2010 to 2015" in text
    assert sum(word in text for word in ("rose", "fell", "not clearly")) == 1


def test_drivers_turn_with_their_intervals() -> None:
    (text,) = words.say_drivers(parts_of(total=UP, within=UP, between=DOWN, entry=NONE, exit=NONE))
    assert text == (
        "In 2010–2015 (9 survivors, 1 entrant, 2 exiters) survivors' own productivity (+2.0) raised it, and reallocation among survivors "
        "(−2.0) lowered it; what entrants and exiters did to it is not clear."
    )
    (text,) = words.say_drivers(parts_of(total=UP, within=DOWN, between=DOWN, entry=DOWN, exit=DOWN))
    assert "raised" not in text
    assert "not clear" not in text
    (text,) = words.say_drivers(parts_of(total=UP, within=NONE, between=NONE, entry=NONE, exit=NONE))
    assert "none of the four parts" in text


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ((5.0, 1.0, 9.0, True), "has widened (+5.0"),
        ((-5.0, -9.0, -1.0, True), "has narrowed (−5.0"),
        ((5.0, -1.0, 9.0, False), "has not clearly changed"),
    ],
)
def test_the_spread_turns_with_its_interval(change: tuple, said: str) -> None:
    table = pd.DataFrame({"year": [2022], "spread": [100.0], "ratio": [math.e]})
    text = words.say_dispersion(table, pd.Series(change, index=["value", "low", "high", "clear"]), 2015)
    assert said in text
    assert "made 2.7 times as much from the same inputs" in text


def test_other_ways_are_counted_without_the_truth() -> None:
    parts = parts_of(total=NONE, within=UP)
    ways = pd.DataFrame(
        {
            "period": "2010–2015",
            "variant": ["head", "b", "c", "true productivity"],
            "total": 0.0,
            "within": [2.0, 1.0, -1.0, -9.0],
        }
    )
    assert words.say_ways(parts, ways) == (
        "Other estimators and weights that give the same sign: survivors' own productivity in 2010–2015 1 of 2."
    )
    assert words.say_ways(parts_of(total=NONE, within=NONE), ways).startswith("As no part is clear")


def test_titles_say_what_is_clear_and_what_is_simulated(simulated: evidence.Study) -> None:
    title = words.title_parts(simulated, parts_of(total=UP, within=UP, between=NONE))
    assert title == "Simulated firms: 2010–2015: survivors' own productivity +2.0"
    none = words.title_parts(simulated, parts_of(total=UP, within=NONE, between=NONE))
    assert none == "Simulated firms: Which part moved aggregate productivity is clear in neither period"
    assert words.title_elasticities(simulated, evidence.elasticities(simulated)).startswith(
        "Simulated firms: What labor yields hangs on the estimator"
    )
    assert words.title_spread(simulated, evidence.dispersion(simulated)).startswith("Simulated firms: ")


def test_every_sentence_about_simulated_firms_says_so(
    simulated: evidence.Study, split: tuple[Any, Any]
) -> None:
    sentences = list(
        words.answer(
            simulated,
            evidence.elasticities(simulated),
            evidence.dispersion(simulated),
            split[1],
            split[0],
            aggregate.variants(simulated, 2015),
        )
    )
    assert len(sentences) == 8
    assert all(text.startswith("Simulated firms: ") for text in sentences)


def test_bars_name_the_truth_and_color_what_is_clear(simulated: evidence.Study) -> None:
    table = words.bars(simulated, evidence.elasticities(simulated))
    assert table.loc[table["true"], "item"].tolist() == ["labor, the truth", "capital, the truth"]
    assert table.loc[table["headline"], "item"].tolist() == [
        "labor, Ackerberg-Caves-Frazer",
        "capital, Ackerberg-Caves-Frazer",
    ]
    assert words.part_bars(parts_of(total=UP, within=UP, entry=NONE))[1] == ["2010–2015, survivors' own"]
    drawn, _ = words.part_bars(parts_of(total=(-0.04, -1.0, 1.0), within=(-0.06, -1.0, 1.0)))
    assert drawn["value"].tolist() == [0.0, -0.06]
    assert not np.signbit(drawn["value"].iloc[0])
    assert words.part_bars(parts_of(total=UP, within=NONE))[1] == ["2010–2015, total"]


# The request


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"methods": ["ols", "afc"]}, "Did you mean 'acf'?"),
        ({"methods": ["ols"]}, "method = 'acf' is not among the methods ('ols')"),
        ({"methods": []}, "methods = [] is empty"),
        ({"free": []}, "free = [] is empty"),
        ({"free": ["capital"]}, "free holds capital, which has another role"),
        ({"free": ["workers"]}, "Unknown column 'workers' of the simulated panel"),
        ({"path": "none.csv"}, "path = 'none.csv' is not a file that exists"),
        ({"columns": ["firm=id"]}, "leave columns out"),
        (
            {"base_year": 2022},
            "base_year = 2022 is not between the first and last year of the simulated panel",
        ),
    ],
)
def test_a_wrong_request_is_refused_before_it_is_run(values: dict, said: str) -> None:
    with pytest.raises(ParameterError) as caught:
        validate("firm_productivity", values)
    assert said in str(caught.value)


def test_the_analysis_loads_no_table() -> None:
    analysis = get("firm_productivity")
    assert analysis.loads(analysis.defaults()) == ()


def test_chilean_plants(mirror: Path) -> None:
    """Least squares is that of the vignette of R's prodest; the estimators do not agree, and no sentence says simulated."""
    columns = ["firm=idvar", "year=timevar", "value_added=Y", "capital=sX", "materials=pX"]
    methods = ("ols", "lp", "acf")
    firms = panel(
        str(mirror / "plants-chile" / "chilean.csv"),
        mapping(columns),
        evidence.needs(methods, ["fX1", "fX2"]),
    )
    assert firms.label == "chilean.csv: 497 firms, 1996–2006"
    study = study_of(firms, methods, free=["fX1", "fX2"], logs=True)
    table = evidence.elasticities(study)
    ols = table[table["method"] == "ols"]["estimate"].round(4).tolist()
    assert ols[:3] == [0.4579, 0.3652, 0.3206]
    parts, change = aggregate.decomposition(study, 2001)
    sentences = list(
        words.answer(study, table, evidence.dispersion(study), change, parts, aggregate.variants(study, 2001))
    )
    assert "do not agree" in sentences[1]
    assert not any("imulat" in text for text in sentences)
    with pytest.raises(LabError):
        aggregate.periods(study, 2015)
