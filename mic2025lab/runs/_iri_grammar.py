"""Imports nbformat in an eighth of the time: the grammar of internationalized addresses is built when it is first asked for.

nbformat imports jsonschema, and jsonschema imports `rfc3987_syntax` where it is installed, which builds a parser: 0.9 of 1.0 second. It is
for the formats "iri" and "iri-reference", which the schemas of notebooks do not have. Until it is used, a module that imports it stands in its place.
"""

from __future__ import annotations

import importlib
import importlib.util
import sys
from types import ModuleType
from typing import Any

_NAME = "rfc3987_syntax"


class _Later(ModuleType):
    """The module, imported at the first use of anything in it."""

    def is_valid_syntax(self, term: str, value: str) -> bool:
        """Check an address, as the module does; jsonschema keeps this function."""
        return bool(self._module().is_valid_syntax(term, value))

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):  # asked for by the import system
            raise AttributeError(name)
        return getattr(self._module(), name)

    def _module(self) -> Any:
        if sys.modules.get(_NAME) is self:
            del sys.modules[_NAME]
        return importlib.import_module(_NAME)


def defer() -> None:
    """Put the module off, if it is installed and not imported yet."""
    if _NAME not in sys.modules and importlib.util.find_spec(_NAME) is not None:
        sys.modules[_NAME] = _Later(_NAME)
