# SPDX-License-Identifier: GPL-2.0-or-later
"""libvpmu for Python: what a guest gets of a host's PMU, and why.

    import vpmu

    host = vpmu.Host.read('host.json')            # or vpmu.Host.probe()
    plan = vpmu.Request('x86_64', cpu='host,pmu=on,pebs-fmt=host').resolve(host)
    for finding in plan.findings:
        print(finding.row, finding.cause)
    if plan.contract:
        print(plan.contract.digest, plan.contract.check(other).holds)

Values are those of the C library (vpmu(3)), and so are their rules: they never change, and
threads may share them.  What fails raises vpmu.Error; a guest that cannot start is no failure
but an answer.
"""

from __future__ import annotations

import ctypes
import enum
import json
import os
from ctypes import (CFUNCTYPE, POINTER, Structure, byref, c_bool, c_char_p, c_int, c_size_t,
                    c_uint, c_uint32, c_uint64, c_uint8, c_void_p)
from typing import Any, Iterable, Iterator, NamedTuple, Optional, Sequence, Union

__all__ = ['ARCHES', 'Arch', 'Baseline', 'Contract', 'Diff', 'Error', 'Finding', 'Host',
           'Level', 'Order', 'Plan', 'Reason', 'Report', 'Request', 'Saved', 'SavedKind',
           'Status', 'read_either', 'read_saved', 'reasons', 'version']


class Status(enum.IntEnum):
    """What became of a call."""
    OK = 0
    REFUSED = 1
    INVALID = 2
    SYSTEM = 3
    UNSUPPORTED = 4


class Arch(enum.IntEnum):
    """Of hosts, guests and requests."""
    X86_64 = 0
    AARCH64 = 1


class Level(enum.IntEnum):
    """Of a finding."""
    NOTE = 0
    WARNING = 1
    ERROR = 2


class Order(enum.IntEnum):
    """How two CPUs relate."""
    IDENTICAL = 0
    SUPERSET = 1
    SUBSET = 2
    INCOMPATIBLE = 3


ARCHES = {'x86_64': Arch.X86_64, 'aarch64': Arch.AARCH64}


