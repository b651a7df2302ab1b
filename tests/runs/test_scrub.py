"""What belongs to the machine and its user is in nothing that is kept: run, site, archive."""

import base64
import getpass
import html
import json
import os
import socket
import tomllib
from pathlib import Path
from urllib.parse import quote

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mic2025lab import catalog
from mic2025lab.results.files import digest
from mic2025lab.results.run import Run
from mic2025lab.runs import scrub
from mic2025lab.runs.sharing.share import share
from mic2025lab.site.build import build_site
from tests.runs.conftest import contents, failed, has, held, ran, read

KEY = 'sk-"9f&<8>\\7é/6+5-4_3'


NAMES_OF_KEYS = """
NBS_API_KEY GH_TOKEN MY_SECRET DB_PASSWORD SMTP_PASS HTTP_AUTH SSH_PASSPHRASE pgpass FTP_PWD DBPWD DEPLOY_PAT ORACLE_DSN
CI_JOB_JWT TEAMS_WEBHOOK STORAGE_CONNECTION_STRING AWS_CREDS
"""
OTHER_NAMES = "PATH PWD OLDPWD XAUTHORITY GIT_AUTHOR_NAME COMPASS BYPASS SSH_AUTH_SOCK"


class TestKeys:
    """Keys in every spelling."""

    def test_names_that_look_like_keys_and_names_that_do_not(self):
        names = [*NAMES_OF_KEYS.split(), *OTHER_NAMES.split()]
        assert [name for name in names if scrub.secrets({name: "abcdefgh"})] == NAMES_OF_KEYS.split()

    def test_a_key_that_begins_with_another_is_hidden_whole_and_a_setting_is_left(self):
        hidden = scrub.secrets({"USE_KEYS": "yes", "A_TOKEN": "abcdefgh", "B_PASSWORD": "abcdefgh-longer"})
        text = scrub.scrub({"k": ["abcdefgh-longer abcdefgh yes"], "abcdefgh": 1.5}, hidden)
        assert text == {"k": ["[hidden: B_PASSWORD] [hidden: A_TOKEN] yes"], "[hidden: A_TOKEN]": 1.5}

    @pytest.mark.parametrize(
        ("name", "value", "parts"),
        [
            ("https_proxy", "http://ann:hunter22@proxy:8080", ["hunter22"]),
            ("ANY_URL", "postgres://ann:x@y@z9@host:5432/db", ["x@y@z9"]),
            ("ANY_URL", "postgres://ann:x%40y%2Fz9@host/db", ["x%40y%2Fz9", "x@y/z9"]),
            ("ANY_URL", "amqp://ann:xy/z99@host/db", ["xy/z99"]),
            ("ANY_URL", "https://host:8080/a@b", []),
            ("ODBC_DSN", "Driver={x};Uid=ann;Pwd=q1w2e3;", ["q1w2e3"]),
            ("PG_DSN", "host=db password='two words7' user=ann", ["two words7"]),
            ("REGISTRY_AUTH_CONFIG", json.dumps({"auths": {"r": {"auth": base64.b64encode(b"ann:tr0ub4dor").decode()}}}), ["tr0ub4dor"]),
            ("APP_CREDENTIALS", json.dumps({"a": [{"token": [["tr0ub4dor"]]}], "user": "ann"}), ["tr0ub4dor"]),
            ("HTTP_AUTH", "ann:tr0ub4dor", ["tr0ub4dor"]),
            ("PROXY_AUTHORIZATION", "Basic " + base64.b64encode(b"ann:tr0ub4dor").decode(), ["tr0ub4dor"]),
            ("CHAT_WEBHOOK", "https://hooks.example.org/services/T1/B2/zyxwvutsrqponmlk98", ["zyxwvutsrqponmlk98"]),
        ],
    )  # fmt: skip
    def test_the_parts_of_a_value_that_are_keys(self, name, value, parts):
        hidden = scrub.secrets({name: value})
        assert set(parts) <= set(hidden)
        assert bool(parts) == bool(hidden)
        for part in parts:
            assert part not in scrub.scrub_text(f"<{part}>", hidden)

    @pytest.mark.parametrize(
        "text",
        [
            f"eyJ{'hbGciOi'}.eyJ{'zdWIiOiIx'}.{'c2ln' * 5}",
            "ghp_" + "a1B2" * 9,
            "https://hooks.slack.example/services/T00/B00/" + "a1B2" * 6,
            "-----BEGIN RSA PRIVATE KEY-----\nMIIE\n-----END RSA PRIVATE KEY-----",
        ],
    )
    def test_what_is_a_key_by_its_form_needs_no_variable(self, text):
        assert scrub.scrub_text(f"got '{text}' there", {}) == "got '[hidden: key]' there"

    def test_a_password_in_any_address_is_hidden_and_an_address_is_left(self):
        text = "sftp://ann:a@b@host/x, http://host:80/a@b, https://x.org/c?d=e@f, mailto:ann@host, f'x://{user}:{word}@host'"
        assert scrub.scrub_text(text, {}) == text.replace("a@b@host/x", "[hidden: key]@host/x")

    @pytest.mark.parametrize(
        ("name", "value", "text"),
        [
            ("DB_PASSWORD", "271828", "0.271828 and 271828, '271828', 1271828"),
            ("PIN_TOKEN", "2015-2022", "from 2015-2022"),
            ("GROUP_KEY", "industry", "by industry, the industry's"),
            ("PARTITION_KEY", "exporter_year", "exporter_year"),
            ("RANK_KEY", "hs6_code", "hs6_code"),
            ("STORE_SECRET", "production", "of production"),
            ("DB_PASSWORD", "x7!", "x7!"),
        ],
    )
    def test_a_number_or_a_word_is_hidden_in_its_context_only(self, name, value, text):
        hidden = {value: name}
        assert scrub.scrub_text(text, hidden) == text
        assert scrub.scrub({value: [value], "n": 271828}, hidden) == {value: [value], "n": 271828}
        for before in (f"{name}={value}", f"'{name}': '{value}'", f"{name}: {value}"):
            assert scrub.scrub_text(before, hidden) == before.replace(value, f"[hidden: {name}]")
        assert scrub.scrub({name: value}, hidden) == {name: f"[hidden: {name}]"}

    def test_a_password_that_is_a_number_is_hidden_where_passwords_stand(self):
        hidden = scrub.secrets({"DB_PASSWORD": "271828"})
        text = 'password: 271828 PWD=271828; {"password": "271828"} ann:271828@host x://ann:271828@host'
        assert "271828" not in scrub.scrub_text(text, hidden)

    @pytest.mark.parametrize(
        "written",
        [
            lambda key: key,
            lambda key: repr(key.encode()),
            lambda key: json.dumps(repr(key.encode())),
            lambda key: quote(key),
            lambda key: quote(key, safe="").lower() if key.islower() else quote(quote(key)),
            lambda key: "".join(f"&#{ord(letter)};" if not letter.isalnum() else letter for letter in key),
            lambda key: base64.encodebytes(b"x" * 50 + key.encode()).decode(),
            lambda key: json.dumps(base64.encodebytes(b"x" * 51 + key.encode()).decode()),
            lambda key: repr(base64.encodebytes(b"x" * 52 + key.encode())),
            lambda key: quote(base64.b64encode(b"?" + key.encode())),
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
    def test_a_key_is_found_however_it_is_written(self, written):
        text = scrub.scrub_text(written(KEY), {KEY: "K_TOKEN"})
        assert "[hidden: K_TOKEN]" in text
        assert "9f" not in text

    @given(st.text(st.characters(codec="utf-8"), min_size=8), st.binary(max_size=5), st.binary(max_size=5))
    def test_a_key_of_eight_characters_is_found_in_base64_wherever_it_begins(self, key, before, after):
        text = base64.b64encode(before + key.encode() + after).decode()
        assert "[hidden: K]" in scrub.scrub_text(text, {key: "K"})

    @pytest.mark.parametrize("encoding", ["latin-1", "gb18030", "utf-16", "utf-8-sig"])
    def test_a_text_in_any_encoding_loses_its_key_and_nothing_else(self, tmp_path, encoding):
        path = tmp_path / "odd.csv"
        path.write_bytes("\xe9 \xd7,abcdefgh,\xe9\r\n".encode(encoding))
        scrub.scrub_folder(tmp_path, {"abcdefgh": "K"})
        assert path.read_bytes().decode(encoding) == "\xe9 \xd7,[hidden: K],\xe9\r\n"

    def test_a_file_of_another_kind_that_holds_a_key_is_not_kept(self, tmp_path):
        (tmp_path / "a.bin").write_bytes(b"\0\1 abcdefgh \2")
        (tmp_path / "b.bin").write_bytes(b"\0\1 abcdefg \2")
        scrub.scrub_folder(tmp_path, {"abcdefgh": "K_TOKEN"})
        assert sorted(path.name for path in tmp_path.iterdir()) == ["a.bin.not-kept.txt", "b.bin"]
        assert "K_TOKEN" in (tmp_path / "a.bin.not-kept.txt").read_text()


def rules(monkeypatch, user, host, home, words=""):
    """Give the rules of a machine with such names."""
    for name in ("LOGNAME", "USERNAME", "HOSTNAME", "COMPUTERNAME", "MIC2025LAB_DATA"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("USER", user)
    monkeypatch.setenv("HOME", home)
    monkeypatch.setattr(getpass, "getuser", lambda: user)
    monkeypatch.setattr(socket, "gethostname", lambda: host)
    return scrub.machine({"/srv/reports/.tmp-1/run": "."}, words)


MACHINES = tomllib.loads(Path(__file__).with_name("machines.toml").read_text(encoding="utf-8"))["machines"]


class TestMachine:
    """Places and names."""

    @pytest.mark.parametrize(
        ("machine", "texts"), [(machine, texts) for machine in MACHINES for texts in machine["texts"]]
    )
    def test_names_and_places_are_taken_out(self, monkeypatch, machine, texts):
        names = (machine[name] for name in ("user", "host", "home", "words"))
        assert scrub.scrub_text(texts[0], {}, rules(monkeypatch, *names)) == texts[-1]

    def test_packages_and_named_folders_lose_their_place(self, monkeypatch):
        rules(monkeypatch, "root", "vm", "/root")
        monkeypatch.setenv("MIC2025LAB_DATA", "/data/tables")
        text = f"{catalog.PACKAGE}/catalog.py and {os.path.dirname(pytest.__path__[0])}/x.py and /data/tables/a.csv"
        clean = "…/mic2025lab/catalog.py and …/x.py and [MIC2025LAB_DATA]/a.csv"
        assert scrub.scrub_text(text, {}, scrub.machine()) == clean

    def test_structure_is_not_touched(self, monkeypatch):
        made = rules(monkeypatch, "output_type", "vm", "/root")
        assert scrub.scrub({"output_type": "output_type"}, {}, made) == {"output_type": "[user]"}


CELLS = [
    "import os, mic2025lab as lab\nkey, home = os.environ['TOY_API_KEY'], os.path.expanduser('~')",
    "print(key, home, os.environ['USER'] + '@' + os.environ['TOY_HOST'], os.getcwd())",
    "lab.load('toy'); lab.record('key', key, note=home); lab.record_finding(f'By {os.environ[\"USER\"]} with {key}.')",
    "if label == 'fail':\n    raise FileNotFoundError(f'{home}/secret/data.csv, asked with {key!r} by {os.environ[\"USER\"]}')",
]


def test_keys_places_and_names_are_nowhere(make_toy, tmp_path, monkeypatch):
    home = tmp_path / "home" / "ann.lee42"
    home.mkdir(parents=True)
    make_toy(*CELLS)
    data = os.environ["MIC2025LAB_DATA"]
    rules(monkeypatch, "ann.lee42", "ws-17.lab.example", str(home))
    monkeypatch.setenv("MIC2025LAB_DATA", data)
    monkeypatch.setenv("TOY_API_KEY", KEY)
    monkeypatch.setenv("TOY_HOST", "ws-17.lab.example")
    reports = tmp_path / "reports"
    good, bad = ran(reports=reports), failed({"label": "fail"}, reports=reports)
    has(bad.error, "FileNotFoundError: ~/secret/data.csv, asked with '[hidden: TOY_API_KEY]' by [user]")
    build_site(reports)
    kept = contents(reports) | held(share(good.folder, tmp_path / "out.zip").path)
    assert any("[hidden: TOY_API_KEY]" in data.decode(errors="replace") for data in kept.values())
    has((bad.folder / "notebook.ipynb").read_text(), "Traceback")
    hidden = [
        "9f&", "9f\\u0026", "7é/6", "7\\u00e9/6", "9f&amp;", quote(KEY, safe=""), "ann.lee42", "ws-17.lab", str(home), str(tmp_path),
    ]  # fmt: skip
    for name, data in kept.items():
        text = data.decode("utf-8", errors="replace")
        assert [word for word in hidden if word in text] == [], name


def test_what_a_notebook_writes_itself_can_be_read_and_holds_no_key(make_toy, tmp_path, monkeypatch):
    monkeypatch.setenv("TOY_PAT", "q9/zz'w\"7é")
    monkeypatch.setenv("TOY_TOKEN", "zq81-ww03")
    make_toy(
        "import os, json, pathlib, pandas as pd, mic2025lab as lab\n"
        "key, name = os.environ['TOY_PAT'], os.environ['TOY_TOKEN']",
        "frame = pd.DataFrame({'n': [1, 2, 3], 'text': ['a', f'x {key}', os.getcwd()], 'deep': [[key], [], ['b']]})\n"
        "frame['kind'] = frame['text'].astype('category')\nframe.to_parquet('own.parquet')",
        "pathlib.Path(f'd {name}').mkdir(); pathlib.Path(f'd {name}', f'{name}.txt').write_text('x')\n"
        "json.dump({'n': 9, key: [key]}, open('own.json', 'w'))\nlab.record('repr', repr(key.encode()))\n"
        "lab.record_table('t', pd.DataFrame({'k': [key]}))\nlab.record_table(f'of-{name}', pd.DataFrame({'a': [1]}))",
    )
    folder, hidden = ran(reports=tmp_path / "reports").folder, "[hidden: TOY_PAT]"
    frame = pd.read_parquet(folder / "own.parquet")
    assert frame["n"].to_list() == [1, 2, 3]
    assert frame["text"].to_list() == ["a", f"x {hidden}", "."]
    assert [list(cell) for cell in frame["deep"]] == [[hidden], [], ["b"]]
    assert frame["kind"].dtype == "category"
    assert read(folder, "own.json") == {"n": 9, hidden: [hidden]}
    tables = Run.read(folder).results.tables
    assert len(tables) == 2
    assert {table.file: table.sha256 for table in tables.values()} == {
        table.file: digest(folder / table.file) for table in tables.values()
    }
    assert (folder / "d hidden-TOY_TOKEN" / "hidden-TOY_TOKEN.txt").is_file()
    files = contents(tmp_path / "reports") | held(share(folder, tmp_path / "out.zip").path)
    for key in ("q9/zz", "zq81"):
        assert [name for name, data in files.items() if key in name or key.encode() in data] == []
