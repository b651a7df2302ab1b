"""A notebook as an analysis: its parameters cell holds the defaults, its metadata the title, the question, and the tables.

Any notebook works. What the metadata do not state comes from the cells: parameter types from hints or values, the title from the
first heading, tables from calls of `load` and `scan`.
"""

from __future__ import annotations

import ast
import contextlib
import io
import json
import re
import tokenize
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from pydantic import create_model

from mic2025lab import catalog, own_files
from mic2025lab.analyses import limits, notebook_file
from mic2025lab.analyses.model import NOT_PYTHON, TAKEN, Parameters, infer_type, parse
from mic2025lab.errors import ParameterError, RunError, shown


@dataclass(frozen=True)
class Declared:
    """One parameter as its line in the parameters cell declares it: `start: int = 2005  # first year`."""

    default: Any
    type: str
    help: str


@dataclass(frozen=True)
class Analysis:
    """A notebook with its parameters.

    Attributes
    ----------
    name : str
        Its folder in `reports/runs/`: the file name in lower case, with `_` for anything but letters and digits.
    notebook : Path
        The file.
    title, question : str
        From the metadata, else the first heading.
    tables : tuple of str
        The catalog tables that it loads. If one changes, the run id changes. A run that loads any other table fails.
    optional : tuple of str
        Parameters whose value names further tables: one name or a list. "embedded" names none. From the metadata, else the calls.
    after : bool
        True if it reads the results of other runs. It then runs after them, and their results are part of its run id.
    declared : dict
        The parameters in the order of the cell.
    params : type of Parameters
        The model that checks values. It has no defaults: `declared` has them.
    """

    name: str
    notebook: Path
    title: str
    question: str
    tables: tuple[str, ...]
    optional: tuple[str, ...]
    after: bool
    declared: Mapping[str, Declared]
    params: type[Parameters]

    @property
    def packaged(self) -> bool:
        """Whether it is a notebook of the package, or an unchanged copy in a project."""
        theirs = ANALYSES.get(self.name)
        return theirs is not None and (
            theirs == self.notebook or notebook_file.digest(theirs) == notebook_file.digest(self.notebook)
        )

    def defaults(self) -> dict[str, Any]:
        """Return the default of every parameter."""
        return {name: one.default for name, one in self.declared.items()}

    def loads(self, parameters: Mapping[str, Any]) -> tuple[str, ...]:
        """List the tables that a run with these parameters loads: `tables`, and those named by the parameters in `optional`."""
        values = [parameters.get(name, []) for name in self.optional]
        named = [table for value in values for table in ([value] if isinstance(value, str) else value)]
        return (*self.tables, *(table for table in named if table != "embedded"))

    def files(self, parameters: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
        """Find the user's own files that a run with these parameters reads.

        In a notebook of the package, the file is the value of `path`. In any other notebook, every parameter whose value is the path
        of an existing file counts; paths are relative to the notebook's folder or the working folder.

        Returns
        -------
        dict
            Name -> {"path" (absolute), "sha256", "parameter"}; "table" has the settings of an own table in the file. The run id
            depends on the content of the files, not on their
            location.

        Raises
        ------
        ParameterError
            If `path` of a notebook of the package is not a file, two parameters name different files with the same name, or the
            path of a file for any other notebook is not UTF-8.
        """
        found: list[tuple[str, dict[str, Any]]] = []
        for parameter, value in parameters.items():
            file = self._file(parameter, value)
            if file is None:
                continue
            if not self.packaged and own_files.legible(str(file)) != str(file):
                raise ParameterError(
                    f"{parameter} = {own_files.legible(str(file))}: the path of this file is not UTF-8, so that no notebook can hold it. "
                    "Rename the file or its folder."
                )
            outside = Path(value).is_absolute() or ".." in Path(value).parts
            name = own_files.name_of(file) if self.packaged or outside else own_files.legible(value)
            entry = {"path": str(file), "sha256": own_files.digest(file), "parameter": parameter}
            found.append((name, entry))
        asked = filter(None, map(catalog.own.request, self.loads(parameters)))
        found += [(own_files.name_of(Path(entry["path"])), entry) for entry in asked]
        files: dict[str, dict[str, Any]] = {}
        for name, entry in found:
            if files.get(name, entry)["path"] != entry["path"]:
                raise ParameterError(f"Two different files are called {name!r}; rename one of them.")
            files[name] = files.get(name, {}) | entry
        return files

    def _file(self, parameter: str, value: Any) -> Path | None:
        if self.packaged:
            named = parameter == "path" and value != self.declared[parameter].default
            return own_files.locate(value) if named else None
        for place in (self.notebook.parent, Path.cwd()) if isinstance(value, str) else ():
            with contextlib.suppress(OSError):
                found = own_files.existing(value, place)
                if found.is_file():
                    return found
        return None


def folder() -> Path:
    """Return the folder of the package's notebooks: the copy in an installed package, `notebooks/` in a checkout."""
    packed = catalog.PACKAGE / "_notebooks"
    return packed if packed.is_dir() else catalog.PACKAGE.parent / "notebooks"


#: The order of the package's analyses on the site; others follow by name.
_ORDER = """
market_share_shifts productivity_costs overcapacity leadership foreign_firms export_specialization
policy_effect growth_counterfactual firm_productivity misallocation firm_distress fiscal_strain
friction trade_diversion import_dependence chokepoints partner_dependence limits_of_leverage innovation
hamilton_index sector_profile sector_scorecard scorecard
"""
PACKAGED = _ORDER.split()


#: The package's notebooks by name, in the order of the site.
ANALYSES: dict[str, Path] = {
    path.stem: path
    for path in sorted(
        folder().glob("*.ipynb"),
        key=lambda path: ([*PACKAGED, path.stem].index(path.stem), path.stem),
    )
}


def read(path: str | Path) -> Analysis:
    """Read a notebook as an analysis.

    Parameters
    ----------
    path : path
        An `.ipynb` file. A changed file is read again.

    Raises
    ------
    RunError
        If the file does not exist, is not a notebook, or has no letter or digit in its name.
    ParameterError
        If its parameters cell has anything but names with plain values.
    """
    try:
        found = own_files.existing(path)
        status = found.stat()
    except OSError as error:
        raise RunError(
            f"There is no notebook {shown(str(path))} ({error.strerror}). Check the path."
        ) from None
    return _read(found, status.st_mtime_ns, status.st_size)


@lru_cache(maxsize=128)
def _read(path: Path, changed: int, size: int) -> Analysis:
    # `changed` and `size` are in the key so that an edited notebook is read again.
    file = notebook_file.read(path)
    name = re.sub(r"[^a-z0-9]+", "_", path.stem.lower()).strip("_")
    if not name:
        raise RunError(
            f"The name of {shown(path.name)} has no letter a-z and no digit; rename the notebook, such as my_analysis.ipynb."
        )
    code, about = file.texts("code"), file.about
    own = [cell.text for cell in file.cells if cell.cell_type == "code" and "parameters" in cell.tags]
    declared = declarations(own[0] if own else "", path.name)
    told = about.tables is not None and about.optional is not None
    loaded, named = ([], []) if told else _loaded(code, declared)
    title = about.title or _heading(file.texts("markdown")) or own_files.legible(path.stem)
    return Analysis(
        name=name,
        notebook=path,
        title=title,
        question=about.question or title,
        tables=tuple(loaded if about.tables is None else about.tables),
        optional=tuple(named if about.optional is None else about.optional),
        after=about.after,
        declared=declared,
        params=model(name, declared),
    )


def model(name: str, declared: Mapping[str, Declared]) -> type[Parameters]:
    """Make the model that checks the parameters of a notebook.

    Types come from the parameters cell. For a name of the package's notebooks, `limits` has narrower types and checks against the tables. They
    apply if the notebook has all of the parameters that are limited.
    """
    known = limits.single(name, declared.keys()) if name in ANALYSES else None
    fields: dict[str, Any] = {}
    for key, one in declared.items():
        kind = infer_type(one.type, one.default)
        fields[key] = (limits.narrow(kind, **known[key]) if known and key in known else kind, ...)
    return create_model(name, __base__=Parameters if known is None else limits.Limited, **fields)


def declarations(source: str, file: str = "the notebook") -> dict[str, Declared]:
    """Read the parameters cell as papermill does: the default, type, and comment of each name.

    Examples
    --------
    >>> declarations("start: int = 2005  # first year")
    {'start': Declared(default=2005, type='int', help='first year')}
    >>> declarations('which = "all"  # type: list|str  "all", or names')["which"].type
    'list|str'
    """
    try:
        body = parse(source).body
        comments = dict(_comments(source)) if body else {}
    except NOT_PYTHON as error:
        where = f" in line {error.lineno}" if isinstance(error, SyntaxError) else ""
        raise ParameterError(
            f"The parameters cell of {file} is not Python: {getattr(error, 'msg', error)}{where}."
        ) from None
    declared: dict[str, Declared] = {}
    for statement in body:
        hint = ""
        match statement:
            case ast.AnnAssign(target=ast.Name(id=target), annotation=annotation, value=ast.expr() as value):
                hint = ast.unparse(annotation).strip("'\"")
            case ast.Assign(targets=[ast.Name(id=target)], value=value):
                pass
            case ast.Expr(value=ast.Constant(value=str())):
                continue
            case _:
                raise ParameterError(
                    f"The parameters cell of {file} has `{shown(ast.unparse(statement), 60)}`; it may have only lines like start = 2005."
                )
        if target.startswith("_") or target in TAKEN:
            raise ParameterError(f"A parameter of {file} cannot be called {target}; choose another name.")
        try:
            default = json.loads(json.dumps(ast.literal_eval(value)))
        except (ValueError, TypeError, RecursionError):
            written = shown(ast.get_source_segment(source, value), 60)
            raise ParameterError(
                f"The default of {target} in {file} is {written}; a parameter is a plain value: a number, text, True or False, a list, or a dict."
            ) from None
        comment = comments.get(statement.end_lineno or 0, "")
        typed = re.match(r"type:\s*(\S+)\s*(.*)", comment)
        if typed:
            hint, comment = hint or typed[1], typed[2]
        declared[target] = Declared(default, hint, comment)
    return declared


def _comments(source: str) -> Iterator[tuple[int, str]]:
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.COMMENT:
            yield token.start[0], token.string.lstrip("# ").strip()


def _heading(texts: list[str]) -> str:
    lines = (line for text in texts for line in text.splitlines())
    return next((line.lstrip("# ").strip() for line in lines if line.startswith("#")), "")


def _loaded(code: list[str], declared: Mapping[str, Declared]) -> tuple[list[str], list[str]]:
    """Find the tables that cells load by a literal name, `lab.load("value_added")`, and the parameters that name one: `lab.load(table)`.

    A table that the notebook itself registers is not among them: its file is a parameter, or its rows come from the other tables.
    """
    nodes = [node for tree in filter(None, map(_parsed, code)) for node in ast.walk(tree)]
    package = __package__.partition(".")[0]
    ours: dict[
        str, str
    ] = {}  # what a name of the notebook stands for: a function of the package, or (empty) the package
    for node in nodes:
        if isinstance(node, ast.Import):
            ours |= {each.asname or each.name: "" for each in node.names if each.name == package}
        elif isinstance(node, ast.ImportFrom) and node.module in (package, f"{package}.catalog"):
            ours |= {each.asname or each.name: each.name for each in node.names}
    found: dict[str, set[Any]] = {"load": set(), "scan": set(), "register": set()}
    parameters = set()
    for node in nodes:
        match node:
            case ast.Call(func=ast.Name(id=name), args=[first, *_]):
                called = ours.get(name)
            case ast.Call(func=ast.Attribute(value=ast.Name(id=name), attr=attribute), args=[first, *_]):
                called = attribute if ours.get(name) == "" else None
            case _:
                continue
        if called in found:
            found[called].add(getattr(first, "value", None))
            parameters.add(getattr(first, "id", getattr(first, "attr", None)))
    tables = {name for name in found["load"] | found["scan"] if isinstance(name, str)} - found["register"]
    return sorted(tables), [name for name in declared if name in parameters]


def _parsed(source: str) -> ast.Module | None:
    """Parse a cell without its magics, or return None if it is not Python."""
    lines = ("" if line.lstrip().startswith(("%", "!", "?")) else line for line in source.splitlines())
    try:
        return parse("\n".join(lines))
    except NOT_PYTHON:
        return None
