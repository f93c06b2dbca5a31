"""How a source's file says that it is asked: where daily files lie, which parts of the sea, which events,
ships and grids."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal, Self

from pydantic import Field, field_validator, model_validator

from pipeline.seedfile import Seed

_PARTS_OF_A_DAY = {"year": "2024", "month": "06", "day": "01"}


class FilePath(Seed):
    """Where the file of a day lies: a path below an address; url None is the source's own."""

    path: str
    url: str | None = None

    @field_validator("path")
    @classmethod
    def _is_a_path_of_a_day(cls, path: str) -> str:
        try:
            filled = path.format(**_PARTS_OF_A_DAY)
        except (KeyError, IndexError, ValueError):
            filled = ""
        if not all(value in filled for value in _PARTS_OF_A_DAY.values()) or filled.startswith("/"):
            raise ValueError("a path like {year}/AIS_{year}_{month}_{day}.zip")
        return path

    def on(self, day: date) -> str:
        """The path of a day's file."""
        return self.path.format(year=f"{day:%Y}", month=f"{day:%m}", day=f"{day:%d}")


class DailyFile(FilePath):
    """Where the file of a day lies, for days in [from, to).

    otherwise  asked where nothing lies there (404): publishers move files of older years
    verified   whether a publication was seen for all of it
    """

    from_day: Annotated[date, Field(alias="from")]
    to_day: Annotated[date | None, Field(alias="to")]
    otherwise: FilePath | None = None
    verified: bool
    source: str

    @property
    def places(self) -> tuple[FilePath, ...]:
        """Where to ask for the file, in order."""
        return (self, self.otherwise) if self.otherwise else (self,)

    def holds(self, day: date) -> bool:
        """Whether the rule is for this day."""
        return self.from_day <= day and (self.to_day is None or day < self.to_day)


class Box(Seed):
    """A part of the sea that is listened to, in degrees; none lies across the 180th meridian."""

    name: str
    south: Annotated[float, Field(ge=-90, le=90)]
    west: Annotated[float, Field(ge=-180, le=180)]
    north: Annotated[float, Field(ge=-90, le=90)]
    east: Annotated[float, Field(ge=-180, le=180)]

    @model_validator(mode="after")
    def _has_an_inside(self) -> Self:
        if self.south >= self.north or self.west >= self.east:
            raise ValueError("south below north and west below east")
        return self

    def holds(self, latitude: float, longitude: float) -> bool:
        """Whether a place lies in it."""
        return self.south <= latitude <= self.north and self.west <= longitude <= self.east


class EventRequest(Seed):
    """One kind of event that is asked for.

    name         in the names of its files
    dataset      the provider's name of it
    tells        kind of event it holds
    blind_spots  what its provider is known not to see, a sentence that every such event carries
    days_per_file  longest span of days in one file, where another than of the other kinds
    port_ids     ports by the provider's ids, asked for in place of the source's boxes
    boxes        parts of the sea that are asked for in place of the source's boxes
    of_lists     asked for of the ships that lists name, wherever they were, in place of any sea
    """

    name: Annotated[str, Field(pattern="^[a-z-]+$")]
    dataset: str
    tells: Literal["port_visit", "gap", "encounter", "loitering"]
    blind_spots: str
    days_per_file: Annotated[int | None, Field(gt=0)] = None
    port_ids: tuple[str, ...] = ()
    boxes: tuple[Box, ...] = ()
    of_lists: bool = False

    @model_validator(mode="after")
    def _asks_by_one(self) -> Self:
        if bool(self.port_ids) + bool(self.boxes) + self.of_lists > 1:
            raise ValueError("one of port_ids, boxes and of_lists: a question is about ports, a sea or ships")
        return self


class EventRequests(Seed):
    """How a provider is asked for events: path below the address, entries a page, longest span of days in one file.

    timeout_s            silence after which an answer counts as failed
    about_s              what an answer takes, for plans
    ships_per_request   most ids of ships in one request
    voyage_blind_spots  what voyages between its port visits do not show, a sentence that every such voyage carries
    """

    path: str
    page_size: Annotated[int, Field(gt=0)]
    days_per_file: Annotated[int, Field(gt=0)]
    timeout_s: Annotated[float, Field(gt=0)]
    about_s: Annotated[float, Field(gt=0)] = 20.0
    ships_per_request: Annotated[int, Field(gt=0)] = 50
    datasets: Annotated[tuple[EventRequest, ...], Field(min_length=1)]
    voyage_blind_spots: str

    @property
    def notes(self) -> dict[str, str]:
        """What is not seen, by kind of event, and for `voyage`."""
        return {one.tells: one.blind_spots for one in self.datasets} | {"voyage": self.voyage_blind_spots}


class BlindSpots(Seed):
    """What a provider of events is known not to see: a sentence by kind of event, and for voyages between visits."""

    port_visit: str
    gap: str
    encounter: str
    loitering: str
    voyage: str


