"""The calls of the engine: PluginService about the process, ProviderService about money."""

import logging
import threading
from collections.abc import Callable
from typing import Any

import grpc

from paymux_plugin import contract as pb
from paymux_plugin import faults, logs, settings
from paymux_plugin.calls import Call, InFlight
from paymux_plugin.faults import Fault, not_sent
from paymux_plugin.settings import Settings
from paymux_plugin.texts import Redaction

_log = logging.getLogger(__name__)

# By call of ProviderService: the operation that it belongs to, the method of an account
# that serves it, the field of the request that the method is given, and the field of the
# response that it returns. Where there is none, it is all of the message.
_PROVIDER_CALLS = {
    "CreatePayment": ("payment", "create_payment", "payment", "result"),
    "CreatePayout": ("payout", "create_payout", "payout", "result"),
    "CreateRefund": ("refund", "create_refund", "refund", "result"),
    "Cancel": ("cancel", "cancel", "attempt", "decision"),
    "ApprovePayout": ("payout_decision", "approve_payout", "attempt", "decision"),
    "RejectPayout": ("payout_decision", "reject_payout", "attempt", "decision"),
    "QueryStatus": ("query", "query_status", "attempt", "result"),
    "ListTransactions": ("list", "list_transactions", None, None),
    "HandleNotification": ("notification", "handle_notification", None, "notification"),
    "LookupCustomer": ("lookup", "lookup_customer", "phone", "customer"),
    "GetBalance": ("balance", "get_balance", None, None),
}

_ID_KEYS = {"paymux-transaction": "transaction", "paymux-attempt": "attempt"}
"""The metadata that names what a call is about, for logs alone."""


