"""Tables and sentences of the policy analysis: by hand, turned around, and on the committed tables."""

from __future__ import annotations

import dataclasses

import numpy as np
import pandas as pd
import pytest

import mic2025lab as lab
from mic2025lab import models
from mic2025lab.errors import ParameterError, UnknownName
from mic2025lab.evidence import policy as evidence
from mic2025lab.evidence import policy_words as words

EXPORTS = evidence.design("intermediate_exports")
VALUE_ADDED = evidence.design("value_added")


def simulated(effect: float = 0.0, *, drift: float = 0.0, n: int = 25, seed: int = 1) -> pd.DataFrame:
    """Exports of China and others as random walks; the targeted ones of China move by `effect` after 2015, by `drift` a year: simulated."""
    codes, years = [*EXPORTS.targeted, *EXPORTS.untargeted], np.arange(1995, 2020)
    y = np.cumsum(0.02 * np.random.default_rng(seed).standard_normal((n, len(codes), len(years))), axis=2)
    y[0, :6] += effect * (years > 2015) + drift * (years - 1995)
    c, k, t = (index.ravel() for index in np.indices(y.shape))
    names = np.array(["CHN", *(f"X{number:02d}" for number in range(n - 1))])
    return pd.DataFrame(
        {
            "economy": names[c],
            "industry": np.array(codes)[k],
            "year": years[t],
            "value": 1000 * np.exp(y.ravel()),
        }
    )


@pytest.fixture(scope="module")
def value_added() -> pd.DataFrame:
    return evidence.panel(lab.load("value_added"), VALUE_ADDED)


@pytest.fixture(scope="module")
def exports() -> pd.DataFrame:
    return evidence.panel(lab.load("intermediate_exports"), EXPORTS)


def curve_of(values: list[float], *, low: float = -1.0, high: float = 1.0) -> models.SpecificationCurve:
    @dataclasses.dataclass(frozen=True)
    class Result:
        estimate: float

        def conf_int(self, level: float) -> tuple[float, float]:
            return self.estimate + low, self.estimate + high

    return models.specification_curve(
        lambda a: Result(values[a]), {"a": range(len(values))}, headline={"a": 0}
    )


def test_designs_do_not_overlap() -> None:
    for of in evidence.DESIGNS.values():
        for codes in of.comparisons.values():
            assert not set(of.targeted) & set(codes)
        assert set(evidence.names(of)) == set(of.targeted).union(*of.comparisons.values())
    with pytest.raises(UnknownName, match="value_added"):
        evidence.design("value_ad")


def test_economies_add_up_to_the_world(value_added: pd.DataFrame) -> None:
    """Members, rests and the world of the source; other manufacturing by hand."""
    source = lab.load("value_added")
    total = value_added.groupby(["industry", "year"])["value"].sum()
    for industry in ("aerospace", "chemicals"):
        world = source[(source["industry"] == industry) & (source["economy"] == "WLD")].set_index("year")[
            "value"
        ]
        np.testing.assert_allclose(total.loc[industry], world, rtol=1e-9)
    assert set(value_added["economy"]) == {
        "CAN",
        "CHN",
        "DEU",
        "FRA",
        "GBR",
        "IND",
        "ITA",
        "JPN",
        "KOR",
        "USA",
        "XEU",
        "ROW",
    }
    china = source[(source["economy"] == "CHN") & (source["year"] == 2015)].set_index("industry")["value"]
    from mic2025lab.classifications.industries import DETAILED_MANUFACTURING

    by_hand = china["manufacturing"] - china[list(DETAILED_MANUFACTURING)].sum()
    own = value_added.query("economy == 'CHN' and year == 2015 and industry == 'other_manufacturing'")[
        "value"
    ]
    assert own.item() == pytest.approx(by_hand)


def test_zero_exports_are_not_reported(exports: pd.DataFrame) -> None:
    assert (exports["value"] > 0).all()
    study = evidence.estimate(exports, EXPORTS, end=2019)
    assert study.n_units == 61
    assert "HKG" in study.summary()


