#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""A monitor that libvirt takes for one on a recorded host.

    recorded_emulator.py MONITOR PROFILE OPTION...

libvirt's questions (-machine none) are answered by MONITOR as on PROFILE's host. Such a monitor
says that there is no KVM, as nothing can run there; here KVM is said to be enabled, so that
libvirt goes on to judge guests. Anything else is run by MONITOR on the live host.
"""

import os
import signal
import socket
import subprocess
import sys
import threading

NO_KVM = b'{"enabled":false,"present":false}'
KVM = b'{"enabled":true,"present":true}'


def answer(client, monitor):
    """Carry questions and answers until either side ends."""
    def carry_answers():
        for line in monitor.stdout:
            client.sendall(line.replace(NO_KVM, KVM))
        client.shutdown(socket.SHUT_RDWR)

    threading.Thread(target=carry_answers, daemon=True).start()
    while data := client.recv(65536):
        os.write(monitor.stdin.fileno(), data)


def main():
    program, profile, *options = sys.argv[1:]
    values = dict(zip(options, options[1:]))
    if not values.get('-machine', '').startswith('none'):
        os.execv(program, [program, *options])
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(values['-qmp'].removeprefix('unix:').partition(',')[0])
    listener.listen()
    child = os.fork()
    if child:
        with open(values['-pidfile'], 'w', encoding='ascii') as stream:
            stream.write(f'{child}\n')
        os._exit(0)
    os.setsid()
    monitor = subprocess.Popen(
        [program, '-nodefaults', '-display', 'none', '-machine', 'none', '-accel',
         f'kvm,host-profile={profile}', '-qmp', 'stdio'],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    with open(os.devnull, 'r+b', buffering=0) as null:
        for number in range(3):
            os.dup2(null.fileno(), number)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit())  # how libvirt ends its questions
    try:
        answer(listener.accept()[0], monitor)
    finally:
        monitor.kill()


if __name__ == '__main__':
    main()
