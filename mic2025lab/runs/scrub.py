"""Takes out of what is saved what belongs to the machine and its user: keys, the places of files, the names of user and host.

**Keys** are the values of environment variables whose names look like keys, and the passwords of addresses in any variable. They are
found in any spelling that JSON, Python, HTML, CSV, an address or Base64 would give them. A value shorter than six characters is a
setting ("1", "yes") and is left.

**Places**: the home folder becomes `~`, the folder of the run `.`, the folders of packages `…`, a folder that a variable names
`[MIC2025LAB_DATA]`. They are matched as whole paths: of a home `/h`, `/h/x` becomes `~/x`, and `/mnt/h/x` and `/h2` stay.

**Names** of user and host are taken out everywhere, unless they could be words of the report: shorter than six characters (`root`, `vm`)
or a word of the notebook. Those are taken out only where nothing else can be meant: `root@vm`, `//vm/`, a folder of that name among the homes.
"""

from __future__ import annotations

import base64
import contextlib
import getpass
import html
import json
import os
import re
import socket
import sysconfig
from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import quote

from mic2025lab import catalog

_SECRET = re.compile(
    r"KEY|TOKEN|SECRET|PASSWORD|PASSWD|PASSPHRASE|CREDENTIAL|(?:^|_)(?:PASS|AUTH)$", re.IGNORECASE
)
_IN_ADDRESS = re.compile(r"://[^/\s:@]*:([^/\s@]+)@")

#: A shorter value ("1", "yes", "none") is a setting, and taking it out would spoil every text it occurs in.
_SHORTEST = 6

#: Words that the formats of notebooks and results are made of.
_FORMAT = (
    "display_data error execute_result execution_count failed figures finding findings ipython latest outputs python "
    "source stderr stdout stream tables traceback unchanged"
)

_FOLDERS = ("MIC2025LAB_DATA", "MIC2025LAB_MIRROR", "MIC2025LAB_CACHE")

#: The end of a color of a terminal, after which a path or a name may begin.
_COLOR = r"(?<=\dm)"

#: What to find, and what to write instead; first, texts of which whatever is found has one in it: an image has none, and is not searched.
Rules = tuple[tuple[tuple[str, ...], re.Pattern[str], str], ...]


def secrets(environment: Mapping[str, str] | None = None) -> dict[str, str]:
    """List the values of environment variables that are keys or passwords: value -> name, longest first.

    Examples
    --------
    >>> secrets({"MY_API_KEY": "abcdef123", "HOME": "a folder", "USE_KEY": "1", "PROXY": "http://me:pa55word@host"})
    {'abcdef123': 'MY_API_KEY', 'pa55word': 'PROXY'}
    """
    variables = os.environ if environment is None else environment
    found = {value: name for name, value in variables.items() if _SECRET.search(name)}
    found |= {part: name for name, value in variables.items() for part in _IN_ADDRESS.findall(value)}
    return dict(
        sorted(
            ((value, name) for value, name in found.items() if len(value.strip()) >= _SHORTEST),
            key=lambda pair: -len(pair[0]),
        )
    )


def machine(places: Mapping[str, str] | None = None, words: str = "") -> Rules:
    """Make the rules that take out the places of files and the names of user and host.

    Parameters
    ----------
    places : mapping, optional
        Further folders -> what to write instead.
    words : str
        The text of the notebook: a name that occurs in it as a word is not taken for the name of a person.
    """
    packages = dict.fromkeys(
        (str(catalog.PACKAGE.parent), *map(sysconfig.get_path, ("purelib", "platlib"))), "…"
    )
    named = {str(Path(os.environ[name]).absolute()): f"[{name}]" for name in _FOLDERS if os.environ.get(name)}
    homes = {str(Path(home)): "~" for home in (os.path.expanduser("~"), os.environ.get("HOME", "")) if home}
    every = {**homes, **packages, **named, **(places or {})}
    rules = [
        (*_path(place), written)
        for place, written in sorted(every.items(), key=lambda pair: -len(pair[0]))
        if len(place) > 2
    ]
    known = {word.lower() for word in re.findall(r"[\w.-]+", f"{words} {_FORMAT}")}
    return (*rules, *_names(_users(), _hosts(), known))


def _path(place: str) -> tuple[tuple[str, ...], re.Pattern[str]]:
    """Match a folder as the beginning of a path or as a whole one, in any spelling."""
    forms = tuple(sorted(_forms(place), key=len, reverse=True))
    either = "|".join(map(re.escape, forms))
    return forms, re.compile(rf"(?:(?<=file://)|{_COLOR}|(?<![\w.~/-]))(?:{either})(?![\w-]|\.\w)")


def _users() -> set[str]:
    names = {os.environ.get(name, "") for name in ("USER", "LOGNAME", "USERNAME")}
    with contextlib.suppress(OSError, KeyError, ImportError):  # a machine need not have a name for its user
        names.add(getpass.getuser())
    return names - {""}


