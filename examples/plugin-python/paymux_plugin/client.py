"""HTTP to the provider, with the proof of what was not sent.

Every call has a connection of its own, and nothing is sent twice: no call is repeated, and
no redirect is followed. So it is certain that a request did not leave where its connection,
with TLS, was never made. Everything later counts as sent.
"""

import http.client
import io
import socket
import ssl
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from paymux_plugin import contract as pb
from paymux_plugin.calls import Call
from paymux_plugin.faults import Fault
from paymux_plugin.texts import members

ANSWER_MAX = 1 << 20
"""The most that is read of an answer, in bytes. What is longer cannot be read."""


@dataclass(frozen=True)
class Answer:
    """An answer of the provider that was read whole, with whatever status."""

    status: int
    body: bytes

    def members(self) -> dict[str, str]:
        """Return the texts of the JSON object that it is; empty where it is none."""
        return members(self.body)


class Client:
    """Calls the API of one provider for one account."""

    def __init__(self, base_url: str, headers: Mapping[str, str], timeout: float) -> None:
        root = urlsplit(base_url)
        self._address = (root.hostname or "", root.port or (443 if root.scheme == "https" else 80))
        self._tls = ssl.create_default_context() if root.scheme == "https" else None
        self._root = f"{root.scheme}://{root.netloc.rpartition('@')[2]}"
        self._path = root.path.rstrip("/")
        self._headers = dict(headers)
        self._timeout = timeout

    def ask(self, call: Call, path: str) -> Answer:
        """Make a call that only reads. Its Fault never says NOT_SENT: that tells nothing of the attempt."""
        return self._exchange(call, "GET", path, None, pb.SENT_UNSPECIFIED)

    def move(self, call: Call, path: str, body: bytes) -> Answer:
        """Make a call that moves money, once. Its Fault says NOT_SENT where that is proved."""
        return self._exchange(call, "POST", path, body, pb.SENT_NOT_SENT)

    def _exchange(self, call: Call, method: str, path: str, body: bytes | None, unsent: int) -> Answer:
        """Make one call and note it. `unsent` is what a connection that was never made proves."""
        path = self._path + path
        noted = pb.Exchange(method=method, url=self._root + path.partition("?")[0])
        noted.started_at.GetCurrentTime()
        began = time.monotonic()
        connection = _Connection(self._address, self._tls)
        try:
            connection.open(min(began + self._timeout, call.send_until))
            noted.got_conn = True
            connection.bound(min(began + self._timeout, call.until))
            connection.request(method, path, body, self._headers)
            return _read(connection.getresponse(), noted)
        except (OSError, http.client.HTTPException) as error:
            noted.error = f"{method} {noted.url}: {_how_far(noted)}: {_reason(error)}"
            sent = pb.SENT_UNSPECIFIED if noted.got_conn else unsent
            raise Fault(pb.FAULT_KIND_UNAVAILABLE, noted.error, sent) from None
        finally:
            connection.close()
            noted.duration.FromNanoseconds(int((time.monotonic() - began) * 1e9))
            call.exchanges.append(noted)


def _read(response: http.client.HTTPResponse, noted: pb.Exchange) -> Answer:
    """Read an answer whole. Read with a limit, http.client does not tell that it was cut."""
    noted.http_status = response.status
    body = response.read(ANSWER_MAX + 1)
    if len(body) > ANSWER_MAX:
        raise http.client.HTTPException("longer than can be read")
    if response.length:
        raise http.client.IncompleteRead(body, response.length)
    return Answer(response.status, body)


def _how_far(noted: pb.Exchange) -> str:
    if not noted.got_conn:
        return "no connection"
    return f"status {noted.http_status}, answer not complete" if noted.http_status else "no answer"


def _reason(error: Exception) -> str:
    """Say what went wrong without what the peer sent."""
    if isinstance(error, TimeoutError):
        return "the time is over"
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    return type(error).__name__


class _Connection(http.client.HTTPConnection):
    """A connection every wait of which ends with the call."""

    def __init__(self, address: tuple[str, int], tls: ssl.SSLContext | None) -> None:
        super().__init__(*address)
        self._tls = tls
        self._until = 0.0

    def open(self, until: float) -> None:
        """Connect, with TLS, until an instant. Nothing of a request is sent by that."""
        self.bound(until)
        plain = socket.create_connection((self.host, self.port), self._left())
        self.sock = plain  # Closed by close, whatever happens next.
        plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if self._tls:
            plain.settimeout(self._left())
            self.sock = plain = self._tls.wrap_socket(plain, server_hostname=self.host)
        self.sock = _TimedSocket(plain, self._left)
        self._left()

    def bound(self, until: float) -> None:
        """End every wait at an instant of the monotonic clock."""
        self._until = until

    def _left(self) -> float:
        left = self._until - time.monotonic()
        if left <= 0:
            raise TimeoutError
        return left


class _TimedSocket:
    """What http.client uses of a socket. A timeout of the socket alone would begin anew with every packet."""

    def __init__(self, plain: socket.socket, left: Callable[[], float]) -> None:
        self._plain = plain
        self._left = left
        self.close = plain.close

    def sendall(self, data: bytes) -> None:
        self._plain.settimeout(self._left())
        self._plain.sendall(data)

    def makefile(self, _mode: str) -> io.BufferedReader:
        return io.BufferedReader(_TimedReader(self._plain, self._left))


class _TimedReader(io.RawIOBase):
    """The reading side of a socket."""

    def __init__(self, plain: socket.socket, left: Callable[[], float]) -> None:
        super().__init__()
        self._plain = plain
        self._left = left

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:
        self._plain.settimeout(self._left())
        return self._plain.recv_into(buffer)
