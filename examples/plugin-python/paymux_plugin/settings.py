"""An account's settings, held against the schema in the manifest."""

import re
from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import urlsplit

from paymux_plugin import contract as pb

_UNITS = {"ns": 1e-9, "us": 1e-6, "µs": 1e-6, "ms": 1e-3, "s": 1.0, "m": 60.0, "h": 3600.0}
_PART = re.compile(r"([0-9]+(?:\.[0-9]+)?)(ns|us|µs|ms|s|m|h)")


def seconds(duration: str) -> float:
    """Read a duration such as 20s or 1m30s. It is 0 for anything else."""
    if not re.fullmatch(f"(?:{_PART.pattern})+", duration):
        return 0.0
    return sum(float(number) * _UNITS[unit] for number, unit in _PART.findall(duration))


def _is_url(text: str) -> bool:
    try:
        parts = urlsplit(text)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.hostname)


_ACCEPTED: dict[int, tuple[str, Callable[[Any], bool], str]] = {
    pb.FIELD_KIND_STRING: ("text", lambda _: True, "must be text"),
    pb.FIELD_KIND_URL: ("text", _is_url, "must be an absolute http or https URL"),
    pb.FIELD_KIND_DURATION: ("text", lambda text: seconds(text) > 0, "must be a positive duration such as 20s"),
    pb.FIELD_KIND_BOOL: ("flag", lambda _: True, "must be true or false"),
    pb.FIELD_KIND_INT: ("number", lambda _: True, "must be a whole number"),
    pb.FIELD_KIND_LIST: ("list", lambda _: True, "must be a list of texts"),
    pb.FIELD_KIND_MAP: ("map", lambda _: True, "must map texts to texts"),
}
"""By kind: the value that is set, what it must be besides, and that in words."""


class Settings:
    """The settings of one account by name, texts as they are. Nothing prints them."""

    def __init__(self, values: dict[str, Any]) -> None:
        self._values = values

    def __getitem__(self, name: str) -> Any:
        """Return a setting: text, truth, number, list or dict, None where it is not set."""
        return self._values.get(name)

    def seconds(self, name: str) -> float:
        """Return a duration in seconds."""
        return seconds(self._values[name])


def read(schema: Iterable[pb.Field], given: pb.Settings) -> tuple[Settings, list[pb.Diagnostic]]:
    """Hold settings against a schema, with its defaults. It tells all that is wrong at once."""
    values: dict[str, Any] = {}
    wrong: list[pb.Diagnostic] = []
    fields = {field.name: field for field in schema}
    for name, field in fields.items():
        found = _value(field, given.values[name]) if name in given.values else field.default or None
        if isinstance(found, pb.Diagnostic):
            wrong.append(found)
        elif found is not None:
            values[name] = found
        elif field.required:
            wrong.append(pb.Diagnostic(path=name, summary="required", detail=field.doc))
    for name in sorted(set(given.values) - set(fields)):
        wrong.append(pb.Diagnostic(path=name, summary="unknown setting", detail="known are " + ", ".join(fields)))
    return Settings(values), wrong


def secrets(schema: Iterable[pb.Field], given: pb.Settings) -> list[str]:
    """Return the values of the secret settings, also where they are wrong."""
    return [given.values[field.name].text for field in schema if field.secret and field.name in given.values]


def _value(field: pb.Field, given: pb.SettingValue) -> Any:
    """Return a setting's value, None where it is empty, or what is wrong with it."""
    which, fits, must = _ACCEPTED[field.kind]
    if given.WhichOneof("value") != which:
        return pb.Diagnostic(path=field.name, summary="wrong value", detail=must)
    value = getattr(given, which)
    if value == "":
        return None
    if field.enum and value not in field.enum:
        return pb.Diagnostic(path=field.name, summary="wrong value", detail="must be one of " + ", ".join(field.enum))
    if not fits(value):
        return pb.Diagnostic(path=field.name, summary="wrong value", detail=must)
    if which == "list":
        return list(value.texts)
    return dict(value.texts) if which == "map" else value
