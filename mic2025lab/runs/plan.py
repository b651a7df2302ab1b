"""A plan: which runs to make, in YAML; checked as a whole before the first starts."""

from __future__ import annotations

import contextlib
import itertools
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from mic2025lab import analyses, own_files, project, yaml_files
from mic2025lab.analyses.model import explain, read_text
from mic2025lab.errors import LabError, ParameterError, RunError, UnknownName, shown, unknown_name
from mic2025lab.runs.run import Request, prepare

#: The most runs of a plan. A grid with more is a slip.
MOST_RUNS = 10_000

_KEYS = ("analysis", "analyses", "params", "grid", "include", "exclude", "tags", "vintages")
_TAG = re.compile(r"[a-z0-9]+(?:[_-][a-z0-9]+)*")


@dataclass
class _Planned:
    """A run of a plan with the tags it goes by."""

    request: Request
    tags: set[str]


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
    planned: dict[tuple[str, str], _Planned] = {}
    problems: list[str] = []
    for number, item in enumerate(_items(Path(path)), start=1):
        try:
            pairs, tags, pins = _expand(item, Path(path).parent), _tags(item), _mapping("vintages", item)
        except LabError as error:
            problems += [f"run {number}: {line}" for line in str(error).splitlines()]
            continue
        for analysis, params in pairs:
            try:
                request = prepare(analysis, params, text=True, vintages=pins)
            except (ParameterError, UnknownName) as error:
                problems += [f"run {number} ({analysis}): {line}" for line in str(error).splitlines()]
                continue
            planned.setdefault((analysis, request.run_id), _Planned(request, set())).tags.update(tags)
        if len(planned) > MOST_RUNS:
            raise RunError(f"The plan {str(path)!r} makes more than {MOST_RUNS} runs; divide it.")
    if problems:
        raise ParameterError("\n".join(dict.fromkeys(problems)))
    return _chosen(list(planned.values()), only)


def _items(path: Path) -> list[Mapping[str, Any]]:
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
    for number, item in enumerate(plan["runs"], start=1):
        if not isinstance(item, dict) or not _named(item):
            raise RunError(
                f"run {number} of {str(path)!r} is {shown(item)}; it must name its analysis (or a list of analyses)."
            )
    if not (pins := _mapping("vintages", plan)):
        return plan["runs"]
    return [{**item, "vintages": {**pins, **_mapping("vintages", item)}} for item in plan["runs"]]


def _named(item: Mapping[str, Any]) -> list[str]:
    """List the analyses of an item; none if it does not name them."""
    one, many = item.get("analysis"), item.get("analyses")
    names = [one] if many is None else many if one is None else []
    return names if isinstance(names, list) and all(isinstance(name, str) for name in names) else []


def _expand(item: Mapping[str, Any], folder: Path) -> list[tuple[str, dict[str, Any]]]:
    """List the analysis and the parameters of every run of an item of a plan in this folder."""
    for key in item:
        if key not in _KEYS:
            raise unknown_name("key", key, _KEYS, of="a run", error=ParameterError)
    params, grid = _mapping("params", item), _mapping("grid", item)
    include, exclude = _mappings("include", item), _mappings("exclude", item)
    if exclude and not grid:
        raise ParameterError("exclude leaves out combinations of a grid, and there is no grid.")
    for name, values in grid.items():
        if not isinstance(values, list) or not values:
            raise ParameterError(f"grid {name} = {shown(values)} must be a list of values.")
        if name in params:
            raise ParameterError(f"{name} is in params and in grid; leave it in one of them.")
    if math.prod(len(values) for values in grid.values()) > MOST_RUNS:
        raise ParameterError(f"the grid has more than {MOST_RUNS} combinations; divide it.")
    pairs = []
    for named in _named(item):
        analysis = named
        with contextlib.suppress(OSError):
            if named.endswith(".ipynb") and own_files.existing(named, folder).is_file():
                analysis = str(folder / named)
        found = analyses.get(analysis)
        for name in grid:
            if name not in found.declared:
                raise unknown_name("parameter", name, found.declared, of=found.name, error=ParameterError)
        combinations = [dict(zip(grid, values, strict=True)) for values in itertools.product(*grid.values())]
        if include and not grid:
            combinations = []  # the runs are those that are listed
        kept = _without(found, combinations, exclude)
        pairs += [(analysis, {**params, **more}) for more in [*kept, *include]]
    return pairs


