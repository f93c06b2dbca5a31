"""The version of coalwatch, noted in every run."""

from importlib.metadata import PackageNotFoundError, version

try:
    VERSION = version("coalwatch")
except PackageNotFoundError:  # a checkout that is not installed
    VERSION = "0+unknown"
