"""Kernels for many runs, each forked from one process that has imported the libraries, where the system allows it.

Starting Python and importing is most of a small run. A forked kernel skips both and is still a process of its own. Changes to its globals,
options, seeds, environment, or folder do not affect others, and its results are those of a new kernel.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import warnings
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from mic2025lab.errors import RunError

#: Set for every kernel: a fixed hash seed, no Matplotlib settings of the user, and no warning of the debugger. BLAS has one thread unless the
#: user sets another number: on small matrices its threads mostly wait for each other, and a batch has a kernel for each core.
FIXED = {
    "PYTHONHASHSEED": "0",
    "MATPLOTLIBRC": os.devnull,
    "PYDEVD_DISABLE_FILE_VALIDATION": "1",
    "OPENBLAS_NUM_THREADS": os.environ.get("OPENBLAS_NUM_THREADS", "1"),
}

#: Seconds that the imports may take.
_IMPORTS = 120

#: Prefixes of variables that no library reads at import: the package's own, and pytest's current test.
_NOT_READ = ("MIC2025LAB_", "PYTEST_CURRENT_TEST")


def available() -> bool:
    """Return True if kernels can be forked here: not on Windows, and not on macOS, whose system libraries do not survive a fork."""
    return hasattr(os, "fork") and sys.platform != "darwin"


class Kernels(contextlib.AbstractContextManager["Kernels"]):
    """The parent process of a batch's kernels. It starts with the first kernel and ends with the `with` block.

    If a kernel cannot be forked (see `available`; or the environment variables have changed since the imports), `fork` returns None and
    the run starts a new kernel, with the same results.

    Examples
    --------
    >>> with Kernels() as kernels:
    ...     pass  # nothing is started before the first kernel is needed
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._environ: dict[str, str] = {}
        self._process: subprocess.Popen[bytes] | None = None
        self._control: socket.socket | None = None
        self._state = "idle" if available() else "closed"  # then "starting", "ready", and "closed" again

    def __exit__(self, *error: object) -> None:
        self.close()

    def close(self) -> None:
        """End the process and all kernels that it forked."""
        with self._lock:
            self._end()

    def begin(self) -> None:
        """Start the process if necessary, without waiting: other imports can proceed meanwhile."""
        with self._lock:
            if self._state != "idle":
                return
            self._environ = _environment()
            self._control, theirs = socket.socketpair()
            with theirs:
                self._process = subprocess.Popen(
                    [sys.executable, "-m", "mic2025lab.runs.kernels._forkserver", str(theirs.fileno())],
                    env={**os.environ, **FIXED},
                    cwd=os.sep,  # holds no settings of a library, like the folder of a run
                    stdin=subprocess.DEVNULL,
                    pass_fds=[theirs.fileno()],
                    start_new_session=True,  # Ctrl-C in a terminal is for the batch, which then ends this
                )
            self._state = "starting"

    def fork(self, argv: Sequence[str], *, env: Mapping[str, str], cwd: Path) -> ForkedKernel | None:
        """Fork a kernel.

        Parameters
        ----------
        argv : sequence of str
            The arguments of `python -m ipykernel_launcher` for a new kernel.
        env : mapping
            All environment variables of the kernel.
        cwd : Path
            Its working folder.

        Returns
        -------
        ForkedKernel or None
            None if a new kernel must be started.
        """
        self.begin()
        with self._lock:
            if not self._is_ready() or _environment() != self._environ:
                return None
            assert self._control is not None
            ours, theirs = socket.socketpair()
            try:
                with theirs:
                    socket.send_fds(self._control, [b"."], [theirs.fileno()])
                request = {"argv": list(argv), "env": dict(env), "cwd": str(cwd)}
                ours.sendall(json.dumps(request).encode() + b"\n")
                return ForkedKernel(ours)
            except RunError:  # no memory for another process; the others continue
                ours.close()
            except OSError as error:
                ours.close()
                self._end(f"the parent process has ended ({error})")
        return None

    def _is_ready(self) -> bool:
        """Wait until the process has imported everything. Return whether it could."""
        if self._state == "starting":
            assert self._control is not None
            try:
                self._control.settimeout(_IMPORTS)
                message = _receive(self._control)
                self._control.settimeout(None)
            except (OSError, ValueError) as error:
                self._end(f"the imports failed ({error})")
                return False
            if "ready" in message:
                self._state = "ready"
            else:
                self._end(message["error"])
        return self._state == "ready"

    def _end(self, why: str = "") -> None:
        if why:
            warnings.warn(
                f"Kernels cannot be forked: {why}. Each run starts a new one.",
                RuntimeWarning,
                stacklevel=2,
            )
        if self._control is not None:
            self._control.close()
        if self._process is not None:
            if self._state == "starting":
                self._process.kill()  # it does not listen before its imports are complete
            try:
                self._process.wait(10)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
        self._control = self._process = None
        self._state = "closed"


class ForkedKernel:
    """A kernel that another process forked, with the interface of `subprocess.Popen`.

    Attributes
    ----------
    pid : int
        Its process number.
    returncode : int or None
        None while it runs; then its exit code, or minus the number of the signal that ended it.
    """

    stdin = stdout = stderr = None

    def __init__(self, line: socket.socket) -> None:
        self._line = line
        self.returncode: int | None = None
        message = _receive(line)
        if "error" in message:
            raise RunError(f"No kernel could be forked: {message['error']}.")
        self.pid: int = message["pid"]

    def poll(self) -> int | None:
        """Return the exit code, or None while it runs."""
        if self.returncode is None:
            self._line.setblocking(False)
            with contextlib.suppress(BlockingIOError):  # no message yet: it runs
                self._read()
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        """Wait until it ends."""
        if self.returncode is None:
            self._line.settimeout(timeout)
            try:
                self._read()
            except TimeoutError as error:
                raise subprocess.TimeoutExpired("kernel", timeout or 0) from error
        assert self.returncode is not None
        return self.returncode

    def send_signal(self, number: int) -> None:
        """Send a signal to it and to the processes it started. Nothing happens if it has ended."""
        try:
            self._line.sendall(b"%d\n" % number)
        except OSError:
            self.poll()

    def kill(self) -> None:
        """End it at once."""
        self.send_signal(signal.SIGKILL)

    def terminate(self) -> None:
        """Ask it to end."""
        self.send_signal(signal.SIGTERM)

    def _read(self) -> None:
        try:
            self.returncode = _receive(self._line)["status"]
        except ConnectionError:  # the parent process has ended, and with it the kernel
            self.returncode = -int(signal.SIGKILL)
        self._line.close()


def _environment() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith(_NOT_READ)}


def _receive(line: socket.socket) -> dict[str, Any]:
    """Read a message, a line of JSON that is sent as one."""
    data = line.recv(4096)
    if not data:
        raise ConnectionResetError("nobody is there")
    return json.loads(data)
