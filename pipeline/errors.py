"""What can go wrong, in three kinds that show who has to act.

    CoalwatchError
    ├── InputError          a file, argument or seed is wrong: mend it          exit code 2
    │   └── NotReady        it is the warehouse or a file of the installation: nothing is answered until it is mended
    ├── SourceUnavailable   a server or disk did not do its part: try later     exit code 3
    └── ContractError       our own code broke its promise: report it           exit code 4

Every message is one line: where (file, row or field), what was found, what was expected, what to do.
"""


class CoalwatchError(Exception):
    """Base of all errors that a command turns into one line and an exit code."""

    exit_code = 1


class InputError(CoalwatchError):
    """Something the user handed us cannot be used as it is."""

    exit_code = 2


class NotReady(InputError):
    """The warehouse, or a file that an installation is told by, cannot be used as it is, whatever is asked."""


class SourceUnavailable(CoalwatchError):
    """Something outside the program (server, network, disk) failed; the same call may succeed later."""

    exit_code = 3


class ContractError(CoalwatchError):
    """A frame does not keep its contract (see `pipeline.contracts`); a fault of the program."""

    exit_code = 4
