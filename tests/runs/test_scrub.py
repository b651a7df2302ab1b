"""What belongs to the machine and its user is in nothing that is kept: run, site, archive."""

from __future__ import annotations

import base64
import getpass
import html
import json
import os
import socket
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mic2025lab.runs import run as runs
from mic2025lab.runs import scrub
from mic2025lab.runs.sharing.share import share
from mic2025lab.site.build import build_site

KEY = 'sk-"9f&<8>\\7é/6+5-4_3'


class TestKeys:
    """Keys in every spelling."""

    @pytest.mark.parametrize(
        "name",
        ["NBS_API_KEY", "GH_TOKEN", "MY_SECRET", "DB_PASSWORD", "SMTP_PASS", "HTTP_AUTH", "SSH_PASSPHRASE"],
    )
    def test_names_that_look_like_keys(self, name: str) -> None:
        assert scrub.secrets({name: "abcdefgh"}) == {"abcdefgh": name}

    @pytest.mark.parametrize("name", ["PATH", "XAUTHORITY", "GIT_AUTHOR_NAME", "COMPASS", "SSH_AUTH_SOCK"])
    def test_names_that_do_not(self, name: str) -> None:
        assert scrub.secrets({name: "abcdefgh"}) == {}

    def test_the_password_of_an_address_in_any_variable(self) -> None:
        hidden = scrub.secrets(
            {"https_proxy": "http://ann:hunter22@proxy:8080", "URL": "https://host:8080/a"}
        )
        assert hidden == {"hunter22": "https_proxy"}

    @pytest.mark.parametrize(
        "written",
        [
            lambda key: key,
            lambda key: json.dumps(key),
            lambda key: json.dumps(json.dumps(key)),
            lambda key: repr(key),
            lambda key: json.dumps({"text": repr(key)}),
            html.escape,
            lambda key: html.escape(repr(key)),
            lambda key: f"https://host/?key={quote(key, safe='')}&x=1",
            lambda key: f"Authorization: Basic {base64.b64encode(f'ann:{key}'.encode()).decode()}",
            lambda key: f"Authorization: Basic {base64.urlsafe_b64encode(f'a:{key}'.encode()).decode()}",
            lambda key: f"Bearer {base64.b64encode(key.encode()).decode()}",
        ],
    )
    def test_a_key_is_found_however_it_is_written(self, written: Callable[[str], str]) -> None:
        text = scrub.scrub_text(written(KEY), {KEY: "K_TOKEN"})
        assert "[hidden: K_TOKEN]" in text
        assert "9f" not in text

    @given(st.text(st.characters(codec="utf-8"), min_size=8), st.binary(max_size=5), st.binary(max_size=5))
    def test_a_key_of_eight_characters_is_found_in_base64_wherever_it_begins(
        self, key: str, before: bytes, after: bytes
    ) -> None:
        text = base64.b64encode(before + key.encode() + after).decode()
        assert "[hidden: K]" in scrub.scrub_text(text, {key: "K"})

    def test_a_file_that_is_no_text_loses_its_key_and_nothing_else(self, tmp_path: Path) -> None:
        path = tmp_path / "odd.bin"
        path.write_bytes(b"\xff\x00\x80 abcdefgh \xfe")
        scrub.scrub_folder(tmp_path, {"abcdefgh": "K"})
        assert path.read_bytes() == b"\xff\x00\x80 [hidden: K] \xfe"


