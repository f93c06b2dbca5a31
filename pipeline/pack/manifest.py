"""The manifest of a pack: what it is about, what it was derived with, and the SHA-256 of every other member.

The digest, the SHA-256 of the manifest's bytes, stands for the whole pack: printed when a pack is written, and again
when it is verified. A member that was changed does not fit the manifest; a manifest that was changed to fit it has
another digest. A pack cannot vouch for its own digest: whoever noted it can.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from pipeline.errors import InputError

NAME = "manifest.json"
VERSION = 1
_NEEDED = ("coalwatch_pack", "subject", "derived_with", "drawn_with", "data", "raw", "lists", "recomputed", "stated",
           "not_recomputed", "members")  # fmt: skip

Manifest = dict[str, Any]


def with_manifest(members: Mapping[str, bytes], facts: Mapping[str, Any]) -> dict[str, bytes]:
    """The members with a manifest of them.

    facts  what it says besides, plain values
    """
    listed = {name: {"bytes": len(content), "sha256": sha256(content)} for name, content in sorted(members.items())}
    text = json.dumps(
        {"coalwatch_pack": VERSION, **facts, "members": listed}, ensure_ascii=True, indent=1, sort_keys=True
    )
    return {**members, NAME: (text + "\n").encode("ascii")}


def digest_of(members: Mapping[str, bytes]) -> str:
    """SHA-256 of the manifest's bytes."""
    return sha256(members[NAME])


def read_manifest(members: Mapping[str, bytes]) -> Manifest:
    """The manifest of a pack's members.

    raises  InputError if there is none, or it is not of this form
    """
    if NAME not in members:
        raise InputError(f"no {NAME} in it; expected a pack that `coalwatch pack` wrote")
    try:
        manifest = json.loads(members[NAME])
    except (ValueError, RecursionError):
        manifest = None
    if not isinstance(manifest, dict) or not isinstance(manifest.get("coalwatch_pack"), int):
        raise InputError(f"{NAME} cannot be read; expected that of a pack; it was changed: get the pack again")
    if manifest["coalwatch_pack"] != VERSION:
        raise InputError(
            f"a pack of form {manifest['coalwatch_pack']}; this coalwatch reads form {VERSION}: verify it with the "
            "version that wrote it"
        )
    kinds = {name: (list if name in ("raw", "lists", "recomputed", "stated", "not_recomputed") else dict)
             for name in _NEEDED[1:]}  # fmt: skip
    for name, kind in kinds.items():
        if not isinstance(manifest.get(name), kind):
            raise InputError(f"{NAME}: {name} is missing or no {kind.__name__}; it was changed: get the pack again")
    return manifest


def changed_members(members: Mapping[str, bytes], manifest: Manifest) -> list[str]:
    """What of the members is not as the manifest has it, a line each; none if all is."""
    listed = manifest["members"]
    found = []
    for name in sorted({*members, *listed} - {NAME}):
        said = listed.get(name)
        if name not in members:
            found.append(f"{name}: in the manifest, and not in the pack")
        elif not isinstance(said, dict):
            found.append(f"{name}: in the pack, and not in the manifest")
        elif (was := sha256(members[name])) != said.get("sha256"):
            found.append(f"{name}: changed: its SHA-256 is {was}, and the manifest says {said.get('sha256')}")
        elif len(members[name]) != said.get("bytes"):
            found.append(f"{name}: {len(members[name])} bytes, and the manifest says {said.get('bytes')}")
    return found


def sha256(content: bytes) -> str:
    """The SHA-256 of bytes, hexadecimal."""
    return hashlib.sha256(content).hexdigest()
