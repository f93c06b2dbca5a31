"""What is wrong with a zone file."""


class ZoneError(ValueError):
    """A zone file cannot be used as it is; one line: file, feature, field, found, expected."""
