"""Runs a program as a process of its own and measures the whole of it: seconds, processor seconds, peak memory."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass

from rag.errors import AskpapersError

# `ru_maxrss` counts kibibytes, on macOS bytes.
_RSS_UNIT = 1 if sys.platform == "darwin" else 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Finished:
    """A process that ended well: wall-clock and processor (user and system) seconds, peak resident memory in MB (10^6
    bytes), and what it printed."""

    wall_s: float
    cpu_s: float
    peak_mb: float
    output: str


def run_process(command: Sequence[str], *, what: str) -> Finished:
    """Runs a command to its end; its environment is that of this process. `what` names it in errors.

    The kernel's figures of exactly this child are taken (`getrusage`, through wait4). On Linux a child's peak begins at
    its parent's size, so the caller should be small beside what it measures. Raises AskpapersError when the command
    cannot be started or fails.
    """
    _check_system()
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        started = time.perf_counter()
        try:
            process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=out, stderr=err)
        except OSError as error:
            raise AskpapersError(f"{what}: cannot start {command[0]}: {error.strerror or error}") from error
        try:
            _, status, usage = os.wait4(process.pid, 0)
        except BaseException:
            process.kill()
            process.wait()
            raise
        wall_s = time.perf_counter() - started
        process.returncode = os.waitstatus_to_exitcode(status)
        out.seek(0)
        err.seek(0)
        output, complaint = (file.read().decode("utf-8", "replace") for file in (out, err))
    if process.returncode != 0:
        last = (complaint.strip().splitlines() or ["it said nothing"])[-1]
        raise AskpapersError(f"{what} ended with exit code {process.returncode}: {last}")
    return Finished(
        wall_s=wall_s, cpu_s=usage.ru_utime + usage.ru_stime, peak_mb=usage.ru_maxrss * _RSS_UNIT / 1e6, output=output
    )


def load_average() -> float:
    """How many processes used or waited for a core over the last minute, on average."""
    _check_system()
    return os.getloadavg()[0]


def _check_system() -> None:
    if not hasattr(os, "wait4"):
        raise AskpapersError("time and memory of processes can be measured on Linux and macOS only")
