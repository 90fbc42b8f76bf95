"""The life of a child: limit itself, import, answer calls, end when the parent closes the pipe.

Runs in the child only; `viewer.sandbox.child` starts it. Imports nothing that a call does not need.
"""

from __future__ import annotations

import importlib
import os
import pickle
import signal
import sys
import threading
from typing import Any

from viewer.sandbox import transport
from viewer.sandbox.calls import Interrupted, Report

# RLIMIT_AS works on Linux; elsewhere the parent watches the child's resident size.
SYSTEM_LIMITS = sys.platform == "linux"
_THREAD_VARIABLES = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS")


def serve(
    pipe: Any, cancel: Any, memory_bytes: int, preload: tuple[str, ...]
) -> None:  # pragma: no cover - runs in the child
    """Answers calls until the pipe is closed."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    for variable in _THREAD_VARIABLES:
        os.environ[variable] = "1"
    _limit_memory(memory_bytes)
    for module in preload:
        importlib.import_module(module)
    try:
        pipe.send(("ready", None))
    except OSError:
        return  # the parent ended while this was starting
    send_lock = threading.Lock()

    def report(value: object) -> None:
        if cancel.is_set():
            raise Interrupted
        with send_lock:
            transport.send(pipe, ("report", value))

    while True:
        try:
            target, args, wants_report = pipe.recv()
        except (EOFError, OSError):
            return
        answer = _run(target, args, {"report": report} if wants_report else {})
        with send_lock:
            try:
                _send(pipe, answer)
            except OSError:
                return
        del target, args, answer  # a resting child holds no picture


def _run(
    target: str, args: tuple[object, ...], options: dict[str, Report]
) -> tuple[str, object]:  # pragma: no cover - runs in the child
    try:
        module, _, name = target.partition(":")
        function = getattr(importlib.import_module(module), name)
        return ("result", function(*args, **options))
    except Interrupted:
        return ("cancelled", None)
    except MemoryError:
        return ("memory", None)
    except Exception as error:  # noqa: BLE001 - whatever it was is raised at the caller
        return ("error", _portable(error))


def _portable(error: Exception) -> Exception:  # pragma: no cover - runs in the child
    """The exception if it survives the journey, else its kind in words."""
    try:
        pickle.loads(pickle.dumps(error))  # noqa: S301 - made one line above
    except Exception:  # noqa: BLE001 - an exception class may do anything when rebuilt
        return RuntimeError(type(error).__name__)
    return error


def _send(pipe: Any, answer: tuple[str, object]) -> None:  # pragma: no cover - in the child
    try:
        transport.send(pipe, answer)
    except (TypeError, AttributeError, ValueError, pickle.PicklingError):
        transport.send(pipe, ("error", RuntimeError(f"{type(answer[1]).__name__} cannot be sent")))


def _limit_memory(memory_bytes: int) -> None:  # pragma: no cover - runs in the child
    if not SYSTEM_LIMITS:
        return
    import resource

    resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))
