"""Removes from saved files what belongs to the machine and its user: keys, paths, and the names of user and host.

**Keys** (see `keys`) become `[hidden: NAME]` however JSON, Python, HTML, CSV, an address, or Base64 writes them; in names of files too.

**Places**: the home folder becomes `~`, the folder of the run `.`, the folders of packages `…`, and a folder that a variable names
`[MIC2025LAB_DATA]`. They are matched as whole paths: with a home `/h`, `/h/x` becomes `~/x`, and `/mnt/h/x` and `/h2` stay.

**Names** of user and host are taken out everywhere, unless they could be words of the report: shorter than six characters (`root`, `vm`)
or a word of the notebook. Those are taken out only where nothing else can be meant: `root@vm`, `//vm/`, a folder of that name among the homes.

Only texts change: in JSON the strings, in a table the cells that are text. A file is valid afterward if it was valid before. A file of
another kind that holds a key is not kept, and a note says so.
"""

from __future__ import annotations

import codecs
import contextlib
import getpass
import json
import os
import re
import socket
import sysconfig
from collections.abc import Iterable, Mapping
from functools import lru_cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mic2025lab import catalog
from mic2025lab.runs import keys
from mic2025lab.runs.keys import Rule, secrets

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["Rules", "machine", "scrub", "scrub_file", "scrub_folder", "scrub_text", "secrets"]

#: A shorter name of a user or a host may be a word.
_SHORTEST = 6

#: Words that the formats of notebooks and results are made of.
_FORMAT = (
    "display_data error execute_result execution_count failed figures finding findings ipython latest outputs python "
    "source stderr stdout stream tables traceback unchanged"
)

_FOLDERS = ("MIC2025LAB_DATA", "MIC2025LAB_MIRROR", "MIC2025LAB_CACHE")

#: The end of a color of a terminal, after which a path or a name may begin.
_COLOR = r"(?<=\dm)"

Rules = tuple[Rule, ...]


def machine(places: Mapping[str, str] | None = None, words: str = "") -> Rules:
    """Make the rules that take out the places of files and the names of user and host.

    Parameters
    ----------
    places : mapping, optional
        Further folders -> what to write instead.
    words : str
        The text of the notebook: a name that occurs in it as a word is not taken for the name of a person.
    """
    folders = (str(catalog.PACKAGE.parent), *map(sysconfig.get_path, ("purelib", "platlib")))
    named = {str(Path(os.environ[name]).absolute()): f"[{name}]" for name in _FOLDERS if os.environ.get(name)}
    homes = {str(Path(home)): "~" for home in (os.path.expanduser("~"), os.environ.get("HOME", "")) if home}
    every = {**homes, **dict.fromkeys(folders, "…"), **named, **(places or {})}
    rules = [
        _path(place, written)
        for place, written in sorted(every.items(), key=lambda pair: -len(pair[0]))
        if len(place) > 2
    ]
    known = {word.lower() for word in re.findall(r"[\w.-]+", f"{words} {_FORMAT}")}
    return (*rules, *_names(_users(), _hosts(), known))


def _path(place: str, written: str) -> Rule:
    """Match a folder as the beginning of a path or as a whole one."""
    needles, spelled = keys.spell(place)
    pattern = rf"(?:(?<=file://)|{_COLOR}|(?<![\w.~/-])){spelled}(?![\w-]|\.\w)"
    return Rule(needles, re.compile(pattern), written)


def _users() -> set[str]:
    names = {os.environ.get(name, "") for name in ("USER", "LOGNAME", "USERNAME")}
    with contextlib.suppress(OSError, KeyError, ImportError):  # a machine need not have a name for its user
        names.add(getpass.getuser())
    return names - {""}


def _hosts() -> set[str]:
    names = {socket.gethostname(), *(os.environ.get(name, "") for name in ("HOSTNAME", "COMPUTERNAME"))}
    return {part for name in names for part in (name, name.partition(".")[0])} - {"", "localhost"}


def _names(users: Iterable[str], hosts: Iterable[str], known: set[str]) -> Rules:
    users, hosts = (sorted(names, key=lambda name: (-len(name), name)) for names in (users, hosts))
    rules: list[tuple[tuple[str, ...], str, str]] = []
    for host in hosts:
        rules += [((f"@{host}",), rf"(?<=\w@){re.escape(host)}(?![\w-])", "[host]")]
        rules += [((f"//{host}",), rf"(?<=//){re.escape(host)}(?=[/:])", "[host]")]
    for user in users:
        rules += [((f"{user}@[host]",), rf"(?<![\w.-]){re.escape(user)}(?=@\[host\])", "[user]")]
        home = rf"(?:/home/|/Users/|[A-Z]:\\{{1,4}}Users\\{{1,4}}){re.escape(user)}(?![\w-]|\.\w)"
        rules += [((f"/{user}", f"\\{user}"), home, "~")]
    for name, written in (*((user, "[user]") for user in users), *((host, "[host]") for host in hosts)):
        if len(name) >= _SHORTEST and name.lower() not in known:
            rules += [((name,), rf"(?:{_COLOR}|(?<!\w)){re.escape(name)}(?!\w)", written)]
    return tuple(Rule(texts, re.compile(pattern), written) for texts, pattern, written in rules)


def scrub_text(text: str, hidden: Mapping[str, str], rules: Rules = ()) -> str:
    """Replace each key by the name of its variable, and what the rules find.

    Examples
    --------
    >>> scrub_text("https://host/?key=a%26b-12345", {"a&b-12345": "MY_KEY"})
    'https://host/?key=[hidden: MY_KEY]'
    """
    for rule in (*keys.rules(hidden), *rules):
        text = rule.apply(text)
    return text


