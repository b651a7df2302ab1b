"""Which texts are keys (passwords, tokens), and patterns that find a text however it is written.

A key is known from the environment: the value of a variable with a name such as `NBS_API_KEY`, `SSHPASS`, or `SENTRY_DSN`; the parts of such
a value that are keys themselves (the password in an address, in JSON, or in a connection string); and the password in an address in any
variable. Some keys are known by their form alone, wherever they occur: JSON web tokens, tokens of GitHub, Slack, or AWS, private keys,
the addresses of webhooks, passwords in addresses.

A value that is a number or a common word (`DB_PASSWORD=000000`, `SORT_KEY=economy`) is hidden only where its context says that it is the
key: beside the name of its variable or a word such as "password", in an address, in Base64. Elsewhere it would damage numbers and sentences.
"""

from __future__ import annotations

import base64
import binascii
import contextlib
import json
import os
import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from html.entities import codepoint2name
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import unquote

from mic2025lab import catalog

_KNOWN = tomllib.loads(Path(__file__).with_name("keys.toml").read_text(encoding="utf-8"))

#: Names of variables that hold keys.
_SURE = re.compile("|".join(_KNOWN["variables"]), re.IGNORECASE)

#: Names that often do not (`SORT_KEY`, `PRIMARY_KEY`): their values must also look like keys.
_KEY = re.compile("KEY", re.IGNORECASE)

#: A value with fewer characters is hidden in its context only, and one with fewer than `_SETTING` ("1", "yes") nowhere.
_SHORT = 6
_SETTING = 4

_WORDS = re.compile(r"[A-Za-z]{1,15}(?:[ _.,:/-][A-Za-z]{1,15}){0,2}")
_NAMED_AND_NUMBERED = re.compile(r"(?:[A-Za-z]{2,15}\d{0,4}[ _.,:/-]?){1,3}")
_NUMBER = re.compile(r"[-+]?\d[\d.,:eE/_ +-]*")
_LONG_NUMBER = re.compile(r"\d{12,}")

_FIELD = re.compile(
    r"""(?:^|[?&;,\s"'])(?:\w*password|passwd|pwd|passphrase|secret|sig|signature|\w*token|api_?key|\w*accesskey|accountkey|key)\s*[=:]\s*"""
    r"""("[^"]+"|'[^']+'|[^&;,\s]+)""",
    re.IGNORECASE,
)
_NOUNS = r"(?i:pass(?:word|wd|phrase|code)?|pwd|secret|token|credentials?|api[ _-]?key)"
_AUTHORITY = re.compile(r"://([^\s/?#]*)(\S*)")


class Rule(NamedTuple):
    """What to find in a text, and what to write instead.

    Attributes
    ----------
    needles : sequence of str
        A text without any of these has no match, and is not searched.
    pattern : re.Pattern
        What to find; what its group 1 matches is kept.
    written : str
        What to write.
    before : re.Pattern, optional
        What must stand before it.
    """

    needles: Sequence[str]
    pattern: re.Pattern[str]
    written: str
    before: re.Pattern[str] | None = None

    def apply(self, text: str) -> str:
        """Replace what is found."""
        for needle in self.needles:  # a loop, since most texts have none
            if needle in text:
                return self.pattern.sub(self._written, text)
        return text

    def _written(self, found: re.Match[str]) -> str:
        if self.before and not self.before.search(found.string[max(0, found.start() - 80) : found.start()]):
            return found[0]
        return f"{found[1]}{self.written}" if self.pattern.groups else self.written


def secrets(environment: Mapping[str, str] | None = None) -> dict[str, str]:
    """List the values of environment variables that are keys, and those of their parts that are: value -> name, longest first.

    Examples
    --------
    >>> secrets({"MY_API_KEY": "abcdef123", "HOME": "a folder", "USE_KEY": "1", "PROXY": "http://me:pa55word@host"})
    {'abcdef123': 'MY_API_KEY', 'pa55word': 'PROXY'}
    """
    variables = os.environ if environment is None else environment
    found = {
        part: name
        for name, value in variables.items()
        for part in map(str.strip, _parts(name, value))
        if len(part) >= (_SETTING if re.search(r"[a-z]", part) and re.search(r"[^a-z]", part) else _SHORT)
    }
    return dict(sorted(found.items(), key=lambda pair: -len(pair[0])))


