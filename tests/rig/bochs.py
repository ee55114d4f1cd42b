#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The Bochs rig: Debian's amd64 kernel with real kvm_intel on an emulated Intel CPU.

Bochs interprets VMX, which no other packaged emulator does.  It is slow: keep jobs short.

By hand:  python3 tests/rig/bochs.py [--fakepmu intel|pebs] [--file DEST=SRC]...
              'shell commands'
"""

import argparse
import os
import pty
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
import tty

FOLDER = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [FOLDER, os.path.join(FOLDER, 'fakepmu')]

import build as fakepmu_build  # noqa: E402
import fetch  # noqa: E402
import flatkernel  # noqa: E402
import machine  # noqa: E402

LIBRARY_FOLDERS = ('/lib/x86_64-linux-gnu', '/usr/lib/x86_64-linux-gnu', '/lib64')
ISOLINUX = '/usr/lib/ISOLINUX/isolinux.bin'
LDLINUX = '/usr/lib/syslinux/modules/bios/ldlinux.c32'
BIOS = '/usr/share/bochs/BIOS-bochs-latest'
VGABIOS = '/usr/share/bochs/VGABIOS-lgpl-latest'
MODEL = 'corei7_skylake_x'

# The made-up PMUs by name: parameters of the module.
FAKE_PMUS = {
    'intel': 'version=2 counters=4 fixed=3',
    'pebs': 'version=2 counters=4 fixed=3 pebs=1 lbr=32',
}

KERNEL_LINE = ('console=ttyS0,115200n8 panic=-1 nokaslr mitigations=off random.trust_cpu=on '
               'idle=poll quiet')

STATUS = r'^RIG-STATUS=\d+\n'

# No mouse, no sound (ALSA without a card ends Bochs), no network: every device costs time.
BOCHSRC = '''
config_interface: textconfig
display_library: term
memory: guest=1024, host=1024
romimage: file={bios}, options=fastboot
vgaromimage: file={vgabios}
cpu: model={model}, count=1, ips={ips}, reset_on_triple_fault=0{msrs}
ata0: enabled=1, ioaddr1=0x1f0, ioaddr2=0x3f0, irq=14
ata0-master: type=cdrom, path={iso}, status=inserted
boot: cdrom
sound: waveoutdrv=dummy, waveindrv=dummy, midioutdrv=dummy
speaker: enabled=1, mode=none
clock: sync=none
com1: enabled=1, mode=term, dev={console}
log: {log}
panic: action=fatal
error: action=ignore
info: action=ignore
debug: action=ignore
'''

ISOLINUX_CONFIG = '''default linux
prompt 0
timeout 0
label linux
kernel /vmlinuz
append initrd=/initrd.gz {append}
'''


def modules_for(kernel, fakepmu):
    irqbypass, kvm, vendor = (kernel.module(name) for name in
                              ('irqbypass', 'kvm', 'kvm-intel'))
    if not fakepmu:
        return [irqbypass, kvm, vendor]
    ours = fakepmu_build.modules(kernel)
    return [(ours['fakepmu'], FAKE_PMUS[fakepmu]), irqbypass, kvm, vendor]


def make_disc(folder, kernel, initrd, append):
    disc = os.path.join(folder, 'disc')
    os.makedirs(os.path.join(disc, 'isolinux'))
    flatkernel.write(os.path.join(disc, 'vmlinuz'), kernel)
    shutil.move(initrd, os.path.join(disc, 'initrd.gz'))
    for source in (ISOLINUX, LDLINUX):
        shutil.copy(source, os.path.join(disc, 'isolinux'))
    with open(os.path.join(disc, 'isolinux', 'isolinux.cfg'), 'w') as stream:
        stream.write(ISOLINUX_CONFIG.format(append=append))
    path = os.path.join(folder, 'disc.iso')
    subprocess.run(['genisoimage', '-quiet', '-o', path, '-b', 'isolinux/isolinux.bin',
                    '-c', 'isolinux/boot.cat', '-no-emul-boot', '-boot-load-size', '4',
                    '-boot-info-table', '-R', disc], check=True, capture_output=True)
    return path


class Terminal:
    """A terminal whose other end we read; a file would keep its last lines in a buffer."""

    def __init__(self, watch=False):
        self.watch = watch
        self.leader, self.follower = pty.openpty()
        tty.setraw(self.follower)
        self.path = os.ttyname(self.follower)
        self.data = b''
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self):
        try:
            while True:
                piece = os.read(self.leader, 65536)
                self.data += piece
                if self.watch:
                    os.write(1, piece)
        except OSError:
            pass

    @property
    def text(self):
        return self.data.decode(errors='replace').replace('\r', '')

    def close(self):
        os.close(self.follower)
        os.close(self.leader)


def drain_display(screen, process):
    """Bochs opens one more terminal for the guest's display, and stops where it is full."""
    while process.poll() is None:
        match = re.search(r'connected to screen "(/dev/pts/\d+)"', screen.text)
        if match:
            display = os.open(match[1], os.O_RDONLY | os.O_NOCTTY)
            try:
                while os.read(display, 65536):
                    pass
            except OSError:
                pass
            os.close(display)
            return
        time.sleep(0.1)


