"""Sentences and titles of `policy_effect`, written from its tables and as cautious as their p-values."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping

import numpy as np
import pandas as pd

from mic2025lab import models
from mic2025lab.classifications import economies
from mic2025lab.errors import ParameterError
from mic2025lab.evidence._words import each, listing, plain, signed
from mic2025lab.evidence.policy import SIGNIFICANT, Design, design, level

#: What else happened, and what the design does about it.
CONFOUNDERS = pd.DataFrame(
    [
        (
            "United States tariffs from July 2018, on lists drawn up with the plan in mind",
            "fall on the targeted industries themselves, so no effect removes them",
            "a window that ends in 2017 is one specification",
        ),
        (
            "The pandemic from 2020",
            "moved industries differently by economy (electronics, medical goods up)",
            "the headline’s window ends in 2019; the full one is a specification",
        ),
        (
            "Dollar values and exchange rates",
            "scale all industries of an economy and year alike",
            "gone from the triple difference of logs: they are in the economy × year effects, as world totals are in the industry × year effects, "
            "so that values, world shares and any currency give the same number; not so for shares in points. Prices that moved differently "
            "between industries remain",
        ),
        (
            "Hong Kong and processing trade",
            "part of the mainland’s exports is shipped and recorded through it; more so in electronics",
            "an economy of its own in the exports table and never added to China; in value added it is in the rest of the world",
        ),
        (
            "Earlier programs for the same industries (2006 plan for science and technology, 2010 strategic emerging industries)",
            "the targeted industries were favored before 2015 too, so 2015 is a change of degree",
            "placebo dates 2006 and 2010 beside 2015; the test of the leads",
        ),
        (
            "Other economies’ own programs (Germany, South Korea, United States)",
            "raise the comparison, and so hide an effect",
            "not removed; leaving out one donor at a time shows how much hangs on each",
        ),
        (
            "Untargeted industries lose labor and capital to the targeted",
            "the gap counts the loss as if it were a gain",
            "not removed: the gap is between industries, not a gain of the economy",
        ),
    ],
    columns=["what happened", "what it would do", "what is done about it"],
)


def percent(log_points: float) -> float:
    """Percent that a difference of logs stands for.

    >>> round(percent(0.0953), 1)
    10.0
    """
    return 100 * math.expm1(log_points)


def _p(value: float) -> str:
    return "p < 0.001" if value < 0.001 else f"p = {plain(value, 3 if value < 0.01 else 2)}"


def is_effect(study: models.EventStudy) -> bool:
    """Whether the estimate can be told from zero at the threshold of `SIGNIFICANT`."""
    return study.p_value <= SIGNIFICANT


def answer(
    study: models.EventStudy, curve: models.SpecificationCurve, of: Design, *, economy: str = "CHN"
) -> list[str]:
    """Say what the triple difference of logs is, whether it can be told from none, and what speaks against reading it as an effect."""
    who, years = economies.name(economy), f"{study.at + 1}–{int(study.year[-1])}"
    size = percent(study.estimate)
    low, high = study.conf_int(level(study.n_units))
    interval = _interval(low, high, level(study.n_units))
    verb = "more" if size > 0 else "less"
    if is_effect(study):
        first = (
            f"After {study.at} ({years}) {of.measured} of {who}’s targeted industries grew {verb} against its other manufacturing than elsewhere, "
            f"by {plain(abs(size), 0)}% ({interval}; {_p(study.p_value)}, {study.n_units} economies)."
        )
    else:
        first = (
            f"No effect is established: after {study.at} ({years}) {of.measured} of {who}’s targeted industries stood {signed(size, 0)}% against its "
            f"other manufacturing, beyond what was so elsewhere ({interval}; {_p(study.p_value)}, {study.n_units} economies)."
        )
    return [first, *_limits(study, low, high), say_leads(study), say_specifications(curve)]


def _interval(low: float, high: float, confidence: float) -> str:
    if not np.isfinite([low, high]).all():
        return f"too few economies for a {confidence:.0%} interval"
    return f"{confidence:.0%} interval {signed(percent(low), 0)} to {signed(percent(high), 0)}%"


def _limits(study: models.EventStudy, low: float, high: float) -> list[str]:
    lines = []
    if study.smallest_p > 0.05:
        lines.append(
            f"With {study.n_units} economies no p-value below {plain(study.smallest_p, 3)} is possible, so nothing can be established at 5%."
        )
    if not is_effect(study) and np.isfinite([low, high]).all():
        lines.append(
            f"Nor is there proof of none: an effect anywhere from {signed(percent(low), 0)} to {signed(percent(high), 0)}% would not be rejected."
        )
    return lines


def say_leads(study: models.EventStudy) -> str:
    """Say whether the years before the date allow the comparison."""
    leads = study.leads
    if math.isnan(leads.p_value):
        return "The years before cannot be tested."
    drift = f"the gap moved by {signed(100 * leads.slope, 1)} log points a year"
    if leads.p_value <= SIGNIFICANT:
        text = f"The years to {study.at} speak against the comparison (joint test of {leads.n_leads} leads, {_p(leads.p_value)}; {drift})"
        return text + (
            ": the difference after cannot be laid to the plan."
            if is_effect(study)
            else ": it would not be one even if it were larger."
        )
    return (
        f"The years to {study.at} do not reject that both would have moved alike (joint test of {leads.n_leads} leads, "
        f"{_p(leads.p_value)}; {drift}), which with {study.n_units} economies is weak support."
    )


def say_specifications(curve: models.SpecificationCurve) -> str:
    """Say how many specifications agree."""
    text = (
        f"Of {curve.n_estimated} specifications {curve.same_sign:.0%} have the headline’s sign"
        f" (median {signed(percent(curve.median), 0)}%, from {signed(percent(curve.lowest), 0)} to {signed(percent(curve.highest), 0)}%)"
    )
    if curve.clear == curve.clear:
        text += f", and in {curve.clear:.0%} the {curve.level:.0%} interval is on that side of zero"
    return text + ("; the sign hangs on the choices." if curve.same_sign < 0.75 else ".")


def say_joint(table: pd.DataFrame) -> str:
    """Say where the economy's median over all specifications stands among those of the others (rows of `policy.joint_test`)."""
    own = table[table["treated"]].iloc[0]
    place = f"rank {int(own['rank'])} of {len(table)}, {_p(float(own['p_value']))}"
    if own["rank"] == 1 and len(table) < 20:
        place += f", the smallest that {len(table)} economies allow"
    size = f"median {signed(percent(own['median']), 0)}%; {place}"
    if own["p_value"] <= SIGNIFICANT:
        return (
            f"Taken together the specifications set it apart from placebo economies ({size}), as far as its targeted and other industries "
            "would have moved alike."
        )
    return f"Taken together the specifications do not set it apart from placebo economies ({size})."