class Error(Exception):
    """A call failed; the text is one line, and status says of which kind it is."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = Status(status)


class Finding(NamedTuple):
    """One deviation; fields that make no sense are None."""
    level: Level
    row: str
    asked: Optional[str]
    offered: Optional[str]
    given: Optional[str]
    cause: Optional[str]
    remedy: Optional[str]
    code: Optional[str]


class Reason(NamedTuple):
    """Why a contract may not hold: a code of findings, and what it means."""
    code: str
    relation: str
    sentence: str
    remedy: Optional[str]


class _Finding(Structure):
    _fields_ = [('level', c_int)] + [(name, c_char_p) for name in Finding._fields[1:]]


class _Reason(Structure):
    _fields_ = [(name, c_char_p) for name in Reason._fields]


class _Saved(Structure):
    _fields_ = [('kind', c_int), ('json', c_char_p), ('section', c_char_p),
                ('instance', c_uint), ('row', c_char_p), ('key', c_char_p),
                ('name', c_char_p), ('value', c_char_p), ('numbers', POINTER(c_uint64)),
                ('bytes', POINTER(c_uint8)), ('count', c_uint64)]


class _Cpuid(Structure):
    _fields_ = [(name, c_uint32) for name in ('leaf', 'subleaf', 'eax', 'ebx', 'ecx', 'edx')]


class _Msr(Structure):
    _fields_ = [('index', c_uint32), ('value', c_uint64)]


class _Register(Structure):
    _fields_ = [('id', c_uint64), ('value', c_uint64)]


class _X86Vcpu(Structure):
    _fields_ = [('topology', c_uint * 5), ('index', c_uint), ('cpuid', POINTER(_Cpuid)),
                ('cpuid_count', c_size_t), ('msrs', POINTER(_Msr)), ('msr_count', c_size_t)]


_SavedFunc = CFUNCTYPE(None, POINTER(_Saved), c_void_p)
_OUT = POINTER(c_void_p)  # a handle, or text the caller releases

# name: (result, arguments).  Text that is released is a c_void_p, so that ctypes keeps its
# address.
_PROTOTYPES = {
    'vpmu_version': (c_char_p, []),
    'vpmu_free': (None, [c_void_p]),
    'vpmu_report_free': (None, [c_void_p]),
    'vpmu_report_size': (c_uint, [c_void_p]),
    'vpmu_report_get': (POINTER(_Finding), [c_void_p, c_uint]),
    'vpmu_finding_to_text': (c_void_p, [POINTER(_Finding)]),
    'vpmu_reason_get': (c_bool, [c_uint, POINTER(_Reason)]),
    'vpmu_host_probe': (c_int, [_OUT, _OUT]),
    'vpmu_host_parse': (c_int, [c_char_p, c_size_t, _OUT, _OUT]),
    'vpmu_host_read': (c_int, [c_char_p, _OUT, _OUT]),
    'vpmu_host_parse_cpuid': (c_int, [c_char_p, c_size_t, c_char_p, c_char_p, _OUT, _OUT]),
    'vpmu_host_read_cpuid': (c_int, [c_char_p, c_char_p, _OUT, _OUT]),
    'vpmu_host_read_sysfs': (c_int, [c_char_p, c_char_p, c_uint64, _OUT, _OUT, _OUT]),
    'vpmu_host_free': (None, [c_void_p]),
    'vpmu_host_arch': (c_int, [c_void_p]),
    'vpmu_host_to_json': (c_void_p, [c_void_p]),
    'vpmu_host_to_text': (c_void_p, [c_void_p]),
    'vpmu_request_new': (c_int, [c_int, c_char_p, c_char_p, _OUT, _OUT]),
    'vpmu_request_from_args': (c_int, [c_int, c_int, POINTER(c_char_p), _OUT, _OUT]),
    'vpmu_request_most': (c_int, [c_int, _OUT, _OUT]),
    'vpmu_request_wish': (c_int, [c_void_p, _OUT, _OUT]),
    'vpmu_request_free': (None, [c_void_p]),
    'vpmu_resolve': (c_int, [c_void_p, c_void_p, _OUT, _OUT]),
    'vpmu_plan_free': (None, [c_void_p]),
    'vpmu_plan_is_resolved': (c_bool, [c_void_p]),
    'vpmu_plan_contract': (c_void_p, [c_void_p]),
    'vpmu_plan_report': (c_void_p, [c_void_p]),
    'vpmu_plan_machine': (c_char_p, [c_void_p]),
    'vpmu_plan_cpu': (c_char_p, [c_void_p]),
    'vpmu_plan_to_json': (c_void_p, [c_void_p]),
    'vpmu_plan_to_text': (c_void_p, [c_void_p]),
    'vpmu_plan_table_to_json': (c_void_p, [c_void_p]),
    'vpmu_plan_advice': (c_void_p, [c_void_p]),
    'vpmu_plan_try': (c_int, [c_void_p, _OUT, _OUT]),
    'vpmu_contract_parse': (c_int, [c_char_p, c_size_t, _OUT, _OUT]),
    'vpmu_contract_read': (c_int, [c_char_p, _OUT, _OUT]),
    'vpmu_read_either': (c_int, [c_char_p, _OUT, _OUT, _OUT]),
    'vpmu_contract_free': (None, [c_void_p]),
    'vpmu_contract_arch': (c_int, [c_void_p]),
    'vpmu_contract_has_pmu': (c_bool, [c_void_p]),
    'vpmu_contract_digest': (c_void_p, [c_void_p]),
    'vpmu_contract_to_json': (c_void_p, [c_void_p]),
    'vpmu_check': (c_bool, [c_void_p, c_void_p, _OUT]),
    'vpmu_check_arrival': (c_bool, [c_void_p, c_void_p, c_void_p, _OUT]),
    'vpmu_surplus': (c_uint, [c_void_p, c_void_p]),
    'vpmu_compare': (c_int, [c_void_p, c_void_p, _OUT]),
    'vpmu_diff_contracts': (c_void_p, [c_void_p, c_void_p]),
    'vpmu_diff_hosts': (c_int, [c_void_p, c_void_p, _OUT, _OUT]),
    'vpmu_diff_free': (None, [c_void_p]),
    'vpmu_diff_is_same': (c_bool, [c_void_p]),
    'vpmu_diff_rows': (c_void_p, [c_void_p]),
    'vpmu_diff_way': (c_void_p, [c_void_p, c_bool]),
    'vpmu_diff_to_json': (c_void_p, [c_void_p]),
    'vpmu_diff_to_text': (c_void_p, [c_void_p]),
    'vpmu_baseline_new': (c_void_p, []),
    'vpmu_baseline_free': (None, [c_void_p]),
    'vpmu_baseline_add': (c_int, [c_void_p, c_void_p, c_char_p, _OUT]),
    'vpmu_baseline_find': (c_int, [c_void_p, _OUT, _OUT, _OUT]),
    'vpmu_verify_x86': (c_int, [c_void_p, POINTER(_X86Vcpu), _OUT, _OUT]),
    'vpmu_verify_arm64': (c_int, [c_void_p, POINTER(_Register), c_size_t, _OUT, _OUT]),
    'vpmu_saved_read': (c_int, [c_char_p, c_uint64, _SavedFunc, c_void_p, _OUT]),
}


def _load() -> ctypes.CDLL:
    library = ctypes.CDLL('libvpmu.so.1')
    for name, (result, arguments) in _PROTOTYPES.items():
        function = getattr(library, name)
        function.restype, function.argtypes = result, arguments
    return library


_lib = _load()


def _bytes(text: Union[str, bytes, os.PathLike, None]) -> Optional[bytes]:
    return None if text is None else os.fsencode(text)


def _str(text: Optional[bytes]) -> Optional[str]:
    return None if text is None else text.decode('utf-8', 'replace')


def _take(address: Optional[int]) -> Optional[str]:
    """The text at @address, which is released."""
    if not address:
        return None
    text = ctypes.string_at(address)
    _lib.vpmu_free(address)
    return _str(text)


def _call(function, *arguments) -> None:
    """@function with a message behind @arguments; raises Error where it fails."""
    message = c_void_p()
    status = function(*arguments, byref(message))
    text = _take(message.value)
    if status != Status.OK:
        raise Error(status, text or '')


def _make(function, *arguments) -> int:
    """Likewise, the handle that it gives before the message."""
    handle = c_void_p()
    _call(function, *arguments, byref(handle))
    return handle.value


class _Handle:
    """Owns a handle of the library, or, with an owner, borrows it from that one."""
    _free = ''

    def __init__(self, address: int, owner: Optional[_Handle] = None) -> None:
        self._address, self._owner = address, owner

    def __del__(self) -> None:
        if getattr(self, '_address', None) and self._owner is None:
            getattr(_lib, self._free)(self._address)
            self._address = None


def _finding(found: _Finding) -> Finding:
    return Finding(Level(found.level), *(_str(getattr(found, name))
                                         for name in Finding._fields[1:]))


class Report(_Handle, Sequence[Finding]):
    """Findings, as a sequence."""
    _free = 'vpmu_report_free'

    def __len__(self) -> int:
        return _lib.vpmu_report_size(self._address)

    def __getitem__(self, index):
        if isinstance(index, slice):
            return [self[i] for i in range(*index.indices(len(self)))]
        place = index + len(self) if index < 0 else index
        if not 0 <= place < len(self):
            raise IndexError(index)
        return _finding(_lib.vpmu_report_get(self._address, place).contents)

    @property
    def errors(self) -> list[Finding]:
        """The findings of level ERROR."""
        return [finding for finding in self if finding.level == Level.ERROR]

    @property
    def holds(self) -> bool:
        """No finding is an error."""
        return not self.errors

    def lines(self) -> Iterator[str]:
        """One line for people for each finding."""
        for i in range(len(self)):
            yield _take(_lib.vpmu_finding_to_text(_lib.vpmu_report_get(self._address, i)))


class Host(_Handle):
    """A host and its KVM, as facts."""
    _free = 'vpmu_host_free'

    @classmethod
    def probe(cls) -> Host:
        """The host this process runs on."""
        return cls(_make(_lib.vpmu_host_probe))

    @classmethod
    def read(cls, path: Union[str, os.PathLike]) -> Host:
        """From the file of a host profile."""
        return cls(_make(_lib.vpmu_host_read, _bytes(path)))

    @classmethod
    def parse(cls, text: Union[str, bytes]) -> Host:
        """From the text of a host profile."""
        data = text.encode() if isinstance(text, str) else text
        return cls(_make(_lib.vpmu_host_parse, data, len(data)))

    @classmethod
    def read_cpuid(cls, path: Union[str, os.PathLike], **settings: Any) -> Host:
        """What KVM would offer where only the CPUID is known, of a file.

        Settings: kernel='6.12', perf_capabilities=0x…, mediated=True, topdown=True,
        no_pmu=True.
        """
        return cls(_make(_lib.vpmu_host_read_cpuid, _bytes(path), _settings(settings)))

    @classmethod
    def parse_cpuid(cls, text: Union[str, bytes], name: str, **settings: Any) -> Host:
        """Likewise, of a text; @name is that of the dump."""
        data = text.encode() if isinstance(text, str) else text
        return cls(_make(_lib.vpmu_host_parse_cpuid, data, len(data), _bytes(name),
                         _settings(settings)))

    @classmethod
    def read_sysfs(cls, folder: Union[str, os.PathLike], midr: int = 0,
                   **kvm: Any) -> tuple[Host, Report]:
        """An arm64 host of which there is a copy of sysfs, and what of it was lost.

        kvm: what KVM answers there: pmu_v3=1, set_pmu=1, counters=6, mode='vhe', …
        """
        lost = c_void_p()
        host = c_void_p()
        _call(_lib.vpmu_host_read_sysfs, _bytes(folder), _settings(kvm), midr, byref(host),
              byref(lost))
        return cls(host.value), Report(lost.value)

    @property
    def arch(self) -> Arch:
        """Whose guests it runs."""
        return Arch(_lib.vpmu_host_arch(self._address))

    def to_json(self) -> str:
        """The host profile."""
        return _take(_lib.vpmu_host_to_json(self._address))

    def to_dict(self) -> dict[str, Any]:
        """The host profile, as Python has JSON."""
        return json.loads(self.to_json())

    def __str__(self) -> str:
        return _take(_lib.vpmu_host_to_text(self._address))

    def most(self) -> Plan:
        """The most it can give a guest."""
        return Request.most(self.arch).resolve(self)

    def diff(self, other: Host) -> Diff:
        """What differs from @other, and what that means for guests that move."""
        return Diff(_make(_lib.vpmu_diff_hosts, self._address, other._address))


def _settings(values: dict[str, Any]) -> Optional[bytes]:
    """{'no_pmu': True, 'kernel': '6.12'} as the library has it."""
    words = []
    for name, value in values.items():
        text = ('on' if value else 'off') if isinstance(value, bool) else \
            f'{value:#x}' if isinstance(value, int) else str(value)
        words.append(f'{name.replace("_", "-")}={text.replace(",", ",,")}')
    return ','.join(words).encode() if words else None


def _arch(arch: Union[str, int]) -> int:
    if isinstance(arch, str) and arch not in ARCHES:
        raise Error(Status.INVALID, f"architecture '{arch}' is none of {', '.join(ARCHES)}")
    return ARCHES[arch] if isinstance(arch, str) else int(arch)


class Request(_Handle):
    """What is asked of a guest's CPU."""
    _free = 'vpmu_request_free'

    def __init__(self, arch: Union[str, int], machine: Optional[str] = None,
                 cpu: Optional[str] = None) -> None:
        """@machine and @cpu as after -machine and -cpu; None: the newest, and "host"."""
        super().__init__(_make(_lib.vpmu_request_new, _arch(arch), _bytes(machine),
                               _bytes(cpu)))

    @classmethod
    def _of(cls, address: int) -> Request:
        request = cls.__new__(cls)
        _Handle.__init__(request, address)
        return request

    @classmethod
    def from_args(cls, arch: Union[str, int], args: Iterable[str]) -> Request:
        """From the command line of QEMU, or of a monitor that speaks its language."""
        words = [_bytes(word) for word in args]
        array = (c_char_p * len(words))(*words)
        return cls._of(_make(_lib.vpmu_request_from_args, _arch(arch), len(words), array))

    @classmethod
    def most(cls, arch: Union[str, int]) -> Request:
        """The most that hosts of @arch have."""
        return cls._of(_make(_lib.vpmu_request_most, _arch(arch)))

    @classmethod
    def wish(cls, host: Host) -> Request:
        """All that PMUs of @host's kind can have; a finding tells each thing it lacks."""
        return cls._of(_make(_lib.vpmu_request_wish, host._address))

    def resolve(self, host: Host) -> Plan:
        """What a guest gets on @host."""
        return Plan(_make(_lib.vpmu_resolve, self._address, host._address))


