"""A process that was forked after FEEL or a script ran in its parent is refused at once; it used to hang or crash."""

from __future__ import annotations

import subprocess
import sys

import pytest

PROGRAM = """
import os, signal, sys
from datetime import datetime
from zoneinfo import ZoneInfo
from engine.expressions import feel, scripts
from engine.expressions.forks import ForkedTooLate

def feel_once():
    return feel.evaluate('string length("ab")', {{}}, now=datetime(2026, 11, 21), zone=ZoneInfo('Asia/Shanghai'))

def script_once():
    return scripts.run('x = 2', {{}}, now=datetime(2026, 11, 21), seed=1)['x']

if {early}:
    assert {what}() == 2
child = os.fork()
if child == 0:
    signal.alarm(20)
    try:
        print({what}(), flush=True)
    except ForkedTooLate:
        print('refused', flush=True)
    os._exit(0)
os.waitpid(child, 0)
print({what}())
"""


@pytest.mark.parametrize("what", ["feel_once", "script_once"])
@pytest.mark.parametrize(("early", "expected"), [(True, "refused\n2\n"), (False, "2\n2\n")])
def test_a_child_is_refused_what_its_parent_started_and_may_start_its_own(what, early, expected):
    program = PROGRAM.format(what=what, early=early)
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout == expected