def say_bend(study: models.EventStudy) -> str:
    """Say what the comparison with old trends gives (a study with ``trends=True``), and whether those trends were straight lines."""
    size = f"{signed(percent(study.estimate), 0)}% ({_p(study.p_value)})"
    if study.leads.p_value <= SIGNIFICANT:
        return (
            f"Against the straight lines of the years to {study.at} the difference is {size}, but those years were no straight line (joint test, "
            f"{_p(study.leads.p_value)}): the bend may be older than the plan."
        )
    word = "is clear of zero" if is_effect(study) else "is not clear of zero"
    return f"Against the straight lines of the years to {study.at} the difference is {size}, which {word}."


def say_placebo_dates(table: pd.DataFrame, *, named: Iterable[int] = (2006, 2010)) -> str:
    """Say where the estimate stands among placebo dates, and what the named ones give."""
    own = table[table["actual"]].iloc[0]
    others = table[~table["actual"]]
    if others.empty:
        return "There are no earlier dates to compare with."
    larger = int((others["estimate"].abs() >= abs(own["estimate"])).sum())
    shown = others[others["at"].isin(list(named))]
    parts = [f"{signed(percent(row.estimate), 0)}% at {row.at} ({_p(row.p_value)})" for row in each(shown)]
    text = (
        f"Put at {len(others)} earlier dates, the same comparison gives as large a difference, up or down, at {larger} of them"
        if larger
        else f"None of {len(others)} earlier dates gives as large a difference, up or down"
    )
    text += (
        f"; {listing(parts)}, against {signed(percent(own['estimate']), 0)}% at {own['at']}."
        if parts
        else "."
    )
    found = [str(row.at) for row in each(shown) if row.p_value <= SIGNIFICANT]
    if found:
        text += f" A difference where the plan was not yet in force ({listing(found)}) is what earlier programs, or a trend, would leave."
    return text