class Plan(_Handle):
    """What a host answers to a request."""
    _free = 'vpmu_plan_free'

    @property
    def is_resolved(self) -> bool:
        """Such a guest can start."""
        return _lib.vpmu_plan_is_resolved(self._address)

    @property
    def contract(self) -> Optional[Contract]:
        """Of the guest; None where it cannot start."""
        address = _lib.vpmu_plan_contract(self._address)
        return Contract(address, self) if address else None

    @property
    def findings(self) -> Report:
        """What was asked and is not given, and what should be known."""
        return Report(_lib.vpmu_plan_report(self._address), self)

    @property
    def machine(self) -> str:
        """The versioned name of the machine."""
        return _str(_lib.vpmu_plan_machine(self._address))

    @property
    def cpu(self) -> str:
        """The name of the CPU model."""
        return _str(_lib.vpmu_plan_cpu(self._address))

    @property
    def table(self) -> list[dict[str, str]]:
        """The PMU row by row: what, asked, offered, given."""
        return json.loads(_take(_lib.vpmu_plan_table_to_json(self._address)))

    @property
    def advice(self) -> str:
        """What who runs the guest should know; lines, or ''."""
        return _take(_lib.vpmu_plan_advice(self._address))

    def to_dict(self) -> dict[str, Any]:
        """resolved, contract, findings."""
        return json.loads(_take(_lib.vpmu_plan_to_json(self._address)))

    def __str__(self) -> str:
        return _take(_lib.vpmu_plan_to_text(self._address))

    def try_on_kvm(self) -> Report:
        """What the running kernel keeps otherwise, of a vCPU that is made and released."""
        return Report(_make(_lib.vpmu_plan_try, self._address))