class VesselRequests(Seed):
    """How a provider is asked for the particulars of ships that its events, or lists, name.

    path            below the address
    dataset         the provider's name of it
    ships_of        the source of events whose ships are asked for, and whose token serves
    ids_per_request most ids of ships in one request
    registries      which records of registries are wanted, in the provider's words
    """

    path: str
    dataset: str
    ships_of: str
    ids_per_request: Annotated[int, Field(gt=0)]
    registries: str


class CountedPort(Seed):
    """A port whose visits a provider is asked to count.

    port, country  by our names: those of `port_visit`
    port_ids       the port by the provider's ids
    box            a part of the sea instead, for a port without an id
    """

    port: str
    country: Annotated[str, Field(pattern="^[A-Z]{2}$")]
    port_ids: tuple[str, ...] = ()
    box: Box | None = None

    @model_validator(mode="after")
    def _asks_by_one(self) -> Self:
        if bool(self.port_ids) == (self.box is not None):
            raise ValueError("one of port_ids and box")
        return self


class FigureRequests(Seed):
    """How a provider is asked for figures, one question a request: visits to ports by month, or how much of the voyages
    of the ships in alerts it received.

    path        below the address
    dataset     the provider's name of it
    figures_of  the source of events that it goes with, and whose token serves
    timeout_s   silence after which an answer counts as failed
    about_s     what an answer takes, for plans
    ports       whose visits are counted; none: the reception of ships is asked for
    """

    path: str
    dataset: str
    figures_of: str
    timeout_s: Annotated[float, Field(gt=0)]
    about_s: Annotated[float, Field(gt=0)] = 5.0
    ports: tuple[CountedPort, ...] = ()


class Region(Seed):
    """A part of the sea that reports are asked for.

    name            in the names of their files
    polygon         its ring of corners, longitude and latitude in degrees; the last is joined to the first
    days_per_report longest span of days in one report, where another than of the other regions
    """

    name: Annotated[str, Field(pattern="^[a-z-]+$")]
    polygon: Annotated[tuple[tuple[float, float], ...], Field(min_length=3)]
    days_per_report: Annotated[int | None, Field(gt=0, le=31)] = None

    @field_validator("polygon")
    @classmethod
    def _lies_on_earth(cls, corners: tuple[tuple[float, float], ...]) -> tuple[tuple[float, float], ...]:
        if not all(abs(longitude) <= 180 and abs(latitude) <= 90 for longitude, latitude in corners):
            raise ValueError("corners of longitude and latitude, like [124.4, 38.2]")
        return corners


class PassRequests(Seed):
    """How a catalogue is asked for the images that a radar satellite took: a question a region and span of days.

    path           below the address
    collection     the catalogue's name of the satellites
    name_contains  what the names of the images that are wanted hold
    page_size      most images in one answer
    days_per_file  longest span of days in one file; none goes beyond a month
    timeout_s      silence after which an answer counts as failed
    about_s        what an answer takes, for plans
    """

    path: str
    collection: Annotated[str, Field(pattern="^[A-Z0-9-]+$")]
    name_contains: Annotated[str, Field(pattern="^[A-Z0-9_]+$")]
    page_size: Annotated[int, Field(gt=0, le=1000)]
    days_per_file: Annotated[int, Field(gt=0, le=31)]
    timeout_s: Annotated[float, Field(gt=0)]
    about_s: Annotated[float, Field(gt=0)]
    regions: Annotated[tuple[Region, ...], Field(min_length=1)]


class ReportQuestion(Seed):
    """One of the questions that are asked of every region and span of days.

    name     in the names of its files
    filters  in the provider's words, such as matched='false'
    """

    name: Annotated[str, Field(pattern="^[a-z-]+$")]
    filters: tuple[str, ...] = ()


class ReportRequests(Seed):
    """How a provider is asked for reports on a grid: what is in each cell at each time, by ship.

    path, last_path  below the address: of a report, and of the last one that was made
    dataset          the provider's name of it, with the version that is wanted
    temporal_resolution, spatial_resolution, group_by   in the provider's words
    days_per_report  longest span of days in one report; none goes beyond a month
    timeout_s        silence after which an answer counts as failed
    attempts         in all, while the server is busy (one report at a time) or unwell
    wait_s           first wait before another attempt (it doubles), and between looks at a report that is being made
    looks            most looks at a report that is being made
    about_s          what a report takes, for plans
    """

    path: str
    last_path: str
    dataset: str
    temporal_resolution: Literal["HOURLY", "DAILY", "MONTHLY", "YEARLY", "ENTIRE"]
    spatial_resolution: Literal["HIGH", "LOW"]
    group_by: str
    days_per_report: Annotated[int, Field(gt=0, le=31)]
    timeout_s: Annotated[float, Field(gt=0)]
    attempts: Annotated[int, Field(gt=0)]
    wait_s: Annotated[float, Field(ge=0)]
    looks: Annotated[int, Field(gt=0)]
    about_s: Annotated[float, Field(gt=0)] = 20.0
    questions: Annotated[tuple[ReportQuestion, ...], Field(min_length=1)]
    regions: Annotated[tuple[Region, ...], Field(min_length=1)]
