#!/usr/bin/python3
"""Tests of what an engine alone does not show: the plugin's own words and arithmetic."""

import json
import time
import unittest
from typing import Any, NoReturn

import provider
from paymux_plugin import contract as pb
from paymux_plugin import hosting, settings
from paymux_plugin.client import Answer
from paymux_plugin.faults import Fault
from paymux_plugin.services import Plugin
from paymux_plugin.texts import Redaction, members


class Amounts(unittest.TestCase):
    """Amounts are written exactly."""

    def test_decimals_of_the_currency(self) -> None:
        for minor, currency, want in (
            (5000, "XOF", "5000"),
            (0, "EUR", "0.00"),
            (5, "EUR", "0.05"),
            (435, "EUR", "4.35"),
            (-1234, "KWD", "-1.234"),
            (9_007_199_254_740_993, "EUR", "90071992547409.93"),
        ):
            with self.subTest(want):
                self.assertEqual(want, provider.decimal(pb.Money(minor=minor, currency=currency)))

    def test_a_currency_that_is_not_taken_is_provably_not_sent(self) -> None:
        with self.assertRaises(Fault) as raised:
            provider.decimal(pb.Money(minor=1, currency="JPY"))
        self.assertEqual(pb.SENT_NOT_SENT, raised.exception.sent)


class Words(unittest.TestCase):
    """Only what is understood has an outcome."""

    def test_outcomes(self) -> None:
        for status, said, want in (
            (200, {"status": "paid"}, pb.OUTCOME_SUCCEEDED),
            (200, {"status": "declined"}, pb.OUTCOME_DECLINED),
            (201, {"status": "open", "kind": "payment"}, pb.OUTCOME_REQUIRES_ACTION),
            (201, {"status": "open", "kind": "payout"}, pb.OUTCOME_PENDING),
            (200, {"status": "settling"}, pb.OUTCOME_UNSPECIFIED),
            (404, {"status": "declined"}, pb.OUTCOME_UNSPECIFIED),
            (500, {"status": "paid"}, pb.OUTCOME_UNSPECIFIED),
            (200, {"status": 1}, pb.OUTCOME_UNSPECIFIED),
            (200, ["paid"], pb.OUTCOME_UNSPECIFIED),
        ):
            with self.subTest(status=status, said=said):
                self.assertEqual(want, provider.told(Answer(status, json.dumps(said).encode())).outcome)

    def test_numbers_are_as_they_were_written(self) -> None:
        self.assertEqual({"a": "1.10", "b": "12345678901234567890"}, members(b'{"a":1.10,"b":12345678901234567890}'))

    def test_what_is_no_object_has_no_members(self) -> None:
        for body in (b"", b"null", b"[1]", b'{"a":', b"\xff\x00", b"[" * 200_000):
            with self.subTest(body[:8]):
                self.assertEqual({}, members(body))


class Redactions(unittest.TestCase):
    """Nothing for people shows a secret or a number that may be a phone's."""

    def test_secrets_in_every_form(self) -> None:
        redaction = Redaction()
        redaction.learn(["s3cret/+key", "s3cret"])
        for text in ("s3cret/+key", "s3cret%2F%2Bkey", "czNjcmV0LytrZXk=", "s3cret"):
            with self.subTest(text):
                self.assertEqual("a [redacted] z", redaction.hide(f"a {text} z"))

    def test_numbers_and_addresses(self) -> None:
        sentence = Redaction().sentence
        self.assertEqual("call +[number] or [address]", sentence("call +225 07 07 12 34 56 or awa@example.com"))
        self.assertEqual("code 123456", sentence("code 123456"))


class Settings(unittest.TestCase):
    """Settings are held against the manifest, all faults at once."""

    def test_durations(self) -> None:
        for text, want in (("20s", 20.0), ("1m30s", 90.0), ("250ms", 0.25), ("5", 0.0), ("", 0.0), ("-5s", 0.0)):
            with self.subTest(text):
                self.assertEqual(want, settings.seconds(text))

    def test_everything_that_is_wrong_is_named(self) -> None:
        given = pb.Settings()
        given.values["base_url"].text = "tamarind.example"
        given.values["timeout"].number = 5
        given.values["site"].text = "x"
        given.values["api_key"].text = ""
        _, wrong = settings.read(provider.MANIFEST.settings, given)
        want = [
            ("base_url", "wrong value"),
            ("api_key", "required"),
            ("signing_key", "required"),
            ("timeout", "wrong value"),
            ("site", "unknown setting"),
        ]
        self.assertEqual(want, [(one.path, one.summary) for one in wrong])

    def test_defaults_are_filled_in(self) -> None:
        given = pb.Settings()
        given.values["api_key"].text = "k"
        given.values["signing_key"].text = "s"
        read, wrong = settings.read(provider.MANIFEST.settings, given)
        self.assertEqual([], wrong)
        self.assertEqual("https://api.tamarind.example", read["base_url"])
        self.assertEqual(20.0, read.seconds("timeout"))