#: Contents of outputs that are no text.
_BINARY = ("image/png", "image/jpeg", "image/gif", "image/webp", "application/pdf")


def scrub(value: Any, hidden: Mapping[str, str], rules: Rules = ()) -> Any:
    """Scrub every text inside lists and mappings (a notebook, a result); of the names in mappings, only keys are taken out."""
    # Most texts of a result occur often: each is searched once.
    text, name = (lru_cache(None)(partial(scrub_text, hidden=hidden, rules=found)) for found in (rules, ()))

    def inside(value: Any) -> Any:
        if isinstance(value, str):
            return text(value)
        if isinstance(value, list):
            return [inside(item) for item in value]
        if isinstance(value, dict):
            names = {key: name(key) if isinstance(key, str) else key for key in value}
            return type(value)({names[key]: named(key, item) for key, item in value.items()})
        return value

    def named(key: Any, item: Any) -> Any:
        if isinstance(item, str):
            if key in _BINARY:
                return item
            variable = keys.context(hidden, str(key), item)
            if variable:
                return f"[hidden: {variable}]"
        return inside(item)

    return inside(value)


def scrub_folder(folder: Path, hidden: Mapping[str, str], rules: Rules = ()) -> None:
    """Scrub the names of files and folders, then every file, in which renamed files have their new names. Links are removed."""
    renamed = []
    for path in sorted(folder.rglob("*"), reverse=True):  # what is in a folder comes before the folder
        if path.is_symlink():
            path.unlink()
            continue
        clean = scrub_text(path.name.encode("utf-8", "replace").decode(), hidden)  # a name may be no text
        if clean != path.name:
            name = clean.replace("[hidden: ", "hidden-").replace("]", "")
            path.rename(path.with_name(name))
            renamed.append(Rule((clean,), re.compile(re.escape(clean)), name))
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            scrub_file(path, hidden, (*rules, *renamed))


def scrub_file(path: Path, hidden: Mapping[str, str], rules: Rules = ()) -> None:
    """Scrub a file. JSON and Parquet stay valid; a file that is no text and holds a key is replaced by a note."""
    data = path.read_bytes()
    if data[:4] == b"PAR1":
        with contextlib.suppress(ValueError, OSError):  # what pyarrow raises if it is only called Parquet
            return _scrub_parquet(path, hidden, rules)
    encoding = "utf-16" if data[:2] in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE) else "utf-8"
    try:
        if encoding == "utf-8" and b"\0" in data:
            raise ValueError("not a text")
        text = data.decode(encoding, "surrogateescape")  # of another encoding, the letters of ASCII
    except ValueError:
        return _withhold(path, data, hidden)
    clean = _scrub_json(path, text, hidden, rules) if path.suffix in (".json", ".ipynb") else None
    clean = scrub_text(text, hidden, rules) if clean is None else clean
    if clean != text:
        path.write_bytes(clean.encode(encoding, "surrogateescape"))
    return None


def _scrub_json(path: Path, text: str, hidden: Mapping[str, str], rules: Rules) -> str | None:
    """Scrub the strings of a JSON file, in a notebook those that it breaks into lines as a whole; None if it is not one."""
    from mic2025lab.runs.notebook_files import nbformat

    notebook = path.suffix == ".ipynb"
    try:
        value = nbformat.reads(text, as_version=4) if notebook else json.loads(text)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None
    clean = scrub(value, hidden, rules)
    if clean == value:
        return text
    return (nbformat.writes(clean) if notebook else json.dumps(clean, indent=1, ensure_ascii=False)) + "\n"


def _scrub_parquet(path: Path, hidden: Mapping[str, str], rules: Rules) -> None:
    """Scrub the cells, the names of columns, and the metadata of a Parquet file."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    def text(raw: bytes) -> bytes:
        clean = scrub_text(raw.decode("utf-8", "surrogateescape"), hidden, rules)
        return clean.encode("utf-8", "surrogateescape")

    table = pq.read_table(path)
    columns = [_scrub_column(column, hidden, rules) for column in table.columns]
    names = [scrub_text(name, hidden) for name in table.column_names]
    metadata = {text(key): text(value) for key, value in (table.schema.metadata or {}).items()}
    clean = pa.table(columns, names=names).replace_schema_metadata(metadata)
    if clean != table or metadata != (table.schema.metadata or {}):
        pq.write_table(clean, path)


def _scrub_column(column: pa.ChunkedArray, hidden: Mapping[str, str], rules: Rules) -> pa.ChunkedArray:
    import pyarrow as pa
    from pyarrow import compute

    kind = column.type
    if pa.types.is_dictionary(kind):
        return _scrub_column(column.cast(kind.value_type), hidden, rules).cast(kind)
    if pa.types.is_string(kind) or pa.types.is_large_string(kind):
        values = column.unique()
        written = [scrub(value, hidden, rules) for value in values.to_pylist()]
        if written == values.to_pylist():
            return column
        places = compute.index_in(column, values).combine_chunks()
        return pa.chunked_array([pa.array(written, kind).take(places)])
    if pa.types.is_nested(kind):
        return pa.chunked_array([pa.array(scrub(column.to_pylist(), hidden, rules), kind)])
    return column


def _withhold(path: Path, data: bytes, hidden: Mapping[str, str]) -> None:
    """Replace a file that holds a key and cannot be changed safely by a note."""
    found = keys.held(data, hidden)
    if found:
        path.unlink()
        note = f"{path.name} was not kept: it holds the value of {', '.join(found)}, which cannot be taken out of such a file.\n"
        path.with_name(f"{path.name}.not-kept.txt").write_text(note, encoding="utf-8")
