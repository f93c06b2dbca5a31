"""Published XML: which root a file has, and its records one after the other, whatever prefix their namespace has."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from xml.etree.ElementTree import Element, ParseError

from pipeline.errors import InputError
from pipeline.formats.lists.text import clean, head_of

_ROOT = re.compile(
    r"\s*(?:<\?.*?\?>\s*|<!--.*?-->\s*|<!DOCTYPE[^>\[]*(?:\[.*?\]\s*)?>\s*)*<(?:[\w.-]+:)?(?P<name>[\w.-]+)[\s/>]",
    re.DOTALL | re.IGNORECASE,
)


def root_of(data: bytes) -> str:
    """The name of the outermost element, without its namespace; empty where there is none."""
    found = _ROOT.match(head_of(data))
    return found["name"] if found else ""


def elements(data: bytes, where: str, *names: str) -> Iterator[Element]:
    """The root as it begins (its attributes, no children), then every element of the names when it is whole, all tags
    without namespace. An element is emptied when the next is asked for.

    raises  InputError for XML that is torn, or declares entities
    """
    from defusedxml import DefusedXmlException
    from defusedxml.ElementTree import iterparse

    root = None
    try:
        for event, element in iterparse(io.BytesIO(data.lstrip()), events=("start", "end")):
            if event == "start":
                if root is None:
                    root = element
                    yield element
            elif _local(element.tag) in names:
                for one in element.iter():
                    one.tag = _local(one.tag)
                yield element
                element.clear()
    except (ParseError, DefusedXmlException, UnicodeError, LookupError, ValueError) as error:
        why = " ".join(str(error).split())
        raise InputError(f"{where}: {why}; the file is torn: download it again") from None


def texts(element: Element, path: str) -> list[str]:
    """What the elements of a path say, those that are empty left out."""
    return [text for one in element.iterfind(path) if (text := clean(one.text or ""))]


def text_at(element: Element, path: str) -> str:
    """What the first element of a path says; empty for nothing."""
    return clean(element.findtext(path) or "")


def _local(tag: object) -> str:
    return str(tag).rpartition("}")[2]
