# SPDX-License-Identifier: GPL-2.0-or-later
"""A small QMP client: strict about framing, so that the tests notice what others forgive."""

import json
import socket
import time


class QmpError(Exception):
    """The monitor answered with an error; .name is its class, .text its description."""

    def __init__(self, reply):
        self.name = reply['error']['class']
        self.text = reply['error']['desc']
        super().__init__(f'{self.name}: {self.text}')


class Qmp:
    def __init__(self, path, timeout=60):
        deadline = time.monotonic() + timeout
        self.buffer = b''
        self.events = []
        while True:
            self.socket = socket.socket(socket.AF_UNIX)
            self.socket.settimeout(timeout)
            try:
                self.socket.connect(path)
                break
            except OSError:
                self.socket.close()
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.01)
        self.greeting = self.receive()

    def receive(self):
        """One message; None when the other side has closed."""
        while b'\n' not in self.buffer:
            try:
                piece = self.socket.recv(65536)
            except ConnectionResetError:
                piece = b''
            if not piece:
                return None
            self.buffer += piece
        line, self.buffer = self.buffer.split(b'\n', 1)
        assert line.endswith(b'\r'), f'line does not end in CR LF: {line!r}'
        return json.loads(line)

    def send_raw(self, data):
        self.socket.sendall(data)

    def reply(self):
        """The next message that is no event; events met on the way are kept."""
        while True:
            message = self.receive()
            if message is None or 'event' not in message:
                return message
            self.events.append(message)

    def capabilities(self):
        return self.command('qmp_capabilities')

    def command(self, name, **arguments):
        request = {'execute': name, 'id': name}
        if arguments:
            request['arguments'] = {key.replace('_', '-').rstrip('-'): value
                                    for key, value in arguments.items()}
        self.send_raw(json.dumps(request).encode() + b'\r\n')
        reply = self.reply()
        assert reply is not None, f'connection closed during {name}'
        assert reply.get('id') == name, reply
        if 'error' in reply:
            raise QmpError(reply)
        return reply['return']

    def wait_event(self, name):
        """The first event of that name, also one that came before."""
        while True:
            for message in self.events:
                if message['event'] == name:
                    self.events.remove(message)
                    return message
            message = self.receive()
            assert message is not None, f'connection closed while waiting for {name}'
            if 'event' in message:
                self.events.append(message)

    def drain(self):
        """Everything until the other side closes."""
        while True:
            message = self.receive()
            if message is None:
                return self.events
            if 'event' in message:
                self.events.append(message)

    def close(self):
        self.socket.close()
