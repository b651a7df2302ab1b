"""A plan: which runs to make, in YAML; checked as a whole before the first starts."""

from __future__ import annotations

import contextlib
import itertools
import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from mic2025lab import analyses, own_files, project, yaml_files
from mic2025lab.analyses.model import explain, read_text
from mic2025lab.errors import LabError, ParameterError, RunError, UnknownName, shown, unknown_name
from mic2025lab.runs.request import Request, prepare

#: The most runs of a plan. A grid with more is a slip.
MOST_RUNS = 10_000

_VALUES = "a mapping of names to values"
_LISTED = "a list of mappings of names to values"
_WORDS = "a list of words, each of lower-case letters and digits joined by _ or -"


class _Item(BaseModel):
    """An item of a plan. The titles say in messages what a key must hold."""

    model_config = ConfigDict(strict=True)

    analysis: str = Field("", title="the name of an analysis or the path of a notebook")
    analyses: list[str] = Field([], title="a list of analyses")
    params: dict[str, Any] = Field({}, title=_VALUES)
    grid: dict[str, Annotated[list[Any], Field(min_length=1)]] = Field(
        {}, title="a mapping of names to lists of values"
    )
    include: list[Annotated[dict[str, Any], Field(min_length=1)]] = Field([], title=_LISTED)
    exclude: list[Annotated[dict[str, Any], Field(min_length=1)]] = Field([], title=_LISTED)
    tags: list[Annotated[str, Field(pattern=r"^[a-z0-9]+([_-][a-z0-9]+)*$")]] = Field([], title=_WORDS)
    vintages: dict[str, str] = Field({}, title="a mapping of tables to vintages")


def find_plan(named: Path | None = None) -> Path:
    """Find a plan: the file that is named, the plan of the package if it is called `default`, else the plan of the user's project.

    Raises
    ------
    RunError
        If none is named outside a project.
    """
    if named is not None:
        packaged = analyses.notebook.folder() / "plans" / "default.yml"
        return packaged if str(named) == "default" and not named.exists() else named
    own = project.find()
    if own is None:
        raise RunError(
            "Name a plan (a YAML file, or `default` for the plan of the package), or work in a project, which has its own: "
            "mic2025lab init my-project"
        )
    return own.plan


def read_plan(path: str | Path, *, only: Sequence[str] = ()) -> list[Request]:
    """Read a plan and check every run of it.

    A plan is YAML: `runs:` is a list of items, each of

    - `analysis: name`, or `analyses: [names]` for the same parameters in several; a name is one of the package's analyses or the
      path of a notebook, relative to the folder of the plan;
    - `params: {name: value}`: the same for every run of the item;
    - `grid: {name: [values]}`: every combination of the values;
    - `exclude: [{name: value}]`: combinations of the grid that are left out; one that is given only some of the names
      leaves out every combination that agrees in these;
    - `include: [{name: value}]`: runs beside those of the grid, with `params` where they name nothing else;
    - `vintages: {table: vintage}`: what `load` serves in these runs when it is called without a vintage; the same beside `runs:`
      is for all of them;
    - `tags: [words]`: names to choose by.

    What several items share is written once and merged: `x-firms: &firms {path: firms.csv}` beside `runs:` and
    `params: {<<: *firms, sigma: 4}` in an item. A key of the item itself comes before one that is merged.

    Parameters
    ----------
    path : path
        The plan.
    only : sequence of str
        Which of the runs: names of analyses, tags, or `name=value`. Those of one kind (analyses; tags; values of one
        parameter) are alternatives, and a run must fit every kind that is given.

    Returns
    -------
    list of Request
        In the plan's order; a run that is asked for twice is there once.

    Raises
    ------
    RunError
        If the file cannot be read as a plan, or nothing is left of it.
    ParameterError
        With a line for each thing that is wrong in any of the runs, also in those that are not chosen.
    """
    path = Path(path)
    plan = yaml_files.read(path, "plan", text=True, error=RunError)
    if (
        not isinstance(plan, dict)
        or {name for name in plan if not name.startswith("x-")} - {"vintages"} != {"runs"}
        or not isinstance(plan["runs"], list)
        or not plan["runs"]
    ):
        raise RunError(
            f"The plan {str(path)!r} must hold one list named runs, such as:\n"
            "runs:\n  - analysis: market_share_shifts\n    grid: {sector: [aerospace, rail]}\n"
            "A mapping that several runs share may stand under another name if it begins with x-, such as x-firms: &firms."
        )
    pins = _item({"analysis": "any", "vintages": plan.get("vintages")}).vintages
    planned: dict[tuple[str, str], Request] = {}
    tags: defaultdict[tuple[str, str], set[str]] = defaultdict(set)
    problems: list[str] = []
    for number, given in enumerate(plan["runs"], start=1):
        try:
            item = _item(given)
            pairs = _expand(item, path.parent)
        except LabError as error:
            problems += [f"run {number}: {line}" for line in str(error).splitlines()]
            continue
        for analysis, params in pairs:
            try:
                request = prepare(analysis, params, text=True, vintages={**pins, **item.vintages})
            except (ParameterError, UnknownName) as error:
                problems += [f"run {number} ({analysis}): {line}" for line in str(error).splitlines()]
                continue
            planned.setdefault((analysis, request.run_id), request)
            tags[analysis, request.run_id].update(item.tags)
        if len(planned) > MOST_RUNS:
            raise RunError(f"The plan {str(path)!r} makes more than {MOST_RUNS} runs; divide it.")
    if problems:
        raise ParameterError("\n".join(dict.fromkeys(problems)))
    return _chosen(planned, tags, only)


