"""nbformat is imported without the grammar that jsonschema builds for addresses, and addresses are still checked."""

import subprocess
import sys

import pytest

CODE = """
import sys
import mic2025lab.runs
import nbformat
print("lark" in sys.modules)
from jsonschema import Draft202012Validator
checker = Draft202012Validator.FORMAT_CHECKER
print([checker.conforms(text, "iri") for text in ("https://example.org/wöchentlich", "no address")])
print("lark" in sys.modules)
import rfc3987_syntax
print(rfc3987_syntax.__file__.endswith("__init__.py"), rfc3987_syntax.is_valid_syntax_iri("https://example.org"))
"""


def test_the_grammar_waits_for_its_first_use() -> None:
    pytest.importorskip("rfc3987_syntax")
    done = subprocess.run([sys.executable, "-c", CODE], capture_output=True, text=True, check=True)
    assert done.stdout.split("\n")[:4] == ["False", "[True, False]", "True", "True True"]
