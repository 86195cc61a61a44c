"""Log lines that the engine reads: JSON on stderr, without secrets, with the ids of the call."""

import json
import logging
import sys
from collections.abc import Mapping
from contextvars import ContextVar
from datetime import datetime, timezone

from paymux_plugin.texts import Redaction

_VARIABLE = "PAYMUX_PLUGIN_LOG"
_LEVELS = {"trace": 5, "debug": logging.DEBUG, "info": logging.INFO, "warn": logging.WARNING, "error": logging.ERROR}
_FIELD_MAX = 4 << 10
"""The most of a message and of a stack, in characters: the engine cuts lines of 60 KiB."""

about: ContextVar[dict[str, str]] = ContextVar("about")
"""The ids of the call that is served: transaction and attempt."""


class _Lines(logging.Formatter):
    """Writes a record as the engine's logger does."""

    def __init__(self, module: str, redaction: Redaction) -> None:
        super().__init__()
        self._module = module
        self._redaction = redaction

    def format(self, record: logging.LogRecord) -> str:
        """Return the record as one line."""
        line = {
            "@level": _level(record.levelno),
            "@message": self._fit(record.getMessage()),
            "@module": self._module,
            "@timestamp": datetime.fromtimestamp(record.created, timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
        }
        if record.exc_info:
            line["stack"] = self._fit(self.formatException(record.exc_info))
        return json.dumps(line | about.get({}), ensure_ascii=False)

    def _fit(self, text: str) -> str:
        """Return the end of a text, which of a stack says most."""
        return self._redaction.sentence(text)[-_FIELD_MAX:]


def _level(number: int) -> str:
    return max((least, word) for word, least in _LEVELS.items() if least <= max(number, 5))[1]


def start(environment: Mapping[str, str], module: str, redaction: Redaction) -> None:
    """Have everything that is logged reach the engine, from the level that it wants."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_Lines(module, redaction))
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(_LEVELS.get(environment.get(_VARIABLE, ""), logging.INFO))