def say_synthetic(table: pd.DataFrame, *, economy: str = "CHN") -> str:
    """Say what the synthetic China shows for the targeted industries together, and how many stand out one by one."""
    whole = table[table["industry"] == "targeted"].iloc[0]
    who = economies.name(economy)
    text = (
        f"Against a synthetic {who} the targeted industries stood {signed(percent(whole['gap']), 0)}% after the date (without one donor: "
        f"{signed(percent(whole['loo_low']), 0)} to {signed(percent(whole['loo_high']), 0)}%), rank {whole['rank']} of {whole['units']} "
        f"in the ratio of fit ({_p(whole['p_value'])})"
    )
    text += "." if whole["p_value"] <= SIGNIFICANT else ": not beyond what placebo economies show."
    if whole["poor_fit"]:
        text += f" The double does not follow {who} well before the date, so this gap says little."
    single = table[table["industry"] != "targeted"]
    target, other = (single[single["targeted"] == flag] for flag in (True, False))
    out = [
        f"{row.label} ({signed(percent(row.gap), 0)}%)"
        for row in each(target)
        if row.p_value <= SIGNIFICANT and not row.poor_fit
    ]
    text += f" One by one, {len(out)} of {len(target)} targeted industries stand out at 10%" + (
        f": {listing(out)}" if out else ""
    )
    if len(other):
        placebo = int(((other["p_value"] <= SIGNIFICANT) & ~other["poor_fit"]).sum())
        text += f"; so do {placebo} of {len(other)} untargeted ones"
    expected = SIGNIFICANT * len(target)
    return text + f". By chance one would expect up to {plain(expected, 1)} of the {len(target)}."


def verdict(studies: Mapping[str, models.EventStudy]) -> str:
    """Say in one sentence what the tables together show: an effect only where each finds one of the same sign with quiet leads."""
    if not studies:
        raise ParameterError("Give at least one study.")
    found = [
        (
            math.copysign(1, study.estimate)
            if is_effect(study) and not study.leads.p_value <= SIGNIFICANT
            else 0
        )
        for study in studies.values()
    ]
    n = len(found)
    if all(sign == found[0] != 0 for sign in found):
        word = "gained" if found[0] > 0 else "lost"
        return f"In all {n} tables the targeted industries {word} after the date beyond what was so elsewhere, with no sign of it before."
    if any(found):
        clear = [design(source).measured for source, sign in zip(studies, found, strict=True) if sign]
        return f"A difference after the date shows in {listing(clear)} and not in the other table: the evidence is mixed."
    return (
        "In neither table can an effect of the plan on the targeted industries’ weight be told from no effect."
        if n == 2
        else ("An effect of the plan on the targeted industries’ weight cannot be told from no effect.")
    )


def title_event(study: models.EventStudy, of: Design, *, economy: str = "CHN") -> str:
    """Title of the event-study figure."""
    size = percent(study.estimate)
    who = economies.name(economy)
    if is_effect(study):
        verb = "gained" if size > 0 else "lost"
        return f"{who}’s targeted industries {verb} {plain(abs(size), 0)}% on the others after {study.at}, beyond what was so elsewhere"
    return (
        f"No clear change after {study.at} in {of.measured} of {who}’s targeted against its other industries "
        f"({signed(size, 0)}%, {_p(study.p_value)})"
    )


def title_changes(study: models.EventStudy, *, economy: str = "CHN") -> str:
    """Title of the figure that ranks the economies by their change."""
    order = study.changes["unit"].tolist().index(economy) + 1
    return f"{economies.name(economy)}’s change is number {order} of {study.n_units}"


def title_placebos(table: pd.DataFrame) -> str:
    """Title of the figure of placebo dates."""
    own, others = table[table["actual"]].iloc[0], table[~table["actual"]]
    larger = int((others["estimate"].abs() >= abs(own["estimate"])).sum())
    return f"{larger} of {len(others)} earlier dates give as large a difference as {own['at']}"


def title_specifications(curve: models.SpecificationCurve) -> str:
    """Title of the specification curve."""
    return f"{curve.same_sign:.0%} of {curve.n_estimated} specifications have the sign of the headline; median {signed(percent(curve.median), 0)}%"


def title_synthetic(table: pd.DataFrame) -> str:
    """Title of the figure of gaps by industry."""
    single = table[(table["industry"] != "targeted") & table["targeted"]]
    out = int(((single["p_value"] <= SIGNIFICANT) & ~single["poor_fit"]).sum())
    return f"Gap to the synthetic double stands out in {out} of {len(single)} targeted industries"
