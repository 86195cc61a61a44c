"""What a provider wrote, fit for people and logs."""

import base64
import json
import re
import threading
from collections.abc import Iterable
from urllib.parse import quote, quote_plus

_REDACTED = "[redacted]"
_LONG_NUMBER = re.compile(r"[0-9](?:[ ./()-]{0,2}[0-9]){6,}")
_MAIL_ADDRESS = re.compile(r"[^\s\"'<>()\[\],:;]+@[^\s\"'<>()\[\],:;]+")


def members(body: bytes) -> dict[str, str]:
    """Return the texts of a JSON object, numbers as they are written; empty for anything else.

    No number becomes a float on the way, and nothing that is no text comes through.
    """
    try:
        said = json.loads(body.decode("utf-8", "replace"), parse_int=str, parse_float=str)
    except (ValueError, RecursionError):
        return {}
    if not isinstance(said, dict):
        return {}
    return {name: encodable(value) for name, value in said.items() if isinstance(value, str)}


def encodable(text: str) -> str:
    """Return the text without the halves of characters that JSON can hold and UTF-8 cannot."""
    return text.encode("utf-8", "replace").decode()


class Redaction:
    """The secret settings of all accounts, which no text for people may show."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._forms: set[str] = set()
        self._pattern: re.Pattern[str] | None = None

    def learn(self, secrets: Iterable[str]) -> None:
        """Hide the secrets from now on, also as URLs, headers and JSON write them."""
        with self._lock:
            for secret in filter(None, secrets):
                self._forms |= {secret, quote(secret, safe=""), quote_plus(secret), json.dumps(secret)[1:-1]}
                self._forms.add(base64.b64encode(secret.encode()).decode())
            longest_first = sorted(self._forms, key=len, reverse=True)
            if longest_first:
                self._pattern = re.compile("|".join(map(re.escape, longest_first)))

    def hide(self, text: str) -> str:
        """Return the text without any secret."""
        pattern = self._pattern
        return pattern.sub(_REDACTED, text) if pattern else text

    def sentence(self, text: str) -> str:
        """Return the text without secrets, and without what may be a phone, a card or an address."""
        text = _MAIL_ADDRESS.sub("[address]", encodable(self.hide(text)))
        return _LONG_NUMBER.sub("[number]", text)
