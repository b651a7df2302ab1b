"""A forked kernel is as good as a fresh one: the same results, nothing of another run, ended when it must be."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import textwrap
import time
from contextlib import ExitStack, suppress
from pathlib import Path

import psutil
import pytest

from mic2025lab.results import record
from mic2025lab.runs import run as runs
from mic2025lab.runs.kernels import kernel, warm
from mic2025lab.runs.kernels.warm import Kernels
from tests.runs.conftest import CELLS, CLOCK, contents, read, write_notebook

pytestmark = pytest.mark.skipif(not warm.available(), reason="kernels cannot be forked here")


@pytest.fixture(scope="module", autouse=True)
def forked():
    """Here, a kernel is forked only if the test says so."""


@pytest.fixture
def kernels(shared_kernels):
    return shared_kernels


@pytest.fixture
def play(tmp_path):
    """Run cells in a kernel; give the error, and the folder that they worked in."""

    def run(*cells, **options):
        place = tmp_path / f"{len(list(tmp_path.iterdir()))}"
        (place / "run").mkdir(parents=True)
        (place / "ipython").mkdir()
        notebook = write_notebook(place / "in.ipynb", [textwrap.dedent(cell) for cell in cells])
        with record.session(place / "run"):
            folders = {"run_dir": place / "run", "settings": place / "ipython"}
            error = kernel.execute(notebook, place / "out.ipynb", {}, **folders, **options)
        return error, place / "run"

    return run


# The same results


REAL = {
    "overcapacity": {"reference": "peak"},
    "market_share_shifts": {"sector": "rail"},
    "chokepoints": {"importer": "CHN"},
}


@pytest.mark.parametrize("name", ["toy", *(pytest.param(name, marks=pytest.mark.heavy) for name in REAL)])
def test_an_analysis_is_the_same_byte_for_byte(name, kernels, tmp_path, monkeypatch, request):
    if name == "toy":
        monkeypatch.setenv("TOY_API_KEY", "sk-0123456789")
        request.getfixturevalue("make_toy")(*CELLS)
    asked, made = runs.prepare(name, REAL.get(name, {"label": "<b>"})), []
    for given in (kernels, None):
        before = kernels.forked
        result = runs.execute(asked, reports=tmp_path / str(given is None), kernels=given)
        assert kernels.forked - before == (given is not None)
        assert (result.status, result.error) == ("done", None)
        made.append({name: data for name, data in contents(result.folder).items() if name not in CLOCK})
    forked, fresh = made
    assert len(forked) > 5
    assert "results.json" in forked
    assert forked == fresh


POISON = """
    import builtins, decimal, locale, os, random, sys, warnings
    import matplotlib as mpl, numpy as np, pandas as pd, seaborn as sns
    import mic2025lab as lab
    from mic2025lab.results import record
    leaked = 1
    builtins.leaked = 1
    os.environ["LEAKED"] = "1"
    os.environ.pop("HOME", None)
    pd.options.display.max_rows = 3
    pd.set_option("mode.copy_on_write", True)
    mpl.rcParams["figure.figsize"] = [1, 1]
    sns.set_theme(style="dark")
    random.seed(1), np.random.seed(1)
    sys.path.insert(0, "/leaked")
    sys.modules["leaked"] = sys
    sys.setrecursionlimit(500)
    warnings.simplefilter("error")
    decimal.getcontext().prec = 3
    lab.leaked = 1
    record._NAME = None
    np.set_printoptions(precision=1)
    os.umask(0o077)
    os.chdir("/")
