"""How an engine and a plugin recognise each other: the environment and one line on stdout."""

import base64
import os
from collections.abc import Mapping

CORE_PROTOCOL = 1
"""The version of go-plugin's own protocol."""

PROTOCOL = 1
"""The major version of provider.proto."""

COOKIE = ("PAYMUX_PROVIDER_PLUGIN", "6f0d3c7a9b52e4188c1de07f35a96b24")
"""It guards against a mistaken start and is no secret."""


def started_by_engine(environment: Mapping[str, str]) -> bool:
    """Report whether an engine started this process."""
    name, value = COOKIE
    return environment.get(name) == value


def socket_path(environment: Mapping[str, str]) -> str:
    """Return where to serve: in the private folder that the engine made for this process."""
    return os.path.join(environment["PLUGIN_UNIX_SOCKET_DIR"], "plugin")


def client_certificate(environment: Mapping[str, str]) -> bytes:
    """Return the engine's certificate, the only one that may connect, as PEM."""
    return environment["PLUGIN_CLIENT_CERT"].encode()


def line(path: str, certificate_der: bytes) -> bytes:
    """Return the line that tells the engine where the plugin serves and who it is."""
    certificate = base64.b64encode(certificate_der).decode().rstrip("=")
    return f"{CORE_PROTOCOL}|{PROTOCOL}|unix|{path}|grpc|{certificate}\n".encode()
