"""Tables, titles and sentences of `scorecard`: the claims with their verdicts, sector by objective, and costs by kind."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from mic2025lab.claims import Judged, evidence
from mic2025lab.claims.board import Board, Column
from mic2025lab.claims.verdict import VERDICTS, outcome
from mic2025lab.classifications import sectors
from mic2025lab.evidence._words import counted, each, listing, signed
from mic2025lab.results.run import Run

#: The kinds of claims, as a reader knows them.
KINDS = {"gain": "What the plan aimed at", "cost": "What it is said to have cost", "limit": "What bounds it"}

_NONE = "–"


def claims_table(judged: Sequence[Judged]) -> pd.DataFrame:
    """The verdict of every claim: `number`, `claim`, `verdict`, `tests` (counts in words)."""
    lines = [
        {"number": one.claim.number, "claim": one.claim.sentence, "verdict": one.verdict, "tests": one.counts}
        for one in judged
    ]
    return pd.DataFrame(lines)


def figures_table(judged: Sequence[Judged]) -> pd.DataFrame:
    """Every test with its figure, what would support the claim, what the figure says, and the run: a verdict can be derived by hand from it."""
    lines = [
        {
            "claim": one.claim.number,
            "figure": test.test.says,
            "value": test.evidence.value,
            "low": test.evidence.low,
            "high": test.evidence.high,
            "unit": test.evidence.unit,
            "supports the claim if": test.test.asks,
            "outcome": test.outcome,
            "run": test.evidence.run or _NONE,
        }
        for one in judged
        for test in one.tests
    ]
    numbers = {"value": "float64", "low": "float64", "high": "float64"}
    return pd.DataFrame(lines).astype(numbers)


def next_steps(judged: Sequence[Judged]) -> pd.DataFrame:
    """What no test is about, which tests have no figure and what would bring it, the data that would test the rest, and what could overturn."""
    lines = [
        {
            "claim": one.claim.number,
            "not covered by a test": one.claim.coverage,
            "missing": "; ".join(one.next_steps) or _NONE,
            "data that would test the rest": one.claim.wanted,
            "what could overturn it": one.claim.overturned_by,
        }
        for one in judged
    ]
    return pd.DataFrame(lines)


def heat(board: Board, there: Sequence[Run]) -> pd.DataFrame:
    """Each sector's figure for each column of the board.

    Returns
    -------
    pandas.DataFrame
        `sector` (slug), `name`, `objective`, `short`, `value`, `low`, `high`, `unit`, `toward` (1 where the figure lies on the side that the
        plan aimed at or that costs less, -1 on the other, 0 where its interval or the margin does not tell), `run`, `match` (how well the industry
        stands for the sector in `value_added`). A figure that is not there is missing, and never 0.
    """
    lines = []
    for sector in sectors.SECTORS:
        for column in board.columns:
            test = column.of(sector.slug)
            found = evidence.Evidence() if test is None else evidence.find(test, there)
            known = found.value is not None
            lines.append(
                {
                    "sector": sector.slug,
                    "name": sector.name,
                    "objective": column.objective,
                    "short": column.short,
                    "value": found.value,
                    "low": found.low,
                    "high": found.high,
                    "unit": found.unit,
                    "toward": _toward(column, found),
                    "run": found.run if known else _NONE,
                    "match": sector.match,
                }
            )
    return pd.DataFrame(lines).astype({"value": "float64", "low": "float64", "high": "float64"})


def runs_behind(cells: pd.DataFrame) -> pd.DataFrame:
    """The run behind each cell of the heat table: `sector`, a column for each objective."""
    wide = cells.pivot(index="name", columns="objective", values="run")
    return (
        wide.loc[list(dict.fromkeys(cells["name"])), list(dict.fromkeys(cells["objective"]))]
        .rename_axis(index="sector", columns=None)
        .reset_index()
    )


def costs(judged: Sequence[Judged]) -> pd.DataFrame:
    """Costs by kind: a row for each test of a claim about costs, those without a figure among them."""
    rows = figures_table([one for one in judged if one.claim.kind == "cost"])
    labels = {one.claim.number: one.claim.label for one in judged}
    untested = [one.claim for one in judged if one.claim.kind == "cost" and not one.tests]
    empty = [
        {"claim": claim.number, "figure": claim.wanted, "outcome": "missing", "run": _NONE}
        for claim in untested
    ]
    table = pd.concat([rows, pd.DataFrame(empty)]) if empty else rows
    table = table.sort_values("claim", kind="stable", ignore_index=True)
    return table.assign(cost=table["claim"].map(labels))[
        ["cost", "figure", "value", "low", "high", "unit", "outcome", "run"]
    ]


def counted_verdicts(judged: Sequence[Judged]) -> dict[str, int]:
    """Count the verdicts, zeros among them."""
    return {verdict: sum(one.verdict == verdict for one in judged) for verdict in VERDICTS}


def drawn(judged: Sequence[Judged]) -> list[dict[str, Any]]:
    """What the figure of verdicts shows of each claim."""
    return [
        {
            "number": one.claim.number,
            "kind": one.claim.kind,
            "label": one.claim.label,
            "verdict": one.verdict,
            "outcomes": one.outcomes,
        }
        for one in judged
    ]


def sources(judged: Sequence[Judged], cells: pd.DataFrame) -> str:
    """Name the analyses that the figures come from, for the foot of a figure."""
    places = [test.evidence.run for one in judged for test in one.tests] + list(cells["run"])
    names = sorted({place.split("/")[1].replace("_", " ") for place in places if place.startswith("runs/")})
    return f"runs of {listing(names)}, each named in the tables" if names else "no run"


def _toward(column: Column, found: evidence.Evidence) -> int:
    margin = column.test.margin if column.test else 0.0
    said = outcome(found.value, found.low, found.high, direction=column.direction, margin=margin)
    return {"for": 1, "against": -1}.get(said, 0)


# -- words -----------------------------------------------------------------------------------------------------------------------


def answer(judged: Sequence[Judged]) -> list[str]:
    """Say for the aims, the costs and the limits how many claims the evidence supports, and which."""
    return [say_kind(kind, [one for one in judged if one.claim.kind == kind]) for kind in KINDS]


def say_kind(kind: str, judged: Sequence[Judged]) -> str:
    """Say the verdicts of the claims of one kind; a claim without evidence is neither for nor against."""
    words = {
        "supported": "the evidence supports",
        "mixed": "it is mixed on",
        "not supported": "it does not support",
        "not testable": "these data cannot test",
    }
    parts = []
    for verdict in VERDICTS:
        named = [f"“{one.claim.label.lower()}”" for one in judged if one.verdict == verdict]
        parts += [f"{words[verdict]} {len(named)} ({listing(named)})"] if named else []
    return f"**{KINDS[kind]}.** Of {counted(len(judged), 'claim')} {'; '.join(parts)}."


def say_nothing(reports: Path) -> str:
    """Say that there are no runs, and what to do."""
    return (
        f"There are no runs in the folder of reports ({reports.name}), so that no claim can be tested. Make them with `make report`, or with "
        "`mic2025lab batch notebooks/plans/default.yml`, and run this again."
    )


def say_heat(cells: pd.DataFrame) -> str:
    """Say for each column in how many sectors the figure went toward the aim, and where there is none."""
    parts, empty = [], []
    for objective, rows in cells.groupby("objective", sort=False):
        known = rows[rows["value"].notna()]
        toward, against = int((known["toward"] > 0).sum()), int((known["toward"] < 0).sum())
        other = f" ({against} the other way)" if against else ""
        if known.empty:
            empty.append(str(objective))
        else:
            parts.append(f"{objective} in {toward} of {counted(len(known), 'sector')}{other}")
    lacking = f" There are no data by sector on {listing(empty)}." if empty else ""
    if not parts:
        return f"**By sector.**{lacking}"
    return f"**By sector.** The way that the plan aimed at, or the cheaper one, went {'; '.join(parts)}.{lacking}"


def title_verdicts(judged: Sequence[Judged]) -> str:
    """Title of the figure of verdicts."""
    n = counted_verdicts(judged)
    return (
        f"Of {counted(len(judged), 'claim')} the evidence supports {n['supported']}, is mixed on {n['mixed']} and does not support "
        f"{n['not supported']}; {n['not testable']} cannot be tested"
    )


def title_heat(cells: pd.DataFrame) -> str:
    """Title of the heat table: the objective that most sectors moved toward, and the one that fewest did, among those with data."""
    known = cells[cells["value"].notna()]
    if known.empty:
        return "No run has a figure by sector"
    count: Any = (known["toward"] > 0).groupby(known["objective"]).agg(["sum", "size", "mean"])
    best, *worst = dict.fromkeys((count["mean"].idxmax(), count["mean"].idxmin()))
    head = f"{_plainly(best)} moved the better way in {count['sum'][best]} of {count['size'][best]} sectors with data"
    return ", ".join(
        [head[0].upper() + head[1:]]
        + [f"{_plainly(name)} in {count['sum'][name]} of {count['size'][name]}" for name in worst]
    )


def _plainly(objective: str) -> str:
    return objective.removeprefix("cost: ")


def alt_heat(cells: pd.DataFrame) -> str:
    """The heat table in words."""
    rows = []
    for name, part in cells.groupby("name", sort=False):
        told = [
            f"{row.objective} {signed(row.value) if pd.notna(row.value) else 'no data'}" for row in each(part)
        ]
        rows.append(f"{name}: {', '.join(told)}")
    return "Sectors by objective; " + "; ".join(rows)


def alt_verdicts(judged: Sequence[Judged]) -> str:
    """The figure of verdicts in words."""
    return "; ".join(f"{one.claim.number} {one.claim.label}: {one.verdict} ({one.counts})" for one in judged)