def emulate(command, folder, console, timeout):
    """Run Bochs on a terminal of its own until the rig says its status, or for @timeout."""
    start = time.monotonic()
    screen = Terminal()
    process = subprocess.Popen(command, cwd=folder, stdin=screen.follower,
                               stdout=screen.follower, stderr=screen.follower,
                               process_group=0,  # a session would be scheduled by itself
                               env=dict(os.environ, TERM='xterm', LINES='30', COLUMNS='100'))
    threading.Thread(target=drain_display, args=(screen, process), daemon=True).start()
    timed_out = False
    try:
        while process.poll() is None and not timed_out:
            time.sleep(0.2)
            # Nothing of interest comes after it, and power-off does not end Bochs.
            if re.search(STATUS, console.text, re.MULTILINE):
                break
            timed_out = time.monotonic() - start > timeout
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        screen.close()
    text = console.text
    if not re.search(STATUS, text, re.MULTILINE):
        text += '\nscreen of Bochs:\n' + re.sub(r'\x1b[\[()][0-9;?]*[A-Za-z0-9]', ' ',
                                                screen.text)[-3000:]
    return machine.Result(text, time.monotonic() - start, timed_out)


def run(script, files=None, timeout=280, append='', fakepmu='intel', msrs=None,
        model=MODEL, ips=100000000, watch=False, series=''):
    """Boot, load the made-up PMU and kvm_intel, run the shell commands @script, power off.

    @files: path inside -> path here, a file (ELF programs bring their libraries) or folder.
    @fakepmu: a name of FAKE_PMUS or None.  @msrs: text of a Bochs file of MSRs.
    @series: of the kernel, the usual one where empty.
    @watch: copy the console to standard output as it comes.
    Raises fetch.Unavailable where a part of the rig cannot be had.
    """
    machine.need('bochs', 'genisoimage')
    for path in (ISOLINUX, LDLINUX, BIOS, VGABIOS):
        if not os.path.exists(path):
            raise fetch.Unavailable(f'{path} is not installed')
    kernel = fetch.Kernel('amd64', series)
    modules = modules_for(kernel, fakepmu)
    with tempfile.TemporaryDirectory(prefix='vpmu-rig-') as folder:
        initrd = os.path.join(folder, 'initrd.gz')
        machine.rig_initramfs(initrd, script, fetch.busybox('amd64'), files or {}, modules,
                              LIBRARY_FOLDERS)
        iso = make_disc(folder, kernel, initrd, f'{KERNEL_LINE} rdinit=/init {append}')
        console = Terminal(watch or 'VPMU_RIG_WATCH' in os.environ)
        extra = ''
        if msrs:
            with open(os.path.join(folder, 'msrs.def'), 'w') as stream:
                stream.write(msrs)
            extra = ', msrs="msrs.def"'
        with open(os.path.join(folder, 'bochsrc'), 'w') as stream:
            stream.write(BOCHSRC.format(bios=BIOS, vgabios=VGABIOS, model=model, ips=ips,
                                        iso=iso, console=console.path, msrs=extra,
                                        log=os.path.join(folder, 'log')))
        # Debian's Bochs has its debugger on; it asks for a command before it starts.
        with open(os.path.join(folder, 'go'), 'w') as stream:
            stream.write('c\n')
        result = emulate(['bochs', '-q', '-f', 'bochsrc', '-rc', 'go'], folder, console,
                         timeout * machine.patience())
        console.close()
        if result.status is None:
            log = os.path.join(folder, 'log')
            if os.path.exists(log):
                with open(log, errors='replace') as stream:
                    result.console += '\nBochs log:\n' + stream.read()[-3000:]
        return result


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('--timeout', type=int, default=280)
    parser.add_argument('--append', default='')
    parser.add_argument('--fakepmu', default='intel', choices=sorted(FAKE_PMUS))
    parser.add_argument('--msrs', help='file of MSRs for Bochs')
    parser.add_argument('--model', default=MODEL)
    parser.add_argument('--kernel', default='', help='series of the kernel, such as 6.12')
    parser.add_argument('--file', action='append', default=[], metavar='DEST=SRC')
    parser.add_argument('script')
    args = parser.parse_args()
    msrs = None
    if args.msrs:
        with open(args.msrs) as stream:
            msrs = stream.read()
    try:
        result = run(args.script, dict(pair.split('=', 1) for pair in args.file),
                     args.timeout, args.append, args.fakepmu, msrs, args.model,
                     watch=True, series=args.kernel)
    except fetch.Unavailable as reason:
        sys.exit(f'Bochs rig: {reason}')
    if not result.ok:
        print(result.console[-4000:])
    print(f'status {result.status}, {result.seconds:.1f} s')
    sys.exit(0 if result.ok else 1)


if __name__ == '__main__':
    main()
