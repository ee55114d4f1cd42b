#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Debian packages for the rigs: downloaded once, unpacked, never installed.

By hand:  python3 tests/rig/fetch.py all | arm64 | amd64 | sysroot
"""

import fcntl
import functools
import glob
import hashlib
import lzma
import os
import re
import shutil
import subprocess
import sys
import tempfile

# The arm64 build: libraries with their headers, and what those need.  libfdt-dev cannot
# be installed for two architectures at once, hence a folder instead of the system.
SYSROOT_PACKAGES = (
    'libc6', 'libgcc-s1', 'libglib2.0-0', 'libglib2.0-dev', 'libpcre2-8-0', 'libpcre2-dev',
    'libffi8', 'libffi-dev', 'libmount1', 'libmount-dev', 'libblkid1', 'libblkid-dev',
    'libselinux1', 'libselinux1-dev', 'libsepol2', 'libsepol-dev', 'zlib1g', 'zlib1g-dev',
    'libjson-c5', 'libjson-c-dev', 'libfdt1', 'libfdt-dev', 'libpixman-1-0',
    'libpixman-1-dev', 'libslirp0', 'libslirp-dev', 'libseccomp2', 'libseccomp-dev',
    'liburing2', 'liburing-dev', 'libzstd1', 'libzstd-dev', 'libdeflate0', 'libdeflate-dev',
)

# perf and what it is linked with; scripting engines included, it does not start without.
PERF_PACKAGES = (
    'linux-perf', 'libbabeltrace1', 'libcap2', 'libdw1', 'libelf1', 'liblzma5', 'libnuma1',
    'libopencsd1', 'libperl5.36', 'libpython3.11', 'libslang2', 'libunwind8', 'libzstd1',
    'zlib1g', 'libc6', 'libgcc-s1', 'libstdc++6', 'libglib2.0-0', 'libpcre2-8-0', 'libuuid1',
    'libbz2-1.0', 'libcrypt1', 'libexpat1', 'libssl3', 'libdebuginfod1',
    'libcurl3-gnutls', 'libtinfo6',
)


class Unavailable(Exception):
    """The archive cannot be reached, or a package is not in it: a reason to skip."""


def cache_folder():
    folder = os.environ.get('VPMU_RIG_CACHE') or os.path.expanduser('~/.cache/vpmu-rig')
    os.makedirs(folder, exist_ok=True)
    return folder


def run(*command, **options):
    return subprocess.run(command, text=True, capture_output=True, **options)


def as_root(*command):
    """By sudo where needed and there; it may fail, but it does not ask."""
    if os.geteuid() and shutil.which('sudo'):
        command = ('sudo', '-n', *command)
    return run(*command)


def ensure_architecture(arch):
    """Make apt know @arch; needs root once."""
    known = run('dpkg', '--print-architecture').stdout.split()
    known += run('dpkg', '--print-foreign-architectures').stdout.split()
    if arch in known:
        return
    if as_root('dpkg', '--add-architecture', arch).returncode:
        raise Unavailable(f'apt does not know {arch}; as root: dpkg --add-architecture {arch}')
    as_root('apt-get', '-qq', 'update')


class Lock:
    """Several test runs may share the cache."""

    def __enter__(self):
        self.file = open(os.path.join(cache_folder(), 'lock'), 'w')
        fcntl.flock(self.file, fcntl.LOCK_EX)

    def __exit__(self, *unused):
        self.file.close()


def unpacked(name, arch):
    """Folder of an unpacked package, or None."""
    folder = os.path.join(cache_folder(), 'unpacked', f'{name}_{arch}')
    return folder if os.path.exists(os.path.join(folder, '.complete')) else None


def download(names, arch):
    """apt-get download into a fresh folder; returns the folder."""
    ensure_architecture(arch)
    folder = tempfile.mkdtemp(dir=cache_folder(), prefix='download-')
    # An unprivileged helper user of apt cannot write here; root does it itself.
    got = run('apt-get', '-qq', '-o', 'APT::Sandbox::User=root', 'download',
              *[f'{name}:{arch}' for name in names], cwd=folder)
    if got.returncode:
        shutil.rmtree(folder)
        reason = next((line for line in got.stderr.splitlines() if line.startswith('E:')),
                      got.stderr.strip())
        raise Unavailable(f'cannot download {" ".join(names)} for {arch}: {reason}')
    return folder


def packages(names, arch):
    """Folders of the unpacked packages @names, fetched where needed."""
    with Lock():
        missing = [name for name in names if not unpacked(name, arch)]
        if missing:
            folder = download(missing, arch)
            for name in missing:
                deb = glob.glob(os.path.join(folder, glob.escape(name) + '_*.deb'))
                target = os.path.join(cache_folder(), 'unpacked', f'{name}_{arch}')
                shutil.rmtree(target, ignore_errors=True)
                os.makedirs(target)
                if not deb or run('dpkg', '-x', deb[0], target).returncode:
                    raise Unavailable(f'cannot unpack {name} for {arch}')
                open(os.path.join(target, '.complete'), 'w').close()
            shutil.rmtree(folder)
    return [unpacked(name, arch) for name in names]


def package(name, arch):
    return packages([name], arch)[0]


@functools.lru_cache(maxsize=None)
def kernel_package(arch, series=''):
    """The versioned package behind linux-image-ARCH, or the newest of a SERIES such as 6.12."""
    ensure_architecture(arch)
    prefix = f'linux-image-{series}.' if series else 'linux-image-'
    metas = [f'linux-image-{series}-{arch}'] if series else []
    for meta in metas + [f'linux-image-{arch}']:
        listing = run('apt-cache', 'depends', f'{meta}:{arch}').stdout
        match = re.search(r'Depends: (linux-image-[0-9][^:\s]*)', listing)
        if match and match.group(1).startswith(prefix):
            return match.group(1)
    cached = sorted(glob.glob(os.path.join(cache_folder(), 'unpacked',
                                           f'{glob.escape(prefix)}[0-9]*_{arch}')))
    if cached:
        return os.path.basename(cached[-1]).rsplit('_', 1)[0]
    raise Unavailable(f'the archive has no {(metas or [meta])[0]}; apt-get update may be needed')


class Kernel:
    """An unpacked kernel package."""

    def __init__(self, arch, series=''):
        self.arch = arch
        self.name = kernel_package(arch, series)
        self.folder = package(self.name, arch)
        self.release = self.name[len('linux-image-'):]
        self.image = os.path.join(self.folder, 'boot', f'vmlinuz-{self.release}')

    def module(self, name):
        """Path of module @name (hyphens and underscores are the same)."""
        wanted = name.replace('-', '_') + '.ko'
        for where, _, names in os.walk(os.path.join(self.folder, 'lib', 'modules')):
            for candidate in names:
                if candidate.replace('-', '_') == wanted:
                    return os.path.join(where, candidate)
                if candidate.replace('-', '_') == wanted + '.xz':
                    return self.unpacked_module(os.path.join(where, candidate))
        raise Unavailable(f'{self.name} has no module {name}')

    def unpacked_module(self, packed):
        """Newer kernels pack their modules; busybox loads plain ones."""
        plain = packed[:-len('.xz')]
        if os.path.exists(plain):
            return plain
        with Lock(), lzma.open(packed) as source, open(plain + '.new', 'wb') as target:
            shutil.copyfileobj(source, target)
            os.rename(plain + '.new', plain)
        return plain

    def headers(self):
        """Folder to build modules in: the packages of the headers, put together."""
        listing = run('apt-cache', 'depends', f'linux-headers-{self.release}').stdout
        names = [f'linux-headers-{self.release}']
        names += re.findall(r'Depends: (linux-(?:headers|kbuild)-[^:\s]*)', listing)
        root = os.path.join(cache_folder(), f'headers-{self.release}')
        source = os.path.join(root, 'usr', 'src')
        folders = packages(names, self.arch)
        with Lock():
            if not os.path.exists(os.path.join(root, '.complete')):
                shutil.rmtree(root, ignore_errors=True)
                os.makedirs(root)
                for folder in folders:
                    if run('cp', '-a', folder + '/.', root).returncode:
                        raise Unavailable(f'cannot copy {folder}')
                makefile = os.path.join(source, names[0], 'Makefile')
                with open(makefile) as stream:
                    text = stream.read().replace('/usr/src', source)
                with open(makefile, 'w') as stream:
                    stream.write(text)
                open(os.path.join(root, '.complete'), 'w').close()
        return os.path.join(source, names[0])


def busybox(arch):
    return os.path.join(package('busybox-static', arch), 'bin', 'busybox')


def library_folders(names, arch):
    """Folders to look in for the shared libraries of @names."""
    triplet = {'amd64': 'x86_64-linux-gnu', 'arm64': 'aarch64-linux-gnu'}[arch]
    folders = []
    for root in packages(names, arch):
        for sub in (f'lib/{triplet}', f'usr/lib/{triplet}', 'lib', 'usr/lib'):
            if os.path.isdir(os.path.join(root, sub)):
                folders.append(os.path.join(root, sub))
    return folders


CROSS_FILE = '''# Written by tests/rig/fetch.py; use with meson setup --cross-file.
[binaries]
c = 'aarch64-linux-gnu-gcc'
ar = 'aarch64-linux-gnu-ar'
strip = 'aarch64-linux-gnu-strip'
objcopy = 'aarch64-linux-gnu-objcopy'
pkgconfig = 'pkg-config'
[properties]
sys_root = '{root}'
pkg_config_libdir = '{root}/usr/lib/aarch64-linux-gnu/pkgconfig:{root}/usr/share/pkgconfig'
needs_exe_wrapper = true
[built-in options]
c_args = ['-isystem', '{root}/usr/include']
c_link_args = ['-L{root}/usr/lib/aarch64-linux-gnu',
  '-Wl,-rpath-link,{root}/usr/lib/aarch64-linux-gnu:{root}/lib/aarch64-linux-gnu']
[host_machine]
system = 'linux'
cpu_family = 'aarch64'
cpu = 'aarch64'
endian = 'little'
'''


def sysroot():
    """One folder with all SYSROOT_PACKAGES, and the meson cross file that goes with it."""
    kind = hashlib.sha256(' '.join(SYSROOT_PACKAGES).encode()).hexdigest()[:8]
    root = os.path.join(cache_folder(), f'sysroot-arm64-{kind}')
    folders = packages(SYSROOT_PACKAGES, 'arm64')
    with Lock():
        stamp = os.path.join(root, '.complete')
        if not os.path.exists(stamp):
            shutil.rmtree(root, ignore_errors=True)
            os.makedirs(root)
            for folder in folders:
                if run('cp', '-a', folder + '/.', root).returncode:
                    raise Unavailable(f'cannot copy {folder}')
            # Development links name the system's /lib; make them name ours.
            library = os.path.join(root, 'usr/lib/aarch64-linux-gnu')
            for link in os.listdir(library):
                path = os.path.join(library, link)
                if os.path.islink(path) and os.readlink(path).startswith('/'):
                    target = root + os.readlink(path)
                    os.remove(path)
                    os.symlink(target, path)
            with open(os.path.join(root, 'cross.ini'), 'w') as stream:
                stream.write(CROSS_FILE.format(root=root))
            with open(stamp, 'w'):
                pass
    return root


def main():
    what = sys.argv[1] if len(sys.argv) > 1 else 'all'
    try:
        if what in ('all', 'arm64'):
            print(Kernel('arm64').image)
            print(busybox('arm64'))
            packages(PERF_PACKAGES, 'arm64')
        if what in ('all', 'amd64'):
            for series in ('', '6.12'):
                print(Kernel('amd64', series).image)
                print(Kernel('amd64', series).headers())
            print(busybox('amd64'))
        if what in ('all', 'sysroot'):
            print(os.path.join(sysroot(), 'cross.ini'))
    except Unavailable as reason:
        sys.exit(f'fetch: {reason}')


if __name__ == '__main__':
    main()
