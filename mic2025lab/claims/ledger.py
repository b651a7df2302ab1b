"""The claims ledger, `ledger.yml`: what is claimed, why it matters, which recorded figures test it, and what could overturn it.

A claim or a test is added by editing that file alone; it is read strictly, so that a slip is said and not skipped.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import MISSING, dataclass, field, fields
from pathlib import Path
from typing import Any, Literal, TypeVar, get_args

import yaml

from mic2025lab.claims.verdict import Direction
from mic2025lab.errors import LabError, shown, unknown_name

#: The ledger of the package.
LEDGER = Path(__file__).with_name("ledger.yml")

Kind = Literal["gain", "cost", "limit"]

T = TypeVar("T")

_ID = re.compile(r"[a-z0-9]+(?:_[a-z0-9]+)*")

#: How the names of figures begin that were made of simulated data.
SIMULATED = "simulated"


@dataclass(frozen=True)
class Test:
    """One recorded figure that a claim can be told by.

    Attributes
    ----------
    says : str
        What the figure is, in words.
    analysis, figure : str
        The analysis that records it, and its name there.
    direction : {"above", "below"}
        The side of `than` that would support the claim.
    than : float
        The reference, in the figure's unit.
    margin : float
        How far beyond the reference the figure must lie.
    less : str, optional
        Another figure of the same run that is taken from it: the test is of the difference. It has no interval, as how the two go
        together is not known.
    params : mapping
        Parameters of the run that differ from the defaults.
    free : tuple of str
        Parameters that may have any value (the names that a file has for its columns).
    """

    __test__ = False  # not one of pytest's

    says: str
    analysis: str
    figure: str
    direction: Direction
    than: float = 0.0
    margin: float = 0.0
    less: str | None = None
    params: Mapping[str, Any] = field(default_factory=dict)
    free: tuple[str, ...] = ()

    @property
    def asks(self) -> str:
        """The test as a sentence: which side, of what, by how much.

        >>> Test("gap", "overcapacity", "utilization_gap", "below", margin=1).asks
        'below 0 by more than 1'
        """
        by = f" by more than {self.margin:g}" if self.margin else ""
        return f"{self.direction} {self.than:g}{by}".replace("-", "−")


@dataclass(frozen=True)
class Claim:
    """One claim of the ledger.

    Attributes
    ----------
    id : str
        What it is called on the command line and in addresses.
    number : int
        Its place in the list of claims.
    kind : {"gain", "cost", "limit"}
        What the plan aimed at, what critics say that it cost, or what bounds it.
    sentence : str
        The claim.
    why : str
        Why it matters.
    coverage : str
        What of the sentence no test here is about.
    wanted : str
        The data that would test the rest, and how to bring them.
    overturned_by : str
        What could overturn the verdict.
    tests : tuple of Test
        None, if no data at hand can test it.
    tables : tuple of str
        The tables of the catalogue that the evidence is made of.
    needs : int
        How many tests must have evidence; more than there are, if what they are about is not all that the sentence says.
    """

    id: str
    number: int
    kind: Kind
    sentence: str
    why: str
    coverage: str
    wanted: str
    overturned_by: str
    tests: tuple[Test, ...] = ()
    tables: tuple[str, ...] = ()
    needs: int = 1

    @property
    def label(self) -> str:
        """The id in words, short enough for a figure.

        >>> read()[0].label
        'Import dependence fell'
        """
        return self.id.replace("_", " ").capitalize()


def read(path: str | Path = LEDGER) -> list[Claim]:
    """Read a ledger.

    Parameters
    ----------
    path : path
        A YAML file with one list, `claims:`; the package's own by default.

    Returns
    -------
    list of Claim
        In the file's order.

    Raises
    ------
    LabError
        With a line for each thing that is wrong: an unknown or missing key, an id or a test that occurs twice, a value of another type.

    Examples
    --------
    >>> [claim.id for claim in read()][:2]
    ['import_dependence_fell', 'chokepoints_fewer']
    """
    claims, problems = each(lists(path, ("claims",))["claims"], _claim, "claim")
    for name in ("id", "number", "sentence"):
        values = [getattr(claim, name) for claim in claims]
        twice = [value for value in dict.fromkeys(values) if values.count(value) > 1]
        problems += [f"{name} {shown(value)} occurs twice; each claim has its own." for value in twice]
    if problems:
        raise LabError("\n".join(problems))
    return claims


def get(claims: list[Claim], name: str) -> Claim:
    """Find a claim by its id or number.

    Raises
    ------
    UnknownName
        If there is none; the message names the nearest.
    """
    for claim in claims:
        if name in (claim.id, str(claim.number)):
            return claim
    raise unknown_name("claim", name, [claim.id for claim in claims])


def lists(path: str | Path, names: Sequence[str]) -> dict[str, list[Any]]:
    """Read a YAML file that holds these lists and nothing else."""
    path = Path(path)
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, yaml.YAMLError, UnicodeDecodeError) as error:
        raise LabError(f"{str(path)!r} cannot be read: {error}") from error
    if (
        not isinstance(content, dict)
        or set(content) != set(names)
        or not all(isinstance(content[n], list) for n in names)
    ):
        raise LabError(
            f"{str(path)!r} must hold {' and '.join(f'a list named {name}' for name in names)}, and nothing else."
        )
    return content


def each(entries: Sequence[Any], make: Callable[[Any], T], noun: str) -> tuple[list[T], list[str]]:
    """Make something of every entry; give what was made, and every problem with the entry it is in."""
    made, problems = [], []
    for position, entry in enumerate(entries, start=1):
        label = entry.get("id", f"{noun} {position}") if isinstance(entry, dict) else f"{noun} {position}"
        try:
            made.append(make(entry))
        except LabError as error:
            problems += [f"{label}: {line}" for line in str(error).splitlines()]
    return made, problems


def test(entry: Any) -> Test:
    """Make a test of the mapping that the file has for it."""
    values = checked(entry, Test, "test")
    choice("direction", values["direction"], Direction)
    if values.get("margin", 0) < 0:
        raise LabError(f"margin = {values['margin']} must not be negative.")
    for name in (values["figure"], values.get("less") or ""):
        if name.startswith(SIMULATED):
            raise LabError(
                f"{shown(name)} is made of simulated data, which say nothing about any country; name a figure of real data."
            )
    return Test(**{**values, "free": tuple(values.get("free", ()))})


def checked(entry: Any, model: type[Any], noun: str) -> dict[str, Any]:
    """Check the keys of an entry against the fields of a dataclass, and its values against their types; every problem is told at once."""
    if not isinstance(entry, dict):
        raise LabError(f"{shown(entry)} must be a mapping of names to values.")
    known = {each.name: each for each in fields(model)}
    required = [n for n, each in known.items() if each.default is MISSING and each.default_factory is MISSING]
    problems = [str(unknown_name("key", key, known, of=f"a {noun}")) for key in entry if key not in known]
    problems += [
        f"{name} is missing; a {noun} has: {', '.join(required)}." for name in required if name not in entry
    ]
    for name, value in entry.items():
        if name in known:
            problems += _wrong(name, value, str(known[name].type))
    if problems:
        raise LabError("\n".join(problems))
    return {
        name: " ".join(value.split()) if isinstance(value, str) else value for name, value in entry.items()
    }


def _wrong(name: str, value: Any, kind: str) -> Iterator[str]:
    """Say what is wrong with a value for the annotation of its field."""
    types, words = _TYPES[re.split(r"[\[ ]", kind)[0]]
    if not isinstance(value, types) or isinstance(value, bool) or value in (math.inf, -math.inf):
        yield f"{name} = {shown(value)} must be {words}."
    elif isinstance(value, str) and not value.strip():
        yield f"{name} is empty."
    elif "[str" in kind and isinstance(value, list) and not all(isinstance(item, str) for item in value):
        yield f"{name} = {shown(value)} must be a list of names."


def choice(name: str, value: str, known: Any) -> None:
    """Check that a value is one of a Literal's."""
    if value not in get_args(known):
        raise unknown_name(name, value, get_args(known), error=LabError)