"""

SEEN = """
    from mic2025lab.runs.kernels import _forkserver
    _forkserver.preload()  # some imports set a variable or a filter of warnings
    import builtins, decimal, json, os, random, sys, warnings
    import matplotlib as mpl, numpy as np, pandas as pd, seaborn as sns, statsmodels.regression.linear_model
    import mic2025lab as lab
    from mic2025lab.results import record
    own = ("IPYTHONDIR", "MIC2025LAB_RUN_DIR", "MIC2025LAB_RUN_MARK", "JPY_PARENT_PID")
    rc = {name: str(value) for name, value in mpl.rcParams.items()}
    umask = os.umask(0o022)
    os.umask(umask)
    seen = {
        "globals": sorted(name for name in globals() if not name.startswith("_")),
        "builtins": sorted(set(dir(builtins)) - {"_"}),
        "environment": {name: value for name, value in sorted(os.environ.items()) if name not in own},
        "options": {name: str(pd.get_option(name)) for name in ("display.max_rows", "display.width", "display.precision")},
        "rc": rc,
        "path": sys.path,
        "leaked": sorted(name for name in sys.modules if "leaked" in name),
        "arguments": len(sys.argv), "program": sys.argv[0], "main": sys.modules["__main__"].__dict__ is globals(),
        "recursion": sys.getrecursionlimit(),
        "warnings": sorted({str(one) for one in warnings.filters}),
        "decimal": str(decimal.getcontext()),
        "package": hasattr(lab, "leaked"),
        "names": str(record._NAME),
        "printing": str(np.get_printoptions()),
        "umask": umask,
        "folder": os.listdir("."),
        "here": os.path.samefile(".", os.environ["MIC2025LAB_RUN_DIR"]),
        "set": list({f"word{number}" for number in range(50)}),
        "hash": hash("mic2025"),
    }
    text = json.dumps(seen)
    open("seen.json", "w").write(text)
    open("draws.json", "w").write(json.dumps([random.random(), np.random.rand()]))
