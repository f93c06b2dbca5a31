"""All forms of sanctions lists that are known, and which one a file has."""

from __future__ import annotations

from pipeline.errors import InputError
from pipeline.formats.lists import eu, ofac, uk, un
from pipeline.formats.lists.markup import root_of
from pipeline.formats.lists.record import ListForm
from pipeline.formats.lists.text import head_of

AUTHORITIES = {"un": un.FORMS, "uk": uk.FORMS, "eu": eu.FORMS, "ofac": ofac.FORMS}
FORMS: tuple[ListForm, ...] = tuple(form for forms in AUTHORITIES.values() for form in forms)


def forms_of(list_name: str) -> tuple[ListForm, ...]:
    """The forms that a list may have.

    list_name  un, uk, eu, ofac, or the id of one list (watchlist_id)
    raises     InputError for a name that is neither
    """
    forms = AUTHORITIES.get(list_name) or tuple(form for form in FORMS if form.watchlist_id == list_name)
    if not forms:
        ids = dict.fromkeys(form.watchlist_id for form in FORMS)
        raise InputError(f'no list "{list_name}" can be imported; expected {", ".join([*AUTHORITIES, *ids])}')
    return forms


def form_of(data: bytes, list_name: str, where: str) -> ListForm:
    """The form that a file has, one of those of the list.

    where   the file's name, for messages
    raises  InputError if it is empty, is another list, has a form that is not read, or none that is known
    """
    expected = forms_of(list_name)
    if not head_of(data):
        raise InputError(f"{where}: the file is empty; download it again")
    found = next((form for form in FORMS if form.recognises(data)), None)
    titles = " or ".join(form.title for form in expected if form.read)
    if found is None:
        raise InputError(f"{where}: not a form that is known{_looks_like(data)}; expected {titles}")
    if found not in expected:
        raise InputError(f"{where}: looks like {found.title} ({found.watchlist_id}); expected {titles}")
    if found.read is None:
        raise InputError(f"{where}: {found.title} is not read; {found.instead}")
    return found


def _looks_like(data: bytes) -> str:
    """What a file of no known form seems to be, for a message."""
    if data.startswith(b"%PDF"):
        return " (it is a PDF: convert it to HTML, or download another form)"
    if data.startswith((b"PK", b"\xd0\xcf\x11\xe0", b"\x1f\x8b")):
        return " (it is an archive or a spreadsheet: unpack it, or download CSV or XML)"
    root = root_of(data)
    return " (it is a web page)" if root.lower() == "html" else f" (its root is {root})" if root else ""