class Plugin:
    """Answers the engine for one manifest and one class of accounts.

    It keeps an account for each of its settings' hashes, so that calls in flight end on
    the settings that they began with.
    """

    def __init__(self, manifest: pb.Manifest, opened: Callable[[Settings], Any], redaction: Redaction) -> None:
        self.calls = InFlight()
        self._manifest = pb.Manifest.FromString(manifest.SerializeToString())
        self._manifest.capabilities.operations[:] = _operations(opened)
        self._open = opened
        self._redaction = redaction
        self._lock = threading.Lock()
        self._accounts: dict[tuple[str, str], Any] = {}

    def handlers(self) -> list[grpc.GenericRpcHandler]:
        """Return both services, as a gRPC server takes them."""
        about_plugin = {
            "Describe": self._describe,
            "ValidateSettings": self._validate_settings,
            "Configure": self._configure,
            "Remove": self._remove,
            "CheckHealth": self._check_health,
            "Shutdown": self._shutdown,
        }
        about_money = {name: self._provider_call(name) for name in _PROVIDER_CALLS}
        return [self._service("PluginService", about_plugin), self._service("ProviderService", about_money)]

    def _service(self, service: str, calls: dict[str, Callable]) -> grpc.GenericRpcHandler:
        handlers = {
            name: grpc.unary_unary_rpc_method_handler(
                self._guarded(name, serve),
                request_deserializer=getattr(pb, name + "Request").FromString,
                response_serializer=getattr(pb, name + "Response").SerializeToString,
            )
            for name, serve in calls.items()
        }
        return grpc.method_handlers_generic_handler(f"{pb.PACKAGE}.{service}", handlers)

    def _guarded(self, name: str, serve: Callable) -> Callable:
        """Stand around a call: count it, bound it, and make a Fault of whatever goes wrong."""

        def served(request: Any, context: grpc.ServicerContext) -> Any:
            call = Call(context)
            logs.about.set({_ID_KEYS[key]: value for key, value in context.invocation_metadata() if key in _ID_KEYS})
            _log.debug("%s", name)
            try:
                if name == "Shutdown":
                    return serve(call, request)
                with self.calls.counted():
                    return serve(call, request)
            except Fault as fault:
                wrong = Fault(fault.kind, self._redaction.sentence(fault.message), fault.sent)
            except Exception as error:
                _log.exception("%s failed", name)
                wrong = Fault(pb.FAULT_KIND_PANIC, self._redaction.sentence(f"{type(error).__name__}: {error}"))
            faults.abort(context, wrong, self._shown(call.exchanges))

        return served

    def _provider_call(self, name: str) -> Callable:
        """Return how a call of ProviderService is served: by the account's method."""
        _, method, given, told = _PROVIDER_CALLS[name]
        response = getattr(pb, name + "Response")

        def serve(call: Call, request: Any) -> Any:
            asked = getattr(request, given) if given else request
            if name.startswith("Create") and asked.HasField("send_by"):
                call.bound(asked.send_by.ToNanoseconds() / 1e9)
            answer = self._method(request.account, method)(call, asked)
            self._finish(answer, call)
            return response(**{told: answer}) if told else answer

        return serve

    def _method(self, account: pb.Account, method: str) -> Callable:
        """Return a method of a configured account."""
        with self._lock:
            found = self._accounts.get((account.name, account.settings_hash))
        if found is None:
            message = f"account {account.name} is not configured with these settings"
            raise not_sent(pb.FAULT_KIND_UNAVAILABLE, message)
        if not hasattr(found, method):
            raise not_sent(pb.FAULT_KIND_NOT_SUPPORTED, f"the plugin has no {method}")
        return getattr(found, method)

    def _finish(self, answer: Any, call: Call) -> None:
        """Add the exchanges to an answer that has a place for them, and clean what is for people."""
        fields = answer.DESCRIPTOR.fields_by_name
        if "exchanges" in fields:
            answer.exchanges.extend(self._shown(call.exchanges))
        for name in ("message", "alert"):
            if name in fields:
                setattr(answer, name, self._redaction.sentence(getattr(answer, name)))
        if "result" in fields and answer.HasField("result"):
            self._finish(answer.result, call)

    def _shown(self, exchanges: list[pb.Exchange]) -> list[pb.Exchange]:
        for one in exchanges:
            one.url, one.error = self._redaction.hide(one.url), self._redaction.hide(one.error)
        return exchanges

    def _describe(self, _call: Call, _request: pb.DescribeRequest) -> pb.DescribeResponse:
        return pb.DescribeResponse(manifest=self._manifest)

    def _read(self, given: pb.Settings) -> tuple[Settings, list[pb.Diagnostic]]:
        """Hold settings against the schema. Their secrets are learnt first, so that nothing shows one."""
        self._redaction.learn(settings.secrets(self._manifest.settings, given))
        return settings.read(self._manifest.settings, given)

    def _validate_settings(self, _call: Call, request: pb.ValidateSettingsRequest) -> pb.ValidateSettingsResponse:
        return pb.ValidateSettingsResponse(diagnostics=self._read(request.settings)[1])

    def _configure(self, _call: Call, request: pb.ConfigureRequest) -> pb.ConfigureResponse:
        read, wrong = self._read(request.settings)
        if wrong:
            return pb.ConfigureResponse(diagnostics=wrong)
        account = self._open(read)
        with self._lock:
            self._accounts[request.account.name, request.account.settings_hash] = account
        return pb.ConfigureResponse(capabilities=self._manifest.capabilities)

    def _remove(self, _call: Call, request: pb.RemoveRequest) -> pb.RemoveResponse:
        with self._lock:
            self._accounts.pop((request.account.name, request.account.settings_hash), None)
        return pb.RemoveResponse()

    def _check_health(self, _call: Call, _request: pb.CheckHealthRequest) -> pb.CheckHealthResponse:
        return pb.CheckHealthResponse()

    def _shutdown(self, call: Call, _request: pb.ShutdownRequest) -> pb.ShutdownResponse:
        self.calls.stop(call.until)
        return pb.ShutdownResponse()


def _operations(opened: Any) -> list[str]:
    """Return the operations for which a class of accounts has the method, each once."""
    offered = [operation for operation, method, *_ in _PROVIDER_CALLS.values() if hasattr(opened, method)]
    return list(dict.fromkeys(offered))