class Aborted(Exception):
    """What a call ends with where it has no answer."""


class Context:
    """A call of the engine, as gRPC hands it over."""

    def __init__(self) -> None:
        self.fault: pb.Fault | None = None

    def time_remaining(self) -> float:
        """Return how long the call may take."""
        return 5.0

    def invocation_metadata(self) -> tuple[tuple[str, str], ...]:
        """Return nothing, as for a call about no attempt."""
        return ()

    def set_trailing_metadata(self, metadata: tuple[tuple[str, bytes], ...]) -> None:
        """Keep the one Fault that the status carries."""
        ((name, text),) = metadata
        assert name == "grpc-status-details-bin"
        (detail,) = hosting.Status.FromString(text).details
        assert detail.type_url == "type.googleapis.com/paymux.provider.v1.Fault"
        self.fault = pb.Fault.FromString(detail.value)

    def abort(self, _code: object, _message: str) -> NoReturn:
        """End the call."""
        raise Aborted


class Broken:
    """An account whose code has a mistake, and which offers payments alone."""

    def __init__(self, _settings: settings.Settings) -> None:
        pass

    def create_payment(self, _call: object, _payment: pb.Payment) -> pb.Result:
        """Fail with words that nobody may read."""
        raise KeyError("s3cret of +2250707123456")


class Guards(unittest.TestCase):
    """Whatever happens in a call, the engine hears one Fault and nothing that is private."""

    def setUp(self) -> None:
        redaction = Redaction()
        redaction.learn(["s3cret"])
        self.plugin = Plugin(pb.Manifest(name="broken"), Broken, redaction)
        self.account = pb.Account(name="a", settings_hash="h")

    def call(self, name: str, request: Any) -> pb.Fault:
        """Make a call that has no answer, and return its fault."""
        context = Context()
        with self.assertRaises(Aborted):
            self.behavior(name)(request, context)
        return context.fault

    def behavior(self, name: str) -> Any:
        """Return what serves a call."""

        class Details:
            method = name
            invocation_metadata = ()

        found = (one.service(Details) for one in self.plugin.handlers())
        return next(filter(None, found)).unary_unary

    def configure(self) -> None:
        """Open the account."""
        self.behavior("/paymux.provider.v1.PluginService/Configure")(
            pb.ConfigureRequest(account=self.account), Context()
        )

    def test_a_mistake_is_a_panic_without_private_words(self) -> None:
        self.configure()
        with self.assertLogs("paymux_plugin.services", "ERROR"):
            fault = self.call(
                "/paymux.provider.v1.ProviderService/CreatePayment", pb.CreatePaymentRequest(account=self.account)
            )
        self.assertEqual((pb.FAULT_KIND_PANIC, pb.SENT_UNSPECIFIED), (fault.kind, fault.sent))
        self.assertEqual("KeyError: '[redacted] of +[number]'", fault.message)

    def test_what_was_never_asked_is_not_sent(self) -> None:
        create, payout = pb.CreatePaymentRequest(account=self.account), pb.CreatePayoutRequest(account=self.account)
        fault = self.call("/paymux.provider.v1.ProviderService/CreatePayment", create)
        self.assertEqual((pb.FAULT_KIND_UNAVAILABLE, pb.SENT_NOT_SENT), (fault.kind, fault.sent))
        self.configure()
        fault = self.call("/paymux.provider.v1.ProviderService/CreatePayout", payout)
        self.assertEqual((pb.FAULT_KIND_NOT_SUPPORTED, pb.SENT_NOT_SENT), (fault.kind, fault.sent))
        create.payment.send_by.FromNanoseconds(time.time_ns() - 1)
        fault = self.call("/paymux.provider.v1.ProviderService/CreatePayment", create)
        self.assertEqual((pb.FAULT_KIND_UNAVAILABLE, pb.SENT_NOT_SENT), (fault.kind, fault.sent))

    def test_after_shutdown_no_call_begins(self) -> None:
        self.configure()
        self.behavior("/paymux.provider.v1.PluginService/Shutdown")(pb.ShutdownRequest(), Context())
        self.assertTrue(self.plugin.calls.stopped)
        create = pb.CreatePaymentRequest(account=self.account)
        fault = self.call("/paymux.provider.v1.ProviderService/CreatePayment", create)
        self.assertEqual("the plugin is shutting down", fault.message)
        self.assertEqual(pb.SENT_NOT_SENT, fault.sent)


if __name__ == "__main__":
    unittest.main()
