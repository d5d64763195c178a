"""How much memory this process holds, and ending it when that is too much."""

from __future__ import annotations

import os
import sys
import time

OVER_MEMORY = 86
WATCH_SECONDS = 0.02


def resident_bytes(system: str = sys.platform) -> int:
    """The memory this process holds now (Linux, Windows) or held at most (elsewhere), in bytes."""
    if system == "linux":
        with open("/proc/self/statm", "rb") as file:  # noqa: PTH123 - pathlib costs start-up time
            return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    if system == "win32":
        return _windows_working_set()
    import resource

    used = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return used if system == "darwin" else used * 1024


def _windows_working_set() -> int:
    import ctypes

    from dpone.policy.engines.windows_memory import kernel32, working_set

    kernel = kernel32()
    kernel.GetCurrentProcess.restype = ctypes.c_void_p
    used = working_set(kernel.GetCurrentProcess())
    if used is None:
        raise OSError("K32GetProcessMemoryInfo failed")
    return used


def watch_memory(limit: int) -> None:
    """End the process when it holds more than `limit` bytes. The binding frees the GIL, so this thread
    runs while the engine does; address space limits are no use, because the engine reserves 268 GB."""
    while True:
        try:
            over = resident_bytes() > limit
        except Exception:  # noqa: BLE001 - what cannot be watched does not run
            os._exit(OVER_MEMORY + 1)
        if over:
            os._exit(OVER_MEMORY)
        time.sleep(WATCH_SECONDS)
