"""The command that serves the review desk."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from pipeline.errors import InputError, SourceUnavailable
from pipeline.options import as_json_option, common, print_json

if TYPE_CHECKING:
    import socket

    from pipeline.desk.access import Access
    from pipeline.settings import Settings

INSTALL = 'pip install "coalwatch[desk]"'
_NEEDS = ("fastapi", "jinja2", "joserfc", "uvicorn", "multipart", "argon2")


@click.group(invoke_without_command=True)
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", default=8765, show_default=True, type=click.IntRange(0, 65535), help="0 takes a free one.")
@click.option(
    "--address", help="Address by which people reach it, if a server in front adds TLS: https://desk.example.org"
)
@click.option("--sign-in", "signs_in", is_flag=True, help="Ask for a name and password on this machine too.")
@click.option("--open", "opens", is_flag=True, help="Open it in the browser.")
@as_json_option
@common
def desk(
    settings: Settings, host: str, port: int, address: str | None, signs_in: bool, opens: bool, as_json: bool
) -> None:
    """Serve the review desk: the queue, each alert, decisions, in a browser on this machine.

    Nothing that a page needs comes from elsewhere. On this machine alone (the default) nobody signs in, and anyone
    using it may record decisions; at any other address people sign in (`coalwatch desk users add`). Stop it with
    Ctrl-C.

    \b
    Examples:
      coalwatch desk --home coalwatch-demo
      coalwatch desk --host 10.0.0.5 --address https://desk.example.org --home watch

    Next: open the address it prints; docs/desk-security.md says what it guards against.
    """
    _require_libraries()
    if click.get_current_context().invoked_subcommand:
        return
    import uvicorn

    from pipeline.desk.app import create_app
    from pipeline.tasks.warehouse_stamp import ask_filled

    ask_filled(settings).close()  # says at once what is wrong with a home
    access = _access(settings, host, address, signs_in=signs_in)
    with listening(host, port) as listener:
        here = f"http://{host if ':' not in host else f'[{host}]'}:{listener.getsockname()[1]}/"
        said = f"The review desk of {settings.home}: {address or here} (Ctrl-C stops it)"
        print_json({"address": address or here}) if as_json else click.echo(said)
        if access.users and not (address or "").startswith("https://") and not _is_loopback(host):
            click.echo(
                "Passwords travel unencrypted: put a server with TLS in front, and name it with --address.",
                err=True,
            )
        if opens:
            import webbrowser

            webbrowser.open(address or here)
        config = uvicorn.Config(create_app(settings, access), log_level="warning", server_header=False, ws="none")
        uvicorn.Server(config).run(sockets=[listener])


@desk.group()
def users() -> None:
    """Who may sign in to the desk, where it is reached from other machines.

    \b
    Example:
      coalwatch desk users add kim --role reviewer --home watch

    Next: `coalwatch desk --host ADDRESS` serves it to them.
    """


@users.command()
@click.argument("name")
@click.option("--role", type=click.Choice(["reader", "reviewer", "admin"]), default="reviewer", show_default=True)
@click.option("--provider", "by_provider", is_flag=True, help="No password: NAME signs in with the provider alone.")
@as_json_option
@common
def add(settings: Settings, name: str, role: str, by_provider: bool, as_json: bool) -> None:
    """Add NAME, or give NAME another role and password; asks for the password, or reads it from standard input.

    \b
    Example:
      coalwatch desk users add kim --role reviewer --home watch

    Next: `coalwatch desk --host ADDRESS` serves the desk to them.
    """
    import sys

    from pipeline.desk.users import Users
    from pipeline.tasks.home import see_home

    see_home(settings.home)
    password: str | None
    if by_provider:
        password = None
    elif sys.stdin.isatty():
        password = click.prompt("Password", hide_input=True, confirmation_prompt=True)
    else:
        try:
            password = sys.stdin.readline().rstrip("\r\n")
        except UnicodeDecodeError:
            raise InputError("the password is no text; expected UTF-8") from None
    Users(settings.home).add(name, role, password)
    print_json({"name": name, "role": role}) if as_json else click.echo(f"{name} may sign in as {role}")


@users.command()
@click.argument("name")
@as_json_option
@common
def remove(settings: Settings, name: str, as_json: bool) -> None:
    """Take NAME out; what they decided stays.

    \b
    Example:
      coalwatch desk users remove kim --home watch

    Next: `coalwatch desk users add NAME` adds somebody.
    """
    from pipeline.desk.users import Users
    from pipeline.tasks.home import see_home

    see_home(settings.home)
    Users(settings.home).remove(name)
    print_json({"removed": name}) if as_json else click.echo(f"{name} may not sign in any more")


def _access(settings: Settings, host: str, address: str | None, *, signs_in: bool) -> Access:
    """Who may do what at an address.

    raises  InputError for an address that says no name, and where people must sign in and nobody can
    """
    import os
    from dataclasses import replace
    from urllib.parse import urlsplit

    from pipeline.desk.access import LOOPBACK, Access, local_access
    from pipeline.desk.users import Users

    if address is None and _is_loopback(host) and not signs_in:
        return replace(local_access(), hosts=LOOPBACK | {host.lower()})
    try:
        parts = urlsplit(address or "")
    except ValueError:  # such as half of an IPv6 address
        parts = urlsplit("")
    if address is not None and (parts.scheme not in ("http", "https") or not parts.hostname):
        raise InputError(f'--address is "{address}"; expected one like https://desk.example.org')
    if address is None and _is_everywhere(host):
        raise InputError("listening everywhere, the desk must know its name: --address https://desk.example.org")
    known = Users(settings.home)
    if not known.anyone():
        raise InputError("people must sign in here, and nobody can: `coalwatch desk users add NAME` adds somebody")
    own = {parts.hostname} if parts.hostname else {host.lower()}
    provider = None
    if (settings.home / "desk" / "provider.yaml").exists():
        from pipeline.desk.provider import provider_of

        provider = provider_of(settings.home, os.environ.get("COALWATCH_DESK_CLIENT_SECRET") or None)
    return Access(users=known, provider=provider, hosts=frozenset({*own, *(LOOPBACK if _is_loopback(host) else ())}))


def _is_everywhere(host: str) -> bool:
    import socket

    try:
        return not host or socket.getaddrinfo(host, None)[0][4][0] in ("0.0.0.0", "::")
    except (OSError, UnicodeError):
        return False  # `listening` says what is wrong


def _is_loopback(host: str) -> bool:
    from ipaddress import ip_address

    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _require_libraries() -> None:
    """raises  InputError where the libraries of the desk are not installed"""
    from importlib.util import find_spec

    missing = [name for name in _NEEDS if find_spec(name) is None]
    if missing:
        raise InputError(f"the desk needs {', '.join(missing)}, not installed: {INSTALL}")


def listening(host: str, port: int) -> socket.socket:
    """A socket that listens there.

    raises  InputError for what is no address; SourceUnavailable where it cannot be listened on
    """
    import socket

    try:
        family, *_, place = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    except (socket.gaierror, UnicodeError):  # UnicodeError: a name that no host can have
        raise InputError(f'--host "{host}" is no address of this machine; expected one like 127.0.0.1') from None
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind(place)
        listener.listen(128)  # whoever reads the address may ask at once, and waits until somebody answers
    except OSError as error:
        listener.close()
        raise SourceUnavailable(
            f"{host}:{port} cannot be listened on ({error.strerror}); choose another --port, 0 takes a free one"
        ) from None
    return listener