class Contract(_Handle):
    """What a guest sees of its CPU."""
    _free = 'vpmu_contract_free'

    @classmethod
    def read(cls, path: Union[str, os.PathLike]) -> Contract:
        """From a file: bare, or as vpmu resolve, --dry-run=json and query-vpmu wrap it."""
        return cls(_make(_lib.vpmu_contract_read, _bytes(path)))

    @classmethod
    def parse(cls, text: Union[str, bytes]) -> Contract:
        """Likewise, from its text."""
        data = text.encode() if isinstance(text, str) else text
        return cls(_make(_lib.vpmu_contract_parse, data, len(data)))

    @property
    def arch(self) -> Arch:
        """Of the guest."""
        return Arch(_lib.vpmu_contract_arch(self._address))

    @property
    def has_pmu(self) -> bool:
        """The guest has a PMU."""
        return _lib.vpmu_contract_has_pmu(self._address)

    @property
    def digest(self) -> str:
        """The same wherever a guest sees the same."""
        return _take(_lib.vpmu_contract_digest(self._address))

    def to_json(self) -> str:
        """Canonical: the same contract gives the same text."""
        return _take(_lib.vpmu_contract_to_json(self._address))

    def to_dict(self) -> dict[str, Any]:
        """The contract, as Python has JSON."""
        return json.loads(self.to_json())

    def check(self, host: Host) -> Report:
        """Why a guest of it cannot run on @host; the report holds where it can."""
        report = c_void_p()
        _lib.vpmu_check(self._address, host._address, byref(report))
        return Report(report.value)

    def check_arrival(self, own: Contract, host: Host) -> Report:
        """Likewise, in a monitor on @host that was told to give @own."""
        report = c_void_p()
        _lib.vpmu_check_arrival(self._address, own._address, host._address, byref(report))
        return Report(report.value)

    def surplus(self, host: Host) -> int:
        """How much @host, which can run a guest of it, has beyond it."""
        return _lib.vpmu_surplus(self._address, host._address)

    def compare(self, other: Contract) -> tuple[Order, list[str]]:
        """How the CPUs relate, and the properties that differ."""
        names = c_void_p()
        order = _lib.vpmu_compare(self._address, other._address, byref(names))
        return Order(order), json.loads(_take(names.value))

    def diff(self, other: Contract) -> Diff:
        """What differs from @other, and what that means for guests that move."""
        return Diff(_lib.vpmu_diff_contracts(self._address, other._address))

    def verify_x86(self, cpuid: Iterable[Sequence[int]], msrs: dict[int, int],
                   topology: Sequence[int] = (1, 1, 1, 1, 1), index: int = 0) -> Report:
        """What of a vCPU, read back, is not as the contract says.

        @cpuid: (leaf, subleaf, eax, ebx, ecx, edx); @msrs: index to value; @topology:
        (sockets, dies, modules, cores, threads)
        """
        leaves = [_Cpuid(*leaf) for leaf in cpuid]
        values = [_Msr(number, value) for number, value in msrs.items()]
        vcpu = _X86Vcpu((c_uint * 5)(*topology), index, (_Cpuid * len(leaves))(*leaves),
                        len(leaves), (_Msr * len(values))(*values), len(values))
        return _verify(_lib.vpmu_verify_x86, self._address, byref(vcpu))

    def verify_arm64(self, registers: dict[int, int]) -> Report:
        """Likewise; @registers: all of KVM_GET_REG_LIST, number to value."""
        values = [_Register(number, value) for number, value in registers.items()]
        return _verify(_lib.vpmu_verify_arm64, self._address,
                       (_Register * len(values))(*values), len(values))


