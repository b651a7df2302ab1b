"""The process that kernels are forked from: it imports what notebooks import, and runs none.

`python -m mic2025lab.runs.kernels._forkserver FD` is started by `warm.Kernels`, which talks to it over the socket FD. For each kernel a socket is
sent; over it go the request, the signals, and at the end how the kernel ended, each a line of JSON. A socket that is closed ends its kernel, and
FD closed ends all of them: nothing outlives the batch.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import json
import os
import pkgutil
import selectors
import signal
import socket
import string
import sys
import threading
import tomllib
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any

_PRELOAD = tomllib.loads(Path(__file__).with_name("preload.toml").read_text(encoding="utf-8"))


def main(descriptor: int) -> None:
    """Serve until the batch ends. In a child, become the requested kernel."""
    if sys.path[0] in ("", os.getcwd()):  # as ipykernel's launcher does
        del sys.path[0]
    control = socket.socket(fileno=descriptor)
    before = dict(os.environ)
    gc.disable()  # imports create little garbage
    preload()
    warm_up()
    of_imports = {name: value for name, value in os.environ.items() if before.get(name) != value}
    if threading.active_count() > 1:  # a lock held by another thread would stay locked in every child
        names = ", ".join(thread.name for thread in threading.enumerate()[1:])
        _tell(control, error=f"an import started a thread ({names})")
        return
    gc.freeze()  # keeps the memory pages of existing objects shared with the children
    gc.set_threshold(20_000, 20, 50)  # a figure makes thousands of objects, of which few are garbage
    gc.enable()
    request = _Server(control).serve()
    if request is None:
        os._exit(0)  # nothing to clean up, and unloading all modules takes time
    from ipykernel.kernelapp import IPKernelApp

    _become(request, of_imports)
    IPKernelApp.launch_instance(parent_handle=os.getppid())  # the kernel ends with the server


def preload() -> None:
    """Import what a run will need.

    Jupyter's backend of Matplotlib is named, as a kernel does, but not imported: imported before an IPython shell exists, it would never
    display a figure.
    """
    os.environ.setdefault("MPLBACKEND", "module://matplotlib_inline.backend_inline")
    for name in _PRELOAD["libraries"]:
        _import(name)
    for name in _PRELOAD["packages"]:
        package = importlib.import_module(f"mic2025lab.{name}")
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            importlib.import_module(module.name)
    for name in _PRELOAD["modules"]:
        importlib.import_module(f"mic2025lab.{name}")


def _import(name: str) -> None:
    with contextlib.suppress(Exception):  # a run that needs it reports the error
        importlib.import_module(name)


def warm_up() -> None:
    """Draw a figure, describe a table, and look a name up, as most runs do: what a process computes once is then in all kernels."""
    import pandas as pd

    from mic2025lab import catalog, plots
    from mic2025lab.classifications import economies
    from mic2025lab.errors import LabError
    from mic2025lab.plots.drawing import svg_and_png

    economies.find("China")
    with contextlib.suppress(LabError):  # a run that needs the catalog reports the error
        catalog.describe("value_added")._repr_html_()
    table = pd.DataFrame({"series": ["A", "B"], "year": [2015, 2016], "share": [1.0, 2.0]})
    letters = " ".join(string.printable.strip() + "−–’")  # their outlines are kept
    words: dict[str, Any] = {"title": letters, "subtitle": letters, "source": "Source"}
    svg_and_png(plots.lines(table, y="share", by="series", focus="A", base_year=2015, **words), 160)


class _Server:
    """The loop that forks kernels, forwards signals, and reports how kernels ended. It has one thread, as a fork requires."""

    def __init__(self, control: socket.socket) -> None:
        self._control = control
        self._ended, self._wake = socket.socketpair()
        self._kernels: dict[int, socket.socket] = {}
        self._events = selectors.DefaultSelector()
        self._later, self._forked = list(_PRELOAD["later"]), 0

    def serve(self) -> dict[str, Any] | None:
        """Serve until the control socket is closed, and return None. In a child, return the request."""
        self._wake.setblocking(False)
        signal.set_wakeup_fd(self._wake.fileno(), warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda *_: None)  # only the wakeup matters
        for end in (self._control, self._ended):
            self._events.register(end, selectors.EVENT_READ)
        _tell(self._control, ready=os.getpid())
        while True:
            imports = self._later and self._forked > 1  # not for a single run
            events = self._events.select(0 if imports else None)
            if imports and not events:
                _import(self._later.pop(0))
                gc.freeze()
            for key, _ in events:
                if key.fileobj is self._ended:
                    self._ended.recv(4096)
                    self._reap()
                elif key.fileobj is self._control:
                    line = _accept(self._control)
                    if line is None:
                        for pid in self._kernels:
                            _kill(pid, signal.SIGKILL)
                        return None
                    request = self._fork(line)
                    if request is not None:
                        return request
                elif key.data in self._kernels and not _pass_on(key.data, self._kernels[key.data]):
                    self._events.unregister(key.fileobj)

    def _fork(self, line: socket.socket) -> dict[str, Any] | None:
        """Fork a kernel. Return the request in the child."""
        with line.makefile("rb") as stream:
            request = json.loads(stream.readline())
        try:
            if threading.active_count() > 1:
                raise OSError("an import started a thread")
            # Python counts OpenBLAS's threads, which OpenBLAS handles.
            with warnings.catch_warnings(action="ignore"):
                pid = os.fork()
        except OSError as error:
            _tell(line, error=str(error))
            line.close()
            return None
        if pid == 0:
            self._events.close()
            for end in (self._control, self._ended, self._wake, line, *self._kernels.values()):
                end.close()
            return request
        self._kernels[pid] = line
        self._forked += 1
        self._events.register(line, selectors.EVENT_READ, pid)
        _tell(line, pid=pid)
        return None

    def _reap(self) -> None:
        """Report how kernels ended: an exit code, or minus the number of a signal. Processes that they started are killed."""
        for pid in list(self._kernels):
            if os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG | os.WNOWAIT):
                _kill(pid, signal.SIGKILL)  # before its number can be reused
                _, status = os.waitpid(pid, 0)
                line = self._kernels.pop(pid)
                _tell(line, status=os.waitstatus_to_exitcode(status))
                if line in self._events.get_map():
                    self._events.unregister(line)
                line.close()


def _accept(control: socket.socket) -> socket.socket | None:
    """Receive the socket of the next kernel, or None if there will be no more."""
    sent, descriptors, _, _ = socket.recv_fds(control, 1, 1)
    return socket.socket(fileno=descriptors[0]) if sent else None


def _tell(line: socket.socket, **message: Any) -> None:
    with contextlib.suppress(OSError):  # the client is gone; the next read of the socket shows it
        line.sendall(json.dumps(message).encode() + b"\n")


def _pass_on(pid: int, line: socket.socket) -> bool:
    """Forward signals to a kernel. If the client is gone, kill the kernel and return False."""
    try:
        numbers = line.recv(4096).split()
    except ConnectionResetError:
        numbers = []
    for number in numbers or [b"%d" % signal.SIGKILL]:
        _kill(pid, int(number))
    return bool(numbers)


def _kill(pid: int, number: int) -> None:
    """Send a signal to a kernel and to the processes it started."""
    with contextlib.suppress(ProcessLookupError):
        try:
            os.killpg(pid, number)
        except ProcessLookupError:  # just forked, and not yet the leader of its group
            os.kill(pid, number)


def _become(request: Mapping[str, Any], of_imports: Mapping[str, str]) -> None:
    """Reset everything of the server except its imports and the environment variables that imports set (debugpy sets some)."""
    import ipykernel_launcher
    import numpy as np
    import pandas as pd

    os.setsid()
    signal.set_wakeup_fd(-1)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    os.chdir(request["cwd"])
    os.environ.clear()
    os.environ.update({**of_imports, **request["env"]})
    os.environ["JPY_PARENT_PID"] = str(os.getppid())
    sys.argv[:] = [ipykernel_launcher.__file__, *request["argv"]]
    # As in a kernel; imported elsewhere, pandas uses the width of the terminal.
    pd.options.display.max_columns = 20
    np.random.seed()  # noqa: NPY002 - the inherited state would be the same in every run


if __name__ == "__main__":
    main(int(sys.argv[1]))
