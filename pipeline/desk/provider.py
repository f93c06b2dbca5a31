"""Signing in with an OpenID Connect provider: who somebody is, it says; what they may, the users of the home say.

The authorization code flow with PKCE (RFC 7636), state and nonce, as OpenID Connect Core 1.0 has it; what a sign-in
waits for is kept in the memory of the process, under a key that its browser alone holds.
"""

from __future__ import annotations

import base64
import hashlib
import secrets
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, cast
from urllib.parse import quote, urlencode, urlsplit

import httpx
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from pipeline.desk.hosts import LOOPBACK
from pipeline.errors import InputError, SourceUnavailable
from pipeline.seedfile import Seed, load_seed

if TYPE_CHECKING:
    from joserfc.jwk import KeySetSerialization

FILE = Path("desk") / "provider.yaml"  # in a home
# Signed with a key of the provider's; never `none`, and never with a secret that both sides hold.
_SIGNED = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"]
_WAITS, _MOST_WAITING, _LEEWAY_S = timedelta(minutes=10), 1000, 60
_PATIENCE_S = 10


class ProviderRules(Seed):
    """`desk/provider.yaml` of a home.

    issuer     address of the provider, as its tokens name it
    client_id  under which it knows this desk
    claim      by which people are users here: an address that the provider verified, or its own id of them
    name       what the button to sign in calls it
    """

    issuer: str
    client_id: str
    claim: Literal["email", "sub"] = "email"
    name: str = "your organisation"


class Refused(InputError):
    """A sign-in that is none; the message says why, and nothing that only the provider should know."""


@dataclass(frozen=True)
class _Begun:
    state: str
    nonce: str
    verifier: str
    to: str
    at: datetime