def _verify(function, *arguments) -> Report:
    """What is refused is told by the report."""
    report = c_void_p()
    try:
        _call(function, *arguments, byref(report))
    except Error as error:
        if error.status != Status.REFUSED:
            raise
    return Report(report.value)


class Diff(_Handle):
    """How two contracts, or two hosts, differ."""
    _free = 'vpmu_diff_free'

    @property
    def is_same(self) -> bool:
        """Nothing differs."""
        return _lib.vpmu_diff_is_same(self._address)

    @property
    def rows(self) -> Report:
        """asked is what the left one has, given the right one, cause what that means."""
        return Report(_lib.vpmu_diff_rows(self._address), self)

    @property
    def to_right(self) -> Report:
        """What keeps a guest with all of the left one from moving to the right."""
        return Report(_lib.vpmu_diff_way(self._address, False), self)

    @property
    def to_left(self) -> Report:
        """The other way."""
        return Report(_lib.vpmu_diff_way(self._address, True), self)

    def to_dict(self) -> dict[str, Any]:
        """same, left-to-right, right-to-left, rows."""
        return json.loads(_take(_lib.vpmu_diff_to_json(self._address)))

    def __str__(self) -> str:
        return _take(_lib.vpmu_diff_to_text(self._address))


class Baseline(_Handle):
    """The best CPU that each of many hosts can give, and a guest go on with."""
    _free = 'vpmu_baseline_free'

    def __init__(self) -> None:
        super().__init__(_lib.vpmu_baseline_new())

    def add(self, host: Host, name: str) -> None:
        """One more host; Error with Status.REFUSED where it has no CPU in common."""
        self.add_plan(host.most(), name)

    def add_plan(self, plan: Plan, name: str) -> None:
        """Likewise, by a plan that was made of it."""
        _call(_lib.vpmu_baseline_add, self._address, plan._address, _bytes(name))

    def find(self) -> tuple[str, Optional[str]]:
        """The CPU as after -cpu, and why it has no PMU, or None."""
        cpu, no_pmu = c_void_p(), c_void_p()
        _call(_lib.vpmu_baseline_find, self._address, byref(cpu), byref(no_pmu))
        return _take(cpu.value), _take(no_pmu.value)