@pytest.mark.parametrize("effect", [0.5, -0.5])
def test_a_large_effect_is_found_and_named_by_its_sign(effect: float) -> None:
    rows = simulated(effect)
    study = evidence.estimate(rows, EXPORTS)
    assert study.estimate == pytest.approx(effect, abs=0.1)
    text = " ".join(words.answer(study, curve_of([effect] * 4), EXPORTS))
    assert ("grew more against" in text) == (effect > 0)
    assert ("grew less against" in text) == (effect < 0)
    assert "No effect is established" not in text
    assert ("gained" if effect > 0 else "lost") in words.title_event(study, EXPORTS)


def test_no_effect_is_not_called_one() -> None:
    study = evidence.estimate(simulated(0.0, seed=3), EXPORTS)
    assert study.p_value > 0.1
    text = " ".join(words.answer(study, curve_of([study.estimate, -study.estimate]), EXPORTS))
    assert text.startswith("No effect is established")
    assert "Nor is there proof of none" in text
    assert "the sign hangs on the choices" in text
    assert "grew" not in text.split("The years to")[0]
    assert words.title_event(study, EXPORTS).startswith("No clear change")


def test_an_old_trend_is_no_effect() -> None:
    """What grew faster all along is found by the leads, and the sentence takes the effect back."""
    study = evidence.estimate(simulated(drift=0.05), EXPORTS)
    assert study.p_value <= 0.1
    assert study.leads.p_value <= 0.1
    assert "cannot be laid to the plan" in words.say_leads(study)
    assert evidence.estimate(simulated(drift=0.05), EXPORTS, trends=True).estimate == pytest.approx(
        0.0, abs=0.2
    )
    assert "cannot be told" in words.verdict({"intermediate_exports": study})
    dates = study.placebo_dates()
    text = words.say_placebo_dates(dates)
    assert "where the plan was not yet in force (2006 and 2010)" in text


def test_verdict_needs_every_table() -> None:
    up, none = evidence.estimate(simulated(0.5), EXPORTS), evidence.estimate(simulated(0.0, seed=3), EXPORTS)
    down = evidence.estimate(simulated(-0.5), EXPORTS)
    assert "In all 2 tables the targeted industries gained" in words.verdict(
        {"value_added": up, "intermediate_exports": up}
    )
    assert "lost" in words.verdict({"value_added": down, "intermediate_exports": down})
    mixed = words.verdict({"value_added": none, "intermediate_exports": up})
    assert "in exports of intermediate goods and not in the other table: the evidence is mixed" in mixed
    opposed = words.verdict({"value_added": up, "intermediate_exports": down})
    assert "mixed" in opposed
    assert "gained" not in opposed
    assert "In neither table" in words.verdict({"value_added": none, "intermediate_exports": none})
    with pytest.raises(ParameterError, match="at least one"):
        words.verdict({})


def test_specifications_are_counted() -> None:
    text = words.say_specifications(curve_of([0.1, 0.2, -0.1, 0.3], low=-0.05, high=0.05))
    assert "Of 4 specifications 75% have the headline’s sign" in text
    assert "in 75% the 95% interval" in text
    assert "hangs" not in text
    assert "hangs on the choices" in words.say_specifications(curve_of([0.1, -0.2, -0.1, 0.3]))


def test_all_specifications_at_once() -> None:
    rows = simulated(0.6, n=12)
    table = evidence.joint_test(rows, EXPORTS)
    own = table[table["treated"]].iloc[0]
    assert (own["rank"], own["p_value"]) == (1, 1 / len(table))
    assert own["median"] > 0.3
    assert "set it apart" in words.say_joint(table)
    turned = table.assign(p_value=0.5, median=-table["median"])
    assert "do not set it apart" in words.say_joint(turned)
    assert "−" in words.say_joint(turned)


def test_a_bend_is_doubted_where_the_years_before_are_no_line() -> None:
    rows = simulated(0.0, seed=3)
    study = evidence.estimate(rows, EXPORTS, trends=True)
    assert "not clear of zero" in words.say_bend(
        dataclasses.replace(study, p_value=0.5, leads=dataclasses.replace(study.leads, p_value=0.5))
    )
    assert "which is clear of zero" in words.say_bend(
        dataclasses.replace(study, p_value=0.01, leads=dataclasses.replace(study.leads, p_value=0.5))
    )
    bent = dataclasses.replace(study, p_value=0.01, leads=dataclasses.replace(study.leads, p_value=0.01))
    assert "may be older than the plan" in words.say_bend(bent)


