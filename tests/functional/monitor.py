# SPDX-License-Identifier: GPL-2.0-or-later
"""Runs the built monitor with a guest on its serial port."""

import os
import re
import signal
import subprocess
import threading
import time

from qmp import Qmp

# Seconds after which something that is waited for will not come; on a busy machine others
# may have the processors for a while.  Waiting longer costs only a test that fails.
PATIENCE = 180


def facts(text):
    """The vpmu-guest lines of @text as a dictionary; of a repeated key the last value."""
    return dict(re.findall(r'^vpmu-guest: ([^=\n]+)=(.*)$', text.replace('\r', ''),
                           re.MULTILINE))


def is_listening(address):
    """Whether somebody listens at unix:PATH or tcp:HOST:PORT.  The kernel is asked: a
    connection, even to look, would be a peer's."""
    kind, _, place = address.partition(':')
    if kind == 'unix':
        with open('/proc/net/unix', encoding='utf-8', errors='replace') as sockets:
            # Num: RefCount Protocol Flags Type St Inode Path
            rows = [line.rstrip('\n').split(None, 7) for line in sockets]
        return any(row[7:] == [place] and row[3] == '00010000' for row in rows)
    port = f':{int(place.rpartition(":")[2]):04X}'
    for name in ('tcp', 'tcp6'):
        if os.path.exists(f'/proc/net/{name}'):
            with open(f'/proc/net/{name}', encoding='utf-8') as sockets:
                rows = [line.split() for line in sockets]
            if any(row[1].endswith(port) and row[3] == '0A' for row in rows):
                return True
    return False


class Monitor:
    """One run of a monitor: serial port on its standard output, QMP on a socket."""

    def __init__(self, program, folder, *options, qmp=True, serial='stdio', stdin=None,
                 environment=None):
        self.socket_path = os.path.join(folder, f'qmp-{time.monotonic_ns()}')
        command = [program, '-nodefaults', '-display', 'none']
        if serial:
            command += ['-serial', serial]
        if qmp:
            command += ['-qmp', f'unix:{self.socket_path},server=on,wait=off']
        self.command = command + [str(option) for option in options]
        self.output = b''
        self.errors = b''
        self.process = subprocess.Popen(
            self.command, stdin=subprocess.DEVNULL if stdin is None else stdin,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            env=dict(os.environ, **(environment or {})))
        self.readers = [threading.Thread(target=self._read, args=(name,), daemon=True)
                        for name in ('output', 'errors')]
        for reader in self.readers:
            reader.start()
        self._qmp = None
        self._wait_to_listen()

    def _wait_to_listen(self):
        """A destination can be connected to once this is over, or says why not."""
        address = self.command[self.command.index('-incoming') + 1] \
            if '-incoming' in self.command[:-1] else ''
        deadline = time.monotonic() + PATIENCE
        while address.startswith(('unix:', 'tcp:')) and self.process.poll() is None and \
                not is_listening(address):
            assert time.monotonic() < deadline, f'it does not listen\n{self.explain()}'
            time.sleep(0.01)

    def _read(self, name):
        stream = self.process.stdout if name == 'output' else self.process.stderr
        while True:
            piece = os.read(stream.fileno(), 65536)
            if not piece:
                return
            setattr(self, name, getattr(self, name) + piece)

    @property
    def qmp(self):
        """The QMP connection, capabilities negotiated."""
        if not self._qmp:
            self._qmp = Qmp(self.socket_path)
            self._qmp.capabilities()
        return self._qmp

    @property
    def text(self):
        return self.output.decode(errors='replace').replace('\r', '')

    @property
    def complaints(self):
        """Lines of standard error, but for the CPUID bits some KVM keeps as it likes."""
        return [line for line in self.error_text.splitlines()
                if 'warning: cpuid-' not in line]

    @property
    def error_text(self):
        return self.errors.decode(errors='replace')

    def facts(self):
        return facts(self.text)

    def wait(self, timeout=PATIENCE):
        """The exit status, everything read."""
        try:
            status = self.process.wait(timeout)
        except subprocess.TimeoutExpired:
            raise AssertionError(f'still running after {timeout} s\n{self.explain()}')
        for reader in self.readers:
            reader.join(5)
        return status

    def wait_text(self, wanted, timeout=PATIENCE, count=1):
        deadline = time.monotonic() + timeout
        while self.text.count(wanted) < count:
            assert time.monotonic() < deadline and (
                self.process.poll() is None or self.text.count(wanted) >= count), \
                f'no {wanted!r}\n{self.explain()}'
            time.sleep(0.01)

    def terminate(self):
        self.process.send_signal(signal.SIGTERM)

    def descriptors(self):
        """What /proc says about open descriptors: number -> (target, is close-on-exec)."""
        found = {}
        base = f'/proc/{self.process.pid}'
        for name in os.listdir(base + '/fd'):
            try:
                with open(f'{base}/fdinfo/{name}') as stream:
                    flags = int(re.search(r'^flags:\s*(\d+)', stream.read(),
                                          re.MULTILINE).group(1), 8)
                found[int(name)] = (os.readlink(f'{base}/fd/{name}'),
                                    bool(flags & os.O_CLOEXEC))
            except FileNotFoundError:
                pass
        return found

    def close(self):
        if self._qmp:
            self._qmp.close()
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        for reader in self.readers:
            reader.join(5)
        self.process.stdout.close()
        self.process.stderr.close()

    def explain(self):
        return (f'command: {" ".join(self.command)}\nstatus: {self.process.poll()}\n'
                f'output:\n{self.text}\nerrors:\n{self.error_text}')
