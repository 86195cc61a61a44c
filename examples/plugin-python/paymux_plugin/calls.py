"""Calls of the engine: how long one may take, and which are in flight."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import grpc

from paymux_plugin import contract as pb
from paymux_plugin.faults import not_sent

_MARGIN_MAX = 1.0
"""The most by which a call ends before the engine's deadline, in seconds."""


class Call:
    """One call of the engine.

    It ends a little before the engine's own deadline, so that what the plugin knows by
    then still arrives: that nothing was sent, above all.
    """

    def __init__(self, context: grpc.ServicerContext) -> None:
        left = context.time_remaining()
        left = threading.TIMEOUT_MAX if left is None else left
        self.until = time.monotonic() + left - min(_MARGIN_MAX, left / 4)
        self.send_until = self.until
        self.exchanges: list[pb.Exchange] = []
        """The HTTP calls made for it, for the engine's traces."""

    def bound(self, send_by: float) -> None:
        """Let nothing be sent after an instant, in seconds since 1970. It raises NOT_SENT if that has passed."""
        left = send_by - time.time()
        if left <= 0:
            raise not_sent(pb.FAULT_KIND_UNAVAILABLE, "send_by has passed")
        self.send_until = min(self.until, time.monotonic() + left)


class InFlight:
    """Counts the calls in flight, until it is stopped and refuses new ones."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._count = 0
        self._refuses = False
        self.stopped = False
        """Calls are refused, and those that were in flight have had their time."""

    @contextmanager
    def counted(self) -> Iterator[None]:
        """Count a call while it is made. It raises NOT_SENT where calls are refused."""
        with self._changed:
            if self._refuses:
                raise not_sent(pb.FAULT_KIND_UNAVAILABLE, "the plugin is shutting down")
            self._count += 1
        try:
            yield
        finally:
            with self._changed:
                self._count -= 1
                self._changed.notify_all()

    def stop(self, until: float) -> None:
        """Refuse new calls and wait for those in flight, at most until an instant of the monotonic clock."""
        with self._changed:
            self._refuses = True
            self._changed.wait_for(lambda: self._count == 0, max(0.0, until - time.monotonic()))
            self.stopped = True
