"""What `runs.kernels` overrides in jupyter_client and papermill is what was read when it was written."""

from __future__ import annotations

import inspect
from hashlib import sha256

import pytest
from jupyter_client import AsyncKernelClient, AsyncKernelManager
from jupyter_client.kernelspec import KernelSpecManager
from jupyter_client.provisioning import LocalProvisioner
from papermill.engines import NBClientEngine

READ = {
    AsyncKernelManager: {
        "_async_pre_start_kernel": "0ad304c9143e",
        "_async_start_kernel": "05b13d23766b",
        "_async_launch_kernel": "5ba0dfe7cf7e",
        "_async_interrupt_kernel": "46b24a3a57e1",
        "_async_shutdown_kernel": "e0262677303c",
        "_async_kill_kernel": "9850bc22c858",
    },
    AsyncKernelClient: {
        "_async_wait_for_ready": "0d732ad86fea",
        "_handle_kernel_info_reply": "0ccf6064c648",
        "_context_default": "fe4260ceb1b7",
    },
    KernelSpecManager: {"get_kernel_spec": "4986142396a4"},
    LocalProvisioner: {
        "pre_launch": "2cb873ebeb4f",
        "launch_kernel": "5a5d3e639018",
        "kill": "1a9af1a2443a",
        "poll": "12ca1197bc50",
        "wait": "4f17103ed4cb",
        "send_signal": "66b39929d07b",
    },
    NBClientEngine: {"execute_managed_notebook": "5db3562c458a"},
}


@pytest.mark.parametrize(("owner", "name"), [(owner, name) for owner in READ for name in READ[owner]])
def test_a_method_that_kernels_override_or_rely_on_is_unchanged(owner, name):
    """If this fails, compare the new method with `runs/kernels/_manager.py`, adapt it, then write the new hash here."""
    found = sha256(inspect.getsource(getattr(owner, name)).encode()).hexdigest()
    assert found.startswith(READ[owner][name]), f"{owner.__module__}.{owner.__name__}.{name} has changed"


def test_the_settings_that_kernels_override_exist():
    assert {"kernel_spec_manager", "client_factory", "transport_encryption"} <= set(
        AsyncKernelManager.class_trait_names()
    )