def synthetic_rows(p_targeted: float, *, poor: bool = False, gap: float = 0.2) -> pd.DataFrame:
    names = ["targeted", "C26", "C27", "C20"]
    return pd.DataFrame(
        {
            "industry": names,
            "label": names,
            "targeted": [True, True, True, False],
            "gap": gap,
            "poor_fit": poor,
            "rank": 1,
            "units": 20,
            "p_value": [p_targeted, p_targeted, 0.5, 0.5],
            "loo_low": gap - 0.1,
            "loo_high": gap + 0.1,
        }
    )


def test_synthetic_sentence_turns_with_its_p_value() -> None:
    assert "not beyond what placebo economies show" in words.say_synthetic(synthetic_rows(0.4))
    clear = words.say_synthetic(synthetic_rows(0.05, gap=-0.2))
    assert "not beyond" not in clear
    assert "−18%" in clear
    assert "1 of 2 targeted industries stand out at 10%: C26 (−18%); so do 0 of 1 untargeted ones" in clear
    poor = words.say_synthetic(synthetic_rows(0.05, poor=True))
    assert "0 of 2 targeted industries stand out" in poor
    assert "says little" in poor
    assert words.title_synthetic(synthetic_rows(0.05)).endswith("1 of 2 targeted industries")


def test_relative_removes_an_economys_scale(exports: pd.DataFrame) -> None:
    one = evidence.relative(exports, EXPORTS, end=2019)
    scale = exports["year"].map(lambda year: 1.1 ** (year - 1995)) * exports["economy"].map(
        lambda code: 7.0 if code == "CHN" else 1.0
    )
    two = evidence.relative(exports.assign(value=exports["value"] * scale), EXPORTS, end=2019)
    np.testing.assert_allclose(one["value"], two["value"], atol=1e-9)


def test_the_headline_of_the_committed_tables(value_added: pd.DataFrame, exports: pd.DataFrame) -> None:
    """What the tables show, and that no sentence makes an effect of it."""
    studies = {
        "value_added": evidence.estimate(value_added, VALUE_ADDED, end=2019),
        "intermediate_exports": evidence.estimate(exports, EXPORTS, end=2019),
    }
    assert studies["value_added"].estimate == pytest.approx(0.0603, abs=5e-4)
    assert studies["intermediate_exports"].estimate == pytest.approx(0.0530, abs=5e-4)
    assert all(study.p_value > 0.3 for study in studies.values())
    assert words.verdict(studies).startswith("In neither table")
    assert "nothing can be established at 5%" in " ".join(
        words.answer(studies["value_added"], curve_of([0.06, 0.1]), VALUE_ADDED)
    )


def test_methods_share_one_estimate(value_added: pd.DataFrame) -> None:
    table = evidence.methods(value_added, VALUE_ADDED)
    assert table["estimate"].iloc[:4].nunique() == 1 or np.ptp(table["estimate"].iloc[:4]) < 1e-12
    assert table["p_value"].between(0, 1).all()


def test_synthetic_table_has_a_row_an_industry(value_added: pd.DataFrame) -> None:
    fits = evidence.synthetic(value_added, VALUE_ADDED)
    table = evidence.synthetic_table(fits, VALUE_ADDED, placebo_dates=(2006, 2010))
    assert table["industry"].tolist() == ["targeted", *VALUE_ADDED.targeted, *VALUE_ADDED.untargeted]
    assert (table["loo_low"] <= table["loo_high"]).all()
    assert table["p_value"].ge(1 / 12 - 1e-9).all()


@pytest.mark.parametrize(
    ("options", "named"),
    [
        ({"untargeted": "none"}, "comparison"),
        ({"outcome": "level"}, "outcome"),
        ({"donors": "rich"}, "donors"),
    ],
)
def test_refuses(options: dict, named: str) -> None:
    with pytest.raises(UnknownName, match=named):
        evidence.estimate(simulated(), EXPORTS, **options)
