"""What goes wrong, as the engine understands it."""

import grpc

from paymux_plugin import contract as pb
from paymux_plugin import hosting

MESSAGE_MAX = 8 << 10
"""A fault travels in the trailer of an answer, which has little room. In characters."""

EXCHANGES_MAX = 32
"""The exchanges that a fault tells of at most: the latest ones."""

_CODES = {
    pb.FAULT_KIND_INVALID: grpc.StatusCode.INVALID_ARGUMENT,
    pb.FAULT_KIND_AUTHENTICATION: grpc.StatusCode.UNAUTHENTICATED,
    pb.FAULT_KIND_RATE_LIMITED: grpc.StatusCode.RESOURCE_EXHAUSTED,
    pb.FAULT_KIND_UNAVAILABLE: grpc.StatusCode.UNAVAILABLE,
    pb.FAULT_KIND_NOT_SUPPORTED: grpc.StatusCode.UNIMPLEMENTED,
    pb.FAULT_KIND_NOT_FOUND: grpc.StatusCode.NOT_FOUND,
    pb.FAULT_KIND_PANIC: grpc.StatusCode.INTERNAL,
}


class Fault(Exception):
    """The call could not be made, or its answer could not be read.

    What the provider answered is never a Fault, a decline included: that is a Result.
    Unless `sent` says otherwise the request may have left.
    """

    def __init__(self, kind: int, message: str, sent: int = pb.SENT_UNSPECIFIED) -> None:
        super().__init__(message)
        self.kind = kind
        self.message = message
        self.sent = sent


def not_sent(kind: int, message: str) -> Fault:
    """Return the fault of a call whose request provably never left."""
    return Fault(kind, message, pb.SENT_NOT_SENT)


def abort(context: grpc.ServicerContext, fault: Fault, exchanges: list[pb.Exchange]) -> None:
    """End a call with the fault as the one detail of its status. It never returns."""
    code = _CODES.get(fault.kind, grpc.StatusCode.UNKNOWN)
    detail = pb.Fault(
        kind=fault.kind, message=fault.message[:MESSAGE_MAX], sent=fault.sent, exchanges=exchanges[-EXCHANGES_MAX:]
    )
    status = hosting.Status(code=code.value[0], message=detail.message)
    status.details.add(type_url=f"type.googleapis.com/{pb.PACKAGE}.Fault", value=detail.SerializeToString())
    context.set_trailing_metadata((("grpc-status-details-bin", status.SerializeToString()),))
    context.abort(code, detail.message)
