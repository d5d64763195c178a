"""How much memory a process of Windows holds: one call for those who watch another process and for the worker."""

from __future__ import annotations

import ctypes
from typing import Any


class _Counters(ctypes.Structure):
    """PROCESS_MEMORY_COUNTERS (psapi.h)."""

    _fields_ = (
        ("size", ctypes.c_uint32),
        ("faults", ctypes.c_uint32),
        ("peak", ctypes.c_size_t),
        ("working_set", ctypes.c_size_t),
        *((f"quota_{i}", ctypes.c_size_t) for i in range(6)),
    )


def kernel32() -> Any:
    """The library of Windows that has the calls; it exists there only."""
    return getattr(ctypes, "windll").kernel32  # noqa: B009 - the attribute exists on Windows only


def working_set(handle: Any) -> int | None:
    """WorkingSetSize in bytes of the process behind a handle, or None where Windows does not say."""
    counters = _Counters(size=ctypes.sizeof(_Counters))
    ask = kernel32().K32GetProcessMemoryInfo
    ask.argtypes = (ctypes.c_void_p, ctypes.c_void_p, ctypes.c_uint32)
    return int(counters.working_set) if ask(handle, ctypes.byref(counters), counters.size) else None
