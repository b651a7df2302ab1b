"""The base class of parameters, conversion of text to typed values, and validation errors in plain words."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator, Mapping
from threading import Lock
from tokenize import TokenError
from typing import TYPE_CHECKING, Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel, ConfigDict, ValidationError, model_validator
from pydantic.fields import FieldInfo

from mic2025lab.errors import shown, unknown_name


class Parameters(BaseModel):
    """The base class of an analysis's parameters: unknown names are refused, types are not converted, values cannot be changed.

    A list may be given as one text with commas.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, allow_inf_nan=False)

    @model_validator(mode="before")
    @classmethod
    def _lists(cls, values: dict[str, Any]) -> dict[str, Any]:
        fields = cls.model_fields
        return {
            name: split_list(fields[name].annotation, v) if name in fields else v
            for name, v in values.items()
        }

    if TYPE_CHECKING:  # types of most parameters are in the notebook only

        def __getattr__(self, name: str) -> Any: ...

    def problems(self) -> Iterator[str]:
        """Yield what is wrong with values of the right type, such as a year that a table lacks; one line per problem."""
        yield from ()


def split_list(annotation: Any, value: Any) -> Any:
    """Split text such as "USA, JPN" if a parameter is a list. If it may be text too, only text with a comma or brackets is a list.

    Examples
    --------
    >>> split_list(list[str], "USA, JPN"), split_list(list[str], "[0204, NO]"), split_list(list[int], "1,2"), split_list(str, "a,b")
    (['USA', 'JPN'], ['0204', 'NO'], [1, 2], 'a,b')
    >>> split_list(list[str] | Literal["all"], "all"), split_list(list[str] | str, "all"), split_list(list[str] | str, "[all]")
    ('all', 'all', ['all'])
    """
    kinds = alternatives(annotation)
    items = [get_args(kind)[0] for kind in kinds if get_origin(kind) is list]
    if not items or not isinstance(value, str):
        return value
    text = value.strip()
    if any(text in get_args(kind) for kind in kinds if get_origin(kind) is Literal):
        return text
    if str in kinds and "," not in text and not text.startswith("["):
        return value
    if text.startswith("[") and text.endswith("]"):
        text = text[1:-1]
    return [read_text(items[0], item.strip().strip("\"'")) for item in text.split(",") if item.strip()]


#: Names that a parameter cannot have: the model's own.
TAKEN = {"problems", *(name for name in dir(BaseModel) if name.startswith("model_"))}

#: In Python 3.11, `ast.parse` in two threads raises "AST constructor recursion depth mismatch".
_parsing = Lock()

#: What `ast.parse` and `tokenize` raise for text that is not Python.
NOT_PYTHON = (SyntaxError, ValueError, RecursionError, MemoryError, TokenError)

#: The first words of the parameters cell of the package's notebooks.
OWN_CELL = "# Parameters of"


def own_cell(namespace: Mapping[str, Any]) -> str | None:
    """Return the source of the notebook's own parameters cell, as last run in IPython; None if there is none."""
    cells = [cell for cell in namespace.get("In", []) if cell.lstrip().startswith(OWN_CELL)]
    return cells[-1] if cells else None


def given_names(namespace: Mapping[str, Any]) -> list[str]:
    """List the variables that were set as parameters.

    In IPython these are the names that the latest cells beginning with "# Parameters" assign: the notebook's own and the one
    that papermill adds. jupyter_scheduler adds a cell with assignments only, right after the notebook's own. Other variables of the
    running notebook do not count. Outside IPython every variable with plain data counts.
    """
    run = list(namespace.get("In", []))
    cells = [cell for cell in run if cell.lstrip().startswith("# Parameters")]
    if cells:
        own = [cell for cell in cells if cell.lstrip().startswith(OWN_CELL)][-1:]
        after = run[len(run) - run[::-1].index(own[0]) :][:1] if own else []
        bare = [cell for cell in after if _assigned(cell, alone=True)]
        injected = [cell for cell in [*cells, *bare] if not cell.lstrip().startswith(OWN_CELL)][-1:]
        return [name for cell in own + injected for name in _assigned(cell)]
    plain = (str, int, float, bool, list, dict, tuple, type(None))
    ipython = {"In", "Out", "exit", "quit", "get_ipython", "open"}
    return [
        name
        for name, value in namespace.items()
        if isinstance(value, plain) and not name.startswith("_") and name not in ipython
    ]


_SIMPLE: dict[str, Any] = {kind.__name__: kind for kind in (str, int, float, bool, dict)} | {
    "None": type(None)
}


def infer_type(hint: str, default: Any) -> Any:
    """Return the type that a hint in a parameters cell names, or the type of the default if the hint is empty or unknown.

    Examples
    --------
    >>> infer_type("int", 2005), infer_type("", 2005), str(infer_type("int | None", None))
    (<class 'int'>, <class 'int'>, 'typing.Optional[int]')
    """
    try:
        return _hinted(parse(hint, mode="eval").body, default)
    except (*NOT_PYTHON, KeyError, TypeError):
        return _type_of(default)