def _parts(name: str, value: str) -> Iterator[str]:
    """List what may be a key in the value of a variable."""
    yield from _passwords(value)
    yield from (found[0] for form in _KNOWN["forms"][:-1] for found in re.finditer(form["pattern"], value))
    sure = bool(_SURE.search(name))
    if not sure and not _KEY.search(name):
        return
    yield value
    if not sure:
        return
    yield from (found[1].strip("\"'") for found in _FIELD.finditer(value))
    yield from (line for line in value.split("\n") if len(line) >= 16 and "\n" in value)
    yield from (segment for segment in re.split(r"[/=?&]", value) if "://" in value and len(segment) >= 16)
    scheme, _, token = value.partition(" ")
    if scheme.lower() in ("bearer", "basic", "token"):
        yield from (token, *_decoded(token))
    yield from _decoded(value)
    if value.lstrip()[:1] in ("{", "["):
        yield from _json_parts(value)
    elif re.fullmatch(r"[^\s:/]+:[^\s/]\S+", value):
        yield value.partition(":")[2]


def _passwords(value: str) -> Iterator[str]:
    """List the passwords of addresses, as they are written and as they are meant; one may have an @ or a slash in it."""
    for found in _AUTHORITY.finditer(value):
        authority, rest = found.groups()
        if "@" not in authority and "@" in rest and re.search(r":\D", authority):
            authority += rest
        login, at, _ = authority.rpartition("@")
        user, colon, password = login.partition(":")
        if at and (colon or len(user) >= 16):
            yield from {password or user, unquote(password or user)}


def _decoded(value: str) -> Iterator[str]:
    """List the login and the password that basic authentication has in Base64."""
    try:
        login = base64.b64decode(value, validate=True).decode()
    except (binascii.Error, ValueError):
        return
    if ":" in login and login.isprintable():
        yield from (login, login.partition(":")[2])


def _json_parts(value: str) -> Iterator[str]:
    pairs: list[tuple[str, Any]] = []
    with contextlib.suppress(ValueError, RecursionError):
        json.loads(value, object_pairs_hook=pairs.extend)
    for key, item in pairs:
        if _SURE.search(key) or _KEY.search(key):
            waiting = [item]
            while waiting:
                one = waiting.pop()
                if isinstance(one, list):
                    waiting += one
                elif isinstance(one, str):
                    yield from _parts(key, one)


def rules(hidden: Mapping[str, str]) -> tuple[Rule, ...]:
    """Make the rules that hide the keys of `secrets`, and those that are known by their form."""
    return (*(rule for value, name in hidden.items() for rule in _rules_of(value, name)), *_forms())


@lru_cache(maxsize=1)
def _forms() -> tuple[Rule, ...]:
    forms = _KNOWN["forms"]
    return tuple(Rule(form["needles"], re.compile(form["pattern"]), "[hidden: key]") for form in forms)


@lru_cache(maxsize=256)
def _rules_of(value: str, name: str) -> tuple[Rule, ...]:
    written = f"[hidden: {name}]"
    needle, spelled = spell(value)
    encoded = (Rule(*found, written) for found in _base64(value))
    if _plain(value, name):
        names = rf"\b{re.escape(name)}\w*"
        if _SURE.search(name):
            names += rf"|{_NOUNS}\w*"
        named = Rule(needle, re.compile(rf"{spelled}(?!\w)"), written, re.compile(rf"(?:{names})\W{{1,8}}\Z"))
        return (named, Rule(needle, re.compile(rf"(:){spelled}(?=@)"), written), *encoded)
    before, after = "", ""
    if _LONG_NUMBER.fullmatch(value):
        before, after = r"(?<![\d.])", r"(?!\.?\d)"
    elif _WORDS.fullmatch(value):
        before, after = r"(?<![A-Za-z0-9])", r"(?![A-Za-z0-9])"
    return (Rule(needle, re.compile(f"{before}{spelled}{after}"), written), *encoded)


def held(data: bytes, hidden: Mapping[str, str]) -> list[str]:
    """Name the variables whose values a file holds, as text or in UTF-16."""
    text = (data + b"\n" + data.replace(b"\0", b"")).decode("utf-8", "surrogateescape")
    found = ((name, rule) for value, name in hidden.items() for rule in _rules_of(value, name))
    return sorted({name for name, rule in found if rule.apply(text) != text})


def context(hidden: Mapping[str, str], name: str, value: str) -> str | None:
    """Return the variable whose value this is, if it stands under a name that says so (`"password": "000000"`)."""
    variable = hidden.get(value.strip())
    return variable if variable and (variable == name or _SURE.search(name)) else None


