"""Many runs from a plan: checked as a whole before the first starts."""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Executor, ThreadPoolExecutor, as_completed
from pathlib import Path
from typing import Any

import yaml

from mic2025lab import analyses
from mic2025lab.errors import LabError, ParameterError, RunError, shown, unknown_name
from mic2025lab.runs.run import REPORTS, Request, RunResult, execute, prepare

#: Called as each run ends, with the number of ended runs, of all, and the result.
Report = Callable[[int, int, RunResult], None]


class _Text(yaml.BaseLoader):
    """YAML with every scalar as text, for each to be read as its parameter's type says: `0204` and `NO` stay what they are."""

    def construct_mapping(self, node: Any, deep: bool = False) -> dict[Any, Any]:
        names = [self.construct_object(key, deep=True) for key, _ in node.value]
        for name in names:
            if names.count(name) > 1:
                raise yaml.constructor.ConstructorError(None, None, f"{name!r} occurs twice", node.start_mark)
        return super().construct_mapping(node, deep)


def read_plan(path: str | Path) -> list[Request]:
    """Read a plan and check every run of it.

    A plan is YAML: `runs:` is a list of `{analysis, params: {name: value}, grid: {name: [values]}}`; a grid is every combination.

    Parameters
    ----------
    path : path
        The plan.

    Returns
    -------
    list of Request
        In the plan's order; a run that is asked for twice is there once.

    Raises
    ------
    RunError
        If the file cannot be read as a plan.
    ParameterError
        With a line for each thing that is wrong in any of the runs.
    """
    requests: dict[tuple[str, str], Request] = {}
    problems: list[str] = []
    for number, item in enumerate(_items(Path(path)), start=1):
        try:
            combinations = list(_combinations(item))
        except LabError as error:
            problems += [f"run {number}: {line}" for line in str(error).splitlines()]
            continue
        for params in combinations:
            try:
                request = prepare(item["analysis"], params, text=True)
            except ParameterError as error:
                problems += [f"run {number} ({item['analysis']}): {line}" for line in str(error).splitlines()]
            else:
                requests.setdefault((request.analysis, request.run_id), request)
    if problems:
        raise ParameterError("\n".join(dict.fromkeys(problems)))
    return list(requests.values())


def batch(
    requests: list[Request],
    *,
    reports: str | Path = REPORTS,
    jobs: int = 1,
    force: bool = False,
    report: Report | None = None,
    executor: Executor | None = None,
) -> list[RunResult]:
    """Make many runs; one that fails does not stop the others.

    Parameters
    ----------
    requests : list of Request
        From `read_plan` or `prepare`.
    reports : path
        The folder of reports.
    jobs : int
        How many at once.
    force : bool
        Also those that are there already.
    report : callable, optional
        Called as each ends.
    executor : concurrent.futures.Executor, optional
        Where the work is done; by default `jobs` threads, each waiting for a kernel that is a process of its own.

    Returns
    -------
    list of RunResult
        In the order of the requests.
    """
    results: dict[int, RunResult] = {}
    own = ThreadPoolExecutor(max_workers=jobs) if executor is None else None
    pool: Executor = executor or own  # type: ignore[assignment]
    try:
        waiting = {
            pool.submit(_execute, request, str(reports), force): position
            for position, request in enumerate(requests)
        }
        for ended, future in enumerate(as_completed(waiting), start=1):
            results[waiting[future]] = future.result()
            if report:
                report(ended, len(requests), future.result())
    finally:
        if own:
            own.shutdown(cancel_futures=True)
    return [results[position] for position in range(len(requests))]


def summary(results: list[RunResult]) -> str:
    """Count how runs ended.

    Examples
    --------
    >>> summary([])
    '0 runs: 0 done, 0 unchanged, 0 failed'
    """
    count = {status: sum(r.status == status for r in results) for status in ("done", "unchanged", "failed")}
    noun = "run" if len(results) == 1 else "runs"
    return f"{len(results)} {noun}: " + ", ".join(f"{n} {status}" for status, n in count.items())


def _execute(request: Request, reports: str, force: bool) -> RunResult:
    started = time.perf_counter()
    try:
        return execute(request, reports=reports, force=force)
    except Exception as error:  # noqa: BLE001 - whatever went wrong with one run is its result, and the others go on
        seconds = time.perf_counter() - started
        return RunResult("failed", request, None, seconds, f"{type(error).__name__}: {error}")


def _items(path: Path) -> list[Mapping[str, Any]]:
    try:
        plan = yaml.load(path.read_text(encoding="utf-8"), Loader=_Text)
    except OSError as error:
        raise RunError(f"The plan {str(path)!r} cannot be read: {error.strerror or error}.") from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise RunError(f"The plan {str(path)!r} is not YAML that can be read: {error}") from error
    if (
        not isinstance(plan, dict)
        or set(plan) != {"runs"}
        or not isinstance(plan["runs"], list)
        or not plan["runs"]
    ):
        raise RunError(
            f"The plan {str(path)!r} must hold one list named runs, such as:\n"
            "runs:\n  - analysis: market_share_shifts\n    grid: {sector: [aerospace, rail]}"
        )
    for number, item in enumerate(plan["runs"], start=1):
        if not isinstance(item, dict) or not isinstance(item.get("analysis"), str):
            raise RunError(f"run {number} of {str(path)!r} is {shown(item)}; it must name its analysis.")
    return plan["runs"]


def _combinations(item: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Give the parameters of every run of an item."""
    known = ("analysis", "params", "grid")
    for key in item:
        if key not in known:
            raise unknown_name("key", key, known, of="a run", error=ParameterError)
    fields = analyses.get(item["analysis"]).params.model_fields
    params, grid = item.get("params") or {}, item.get("grid") or {}
    for key, value in {"params": params, "grid": grid}.items():
        if not isinstance(value, dict):
            raise ParameterError(f"{key} = {shown(value)} must be a mapping of names to values.")
    for name, values in grid.items():
        if name not in fields:
            raise unknown_name("parameter", name, fields, of=item["analysis"], error=ParameterError)
        if not isinstance(values, list) or not values:
            raise ParameterError(f"grid {name} = {shown(values)} must be a list of values.")
        if name in params:
            raise ParameterError(f"{name} is in params and in grid; leave it in one of them.")
    for values in itertools.product(*grid.values()):
        yield {**params, **dict(zip(grid, values, strict=True))}
