"""What the engine starts: the provider of provider.py, served by paymux_plugin."""

import os
import sys

from paymux_plugin import handshake, process

INTRODUCTION = """\
This is a payment provider plugin for Paymux. The engine starts it; it does nothing by itself.

  use it      name its path and sha256 under plugins: in paymux.yaml ("engine plugin hash PATH" prints the lines)
  look at it  engine plugin inspect PATH
  test it     engine plugin test PATH --settings FILE"""


def main() -> None:
    """Serve the plugin. Stdout is taken first, so that no import can print into the handshake."""
    if not handshake.started_by_engine(os.environ):
        sys.exit(INTRODUCTION)
    stdout = process.take_stdout()
    os.environ["GRPC_VERBOSITY"] = "NONE"  # Its own lines are no log lines of the engine.
    from paymux_plugin.server import serve
    from provider import MANIFEST, Account

    serve(MANIFEST, Account, stdout)


main()