"""


def test_nothing_of_one_run_is_visible_in_the_next(play, kernels, monkeypatch):
    before = kernels.forked
    assert play(POISON, kernels=kernels)[0] is None
    seen, draws = [], []
    for given in (kernels, kernels, None):
        error, folder = play(SEEN, kernels=given)
        assert error is None
        seen.append(read(folder, "seen.json"))
        draws.append(read(folder, "draws.json"))
    assert kernels.forked - before == 3
    # Polars adds to its allocator's settings at each import, those of its parents included.
    for found in seen:
        found["environment"].pop("_RJEM_MALLOC_CONF", None)
    first, second, fresh = seen
    assert first == second == fresh
    # without a seed, draws are nobody else's
    assert len({draw[0] for draw in draws}) == len({draw[1] for draw in draws}) == 3


def test_a_real_run_finds_next_to_nothing_left_to_import(kernels, play, root):
    notebook = read(root, "notebooks/overcapacity.ipynb")
    cells = ["".join(cell["source"]) for cell in notebook["cells"] if cell["cell_type"] == "code"]
    before = "import sys\nmodules_before = set(sys.modules)"
    after = "import json\nopen('new.json', 'w').write(json.dumps(sorted(set(sys.modules) - modules_before)))"
    error, folder = play(before, *cells, after, kernels=kernels)
    assert error is None
    new = read(folder, "new.json")
    assert not [name for name in new if "." not in name and name not in sys.stdlib_module_names], new
    assert len(new) < 20, new


def test_what_few_notebooks_use_is_imported_beside_the_first_kernels(play):
    code = "import sys; open('there', 'w').write(str('statsmodels.regression.linear_model' in sys.modules))"
    with Kernels() as own:
        there = [(play(code, kernels=own)[1] / "there").read_text() for _ in range(2)]
        assert there == ["False", "False"]
        assert any((play(code, kernels=own)[1] / "there").read_text() == "True" for _ in range(30))


def test_libraries_with_threads_work_after_the_fork(play, kernels):
    error, _ = play(
        """
        import numpy as np, pandas as pd, scipy.linalg
        from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
        a = np.random.default_rng(0).normal(size=(300, 300))
        scipy.linalg.svd(a @ a.T)
        frame = pd.DataFrame({"key": ["a", "b"] * 50_000, "value": range(100_000)})
        frame.to_parquet("x.parquet")
        assert pd.read_parquet("x.parquet").groupby("key")["value"].sum().loc["a"] == 2499950000
        assert list(ThreadPoolExecutor(2).map(abs, [-1, -2])) == [1, 2]
        with ProcessPoolExecutor(2) as pool:
            assert list(pool.map(abs, [-1, -2])) == [1, 2]
        """,
        """
        from contextlib import ExitStack, suppress
        with suppress(ImportError):
            import polars as pl
            lazy = pl.scan_parquet("x.parquet").group_by("key").agg(pl.col("value").sum()).sort("key")
            assert lazy.collect(engine="streaming")["value"].to_list() == [2499950000, 2500000000]
        """,
        kernels=kernels,
        timeout=90,
    )
    assert error is None


def test_a_figure_that_is_only_plotted_is_shown(play, kernels):
    """The backend of Jupyter must not be imported before the shell that it hooks itself to."""
    plot = "from matplotlib import pyplot as plt\nplt.plot([1, 2]);"
    error, folder = play(plot, "import matplotlib\nprint(matplotlib.get_backend())", kernels=kernels)
    assert error is None
    cells = read(folder.parent, "out.ipynb")["cells"]
    shown = [output for cell in cells for output in cell.get("outputs", ())]
    assert [sorted(output["data"]) for output in shown if "data" in output] == [["image/png", "text/plain"]]
    assert "".join(shown[-1]["text"]).strip() in ("inline", "module://matplotlib_inline.backend_inline")


def test_a_changed_byte_is_refused_by_a_forked_kernel_too(make_toy, kernels, tmp_path, monkeypatch):
    data = shutil.copytree(os.environ["MIC2025LAB_DATA"], tmp_path / "data")
    monkeypatch.setenv("MIC2025LAB_DATA", str(data))
    make_toy("import mic2025lab as lab\nlab.record('total', lab.load('toy')['value'].sum())")
    monkeypatch.setenv("MIC2025LAB_DATA", str(data))
    request, before = runs.prepare("toy", {}), kernels.forked
    assert runs.execute(request, reports=tmp_path / "reports", kernels=kernels).error is None
    table = data / "toy.csv"
    table.write_text(table.read_text().replace("1.5", "1.6"))
    again = runs.execute(request, reports=tmp_path / "reports", force=True, kernels=kernels)
    assert kernels.forked - before == 2
    assert again.status == "failed"
    assert str(again.error).startswith("ChecksumError")


# The end of a run


ENDLESS = {
    "ignores": """
        import signal, time
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        while True:
            try:
                time.sleep(100)
            except BaseException:
                pass
        """,
    "prints": "while True: print('x' * 100)",
}


@pytest.mark.parametrize(("name", "forked"), [("ignores", True), ("ignores", False), ("prints", True)])
def test_a_run_over_its_time_is_ended(name, forked, play, kernels):
    before, seconds = kernels.forked, 3 if forked else 8  # a busy machine starts a new Python slowly
    kernels.begin()
    started = time.monotonic()
    pid = "open('pid', 'w').write(str(__import__('os').getpid()))"
    error, folder = play(pid, ENDLESS[name], timeout=seconds, kernels=kernels if forked else None)
    assert kernels.forked - before == forked
    assert error.startswith(f"TimeoutError: the run was ended because it took longer than the {seconds} s")
    assert time.monotonic() - started < 60
    assert not psutil.pid_exists(int((folder / "pid").read_text()))


@pytest.mark.parametrize("forked", [True, False], ids=["forked", "fresh"])
def test_a_kernel_that_the_system_kills_fails_with_the_reason_and_the_next_goes_on(forked, play, kernels):
    given = kernels if forked else None
    error, _ = play("import os, signal\nos.kill(os.getpid(), signal.SIGKILL)", kernels=given)
    assert str(error).startswith("DeadKernelError: the kernel was ended by signal 9")
    assert "memory" in str(error)
    assert play("1 + 1", kernels=given)[0] is None
    error, _ = play("import os\nos._exit(3)", kernels=given)
    assert error == "DeadKernelError: the kernel ended by itself, with exit code 3."


def test_what_a_run_started_ends_with_it(play, kernels):
    error, folder = play(
        "import subprocess\nchild = subprocess.Popen(['sleep', '1000'])\nopen('pid', 'w').write(str(child.pid))",
        kernels=kernels,
    )
    assert error is None
    gone(int((folder / "pid").read_text()))


def gone(pid, seconds=15):
    """Wait until a process has ended."""
    for _ in range(int(seconds * 20)):
        with suppress(psutil.NoSuchProcess):
            if psutil.Process(pid).status() != psutil.STATUS_ZOMBIE:
                time.sleep(0.05)
                continue
        return
    raise AssertionError(f"process {pid} lives")


# The process that is forked from


def test_nothing_is_started_that_is_not_asked_for():
    before = {child.pid for child in psutil.Process().children()}
    with Kernels():
        assert {child.pid for child in psutil.Process().children()} <= before


def test_it_ends_with_the_batch_and_forks_none_for_other_variables(monkeypatch):
    """What a library reads when it is imported (OMP_NUM_THREADS, MPLBACKEND) would be that of before."""
    with Kernels() as own:
        forked = own.fork(["-f", "/nowhere/connection.json"], env=dict(os.environ), cwd=Path("/"))
        pid = own._process.pid
        monkeypatch.setenv("OMP_NUM_THREADS", "7")
        assert own.fork(["-f", "x.json"], env=dict(os.environ), cwd=Path("/")) is None
    gone(pid)
    gone(forked.pid)


def test_without_it_kernels_are_fresh(play):
    with Kernels() as own:
        assert play("1 + 1", kernels=own)[0] is None
        assert own._process
        os.kill(own._process.pid, signal.SIGKILL)
        own._process.wait()
        with pytest.warns(RuntimeWarning, match="cannot be forked"):
            assert play("1 + 1", kernels=own)[0] is None


def test_where_nothing_can_be_forked_kernels_are_fresh(play, monkeypatch):
    monkeypatch.setattr(warm, "available", lambda: False)
    with Kernels() as own:
        error, folder = play("import os\nopen('parent', 'w').write(str(os.getppid()))", kernels=own)
        assert error is None
        assert own._process is None
    assert int((folder / "parent").read_text()) == os.getpid()


def serving(change):
    """Start the process that is forked from, without its imports and with a change; and the socket to it."""
    script = "import sys, threading, time; from mic2025lab.runs.kernels import _forkserver as server; "
    script += f"server.preload = server.warm_up = lambda: None; {change}; server.main(int(sys.argv[1]))"
    ours, theirs = socket.socketpair()
    with theirs:
        command = [sys.executable, "-c", script, str(theirs.fileno())]
        return subprocess.Popen(command, pass_fds=[theirs.fileno()]), ours


def test_a_process_with_threads_is_not_forked_from():
    thread = "threading.Thread(target=time.sleep, args=(60,), daemon=True, name='a-library').start()"
    process, control = serving(thread)
    with control:
        assert json.loads(control.recv(4096)) == {"error": "an import started a thread (a-library)"}
        assert process.wait(15) == 0


def test_a_library_that_fails_when_it_is_imported_later_ends_no_kernel():
    fails = "server._PRELOAD['later'] = ['a-library']; server.importlib.import_module = lambda name: 1 / 0"
    process, control = serving(f"server._become = lambda *_: time.sleep(60); {fails}")
    with control, ExitStack() as opened:
        assert "ready" in json.loads(control.recv(4096))
        for _ in range(2):
            ours, theirs = map(opened.enter_context, socket.socketpair())
            socket.send_fds(control, [b"."], [theirs.fileno()])
            ours.sendall(b"{}\n")
            assert "pid" in json.loads(ours.recv(4096))
        with pytest.raises(subprocess.TimeoutExpired):
            process.wait(1)
    assert process.wait(15) == 0


def test_it_ends_by_itself_when_the_batch_is_gone_and_kills_a_kernel_that_would_go_on():
    process, control = serving("server._become = lambda *_: time.sleep(60)")
    ours, theirs = socket.socketpair()
    with ours, theirs:
        with control:
            assert "ready" in json.loads(control.recv(4096))
            socket.send_fds(control, [b"."], [theirs.fileno()])
            ours.sendall(b"{}\n")
            pid = json.loads(ours.recv(4096))["pid"]
        try:
            assert process.wait(15) == 0
        finally:
            process.kill()
        gone(pid)
