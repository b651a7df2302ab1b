"""What `runs.kernels` overrides in jupyter_client and papermill is what was read when it was written."""

import inspect
import pkgutil
import tomllib
from hashlib import sha256
from pathlib import Path

import pytest
from jupyter_client import AsyncKernelManager

READ = tomllib.loads(Path(__file__).with_name("overrides.toml").read_text(encoding="utf-8"))


@pytest.mark.parametrize(("owner", "name"), [(owner, name) for owner in READ for name in READ[owner]])
def test_a_method_that_kernels_override_or_rely_on_is_unchanged(owner, name):
    """If this fails, compare the new method with `runs/kernels/_manager.py`, adapt it, then write the new hash in overrides.toml."""
    source = inspect.getsource(getattr(pkgutil.resolve_name(owner), name))
    assert sha256(source.encode()).hexdigest().startswith(READ[owner][name]), f"{owner}.{name} has changed"


def test_the_settings_that_kernels_override_exist():
    settings = {"kernel_spec_manager", "client_factory", "transport_encryption"}
    assert settings <= set(AsyncKernelManager.class_trait_names())