def _without(
    analysis: analyses.Analysis, combinations: list[dict[str, Any]], exclude: list[Mapping[str, Any]]
) -> list[dict[str, Any]]:
    """Leave out combinations; one to be left out that is not there is a slip, and said."""
    kept = combinations
    for rule in exclude:
        wanted = _typed(analysis, rule)
        fits = [all(_typed(analysis, c).get(k) == v for k, v in wanted.items()) for c in combinations]
        if not any(fits):
            raise ParameterError(f"exclude {shown(dict(rule))} fits no combination of the grid.")
        gone = [c for c, fit in zip(combinations, fits, strict=True) if fit]
        kept = [c for c in kept if c not in gone]
    return kept


def _typed(analysis: analyses.Analysis, texts: Mapping[str, Any]) -> dict[str, Any]:
    """Read texts as the parameters' types say, so that 1 and 1.0 of a float are the same; a text of no such type stays."""
    model, defaults = analysis.params, analysis.defaults()
    fields = model.model_fields
    values = {k: read_text(fields[k].annotation, v) if k in fields else v for k, v in texts.items()}
    try:
        return {
            k: v
            for k, v in model.model_validate({**defaults, **values}).model_dump(mode="json").items()
            if k in values
        }
    except ValidationError as error:
        wrong = explain(error, fields, defaults, analysis.name)
        return {**values, **{k: texts[k] for k in wrong if k in texts}}


def _mapping(key: str, item: Mapping[str, Any]) -> dict[str, Any]:
    value = item.get(key) or {}
    if not isinstance(value, dict):
        raise ParameterError(f"{key} = {shown(value)} must be a mapping of names to values.")
    return value


def _mappings(key: str, item: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    value = item.get(key) or []
    if not isinstance(value, list) or not all(isinstance(each, dict) and each for each in value):
        raise ParameterError(f"{key} = {shown(value)} must be a list of mappings of names to values.")
    return value


def _tags(item: Mapping[str, Any]) -> list[str]:
    value = item.get("tags") or []
    for tag in value if isinstance(value, list) else [value]:
        if not isinstance(tag, str) or not _TAG.fullmatch(tag) or tag in analyses.ANALYSES:
            raise ParameterError(
                f"tags: {shown(tag)} must be lower-case letters and digits joined by _ or -, and not the name of an analysis."
            )
    if not isinstance(value, list):
        raise ParameterError(f"tags = {shown(value)} must be a list of words.")
    return value


def _chosen(planned: list[_Planned], only: Sequence[str]) -> list[Request]:
    """Keep the runs that fit; a word that fits none is a slip, and said."""
    names = {each.request.analysis for each in planned}
    tags = {tag for each in planned for tag in each.tags}
    kinds: dict[str, list[str]] = {}
    for term in only:
        name, equals, value = term.partition("=")
        if equals:
            if not any(_has(each.request, name, value) for each in planned):
                raise RunError(f"--only {shown(term)}: no run of the plan has {name} = {value}.")
            kinds.setdefault(f"={name}", []).append(value)
        elif term in names or term in tags:
            kinds.setdefault("analysis" if term in names else "tag", []).append(term)
        else:
            raise unknown_name(
                "analysis or tag", term, sorted(names) + sorted(tags), of="the plan", error=RunError
            )
    chosen = [each.request for each in planned if _fits(each, kinds)]
    if not chosen:
        raise RunError(f"--only {' '.join(only)}: no run of the plan fits all of these.")
    return chosen


def _fits(each: _Planned, kinds: Mapping[str, list[str]]) -> bool:
    for kind, values in kinds.items():
        if kind == "analysis":
            fit = each.request.analysis in values
        elif kind == "tag":
            fit = bool(each.tags & set(values))
        else:
            fit = any(_has(each.request, kind[1:], value) for value in values)
        if not fit:
            return False
    return True


def _has(request: Request, name: str, value: str) -> bool:
    if name not in request.parameters:
        return False
    return _typed(request.described(), {name: value}).get(name) == request.parameters[name]
