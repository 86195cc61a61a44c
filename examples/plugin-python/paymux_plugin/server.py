"""The gRPC server and its life, from the handshake to the engine's end."""

import logging
import os
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import grpc

from paymux_plugin import certificate, handshake, hosting, logs, process
from paymux_plugin import contract as pb
from paymux_plugin.services import Plugin
from paymux_plugin.settings import Settings
from paymux_plugin.texts import Redaction

MESSAGE_MAX = 4 << 20
"""The most that a message may have in both directions, in bytes."""

CALLS_MAX = 256
"""The calls that are served at once; more wait."""

_STACK = 1 << 20
"""The stack of a thread, in bytes. With the usual 8 MiB, CALLS_MAX threads pass the engine's bound on memory."""

_GOODBYE = 0.2
"""How long the answer to the last call may take to leave, in seconds."""

_log = logging.getLogger(__name__)


def serve(manifest: pb.Manifest, opened: Callable[[Settings], Any], stdout: int) -> None:
    """Serve the engine that started this process until it ends it.

    `opened` makes an account of settings, and `stdout` is where the handshake goes. It
    never returns.
    """
    redaction = Redaction()
    process.watch_lifeline(os.environ)
    logs.start(os.environ, manifest.name, redaction)
    plugin = Plugin(manifest, opened, redaction)
    process.hold_signals(lambda: plugin.calls.stopped)
    threading.stack_size(_STACK)
    ended = threading.Event()
    server = _started(plugin, ended, stdout)
    ended.wait()
    server.stop(_GOODBYE).wait()
    os._exit(0)  # Whatever a thread may still be waiting for.


def _started(plugin: Plugin, ended: threading.Event, stdout: int) -> grpc.Server:
    """Start the server under AutoMTLS and tell the engine where it is."""
    own = certificate.new()
    credentials = grpc.ssl_server_credentials(
        [(own.key_pem, own.certificate_pem)],
        root_certificates=handshake.client_certificate(os.environ),
        require_client_auth=True,
    )
    limits = [("grpc.max_receive_message_length", MESSAGE_MAX), ("grpc.max_send_message_length", MESSAGE_MAX)]
    server = grpc.server(ThreadPoolExecutor(CALLS_MAX), options=limits)
    server.add_generic_rpc_handlers([*plugin.handlers(), *_hosting_handlers(ended)])
    path = handshake.socket_path(os.environ)
    if not server.add_secure_port("unix:" + path, credentials):
        raise OSError(f"cannot serve at {path}")
    server.start()
    os.write(stdout, handshake.line(path, own.certificate_der))
    os.close(stdout)
    _log.debug("serving")
    return server


def _hosting_handlers(ended: threading.Event) -> list[grpc.GenericRpcHandler]:
    """Return the services that every engine asks, whatever the plugin is for."""

    def check(request: hosting.HealthCheckRequest, context: grpc.ServicerContext) -> hosting.HealthCheckResponse:
        if request.service not in ("", "plugin"):
            context.abort(grpc.StatusCode.NOT_FOUND, "unknown service")
        return hosting.HealthCheckResponse(status=hosting.SERVING)

    def shutdown(_request: hosting.Empty, _context: grpc.ServicerContext) -> hosting.Empty:
        ended.set()
        return hosting.Empty()

    return [
        _one_call("grpc.health.v1.Health", "Check", check, hosting.HealthCheckRequest, hosting.HealthCheckResponse),
        _one_call("plugin.GRPCController", "Shutdown", shutdown, hosting.Empty, hosting.Empty),
    ]


def _one_call(service: str, name: str, behavior: Callable, request: Any, response: Any) -> grpc.GenericRpcHandler:
    handler = grpc.unary_unary_rpc_method_handler(
        behavior, request_deserializer=request.FromString, response_serializer=response.SerializeToString
    )
    return grpc.method_handlers_generic_handler(service, {name: handler})