def _hosts() -> set[str]:
    names = {socket.gethostname(), *(os.environ.get(name, "") for name in ("HOSTNAME", "COMPUTERNAME"))}
    return {part for name in names for part in (name, name.partition(".")[0])} - {"", "localhost"}


def _names(users: Iterable[str], hosts: Iterable[str], known: set[str]) -> Rules:
    def longest(names: Iterable[str]) -> list[str]:
        return sorted(names, key=lambda name: (-len(name), name))

    rules: list[tuple[tuple[str, ...], str, str]] = []
    for host in longest(hosts):
        rules += [((f"@{host}",), rf"(?<=\w@){re.escape(host)}(?![\w-])", "[host]")]
        rules += [((f"//{host}",), rf"(?<=//){re.escape(host)}(?=[/:])", "[host]")]
    for user in longest(users):
        rules += [((f"{user}@[host]",), rf"(?<![\w.-]){re.escape(user)}(?=@\[host\])", "[user]")]
        home = rf"(?:/home/|/Users/|[A-Z]:\\{{1,4}}Users\\{{1,4}}){re.escape(user)}(?![\w-]|\.\w)"
        rules += [((f"/{user}", f"\\{user}"), home, "~")]
    for names, written in ((users, "[user]"), (hosts, "[host]")):
        distinct = [name for name in longest(names) if len(name) >= _SHORTEST and name.lower() not in known]
        rules += [((name,), rf"(?:{_COLOR}|(?<!\w)){re.escape(name)}(?!\w)", written) for name in distinct]
    return tuple((texts, re.compile(pattern), written) for texts, pattern, written in rules)


def scrub_text(text: str, hidden: Mapping[str, str], rules: Rules = ()) -> str:
    """Replace each key by the name of its variable, and what the rules find.

    Examples
    --------
    >>> scrub_text("https://host/?key=a%26b-12345", {"a&b-12345": "MY_KEY"})
    'https://host/?key=[hidden: MY_KEY]'
    """
    for value, name in hidden.items():
        for form in sorted(_forms(value) | _base64(value), key=len, reverse=True):
            text = text.replace(form, f"[hidden: {name}]")
    for texts, pattern, written in rules:
        if any(one in text for one in texts):
            text = pattern.sub(lambda found, written=written: written, text)  # type: ignore[misc]
    return text


@lru_cache(maxsize=256)
def _forms(value: str) -> frozenset[str]:
    """List the ways a text may be written, one inside the other (a Python literal in a JSON file) included."""
    ways: tuple[Callable[[str], str], ...] = (
        str.strip,
        lambda text: json.dumps(text)[1:-1],
        lambda text: json.dumps(text, ensure_ascii=False)[1:-1],
        lambda text: repr(text)[1:-1],
        html.escape,
        lambda text: html.escape(text, quote=False),
        lambda text: text.replace('"', '""'),
        lambda text: quote(text, safe=""),
    )
    once = {value, *(way(value) for way in ways)}
    return frozenset(form for form in once | {way(form) for form in once for way in ways} if form)


@lru_cache(maxsize=256)
def _base64(value: str) -> frozenset[str]:
    """List how a value of eight characters or more looks inside Base64 (basic authentication), wherever in it it begins."""
    forms = set()
    for before in range(3):
        raw = b"\0" * before + value.encode()
        whole = base64.b64encode(raw[: len(raw) // 3 * 3]).decode()
        forms.add(whole[4 * (before > 0) :])  # the first four characters depend on what stands before
    plain = {form for form in forms if len(form) >= 8}
    return frozenset(plain | {form.replace("+", "-").replace("/", "_") for form in plain})


def scrub(value: Any, hidden: Mapping[str, str], rules: Rules = ()) -> Any:
    """Scrub every text inside lists and mappings (a notebook, a result); of the names in mappings, only keys are taken out."""
    if isinstance(value, str):
        return scrub_text(value, hidden, rules)
    if isinstance(value, list):
        return [scrub(item, hidden, rules) for item in value]
    if isinstance(value, dict):
        return type(value)({scrub(key, hidden): scrub(item, hidden, rules) for key, item in value.items()})
    return value


def scrub_folder(folder: Path, hidden: Mapping[str, str], rules: Rules = ()) -> None:
    """Scrub every file of a folder, whatever it holds."""
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            scrub_file(path, hidden, rules)


def scrub_file(path: Path, hidden: Mapping[str, str], rules: Rules = ()) -> None:
    """Scrub a file; bytes that are not text stay as they are."""
    text = path.read_bytes().decode("utf-8", errors="surrogateescape")
    clean = scrub_text(text, hidden, rules)
    if clean != text:
        path.write_bytes(clean.encode("utf-8", errors="surrogateescape"))
