"""Tamarind, an invented provider of mobile money: what its words mean to Paymux.

Its API is one resource. POST /orders collects money, pays it out or gives it back, and
GET /orders?reference= tells what became of an order. Amounts are texts in major units.
A customer approves a payment on the phone, and Tamarind notifies of every end.
"""

import hashlib
import hmac
import json
from urllib.parse import quote

from paymux_plugin import contract as pb
from paymux_plugin.calls import Call
from paymux_plugin.client import Answer, Client
from paymux_plugin.faults import not_sent
from paymux_plugin.settings import Settings
from paymux_plugin.texts import members

DECIMALS = {"XOF": 0, "EUR": 2, "KWD": 3}
"""The currencies of Tamarind, with the decimals of their amounts."""

KINDS = (pb.KIND_PAYMENT, pb.KIND_PAYOUT, pb.KIND_REFUND)

MANIFEST = pb.Manifest(
    name="tamarind",
    version="1.0.0",
    doc="Tamarind: payments, payouts and refunds by mobile money",
    settings=[
        pb.Field(name="base_url", kind=pb.FIELD_KIND_URL, default="https://api.tamarind.example", doc="the API's root"),
        pb.Field(name="api_key", kind=pb.FIELD_KIND_STRING, required=True, secret=True, doc="from the dashboard"),
        pb.Field(name="signing_key", kind=pb.FIELD_KIND_STRING, required=True, secret=True, doc="signs notifications"),
        pb.Field(name="timeout", kind=pb.FIELD_KIND_DURATION, default="20s", doc="how long one request may take"),
    ],
    facts=[
        pb.Facts(
            kind=kind,
            idempotency=pb.IDEMPOTENCY_UNIQUE_REFERENCE,
            query_by=pb.QUERY_BY_OUR_REF,
            tells_currency=True,
            push_webhooks=True,
            late_success={"seconds": 48 * 3600},
            poll=[{"seconds": 30}, {"seconds": 120}, {"seconds": 600}],
        )
        for kind in KINDS
    ],
    capabilities=pb.Capabilities(
        corridors=[pb.Corridor(kind=kind, currencies=DECIMALS, methods=["mobile_money"]) for kind in KINDS],
        needs={
            "payment": pb.FieldNames(names=["customer.phone"]),
            "payout": pb.FieldNames(names=["recipient.phone"]),
        },
    ),
)

OUTCOMES = {"paid": pb.OUTCOME_SUCCEEDED, "declined": pb.OUTCOME_DECLINED}
REASONS = {"E51": "insufficient_funds"}
REFUSALS = {401: "authentication", 422: "invalid_request"}
"""By HTTP status: why nothing was created. A refusal that is not documented is UNKNOWN."""

APPROVE = pb.NextAction(type=pb.NEXT_ACTION_TYPE_PROMPT, message="Approve the payment on your phone.")


class Account:
    """One account at Tamarind. It keeps nothing between calls."""

    def __init__(self, settings: Settings) -> None:
        headers = {
            "Authorization": "Bearer " + settings["api_key"],
            "Content-Type": "application/json",
            "User-Agent": "Paymux-Tamarind/1.0",
        }
        self._api = Client(settings["base_url"], headers, settings.seconds("timeout"))
        self._signing_key = settings["signing_key"].encode()

    def create_payment(self, call: Call, payment: pb.Payment) -> pb.Result:
        """Ask a customer for money, who is asked on the phone."""
        return self._order(call, "payment", payment, phone=payment.customer.phone)

    def create_payout(self, call: Call, payout: pb.Payout) -> pb.Result:
        """Pay money out to a phone."""
        return self._order(call, "payout", payout, phone=payout.recipient.phone)

    def create_refund(self, call: Call, refund: pb.Refund) -> pb.Result:
        """Give a payment back, or a part of it."""
        return self._order(call, "refund", refund, of=refund.payment.ref)

    def query_status(self, call: Call, attempt: pb.Attempt) -> pb.Result:
        """Ask what became of an order, by our own reference."""
        return told(self._api.ask(call, "/orders?reference=" + quote(attempt.ref, safe="")))

    def handle_notification(self, _call: Call, request: pb.HandleNotificationRequest) -> pb.Notification:
        """Read what Tamarind announces, if it is Tamarind who does. The engine asks before it believes."""
        signature = hmac.new(self._signing_key, request.body, hashlib.sha256).hexdigest()
        if not hmac.compare_digest(signature.encode(), header(request, "Tamarind-Signature")):
            return pb.Notification(authenticity=pb.AUTHENTICITY_FORGED, status=401)
        said = members(request.body)
        return pb.Notification(
            authenticity=pb.AUTHENTICITY_GENUINE,
            ref=said.get("reference"),
            provider_ref=said.get("id"),
            dedupe_key=f"{said.get('id')} {said.get('status')}",
            confirm=True,
            result=pb.Result(provider_status=said.get("status")),
        )

    def _order(self, call: Call, kind: str, asked: pb.Payment, **more: str) -> pb.Result:
        """Make an order. Its body is a pure function of what is asked, so that a repetition is the same bytes."""
        amount = asked.attempt.amount
        order = {
            "kind": kind,
            "reference": asked.attempt.ref,
            "amount": decimal(amount),
            "currency": amount.currency,
            "notify": asked.notify_url,
            **more,
        }
        answer = self._api.move(call, "/orders", json.dumps(order).encode())
        code = answer.members().get("code")
        if code and answer.status in REFUSALS:
            return pb.Result(outcome=pb.OUTCOME_REJECTED, reason=REFUSALS[answer.status], provider_code=code)
        return told(answer)


def told(answer: Answer) -> pb.Result:
    """Tell what Tamarind said of an order. What is not understood stays UNKNOWN, the zero value."""
    said = answer.members()
    if answer.status not in (200, 201) or "status" not in said:
        return pb.Result(provider_code=said.get("code"))
    result = pb.Result(
        outcome=OUTCOMES.get(said["status"]),
        provider_ref=said.get("id"),
        provider_status=said["status"],
        provider_code=said.get("code"),
        told=pb.Told(
            amount=said.get("amount"),
            currency=said.get("currency"),
            reference=said.get("reference"),
            type=said.get("kind"),
        ),
    )
    if result.outcome == pb.OUTCOME_DECLINED:
        result.reason = REASONS.get(result.provider_code, "declined")
    elif said["status"] == "open" and said.get("kind") == "payment":
        result.outcome = pb.OUTCOME_REQUIRES_ACTION
        result.next_action.CopyFrom(APPROVE)
    elif said["status"] == "open":
        result.outcome = pb.OUTCOME_PENDING
    elif not result.outcome:
        result.alert = "Tamarind said a status that is not documented."
    return result


def decimal(amount: pb.Money) -> str:
    """Write an amount in major units with exactly the decimals of its currency."""
    if amount.currency not in DECIMALS:
        raise not_sent(pb.FAULT_KIND_INVALID, "Tamarind does not take this currency")
    decimals = DECIMALS[amount.currency]
    digits = str(abs(amount.minor)).zfill(decimals + 1)
    point = len(digits) - decimals
    sign = "-" if amount.minor < 0 else ""
    return sign + digits[:point] + ("." + digits[point:] if decimals else "")


def header(request: pb.HandleNotificationRequest, name: str) -> bytes:
    """Return the first value of a header, empty where there is none."""
    return next((one.values[0] for one in request.headers if one.name == name and one.values), b"")