def parse(source: str, mode: Literal["exec", "eval"] = "exec") -> Any:
    """Parse Python, one thread at a time."""
    with _parsing:
        return ast.parse(source, mode=mode)


def _type_of(default: Any) -> Any:
    if isinstance(default, list):
        kinds = {type(item) for item in default}
        return list[kinds.pop() if len(kinds) == 1 and kinds <= set(_SIMPLE.values()) else Any]  # type: ignore[misc]
    return Any if default is None else type(default)


def _hinted(node: ast.expr, default: Any) -> Any:
    """Translate a type hint."""
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr):
        return Union[_hinted(node.left, default), _hinted(node.right, default)]  # noqa: UP007
    if isinstance(node, ast.Subscript) and ast.unparse(node.value).lower() == "list":
        return list[_hinted(node.slice, default)]  # type: ignore[misc]
    hint = ast.unparse(node)
    if hint.lower() == "list":
        return _type_of(default) if isinstance(default, list) and default else list[str]
    return _SIMPLE[hint]


def _assigned(source: str, *, alone: bool = False) -> list[str]:
    """List the names that a cell assigns; none if it does anything but assign plain values and must not (`alone`)."""
    names = []
    try:
        for statement in parse(source).body:
            match statement:
                case ast.Assign(targets=targets, value=value):
                    names += [target.id for target in targets if isinstance(target, ast.Name)]
                case ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value):
                    names.append(name)
                case _ if alone:
                    return []
                case _:
                    continue
            if alone:
                ast.literal_eval(value)
    except NOT_PYTHON:  # a cell with a magic in it; papermill's own cell always parses
        return []
    return names


def read_text(annotation: Any, text: Any) -> Any:
    """Convert text to a type. Text that cannot be converted is returned unchanged, and validation then refuses it.

    Examples
    --------
    >>> read_text(int, "2015"), read_text(str, "0204"), read_text(int, "soon")
    (2015, '0204', 'soon')
    """
    if not isinstance(text, str):
        return text
    kinds = alternatives(annotation)
    if int in kinds and re.fullmatch(r"[+-]?[0-9]{1,18}", text.strip()):
        return int(text)
    if float in kinds and re.fullmatch(r"[+-]?[0-9]*\.?[0-9]+(e[+-]?[0-9]+)?", text.strip().lower()):
        return float(text)
    if bool in kinds and text.strip().lower() in ("true", "false"):
        return text.strip().lower() == "true"
    if type(None) in kinds and text.strip().lower() in ("null", "none"):
        return None
    if dict in kinds or annotation is Any:
        try:
            return json.loads(text)
        except (ValueError, RecursionError):
            return text
    return text


def alternatives(annotation: Any) -> tuple[Any, ...]:
    """Split a union type into its alternatives; a Literal stays whole."""
    if get_origin(annotation) in (None, list, Literal):
        return (annotation,)
    if get_origin(annotation) is Annotated:
        return alternatives(get_args(annotation)[0])
    return tuple(kind for argument in get_args(annotation) for kind in alternatives(argument))


#: What pydantic says a value should be, in plain words.
_PLAIN = {
    "a valid integer": "a whole number",
    "a valid string": "text",
    "a valid boolean": "true or false",
    "a valid dictionary": "a mapping",
    "a valid": "a",
}


def explain(
    error: ValidationError, fields: Mapping[str, FieldInfo], defaults: Mapping[str, Any], analysis: str
) -> dict[str, str]:
    """Rewrite pydantic's errors in plain words: one line for each wrong parameter."""
    problems: dict[str, list[Any]] = {}  # each alternative of a type has its own
    for problem in error.errors(include_url=False):
        problems.setdefault(str(problem["loc"][0]) if problem["loc"] else "", []).append(problem)
    lines = {}
    for name, alternatives in problems.items():
        deepest = max(len(problem["loc"]) for problem in alternatives)  # the item of a list, not the list
        found = [problem for problem in alternatives if len(problem["loc"]) == deepest]
        kind, value, place = found[0]["type"], found[0]["input"], found[0]["loc"][1:]
        if kind == "extra_forbidden":
            known = unknown_name("parameter", name, fields, of=analysis, listing="mic2025lab analyses")
            lines[name] = str(known)
        elif name not in fields:  # a name that is not text that can be stored
            lines[name] = f"{shown(value)}: {found[0]['msg']}."
        elif kind == "literal_error" and isinstance(value, str) and not place:
            lines[name] = str(unknown_name(name, value, get_args(fields[name].annotation)))
        else:
            label = name + "".join(f"[{part}]" for part in place if isinstance(part, int))
            must = " or ".join(dict.fromkeys(_must(problem["msg"]) for problem in found))
            lines[name] = (
                f"{label} = {shown(value)} must {must}; the default is {json.dumps(defaults[name])}."
            )
    return lines


def _must(message: str) -> str:
    for said, plain in _PLAIN.items():
        message = message.replace(said, plain)
    return message.removeprefix("Input should ")
