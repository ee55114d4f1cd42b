# SPDX-License-Identifier: GPL-2.0-or-later
"""The terminal is left as it was found, however the monitor ends."""

import os
import pty
import signal
import subprocess
import termios
import time

import pytest


def read_until(master, wanted, seconds=60):
    text, deadline = b'', time.monotonic() + seconds
    while wanted not in text:
        assert time.monotonic() < deadline, text
        text += os.read(master, 65536)
    return text


@pytest.fixture
def terminal():
    master, slave = pty.openpty()
    yield master, slave
    os.close(master)
    os.close(slave)


@pytest.mark.parametrize('ending', ['poweroff', 'sigterm', 'escape'])
def test_terminal_settings_come_back(monitor, kvm, machine, guest, terminal, ending):
    master, slave = terminal
    before = termios.tcgetattr(slave)
    process = subprocess.Popen(
        [monitor, '-M', machine, '-m', '64', '-nodefaults', '-display', 'none', '-serial',
         'mon:stdio' if ending == 'escape' else 'stdio', '-kernel', guest, '-append',
         'exit=poweroff' if ending == 'poweroff' else 'exit=loop'],
        stdin=slave, stdout=slave, stderr=slave)
    try:
        read_until(master, b'done=ok')
        if ending != 'poweroff':
            assert termios.tcgetattr(slave)[3] & termios.ICANON == 0
        if ending == 'sigterm':
            process.send_signal(signal.SIGTERM)
        elif ending == 'escape':
            os.write(master, b'\x01x')
        assert process.wait(20) == 0
    finally:
        process.kill()
        process.wait()
    assert termios.tcgetattr(slave) == before