def rules(monkeypatch: pytest.MonkeyPatch, user: str, host: str, home: str, words: str = "") -> scrub.Rules:
    """Give the rules of a machine with such names."""
    for name in ("LOGNAME", "USERNAME", "HOSTNAME", "COMPUTERNAME", "MIC2025LAB_DATA"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("USER", user)
    monkeypatch.setenv("HOME", home)
    monkeypatch.setattr(getpass, "getuser", lambda: user)
    monkeypatch.setattr(socket, "gethostname", lambda: host)
    return scrub.machine({"/srv/reports/.tmp-1/run": "."}, words)


class TestMachine:
    """Places and names."""

    @pytest.mark.parametrize(
        ("text", "clean"),
        [
            ("File /root/x/y.py:3", "File ~/x/y.py:3"),
            ('"/root"', '"~"'),
            ("in /root.", "in ~."),
            ("file:///root/x", "file://~/x"),
            ("\x1b[32m/root/x\x1b[0m", "\x1b[32m~/x\x1b[0m"),
            ("%2Froot%2Fx", "~%2Fx"),
            ("root@vm:/root$", "[user]@[host]:~$"),
            ("http://vm:8888/lab", "http://[host]:8888/lab"),
            ("/home/root/z and /Users/root", "~/z and ~"),
            ("C:\\\\Users\\\\root\\\\x", "~\\\\x"),
            ("/srv/reports/.tmp-1/run/results.json", "./results.json"),
            # What only looks like it stays:
            ("/mnt/root/x /rootfs /root-b ~/root", "/mnt/root/x /rootfs /root-b ~/root"),
            ("the root of the matter, square root, vm", "the root of the matter, square root, vm"),
            ("rooted@vm.org", "rooted@[host].org"),
        ],
    )
    def test_short_names_are_taken_out_where_nothing_else_is_meant(
        self, monkeypatch: pytest.MonkeyPatch, text: str, clean: str
    ) -> None:
        assert scrub.scrub_text(text, {}, rules(monkeypatch, "root", "vm", "/root")) == clean

    @pytest.mark.parametrize(
        ("text", "clean"),
        [
            ("run by ann.lee42 on ws-17", "run by [user] on ws-17"),
            ("{'USER': 'ann.lee42'}", "{'USER': '[user]'}"),
            ("/data/ann.lee42/x", "/data/[user]/x"),
            ("ann.lee42@ws-17.lab.example", "[user]@[host]"),
            ("host ws-17.lab.example, port 1", "host [host], port 1"),
            ("joann.lee42x", "joann.lee42x"),
        ],
    )
    def test_names_that_are_no_words_are_taken_out_everywhere(
        self, monkeypatch: pytest.MonkeyPatch, text: str, clean: str
    ) -> None:
        assert (
            scrub.scrub_text(text, {}, rules(monkeypatch, "ann.lee42", "ws-17.lab.example", "/h/ann"))
            == clean
        )

    def test_a_name_that_is_a_word_of_the_notebook_spoils_no_sentence(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        made = rules(monkeypatch, "exports", "chips-lab", "/home/exports", words="exports of machinery")
        text = "China's exports rose; /home/exports/x; exports@chips-lab"
        assert scrub.scrub_text(text, {}, made) == "China's exports rose; ~/x; [user]@[host]"

    def test_packages_and_named_folders_lose_their_place(self, monkeypatch: pytest.MonkeyPatch) -> None:
        from mic2025lab import catalog

        rules(monkeypatch, "root", "vm", "/root")
        monkeypatch.setenv("MIC2025LAB_DATA", "/data/tables")
        text = f"{catalog.PACKAGE}/catalog.py and {os.path.dirname(pytest.__path__[0])}/x.py and /data/tables/a.csv"
        assert (
            scrub.scrub_text(text, {}, scrub.machine())
            == "…/mic2025lab/catalog.py and …/x.py and [MIC2025LAB_DATA]/a.csv"
        )

    def test_structure_is_not_touched(self, monkeypatch: pytest.MonkeyPatch) -> None:
        made = rules(monkeypatch, "output_type", "vm", "/root")
        assert scrub.scrub({"output_type": "output_type"}, {}, made) == {"output_type": "[user]"}


CELLS = [
    "import os, mic2025lab as lab\nkey, home = os.environ['TOY_API_KEY'], os.path.expanduser('~')",
    "print(key, home, os.environ['USER'] + '@' + os.environ['TOY_HOST'], os.getcwd())",
    "lab.load('toy'); lab.record('key', key, note=home); lab.record_finding(f'By {os.environ[\"USER\"]} with {key}.')",
    "if label == 'fail':\n    raise FileNotFoundError(f'{home}/secret/data.csv, asked with {key!r} by {os.environ[\"USER\"]}')",
]


def test_keys_places_and_names_are_nowhere(
    make_toy: Callable[..., Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = tmp_path / "home" / "ann.lee42"
    home.mkdir(parents=True)
    make_toy(*CELLS)
    data = os.environ["MIC2025LAB_DATA"]
    rules(monkeypatch, "ann.lee42", "ws-17.lab.example", str(home))
    monkeypatch.setenv("MIC2025LAB_DATA", data)
    monkeypatch.setenv("TOY_API_KEY", KEY)
    monkeypatch.setenv("TOY_HOST", "ws-17.lab.example")
    reports = tmp_path / "reports"
    good, bad = runs.run("toy", reports=reports), runs.run("toy", {"label": "fail"}, reports=reports)
    assert (good.status, bad.status) == ("done", "failed")
    told = str(bad.error)
    assert "FileNotFoundError: ~/secret/data.csv, asked with '[hidden: TOY_API_KEY]' by [user]" in told
    build_site(reports)
    assert good.folder
    archive = tmp_path / "out.zip"
    share(good.folder, archive)
    kept = {str(path): path.read_bytes() for path in reports.rglob("*") if path.is_file()}
    with zipfile.ZipFile(archive) as packed:
        kept |= {name: packed.read(name) for name in packed.namelist()}
    assert any("[hidden: TOY_API_KEY]" in data.decode(errors="replace") for data in kept.values())
    assert b"Traceback" in kept[f"{bad.folder}/notebook.ipynb"]
    hidden = [
        "9f&", "9f\\u0026", "7é/6", "7\\u00e9/6", "9f&amp;", quote(KEY, safe=""), "ann.lee42", "ws-17.lab", str(home), str(tmp_path),
    ]  # fmt: skip
    for name, data in kept.items():
        text = data.decode("utf-8", errors="replace")
        assert [word for word in hidden if word in text] == [], name
