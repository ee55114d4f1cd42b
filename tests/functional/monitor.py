# SPDX-License-Identifier: GPL-2.0-or-later
"""Runs the built monitor with a guest on its serial port."""

import os
import re
import signal
import subprocess
import threading
import time

from qmp import Qmp


def facts(text):
    """The vpmu-guest lines of @text as a dictionary; of a repeated key the last value."""
    return dict(re.findall(r'^vpmu-guest: ([^=\n]+)=(.*)$', text.replace('\r', ''),
                           re.MULTILINE))


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
    def error_text(self):
        return self.errors.decode(errors='replace')

    def facts(self):
        return facts(self.text)

    def wait(self, timeout=60):
        """The exit status, everything read."""
        try:
            status = self.process.wait(timeout)
        except subprocess.TimeoutExpired:
            raise AssertionError(f'still running after {timeout} s\n{self.explain()}')
        for reader in self.readers:
            reader.join(5)
        return status

    def wait_text(self, wanted, timeout=60, count=1):
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
