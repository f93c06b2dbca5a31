"""Which provider asks for a source: found by the file that declares it, and imported only when it is needed."""

from __future__ import annotations

from pipeline.errors import InputError
from pipeline.fetch.provider import Provider
from pipeline.fetch.sources import PROVIDERS, SourceSpec


def provider_of(spec: SourceSpec) -> Provider:
    """The provider that asks for a source.

    raises  InputError for a source that nobody is asked for (a folder), one that does not suit its client, a file of
            the extensions that cannot be imported
    """
    if spec.asked_by is None:
        raise InputError(f"{spec.source}: a folder, nobody is asked; put its files into its landing folder")
    provider = PROVIDERS.load(spec.asked_by)
    if not isinstance(provider, Provider):
        raise InputError(
            f"{PROVIDERS.files()[spec.asked_by]}: {PROVIDERS.mark} is a {type(provider).__name__}; expected a Provider "
            "(pipeline.fetch.provider)"
        )
    provider.check(spec)
    return provider
