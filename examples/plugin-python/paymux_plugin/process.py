"""The process: its standard streams, its signals, and the pipe that tells of the engine's end."""

import logging
import os
import signal
import threading
from collections.abc import Callable, Mapping
from types import FrameType

_LIFELINE = "PAYMUX_PLUGIN_LIFELINE"
_log = logging.getLogger(__name__)


def take_stdout() -> int:
    """Return a descriptor of stdout for the handshake, and lead stdout itself to stderr.

    Anything else on stdout would break the handshake. It is done with descriptors, so that
    it holds for C libraries too. Stdin is empty from here on: it is the engine's.
    """
    stdout = os.dup(1)
    os.dup2(2, 1)
    null = os.open(os.devnull, os.O_RDONLY)
    os.dup2(null, 0)
    os.close(null)
    return stdout


def watch_lifeline(environment: Mapping[str, str]) -> None:
    """End the process when the engine is gone, which the end of the lifeline tells.

    Calls in flight are not waited for: nobody is there to hear, and the engine will ask.
    """
    descriptor = environment.get(_LIFELINE)
    if descriptor:
        threading.Thread(target=_read_to_the_end, args=(int(descriptor),), daemon=True).start()


def _read_to_the_end(descriptor: int) -> None:
    try:
        while os.read(descriptor, 1):
            pass
    finally:  # An error too means that nobody holds the other end.
        os._exit(0)


def hold_signals(may_end: Callable[[], bool]) -> None:
    """Ignore SIGINT and SIGTERM until `may_end`.

    A service manager signals the whole group, and this process may be asking a provider
    to pay. The engine ends it when its calls have ended.
    """

    def on_signal(number: int, _frame: FrameType | None) -> None:
        if may_end():
            os._exit(128 + number)
        _log.info("signal %d ignored: the engine ends this process", number)

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, on_signal)
