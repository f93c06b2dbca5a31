"""Who may sign in: names, roles and password hashes (argon2id) in a file of the home that its owner alone can read."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from geo.files import atomic_write
from pipeline.desk.people import ROLES, Person
from pipeline.errors import InputError

FILE = Path("desk") / "users.json"  # in a home
_SHORTEST = 12  # characters; NIST SP 800-63B-4 asks for at least 8, and for 15 where nothing else is asked
_LONGEST = 1024
# What e-mail addresses are written with (RFC 5322, atext, and dots), and ids of people at providers. No colon: names of
# Airflow's users stand behind one. A letter or digit first, so that no spreadsheet takes a name for a formula.
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9.@!#$%&'*+/=?^_`{|}~-]*")
LONGEST_NAME = 255  # as long as a provider's id of somebody may be (OpenID Connect Core 1.0, 2)
_HASHER = PasswordHasher()  # argon2id with the library's own parameters (RFC 9106, low memory)


@dataclass(frozen=True)
class Users:
    """The people of a home.

    home  folder of the installation
    """

    home: Path

    def anyone(self) -> bool:
        """Whether anybody may sign in."""
        return bool(self._read())

    def roles(self) -> dict[str, str]:
        """The role of each, by name."""
        return {name: one["role"] for name, one in self._read().items()}

    def person(self, name: str) -> Person | None:
        """Someone by their name; None where there is nobody of it any more."""
        found = self._read().get(name)
        return Person(name, found["role"]) if found else None

    def of_provider(self, name: str) -> Person | None:
        """Someone who signs in with the provider; None for whoever has a password, whatever the provider calls them."""
        return None if self._read().get(name, {}).get("password") else self.person(name)

    def signs_in(self, name: str, password: str) -> Person | None:
        """Whoever has this name and password; an unknown name takes as long as a wrong password."""
        found = self._read().get(name)
        try:
            _HASHER.verify(found["password"] if found else _nobodys(), password[:_LONGEST])
        except (VerificationError, InvalidHashError):
            return None
        return Person(name, found["role"]) if found else None

    def add(self, name: str, role: str, password: str | None) -> None:
        """Add someone, or give them another role and password; None: they sign in with the provider alone.

        raises  InputError for a name, role or password that will not do
        """
        if not _NAME.fullmatch(name) or len(name) > LONGEST_NAME:
            raise InputError(
                f'name "{name[:LONGEST_NAME]}" will not do; expected one like kim or kim+desk@example.org: a letter or '
                f"digit, then letters, digits and other signs of e-mail addresses, at most {LONGEST_NAME}"
            )
        if role not in ROLES:
            raise InputError(f'role is "{role}"; expected one of {", ".join(ROLES)}')
        if password is None:
            self._write({**self._read(), name: {"role": role, "password": ""}})
            return
        if any("\ud800" <= letter <= "\udfff" for letter in password):
            raise InputError("the password is no text; expected UTF-8")
        if not _SHORTEST <= len(password) <= _LONGEST:
            raise InputError(f"the password has {len(password)} characters; expected {_SHORTEST} to {_LONGEST}")
        self._write({**self._read(), name: {"role": role, "password": _HASHER.hash(password)}})

    def give_role(self, name: str, role: str) -> None:
        """Give someone another role, at once.

        raises  InputError for a role that there is not, and where there is nobody of this name
        """
        known = self._read()
        if name not in known or role not in ROLES:
            raise InputError(f'no user "{name}", or no role "{role}"; expected one of {", ".join(known)} and a role')
        self._write({**known, name: {**known[name], "role": role}})

    def remove(self, name: str) -> None:
        """Take someone out; their sessions end with their next request, their decisions stay.

        raises  InputError where there is nobody of this name, naming those there are
        """
        known = self._read()
        if name not in known:
            raise InputError(f'no user "{name}"; expected one of {", ".join(known) or "none: nobody was added yet"}')
        self._write({key: value for key, value in known.items() if key != name})

    def _read(self) -> dict[str, dict[str, str]]:
        path = self.home / FILE
        try:
            found = json.loads(path.read_text(encoding="utf-8"))
            known = {name: {"role": one["role"], "password": one["password"]} for name, one in found.items()}
            if not {one["role"] for one in known.values()} <= set(ROLES):
                raise ValueError("a role that is none")
            return known
        except FileNotFoundError:
            return {}
        except OSError as error:
            raise InputError(f"{path}: {error.strerror}; the owner of the home must be able to read it") from None
        except (ValueError, KeyError, TypeError, AttributeError):
            raise InputError(f"{path}: cannot be read as users; restore it, or remove it and add them again") from None

    def _write(self, users: Mapping[str, Mapping[str, str]]) -> None:
        path = self.home / FILE
        path.parent.mkdir(parents=True, exist_ok=True)
        with atomic_write(path) as draft:
            draft.touch(mode=0o600)
            os.chmod(draft, 0o600)
            draft.write_text(json.dumps(users, indent=2) + "\n", encoding="utf-8")


@cache
def _nobodys() -> str:
    return _HASHER.hash("nobody's")