def _plain(value: str, name: str) -> bool:
    """Whether a value is short, a number, or words of the package, which texts and tables have for other reasons."""
    if len(value) < _SHORT:
        return True
    if _NUMBER.fullmatch(value):
        return not _LONG_NUMBER.fullmatch(value)
    form = _WORDS if _SURE.search(name) else _NAMED_AND_NUMBERED
    words = {word.lower() for word in re.findall(r"[A-Za-z]+", value)}
    return bool(form.fullmatch(value)) and words <= _vocabulary()


@lru_cache(maxsize=1)
def _vocabulary() -> frozenset[str]:
    """The words of the package: its modules, its notebooks, and its catalog."""
    kinds = ("**/*.py", "**/*.yml", "classifications/*.csv", "_notebooks/*.ipynb")
    paths = [path for kind in kinds for path in catalog.PACKAGE.glob(kind)]
    paths += [catalog.data_dir() / "catalog.json", *(catalog.PACKAGE.parent / "notebooks").glob("*.ipynb")]
    texts = (path.read_text(encoding="utf-8", errors="replace") for path in paths if path.is_file())
    return frozenset(word.lower() for text in texts for word in re.findall(r"[A-Za-z]+", text))


def spell(text: str) -> tuple[tuple[str, ...], str]:
    """Return the needles of a text and the pattern that finds it however it is written; see `Rule`."""
    return (max(re.findall(r"[A-Za-z0-9]+", text) or [""], key=len),), "".join(map(_letter, text))


_ESCAPES = {"\n": "n", "\r": "r", "\t": "t"}


@lru_cache(maxsize=4096)
def _letter(letter: str) -> str:
    """Match a letter as JSON, Python (also the bytes of it), a shell, HTML, CSV, or an address may write it, one inside the other."""
    if letter.isascii() and letter.isalnum():
        return letter
    number, raw = ord(letter), letter.encode("utf-8", "surrogateescape")
    units = letter.encode("utf-16-be", "surrogatepass")
    pairs = [units[at : at + 2].hex() for at in range(0, len(units), 2)]
    ways = [
        rf"\\*{re.escape(letter)}",
        "".join(rf"(?i:%(?:25)*{byte:02x})" for byte in raw),
        "".join(rf"\\+x(?i:{byte:02x})" for byte in raw),
        "".join(rf"\\+u(?i:{pair})" for pair in pairs),
        rf"\\+U(?i:{number:08x})",
        rf"&(?:amp;)*\#(?:0*{number}|(?i:x0*{number:x}));",
    ]
    names = {codepoint2name.get(number), "apos" if letter == "'" else None} - {None}
    ways += [rf"&(?:amp;)*{name};" for name in sorted(map(str, names))]
    if number < 256:
        ways.append(rf"\\+x(?i:{number:02x})")
    if letter in "\"'":
        ways.append(letter * 2)
    if letter == "\\":
        ways[0] = r"\\+"
    if letter in _ESCAPES:
        ways += [rf"\\+{_ESCAPES[letter]}", r"\s+"]
    if letter == " ":
        ways.append(r"\+")
    return f"(?:{'|'.join(ways)})"


#: What may stand between two letters of Base64 that is broken into lines, as text or as a Python literal.
_BREAK = r"""(?:["']?(?:\s|\\+[rn])+(?:b?["'])?)?"""


def _base64(value: str) -> Iterator[tuple[tuple[str, ...], re.Pattern[str]]]:
    """Match how a value of eight characters or more looks inside Base64 (basic authentication), wherever in it it begins."""
    raw = value.encode("utf-8", "surrogateescape")
    for before in range(3):
        padded = b"\0" * before + raw
        whole = base64.b64encode(padded[: len(padded) // 3 * 3]).decode()
        form = whole[4 * (before > 0) :]  # the first four characters depend on what stands before
        if len(form) < 8:
            continue
        half = min(len(form) // 2, 8)  # a line break is in one of two parts at most
        parts = (form[:half], form[half : 2 * half])
        needles = dict.fromkeys(part.translate(table) for part in parts for table in _ALPHABETS)
        letters = (_DIGITS.get(letter, letter) for letter in form)
        yield tuple(needles), re.compile(_BREAK.join(letters))


_ALPHABETS: tuple[dict[int, Any], ...] = (
    {},
    str.maketrans("+/", "-_"),
    str.maketrans({"+": "%2B", "/": "%2F"}),
)
_DIGITS = {"+": r"(?:[-+]|%2[Bb])", "/": r"(?:\\*/|_|%2[Ff])"}