@dataclass
class Provider:
    """A provider, asked over HTTPS (or on this machine).

    secret  that it gave to this desk; None for a public client, which PKCE protects
    """

    rules: ProviderRules
    secret: str | None = None
    _begun: dict[str, _Begun] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def begin(self, callback: str, to: str, now: datetime) -> tuple[str, str]:
        """Begin a sign-in; give the key for its browser and the address of the provider to go to.

        callback  where the provider sends the browser back to
        to        where to go on to afterwards
        raises    SourceUnavailable if the provider does not answer
        """
        found = self._discovered()
        state, nonce, verifier = (secrets.token_urlsafe(32) for _ in range(3))
        asked = {
            "response_type": "code", "client_id": self.rules.client_id, "redirect_uri": callback,
            "scope": "openid email", "state": state, "nonce": nonce, "code_challenge": _challenge(verifier),
            "code_challenge_method": "S256",
        }  # fmt: skip
        where = found["authorization_endpoint"]
        address = f"{where}{'&' if '?' in where else '?'}{urlencode(asked)}"
        key = secrets.token_urlsafe(32)
        with self._lock:
            self._begun = {one: begun for one, begun in self._begun.items() if now - begun.at < _WAITS}
            while len(self._begun) >= _MOST_WAITING:
                del self._begun[next(iter(self._begun))]
            self._begun[key] = _Begun(state, nonce, verifier, to, now)
        return key, address

    def finish(self, key: str | None, given: Mapping[str, str], callback: str, now: datetime) -> tuple[str, str]:
        """The name by which somebody is known here, and where to go on to.

        key     that the browser was given; it counts once
        given   what the provider sent along: code and state, or an error
        raises  Refused for anything that is not an answer to this sign-in; SourceUnavailable if the provider does not
                answer
        """
        with self._lock:
            begun = self._begun.pop(key or "", None)
        if begun is None or now - begun.at >= _WAITS:
            raise Refused("This sign-in was not begun here, or is over. Begin again.")
        if not secrets.compare_digest(given.get("state", "").encode(), begun.state.encode()):
            raise Refused("The answer belongs to another sign-in. Begin again.")
        if "code" not in given:
            raise Refused("The provider did not let you in.")
        found = self._discovered()
        token = self._token(found, given["code"], begun, callback)
        claims = self._claims(token, found, begun.nonce, now)
        return self._name(claims), begun.to

    def _token(self, found: Mapping[str, Any], code: str, begun: _Begun, callback: str) -> str:
        form = {
            "grant_type": "authorization_code", "code": code, "redirect_uri": callback,
            "client_id": self.rules.client_id, "code_verifier": begun.verifier,
        }  # fmt: skip
        me = (quote(self.rules.client_id, safe=""), quote(self.secret, safe="")) if self.secret else None
        with _answering(self.rules.issuer):
            answer = httpx.post(found["token_endpoint"], data=form, auth=me, timeout=_PATIENCE_S)
            if 400 <= answer.status_code < 500:
                raise Refused("The provider did not accept the sign-in. Begin again.")
            answer.raise_for_status()
            token = answer.json().get("id_token")
        if not isinstance(token, str):
            raise Refused("The provider does not say who you are (no id_token).")
        return token

    def _claims(self, token: str, found: Mapping[str, Any], nonce: str, now: datetime) -> dict[str, Any]:
        registry = jwt.JWTClaimsRegistry(
            now=int(now.timestamp()), leeway=_LEEWAY_S, exp={"essential": True}, iat={"essential": True},
            sub={"essential": True}, nonce={"essential": True, "value": nonce},
            iss={"essential": True, "value": self.rules.issuer}, aud={"essential": True, "value": self.rules.client_id},
        )  # fmt: skip
        try:
            keys = KeySet.import_key_set(cast("KeySetSerialization", self._asked(found["jwks_uri"])))
            claims = jwt.decode(token, keys, algorithms=_SIGNED).claims
            registry.validate(claims)
        except (JoseError, ValueError, KeyError, TypeError):
            raise Refused("What the provider says of you does not hold: it is for somebody else, or over.") from None
        audience = claims["aud"]
        if isinstance(audience, list) and len(audience) > 1 and claims.get("azp") != self.rules.client_id:
            raise Refused("What the provider says of you is for another application.")
        return claims

    def _name(self, claims: Mapping[str, Any]) -> str:
        name = claims.get(self.rules.claim)
        if not isinstance(name, str) or (self.rules.claim == "email" and claims.get("email_verified") is not True):
            raise Refused(f"The provider gives no {self.rules.claim} of yours that it verified.")
        return name

    def _discovered(self) -> dict[str, Any]:
        found = self._asked(f"{self.rules.issuer.rstrip('/')}/.well-known/openid-configuration")
        places = [found.get(name) for name in ("authorization_endpoint", "token_endpoint", "jwks_uri")]
        if found.get("issuer") != self.rules.issuer or not all(isinstance(one, str) and is_safe(one) for one in places):
            raise SourceUnavailable(f"{self.rules.issuer}: describes another provider, or one without HTTPS")
        return found

    def _asked(self, address: str) -> dict[str, Any]:
        with _answering(self.rules.issuer):
            answer = httpx.get(address, timeout=_PATIENCE_S)
            answer.raise_for_status()
            found = answer.json()
        if not isinstance(found, dict):
            raise SourceUnavailable(f"{self.rules.issuer}: did not answer as OpenID Connect providers do")
        return found


class _answering:
    """Tells in a line that a provider did not answer, or not as one."""

    def __init__(self, issuer: str) -> None:
        self._issuer = issuer

    def __enter__(self) -> None: ...

    def __exit__(self, kind: Any, error: BaseException | None, trace: Any) -> None:
        if isinstance(error, httpx.HTTPError | ValueError) and not isinstance(error, InputError):
            raise SourceUnavailable(f"{self._issuer} did not answer as a provider; try again later") from None


def _challenge(verifier: str) -> str:
    """What tells of a verifier without giving it away (RFC 7636, S256)."""
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()


def is_safe(address: str) -> bool:
    """Whether what is sent to an address stays between it and this desk: HTTPS, or this machine."""
    try:
        parts = urlsplit(address)
    except ValueError:
        return False
    return parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in LOOPBACK)


def provider_of(home: Path, secret: str | None) -> Provider | None:
    """The provider of a home; None where it has none.

    raises  InputError for a file that cannot be read, or an issuer without HTTPS
    """
    path = home / FILE
    if not path.is_file():
        return None
    rules = load_seed(path, ProviderRules)
    if not is_safe(rules.issuer):
        raise InputError(f'{path}: issuer is "{rules.issuer}"; expected an address like https://login.example.org')
    return Provider(rules, secret)
