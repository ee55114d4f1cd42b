# SPDX-License-Identifier: GPL-2.0-or-later
"""A line between a source and a destination, which breaks at a frame that a test names."""

import socket
import struct
import threading

OUT, BACK = 0, 1  # to the destination, and its answers


class Line:
    """Listens at @here, connects to @there, and passes frames on until one of @kind comes.

    What then: 'lose' nothing more of that direction, nor its end, comes through; 'hold' the
    same of both; 'cut' the connection ends; 'deaf' the frame is the last that comes through,
    and nothing can be answered.  But for that the frame itself is lost.
    """

    def __init__(self, here, there, way=None, kind=None, then=None):
        self.there, self.way, self.kind, self.then = there, way, kind, then
        self.reached = threading.Event()
        self.is_held = False
        self.ends = []
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(here)
        self.listener.listen(1)
        threading.Thread(target=self._run, daemon=True).start()

    def _run(self):
        source, _ = self.listener.accept()
        target = socket.socket(socket.AF_UNIX)
        target.connect(self.there)
        self.ends = [source, target]
        threading.Thread(target=self._pump, args=(BACK, target, source), daemon=True).start()
        self._pump(OUT, source, target)

    def _pump(self, way, reader, writer):
        data = b''

        def take(size):
            nonlocal data
            while len(data) < size:
                piece = reader.recv(1 << 20)
                if not piece:
                    raise EOFError
                data += piece
            taken, data = data[:size], data[size:]
            return taken

        try:
            if way == OUT:
                writer.sendall(take(12))
            while True:
                head = take(12)
                kind, size, _ = struct.unpack('<III', head)
                payload = take(size)
                if self.is_held:
                    return
                if way == self.way and kind == self.kind:
                    if self.then == 'deaf':
                        writer.shutdown(socket.SHUT_RD)
                        writer.sendall(head + payload)
                        self._end(reader)
                    self._break()
                    return
                writer.sendall(head + payload)
        except (EOFError, OSError):
            if not self.is_held:
                self._end(writer)

    def _break(self):
        self.is_held = self.then == 'hold'
        if self.then == 'cut':
            self.cut()
        self.reached.set()

    @staticmethod
    def _end(end):
        try:
            end.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass  # it has gone

    def cut(self):
        """The connection ends for both."""
        for end in self.ends:
            self._end(end)

    def close(self):
        self.cut()
        for end in (self.listener, *self.ends):
            end.close()
