"""Parameters of an analysis as such: read from text by their type, checked without guessing, explained in words."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Literal, get_args, get_origin

from pydantic import BaseModel, BeforeValidator, ConfigDict, ValidationError
from pydantic.fields import FieldInfo

from mic2025lab.errors import shown, unknown_name


def split_list(value: Any) -> Any:
    """Read a list given as text; every item stays text.

    Examples
    --------
    >>> split_list("USA, JPN"), split_list("[0204, NO]"), split_list(["CHN"])
    (['USA', 'JPN'], ['0204', 'NO'], ['CHN'])
    """
    if not isinstance(value, str):
        return value
    text = value.strip()
    if text.startswith("[") and text.endswith("]"):
        text = text[1:-1]
    return [item.strip().strip("\"'") for item in text.split(",") if item.strip()]


#: A list of texts, which may be given as one text.
TextList = Annotated[list[str], BeforeValidator(split_list)]


def all_or_list(value: Any) -> Any:
    """Read "all" as it is, and anything else as a list."""
    return "all" if isinstance(value, str) and value.strip() == "all" else split_list(value)


class Parameters(BaseModel):
    """What the parameters of every analysis share: no unknown name, no type guessed, nothing changed afterwards."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, allow_inf_nan=False)

    def problems(self) -> Iterator[str]:
        """Say what is wrong with values of the right type, against the tables of the catalogue; one line each."""
        yield from ()


def given_names(namespace: Mapping[str, Any]) -> list[str]:
    """List the variables that were set as parameters.

    In IPython they are what the latest cells that begin with "# Parameters" assign: the notebook's own and the one
    papermill adds; jupyter_scheduler adds one of assignments and nothing else, right after the notebook's own. A notebook that
    is being worked in has many other variables, which must not count. Elsewhere every variable that holds plain data counts.
    """
    run = list(namespace.get("In", []))
    cells = [cell for cell in run if cell.lstrip().startswith("# Parameters")]
    if cells:
        own = [cell for cell in cells if cell.lstrip().startswith("# Parameters of")][-1:]
        after = run[len(run) - run[::-1].index(own[0]) :][:1] if own else []
        bare = [cell for cell in after if _only_assigns(cell)]
        injected = [cell for cell in [*cells, *bare] if not cell.lstrip().startswith("# Parameters of")][-1:]
        return [name for cell in own + injected for name in _assigned(cell)]
    plain = (str, int, float, bool, list, dict, tuple, type(None))
    ipython = {"In", "Out", "exit", "quit", "get_ipython", "open"}
    return [
        name
        for name, value in namespace.items()
        if isinstance(value, plain) and not name.startswith("_") and name not in ipython
    ]


def _only_assigns(source: str) -> bool:
    """Tell whether a cell gives plain values to names and does nothing else."""
    try:
        body = ast.parse(source).body
        for statement in body:
            if not isinstance(statement, ast.Assign | ast.AnnAssign) or statement.value is None:
                return False
            ast.literal_eval(statement.value)
    except (SyntaxError, ValueError):
        return False
    return bool(body)


def _assigned(source: str) -> list[str]:
    try:
        body = ast.parse(source).body
    except SyntaxError:  # a cell with a magic in it; papermill's own cell always parses
        return []
    targets = [
        target
        for statement in body
        if isinstance(statement, ast.Assign | ast.AnnAssign)
        for target in (statement.targets if isinstance(statement, ast.Assign) else [statement.target])
    ]
    return [target.id for target in targets if isinstance(target, ast.Name)]


def read_text(annotation: Any, text: Any) -> Any:
    """Read a text as a type says; what does not read stays as it is, for the validation to refuse.

    Examples
    --------
    >>> read_text(int, "2015"), read_text(str, "0204"), read_text(int, "soon")
    (2015, '0204', 'soon')
    """
    if not isinstance(text, str):
        return text
    kinds = _kinds(annotation)
    if int in kinds and re.fullmatch(r"[+-]?[0-9]{1,18}", text.strip()):
        return int(text)
    if float in kinds and re.fullmatch(r"[+-]?[0-9]*\.?[0-9]+(e[+-]?[0-9]+)?", text.strip().lower()):
        return float(text)
    if bool in kinds:
        return {"true": True, "false": False}.get(text.strip().lower(), text)
    return text


def _kinds(annotation: Any) -> tuple[Any, ...]:
    """Flatten a type into its alternatives; a Literal stays whole."""
    if get_origin(annotation) in (None, list, Literal):
        return (annotation,)
    if get_origin(annotation) is Annotated:
        return _kinds(get_args(annotation)[0])
    return tuple(kind for argument in get_args(annotation) for kind in _kinds(argument))


def _kind_text(annotation: Any) -> str:
    words = {int: "a whole number", float: "a number", str: "text", bool: "true or false", type(None): "null"}
    texts = []
    for kind in _kinds(annotation):
        if get_origin(kind) is Literal:
            texts.append(" or ".join(json.dumps(choice) for choice in get_args(kind)))
        elif get_origin(kind) is list:
            texts.append("a list of texts")
        else:
            texts.append(words.get(kind, str(kind)))
    return " or ".join(texts)


def explain(error: ValidationError, fields: Mapping[str, FieldInfo], analysis: str) -> dict[str, str]:
    """Put pydantic's findings in our words: a line for each parameter that is wrong."""
    lines: dict[str, str] = {}
    for found in error.errors(include_url=False):
        name = str(found["loc"][0]) if found["loc"] else ""
        if name in lines:  # a union reports each of its alternatives
            continue
        if found["type"] == "extra_forbidden":
            lines[name] = str(unknown_name("parameter", name, fields, of=analysis))
        else:
            lines[name] = _explain_value(name, fields[name], found)
    return lines


def _explain_value(name: str, field: FieldInfo, found: Any) -> str:
    value, context = found["input"], found.get("ctx", {})
    limits = {"greater_than": "gt", "greater_than_equal": "ge", "less_than": "lt", "less_than_equal": "le"}
    words = {"gt": "above", "ge": "at least", "lt": "below", "le": "at most"}
    if found["type"] == "literal_error" and isinstance(value, str) and len(found["loc"]) == 1:
        return str(unknown_name(name, value, get_args(field.annotation)))
    if found["type"] in limits:
        key = limits[found["type"]]
        return f"{name} = {shown(value)} is out of range; it must be {words[key]} {context[key]}."
    return f"{name} = {shown(value)} must be {_kind_text(field.annotation)}; the default is {json.dumps(field.default)}."
