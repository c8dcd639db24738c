"""What a program that reads strangers' files may still do: read its own code, and speak through the pipes it has.

Linux only, by Landlock (files, signals, TCP) and seccomp (every socket, other programs, other processes). Both are
for good, for this process and whatever it might start. No Django in here, and nothing but the standard library.
"""

from __future__ import annotations

import ctypes
import os
import platform
import struct
import sysconfig
from collections.abc import Iterable
from pathlib import Path

HERE = Path(__file__).resolve().parent.parent

PR_SET_NO_NEW_PRIVS, PR_SET_SECCOMP, SECCOMP_MODE_FILTER = 38, 22, 2
# The same on every machine.
LANDLOCK_CREATE_RULESET, LANDLOCK_ADD_RULE, LANDLOCK_RESTRICT_SELF = 444, 445, 446
CREATE_RULESET_VERSION, RULE_PATH_BENEATH = 1, 1
READ_FILE, READ_DIR = 1 << 2, 1 << 3
TCP = 0b11  # bind and connect
SCOPED = 0b11  # abstract unix sockets, and signals to processes outside

# machine: (its AUDIT_ARCH, numbers of the system calls that are refused)
REFUSED = {
    "x86_64": (
        0xC000003E,
        {
            **{"socket": 41, "socketpair": 53, "execve": 59, "execveat": 322, "ptrace": 101},
            **{"process_vm_readv": 310, "process_vm_writev": 311, "open_by_handle_at": 304, "bpf": 321},
            **{"io_uring_setup": 425, "io_uring_enter": 426, "io_uring_register": 427, "pidfd_getfd": 438},
        },
    ),
    "aarch64": (
        0xC00000B7,
        {
            **{"socket": 198, "socketpair": 199, "execve": 221, "execveat": 281, "ptrace": 117},
            **{"process_vm_readv": 270, "process_vm_writev": 271, "open_by_handle_at": 265, "bpf": 280},
            **{"io_uring_setup": 425, "io_uring_enter": 426, "io_uring_register": 427, "pidfd_getfd": 438},
        },
    ),
}
# Berkeley packet filter, as seccomp reads it.
LOAD, JUMP_EQUAL, JUMP_AT_LEAST, ANSWER = 0x20, 0x15, 0x35, 0x06
ALLOW, WITH_ERROR, EPERM = 0x7FFF0000, 0x00050000, 1
NUMBER_AT, MACHINE_AT = 0, 4
OTHER_NUMBERS = 0x40000000  # x86-64's second set of numbers for the same calls


def confine() -> list[str]:
    """Give up what decoding does not need; what this system could not take away, in words. Call it once, before
    threads are started.
    """
    libc = ctypes.CDLL(None, use_errno=True)
    if not hasattr(libc, "prctl") or libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0):
        return ["files (Landlock)", "the network (seccomp)"]
    kept = []
    if not _no_files_but(libc, _code()):
        kept.append("files (Landlock)")
    if not _no_sockets(libc):
        kept.append("the network (seccomp)")
    return kept


def _code() -> set[str]:
    """Folders of Python, its packages and these programs, which import a thing or two on first use. Not the
    project's own folder: the site's may lie in it.
    """
    names = ("stdlib", "platstdlib", "purelib", "platlib")
    return {*(sysconfig.get_path(name) for name in names), str(HERE)}


def _no_files_but(libc: ctypes.CDLL, folders: Iterable[str]) -> bool:
    version = libc.syscall(LANDLOCK_CREATE_RULESET, None, 0, CREATE_RULESET_VERSION)
    if version < 1:
        return False
    rights = (1 << {1: 13, 2: 14, 3: 15, 4: 15}.get(version, 16)) - 1
    known = 1 + (version >= 4) + (version >= 6)
    attributes = struct.pack("=3Q", rights, TCP, SCOPED)[: 8 * known]
    rules = libc.syscall(LANDLOCK_CREATE_RULESET, attributes, len(attributes), 0)
    if rules < 0:
        return False
    try:
        for folder in folders:
            try:
                handle = os.open(folder, os.O_PATH | os.O_CLOEXEC)
            except FileNotFoundError:
                continue
            beneath = struct.pack("=Qi", READ_FILE | READ_DIR, handle)
            failed = libc.syscall(LANDLOCK_ADD_RULE, rules, RULE_PATH_BENEATH, beneath, 0)
            os.close(handle)
            if failed:
                return False
        return libc.syscall(LANDLOCK_RESTRICT_SELF, rules, 0) == 0  # type: ignore[no-any-return]
    finally:
        os.close(rules)


def _no_sockets(libc: ctypes.CDLL) -> bool:
    if platform.machine() not in REFUSED:
        return False
    steps = _filter(*REFUSED[platform.machine()])
    code = ctypes.create_string_buffer(steps, len(steps))
    # struct sock_fprog: how many steps, padded to a pointer, and where they are.
    program = struct.pack("@HP", len(steps) // 8, ctypes.addressof(code))
    return libc.prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, program, 0, 0) == 0  # type: ignore[no-any-return]


def _filter(machine: int, refused: dict[str, int]) -> bytes:
    """Refuses these numbers, those of another machine's calls, and nothing else."""
    numbers = list(refused.values())
    # From each comparison to the last step but one, which refuses.
    steps = [(LOAD, 0, 0, MACHINE_AT), (JUMP_EQUAL, 0, len(numbers) + 3, machine), (LOAD, 0, 0, NUMBER_AT)]
    steps.append((JUMP_AT_LEAST, len(numbers) + 1, 0, OTHER_NUMBERS))
    steps += [(JUMP_EQUAL, len(numbers) - place, 0, number) for place, number in enumerate(numbers)]
    steps += [(ANSWER, 0, 0, ALLOW), (ANSWER, 0, 0, WITH_ERROR | EPERM)]
    return b"".join(struct.pack("=HBBI", *step) for step in steps)
