"""Whose death is seen."""

import os
import signal
import subprocess

from jobs import holders


def held_by(process: int) -> str:
    return f"{holders.here()}{process} {holders._started(process)}"


def test_this_process_lives():
    assert holders.me().startswith(holders.here())
    assert not holders.is_dead(holders.me())


def test_a_process_is_dead_as_soon_as_it_is_killed_and_not_while_it_is_stopped():
    with subprocess.Popen(["sleep", "60"]) as child:
        holder = held_by(child.pid)
        child.send_signal(signal.SIGSTOP)
        assert not holders.is_dead(holder)
        child.kill()
        # Dead and not yet buried: nobody has waited for it.
        os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
        assert holders.is_dead(holder)
    assert holders.is_dead(holder)


def test_an_id_given_out_again_is_another_process():
    assert holders.is_dead(f"{holders.here()}{os.getpid()} 1")


def test_of_others_nothing_is_known():
    one, boot, processes, user = holders.here().split()
    for machine in (
        f"other {boot} {processes} {user}",
        f"{one} other {processes} {user}",
        f"{one} {boot} 1 {user}",
        f"{one} {boot} {processes} 77777",
    ):
        assert not holders.is_dead(f"{machine} 999999 1")
    for text in ("", "x", "1 2", f"{holders.here()}x 1", holders.here()):
        assert not holders.is_dead(text)


def test_where_the_system_does_not_tell_leases_run_out(monkeypatch, tmp_path):
    monkeypatch.setattr(holders, "PROC", tmp_path)
    holders._machine.cache_clear()
    try:
        assert holders.me() == holders.here() == ""
        assert not holders.is_dead("a b c d 1 1")
    finally:
        holders._machine.cache_clear()