class SavedKind(enum.IntEnum):
    """Of the things a saved guest holds."""
    HEADER = 0
    CONTRACT = 1
    SECTION = 2
    NUMBERS = 3
    BYTES = 4
    REGISTERS = 5
    REGISTER = 6
    RAM = 7


class Saved(NamedTuple):
    """One thing a saved guest holds; what its kind has not is None."""
    kind: SavedKind
    section: Optional[str]
    instance: int
    row: Optional[str]
    key: Optional[str]
    name: Optional[str]
    value: Any  # dict, list of numbers, bytes, text, number of frames


def _saved_value(saved: _Saved) -> Any:
    kind = SavedKind(saved.kind)
    if kind in (SavedKind.HEADER, SavedKind.CONTRACT):
        return json.loads(saved.json)
    if kind == SavedKind.NUMBERS:
        return [saved.numbers[i] for i in range(saved.count)]
    if kind == SavedKind.BYTES:
        return bytes(saved.bytes[:saved.count])
    return saved.count if kind == SavedKind.RAM else _str(saved.value)


def read_saved(path: Union[str, os.PathLike], offset: int = 0) -> list[Saved]:
    """What the file of a saved guest holds, in its order."""
    found: list[Saved] = []

    def take(saved, _opaque) -> None:
        item = saved.contents
        found.append(Saved(SavedKind(item.kind), _str(item.section), item.instance,
                           _str(item.row), _str(item.key), _str(item.name),
                           _saved_value(item)))

    _call(_lib.vpmu_saved_read, _bytes(path), offset, _SavedFunc(take), None)
    return found


def read_either(path: Union[str, os.PathLike]) -> Union[Host, Contract]:
    """A host or a contract, whichever the file has."""
    host, contract = c_void_p(), c_void_p()
    _call(_lib.vpmu_read_either, _bytes(path), byref(host), byref(contract))
    return Host(host.value) if host.value else Contract(contract.value)


def reasons() -> list[Reason]:
    """Every reason why a contract may not hold, in a fixed order."""
    found = []
    reason = _Reason()
    while _lib.vpmu_reason_get(len(found), byref(reason)):
        found.append(Reason(*(_str(getattr(reason, name)) for name in Reason._fields)))
    return found


def version() -> str:
    """Of the library."""
    return _str(_lib.vpmu_version())
