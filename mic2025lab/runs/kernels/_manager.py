"""The kernel manager and the engine that papermill uses for a run: which Python, where, with which variables, forked or new."""

from __future__ import annotations

import asyncio
import os
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from queue import Empty
from typing import Any

import zmq
import zmq.asyncio
from ipykernel.kernelspec import get_kernel_dict
from jupyter_client import AsyncKernelClient, AsyncKernelManager
from jupyter_client.kernelspec import KernelSpec, KernelSpecManager
from jupyter_client.provisioning import LocalProvisioner
from nbclient.exceptions import DeadKernelError
from papermill.engines import NBClientEngine, papermill_engines

from mic2025lab.runs.kernels.warm import Kernels

#: The name of the engine in papermill.
ENGINE = "mic2025lab"

#: The interval at which a socket tries to reach its kernel, in milliseconds.
_RECONNECT = 5


def manager_class(
    variables: Mapping[str, str],
    folder: Path,
    *,
    sockets: Path | None,
    kernels: Kernels | None,
    started: Callable[[Any], None],
) -> type[AsyncKernelManager]:
    """Create a kernel manager class for one run.

    It starts this interpreter's ipykernel, whatever kernel is installed under the name python3. It sets folder and variables of the
    kernel without changing those of this process, so that runs can take place side by side.

    Parameters
    ----------
    variables : mapping
        Environment variables, in addition to those of this process.
    folder : Path
        The working folder.
    sockets : Path, optional
        An empty folder for the sockets. By default they are ports, which another program may take between their choice and their use.
    kernels : Kernels, optional
        What the kernel is forked from. By default it is a new Python.
    started : callable
        Called with the kernel's process.
    """

    class RunKernelManager(AsyncKernelManager):
        def _kernel_spec_manager_default(self) -> KernelSpecManager:
            return _ThisPython(parent=self)

        def _client_factory_default(self) -> type:
            return _Client

        def _transport_default(self) -> str:
            return "ipc" if sockets else "tcp"

        def _ip_default(self) -> str:
            return str(sockets / "kernel") if sockets else super()._ip_default()

        def _transport_encryption_default(self) -> str:
            # So that no other user of the machine can listen.
            return "auto" if zmq.has("curve") else "disabled"

        async def _async_start_kernel(self, **options: Any) -> Any:
            options["cwd"] = str(folder)
            options["env"] = {**os.environ, **options.get("env", {}), **variables}
            self.provisioner = _Provisioner(kernel_spec=self.kernel_spec, parent=self)
            self.provisioner.kernels = kernels
            await super()._async_start_kernel(**options)
            started(self.provisioner.process)

        start_kernel = _async_start_kernel

        async def _async_interrupt_kernel(self) -> None:
            if not self.shutting_down:  # it is about to be killed, and would only report the interrupt
                await super()._async_interrupt_kernel()

        interrupt_kernel = _async_interrupt_kernel

    return RunKernelManager


class _ThisPython(KernelSpecManager):
    def get_kernel_spec(self, kernel_name: str) -> KernelSpec:
        spec = get_kernel_dict(extra_arguments=["--HistoryManager.enabled=False"])
        return KernelSpec(**{**spec, "argv": [sys.executable, *spec["argv"][1:]]})


class _Provisioner(LocalProvisioner):
    """Starts the kernel's process, by a fork if possible."""

    kernels: Kernels | None = None

    async def launch_kernel(self, cmd: list[str], **options: Any) -> Any:
        forked = None
        if self.kernels is not None:
            arguments = cmd[cmd.index("ipykernel_launcher") + 1 :]
            forked = self.kernels.fork(arguments, env=options["env"], cwd=options["cwd"])
        if forked is None:
            return await super().launch_kernel(cmd, **options)
        self.process: Any = forked
        self.pid, self.cwd = forked.pid, options["cwd"]
        return self.connection_info

    async def kill(self, restart: bool = False) -> None:
        """Kill it, and wait the few milliseconds that this takes: the next poll would come a tenth of a second later."""
        await super().kill(restart)
        for _ in range(100):
            if await self.poll() is not None:
                break
            await asyncio.sleep(0.002)


class _Client(AsyncKernelClient):
    """A client that is ready as soon as its kernel is. Jupyter's waits 0.2 seconds for messages that nbclient skips."""

    def _context_default(self) -> zmq.asyncio.Context:
        self._created_context = True
        context = zmq.asyncio.Context()
        context.setsockopt(zmq.RECONNECT_IVL, _RECONNECT)  # these sockets exist before those of the kernel
        return context

    async def wait_for_ready(self, timeout: float | None = None) -> None:
        """Wait until the kernel answers and its broadcast messages arrive."""
        deadline = time.monotonic() + (timeout or float("inf"))
        while time.monotonic() < deadline:
            self.kernel_info()
            try:
                reply = await self.shell_channel.get_msg(timeout=1)
                if reply["msg_type"] == "kernel_info_reply":
                    await self.iopub_channel.get_msg(timeout=0.2)
                    self._handle_kernel_info_reply(reply)
                    return
            except Empty:
                if not await self.is_alive():
                    raise DeadKernelError("Kernel died before it answered") from None
        raise RuntimeError(f"Kernel did not answer in {timeout:g} seconds")


class _Engine(NBClientEngine):
    """Papermill's engine, but the notebook is written at its end (by papermill), not before and after each cell, and holds no path."""

    @classmethod
    def execute_managed_notebook(cls, nb_man: Any, kernel_name: str, **options: Any) -> Any:
        path, nb_man.output_path = nb_man.output_path, None
        try:
            return super().execute_managed_notebook(nb_man, kernel_name, **options)
        except BaseException:
            nb_man.output_path = path  # papermill does not
            raise
        finally:
            for name in ("input_path", "output_path"):
                nb_man.nb.metadata.papermill.pop(name, None)


papermill_engines.register(ENGINE, _Engine)