def _item(given: Any) -> _Item:
    """Check an item by itself."""
    if not isinstance(given, dict) or bool(given.get("analysis")) == bool(given.get("analyses")):
        raise ParameterError(f"{shown(given)} must name its analysis (or a list of analyses).")
    for key in given:
        if key not in _Item.model_fields:
            raise unknown_name("key", key, _Item.model_fields, of="a run", error=ParameterError)
    try:
        item = _Item.model_validate({key: value for key, value in given.items() if value})
    except ValidationError as error:
        key = str(error.errors()[0]["loc"][0])
        must = _Item.model_fields[key].title
        raise ParameterError(f"{key} = {shown(given[key])} must be {must}.") from None
    for tag in item.tags:
        if tag in analyses.ANALYSES:
            raise ParameterError(f"tags: {tag!r} is the name of an analysis; choose another word.")
    return item


def _expand(item: _Item, folder: Path) -> list[tuple[str, dict[str, Any]]]:
    """List the analysis and the parameters of every run of an item of a plan in this folder."""
    params, grid = item.params, item.grid
    if item.exclude and not grid:
        raise ParameterError("exclude leaves out combinations of a grid, and there is no grid.")
    for name in grid:
        if name in params:
            raise ParameterError(f"{name} is in params and in grid; leave it in one of them.")
    if math.prod(map(len, grid.values())) > MOST_RUNS:
        raise ParameterError(f"the grid has more than {MOST_RUNS} combinations; divide it.")
    combinations = [dict(zip(grid, values, strict=True)) for values in itertools.product(*grid.values())]
    if item.include and not grid:
        combinations = []  # the runs are those that are listed
    pairs = []
    for named in item.analyses or [item.analysis]:
        analysis = named
        with contextlib.suppress(OSError):
            if named.endswith(".ipynb") and own_files.existing(named, folder).is_file():
                analysis = str(folder / named)
        kept = _without(analyses.get(analysis), combinations, item.exclude)
        pairs += [(analysis, {**params, **more}) for more in [*kept, *item.include]]
    return pairs


def _without(
    analysis: analyses.Analysis, combinations: list[dict[str, Any]], exclude: list[dict[str, Any]]
) -> list[dict[str, Any]]:
    """Leave out combinations; one to be left out that is not there is a slip, and said."""
    kept = combinations
    for rule in exclude:
        wanted = _typed(analysis, rule).items()
        gone = [c for c in combinations if wanted <= _typed(analysis, c).items()]
        if not gone:
            raise ParameterError(f"exclude {shown(rule)} fits no combination of the grid.")
        kept = [c for c in kept if c not in gone]
    return kept


def _typed(analysis: analyses.Analysis, texts: Mapping[str, Any]) -> dict[str, Any]:
    """Read texts as the parameters' types say, so that 1 and 1.0 of a float are the same; a text of no such type stays."""
    model, defaults = analysis.params, analysis.defaults()
    fields = model.model_fields
    values = {k: read_text(fields[k].annotation, v) if k in fields else v for k, v in texts.items()}
    try:
        typed = model.model_validate({**defaults, **values}).model_dump(mode="json")
        return {k: v for k, v in typed.items() if k in values}
    except ValidationError as error:
        wrong = explain(error, fields, defaults, analysis.name)
        return {**values, **{k: texts[k] for k in wrong if k in texts}}


def _chosen(
    planned: Mapping[tuple[str, str], Request], tags: Mapping[tuple[str, str], set[str]], only: Sequence[str]
) -> list[Request]:
    """Keep the runs that fit; a word that fits none is a slip, and said."""
    names = {request.analysis for request in planned.values()}
    fitting: defaultdict[str, set[tuple[str, str]]] = defaultdict(set)
    for term in only:
        name, equals, value = term.partition("=")
        if equals:
            kind, fits = f"={name}", {key for key, run in planned.items() if _has(run, name, value)}
        elif term in names:
            kind, fits = "analysis", {key for key, run in planned.items() if run.analysis == term}
        else:
            kind, fits = "tag", {key for key in planned if term in tags[key]}
        if not fits and equals:
            raise RunError(f"--only {shown(term)}: no run of the plan has {name} = {value}.")
        if not fits:
            known = [*sorted(names), *sorted(set().union(*tags.values()))]
            raise unknown_name("analysis or tag", term, known, of="the plan", error=RunError)
        fitting[kind] |= fits
    chosen = [run for key, run in planned.items() if all(key in fits for fits in fitting.values())]
    if not chosen:
        raise RunError(f"--only {' '.join(only)}: no run of the plan fits all of these.")
    return chosen


def _has(request: Request, name: str, value: str) -> bool:
    if name not in request.parameters:
        return False
    return _typed(request.described(), {name: value}).get(name) == request.parameters[name]
