"""The analyses: the package's notebooks by name, and any other notebook by its path.

A notebook alone is an analysis (see `notebook`). `limits` adds limits to the parameters of those of the package.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from mic2025lab import project
from mic2025lab.analyses import notebook
from mic2025lab.analyses.model import Parameters, explain, given_names, own_cell, read_text
from mic2025lab.analyses.notebook import ANALYSES as ANALYSES
from mic2025lab.analyses.notebook import Analysis as Analysis
from mic2025lab.errors import ParameterError, shown, unknown_name


def get(name: str | Path) -> Analysis:
    """Look up an analysis: a name of `available()`, or the path of any notebook.

    Raises
    ------
    ParameterError
        If no analysis has that name; the message names the nearest.
    RunError
        If the path is not a notebook.
    """
    text, there = str(name), available()
    if text in there:
        return notebook.read(there[text])
    if text.endswith(".ipynb"):
        return notebook.read(text)
    error = unknown_name("analysis", text, there, error=ParameterError, listing="mic2025lab analyses")
    raise ParameterError(f"{error} To run your own notebook, give its path, such as ./mine.ipynb.")


def available() -> dict[str, Path]:
    """Return the notebooks that can be run by name: those in `notebooks/` of the user's project, and those of the package.

    A project's copy of a notebook comes before the package's, so that what is saved there is what runs.
    """
    own = project.find()
    if own is None:
        return ANALYSES
    return ANALYSES | {path.stem: path for path in sorted((own.root / "notebooks").glob("*.ipynb"))}


def validate(name: str | Path, values: Mapping[str, Any]) -> Parameters:
    """Check parameters; those not given have their defaults.

    Parameters
    ----------
    name : str or path
        As in `get`.
    values : mapping
        Parameter name -> value. Types are not converted: 2015 is a number and "2015" is text. A list may be given as text, "USA, JPN".

    Returns
    -------
    Parameters
        A frozen model with every parameter.

    Raises
    ------
    ParameterError
        With one line per problem.

    Examples
    --------
    >>> validate("market_share_shifts", {"sector": "aerospace"}).base_year
    2015
    """
    return _check(get(name), values)


def _check(analysis: Analysis, values: Mapping[str, Any]) -> Parameters:
    defaults = analysis.defaults()
    values = _without_economy(defaults, values)
    try:
        checked = analysis.params.model_validate({**defaults, **values})
    except ValidationError as error:
        # The limits of one value depend on others: with a default in place of a wrong value they would be other limits.
        wrong = explain(error, analysis.params.model_fields, defaults, analysis.name)
        raise ParameterError("\n".join(wrong.values())) from None
    problems: list[str] = []
    try:
        problems += checked.problems()
    except (AttributeError, TypeError):  # a copy with other parameters has no such limits
        if analysis.packaged:
            raise
    # A run of a notebook of the package records the file of `path` under a readable name.
    stored = ((name, value) for name, value in checked if not (analysis.packaged and name == "path"))
    problems += filter(None, (_unstorable(name, value) for name, value in stored))
    if problems:
        raise ParameterError("\n".join(problems))
    return checked


def _unstorable(name: str, value: Any) -> str:
    """Say why a value cannot be stored as JSON; empty if it can."""
    try:
        json.dumps(value, allow_nan=False, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return f"{name} = {shown(value)} is not UTF-8. Rename the file or its folder if it is a path."
    except (TypeError, ValueError, RecursionError):
        return f"{name} = {shown(value)} cannot be stored as JSON; a value is text, a number, true or false, a list, or a mapping."
    return ""


def _without_economy(defaults: Mapping[str, Any], values: Mapping[str, Any]) -> Mapping[str, Any]:
    """Drop the economy from the default comparators. Comparators that the user chose stay, and are checked."""
    default = defaults.get("comparators")
    economy = values.get("economy")
    if default is None or economy not in default or values.get("comparators", default) != default:
        return values
    return {**values, "comparators": [code for code in default if code != economy]}


def validate_text(name: str | Path, texts: Mapping[str, Any]) -> Parameters:
    """Check parameters given as text (`-p name=value`, a plan); each is converted to the type of its parameter.

    Examples
    --------
    >>> validate_text("market_share_shifts", {"start": "2005", "comparators": "USA, JPN"}).comparators
    ['USA', 'JPN']
    """
    fields = get(name).params.model_fields
    return validate(
        name, {k: read_text(fields[k].annotation, v) if k in fields else v for k, v in texts.items()}
    )


def parameters(name: str, namespace: Mapping[str, Any]) -> Any:
    """Check the parameters of a notebook, in its second cell: `p = lab.parameters("market_share_shifts", globals())`.

    Names and defaults come from the parameters cell of the running notebook. A name that papermill injects but the cell does not
    declare is refused: a mistyped `-p bsae 2015` stops here and is not ignored.

    Parameters
    ----------
    name : str
        The notebook's name. If the package has limits for that name, they apply.
    namespace : mapping
        The notebook's `globals()`.

    Returns
    -------
    Parameters
        A frozen model with every parameter.

    Raises
    ------
    ParameterError
        With one line per problem.
    """
    analysis = _running(name, namespace)
    names = [*analysis.declared, *given_names(namespace)]
    return _check(analysis, {name: namespace[name] for name in names if name in namespace})


def _running(name: str, namespace: Mapping[str, Any]) -> Analysis:
    """Return the analysis of the running notebook, whose parameters cell may have been edited since it was saved."""
    cell = own_cell(namespace)
    if cell is None:
        return get(name)
    declared, path = notebook.declarations(cell), available().get(name, Path(f"{name}.ipynb"))
    return Analysis(name, path, name, name, (), (), False, declared, notebook.model(name, declared))
