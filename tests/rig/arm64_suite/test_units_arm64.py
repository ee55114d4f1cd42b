# SPDX-License-Identifier: GPL-2.0-or-later
"""The unit tests of the arm64 build, run on an arm64 kernel: one boot for all of them."""

import glob
import os
import re

import pytest

import arm64
import fetch

FOLDER = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(os.path.dirname(FOLDER)))
BUILD = os.path.join(ROOT, os.environ.get('VPMU_BUILD_ARM64', 'build-arm64'))
PROGRAMS = sorted(path for path in glob.glob(os.path.join(BUILD, 'tests', '*', 'test-*'))
                  if os.access(path, os.X_OK) and os.path.isfile(path))

# Where all hosts meet all others, the emulator takes a part of the cases; natively it is all.
SAMPLE = 1 if 'VPMU_LONG' in os.environ else 7
RUN_ALL = f'''
export VPMU_SAMPLE={SAMPLE}
ifconfig lo 127.0.0.1 up
cp -a /data/. / # now, as the tree may lie in /tmp, which is mounted by now
mkdir /tmp/said
cat > /tmp/one <<'END'
begin=$(cut -d. -f1 /proc/uptime)
$1 --tap < /dev/null > /tmp/said/$(basename $1) 2>&1
echo "status=$? seconds=$(($(cut -d. -f1 /proc/uptime) - begin))" >> /tmp/said/$(basename $1)
END
# Two at a time, as the emulator has a thread for each CPU; the longest come first.
ls -S /units/* | xargs -P 2 -n 1 sh /tmp/one
for said in /tmp/said/*; do echo "### $(basename $said)"; cat $said; done
'''


@pytest.fixture(scope='module')
def outputs():
    # The library of the tree itself before the programs that are linked with it.
    files = {'lib/libvpmu.so.1': os.path.join(BUILD, 'lib', 'libvpmu.so.1')}
    files.update({'units/' + os.path.basename(path): path for path in PROGRAMS})
    # Tests name their data by the path it has in the source tree.
    for data in ('tests/profiles', 'tests/resolve', 'tests/unit/data',
                 'tests/migration/streams'):
        if os.path.isdir(os.path.join(ROOT, data)):
            files['data' + os.path.join(ROOT, data)] = os.path.join(ROOT, data)
    try:
        result = arm64.run(RUN_ALL, files, timeout=600)
    except fetch.Unavailable as reason:
        pytest.skip(str(reason))
    found = re.split(r'^### (.*)$', result.output, flags=re.MULTILINE)
    return dict(zip(found[1::2], found[2::2])), result


@pytest.mark.parametrize('name', [os.path.basename(path) for path in PROGRAMS])
def test_unit_program_passes_on_arm64(outputs, name):
    texts, result = outputs

    assert name in texts, result.explain()
    assert 'status=0' in texts[name] or 'status=77' in texts[name], texts[name]
    assert not re.search(r'^not ok', texts[name], re.MULTILINE), texts[name]
