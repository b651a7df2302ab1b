"""The Python process that executes a notebook: a new one, or one forked from a process that has imported the libraries.

Papermill and nbclient execute notebooks through jupyter_client, which starts a new Python for each. Starting and importing is most of a
small run, so a batch forks its kernels instead (40 runs in 33 seconds instead of 92 on two cores). The modules:

- `kernel`: executes one notebook through papermill, and ends it when its time is over.
- `warm`: `Kernels`, the parent process of forked kernels, and `ForkedKernel`, one of them as a `subprocess.Popen`.
- `_forkserver`: what runs in the parent process: imports, draws a figure to fill caches, forks, passes signals on, reports exit codes.
- `_manager`: what papermill is given instead of jupyter_client's defaults.

What `_manager` overrides, and why:

- `AsyncKernelManager._async_start_kernel`: sets folder and environment of one kernel without changing those of this process, and uses
  our provisioner. `_async_interrupt_kernel`: no interrupt for a kernel that is about to be killed. `_transport_encryption_default`:
  CurveZMQ where available, so that no other user of the machine can listen.
- `KernelSpecManager.get_kernel_spec`: this interpreter's ipykernel, whatever kernel is installed under the name python3.
- `LocalProvisioner.launch_kernel`: a fork instead of a new process. `kill`: waits for the end, which takes milliseconds.
- `AsyncKernelClient.wait_for_ready`: does not wait 0.2 seconds for messages that nbclient skips.
- papermill's `NBClientEngine.execute_managed_notebook`: the notebook is written once at its end, without paths of this machine.

`tests/runs/test_overrides.py` fails when jupyter_client or papermill changes one of these, or a method that they rely on: read the new
version, adapt `_manager`, then update the hash in the test.
"""
