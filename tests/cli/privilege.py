"""File permissions hold for this process only if it is not all-powerful."""

import ctypes
import os

import pytest

_DROP_FROM_BOUNDING_SET, _DAC_OVERRIDE, _DAC_READ_SEARCH = 24, 1, 2


def without_privilege():
    """A function for a child process that takes its power over file permissions away; None where it has none."""
    if os.geteuid():
        return None
    libc = ctypes.CDLL(None)

    def drop():
        for capability in (_DAC_OVERRIDE, _DAC_READ_SEARCH):
            if libc.prctl(_DROP_FROM_BOUNDING_SET, capability, 0, 0, 0):
                os._exit(77)

    child = os.fork()
    if not child:
        drop()
        os._exit(0)
    if os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]):
        pytest.skip("root here, without the right to give up its power over file permissions")
    return drop