_TYPES: Mapping[str, tuple[tuple[type, ...], str]] = {
    "str": ((str,), "text"),
    "int": ((int,), "a whole number"),
    "float": ((int, float), "a number"),
    "Kind": ((str,), "text"),
    "Direction": ((str,), "text"),
    "Reading": ((str,), "text"),
    "tuple": ((list,), "a list"),
    "list": ((list,), "a list"),
    "Mapping": ((dict,), "a mapping of names to values"),
    "dict": ((dict,), "a mapping of names to values"),
}


def _claim(entry: Any) -> Claim:
    values = checked(entry, Claim, "claim")
    if not _ID.fullmatch(values["id"]):
        raise LabError(f"id {shown(values['id'])} must be lower-case letters and digits joined by _.")
    choice("kind", values["kind"], Kind)
    tests, problems = each(values.get("tests", ()), test, "test")
    keys = [(one.analysis, one.figure, one.less, sorted(one.params.items())) for one in tests]
    problems += list(
        dict.fromkeys(
            f"the figure {one.figure} of {one.analysis} is in two tests; one figure counts once."
            for one, key in zip(tests, keys, strict=True)
            if keys.count(key) > 1
        )
    )
    if values.get("needs", 1) < 1:
        problems.append(f"needs = {values['needs']} must be at least 1.")
    if problems:
        raise LabError("\n".join(problems))
    return Claim(**{**values, "tests": tuple(tests), "tables": tuple(values.get("tables", ()))})
