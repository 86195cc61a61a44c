#!/usr/bin/python3
"""A sandbox of Tamarind: its API, its notifications, and the control surface of a conformance run.

    examples/plugin-python/sandbox.py [PORT]

Every order is decided two seconds after it was made: paid, or declined where the phone
ends with 000. The clock is the machine's, moved on by orders at /_sandbox/clock. It needs
the standard library alone.
"""

import hashlib
import hmac
import json
import sys
import threading
import time
import urllib.request
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

API_KEY = "tamarind-key-4711"
SIGNING_KEY = "tamarind-signing-0815"
SETTLES_AFTER = 2.0
"""How long the customer takes, in seconds."""

DECIMALS = {"XOF": 0, "EUR": 2, "KWD": 3}
PATIENCE = 5.0
"""How long the receiver of a notification may take, in seconds."""

PHONE = "+2250707123456"
BROKE = "+2250707123000"


def sample(amount: str, currency: str, phone: str = PHONE) -> dict[str, str]:
    """Return what a conformance run orders."""
    return {"amount": amount, "currency": currency, "country": "CI", "method": "mobile_money", "phone": phone}


PLAY = {
    "orders": [sample("1000", "XOF"), sample("4.35", "EUR"), sample("1.234", "KWD")],
    "declined": sample("1000", "XOF", BROKE),
}
SCRIPT = {
    "settle_ms": 3000,
    "plays": {"payment": PLAY, "payout": PLAY, "refund": {"orders": PLAY["orders"]}},
}


@dataclass
class Order:
    """An order as it really is."""

    id: str
    kind: str
    reference: str
    amount: str
    currency: str
    notify: str
    phone: str
    due: float
    status: str = "open"
    code: str = "E00"

    def told(self) -> dict[str, str]:
        """Return what the API tells of it."""
        names = ("id", "kind", "reference", "amount", "currency", "status", "code")
        return {name: getattr(self, name) for name in names}

    def charge(self) -> dict[str, object]:
        """Return its line of the ledger."""
        return {
            "ref": self.reference,
            "kind": self.kind,
            "amount": self.amount,
            "currency": self.currency,
            "paid": self.status == "paid",
        }


@dataclass
class Tamarind:
    """The provider: its orders and its clock."""

    orders: dict[str, Order] = field(default_factory=dict)
    offset: float = 0.0
    lock: threading.Lock = field(default_factory=threading.Lock)
    settling: threading.Lock = field(default_factory=threading.Lock)
    """Held while what is due happens, deliveries included, so that one comes after the other."""

    def now(self) -> float:
        """Return the time on the sandbox's clock, in seconds."""
        return time.monotonic() + self.offset

    def reset(self) -> None:
        """Forget everything."""
        with self.lock:
            self.orders.clear()

    def advance(self, seconds: float) -> None:
        """Move the clock on. What is due by then has happened when it returns."""
        with self.lock:
            self.offset += seconds
        self.settle()

    def settle(self) -> None:
        """Decide what is due, and notify."""
        with self.settling:
            with self.lock:
                due = [one for one in self.orders.values() if one.status == "open" and one.due <= self.now()]
                for one in due:
                    declined = one.phone.endswith("000")
                    one.status, one.code = ("declined", "E51") if declined else ("paid", "E00")
            for one in due:
                notify(one)

    def create(self, asked: dict[str, str]) -> tuple[int, dict[str, str]]:
        """Make an order."""
        with self.lock:
            if not self._sound(asked):
                return 422, {"code": "E422"}
            if asked["reference"] in self.orders:
                return 409, {"code": "E409"}
            order = Order(
                id=f"t_{len(self.orders) + 1}",
                kind=asked["kind"],
                reference=asked["reference"],
                amount=asked["amount"],
                currency=asked["currency"],
                notify=asked.get("notify", ""),
                phone=asked.get("phone", ""),
                due=self.now() + SETTLES_AFTER,
            )
            self.orders[order.reference] = order
            return 201, order.told()

    def _sound(self, asked: dict[str, str]) -> bool:
        """Report whether an order can be taken. The lock is held."""
        if not all(isinstance(value, str) for value in asked.values()):
            return False
        whole, _, decimals = asked.get("amount", "").partition(".")
        if not whole.isdecimal() or len(decimals) != DECIMALS.get(asked.get("currency", "")):
            return False
        if not asked.get("reference"):
            return False
        if asked.get("kind") == "refund":
            paid = self.orders.get(asked.get("of", ""))
            return bool(paid and paid.status == "paid" and paid.currency == asked["currency"])
        return asked.get("kind") in ("payment", "payout") and bool(asked.get("phone"))

    def tell(self, reference: str) -> tuple[int, dict[str, str]]:
        """Tell what became of an order."""
        with self.lock:
            order = self.orders.get(reference)
            return (200, order.told()) if order else (404, {"code": "E404"})

    def charges(self) -> list[dict[str, object]]:
        """Return what was really made."""
        with self.lock:
            return [order.charge() for order in self.orders.values()]


def notify(order: Order) -> None:
    """Announce the end of an order, once. Whoever does not hear it will ask."""
    body = json.dumps({"id": order.id, "reference": order.reference, "status": order.status}).encode()
    signature = hmac.new(SIGNING_KEY.encode(), body, hashlib.sha256).hexdigest()
    headers = {"Content-Type": "application/json", "Tamarind-Signature": signature}
    try:
        request = urllib.request.Request(order.notify, body, headers)
        urllib.request.urlopen(request, timeout=PATIENCE).close()
    except (OSError, ValueError):
        pass


class Handler(BaseHTTPRequestHandler):
    """One request to the API or to the control surface."""

    protocol_version = "HTTP/1.1"
    server: "Sandbox"

    def do_GET(self) -> None:
        url = urlsplit(self.path)
        if url.path == "/_sandbox/script":
            return self._answer(200, SCRIPT)
        if url.path == "/_sandbox/charges":
            return self._answer(200, {"charges": self.server.tamarind.charges()})
        if url.path == "/orders" and self._known():
            reference = parse_qs(url.query).get("reference", [""])[0]
            return self._answer(*self.server.tamarind.tell(reference))
        return self._refuse()

    def do_POST(self) -> None:
        body = self._body()
        if body is None:
            return self._answer(400, {"code": "E400"})
        if self.path == "/_sandbox/reset":
            self.server.tamarind.reset()
            return self._answer(204)
        if self.path == "/_sandbox/clock":
            self.server.tamarind.advance(body.get("advance_ms", 0) / 1000)
            return self._answer(200, {})
        if self.path == "/orders" and self._known():
            return self._answer(*self.server.tamarind.create(body))
        return self._refuse()

    def _body(self) -> dict | None:
        """Return the JSON object that the request has, an empty one for none, and None for nonsense."""
        text = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        try:
            body = json.loads(text or "{}")
        except ValueError:
            return None
        return body if isinstance(body, dict) else None

    def _known(self) -> bool:
        return self.headers.get("Authorization") == "Bearer " + API_KEY

    def _refuse(self) -> None:
        self._answer(404 if self._known() else 401, {"code": "E404" if self._known() else "E401"})

    def _answer(self, status: int, said: object = None) -> None:
        text = b"" if said is None else json.dumps(said).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


class Sandbox(ThreadingHTTPServer):
    """The server. What becomes due by itself happens in service_actions, twice a second."""

    daemon_threads = True
    request_queue_size = 256

    def __init__(self, port: int) -> None:
        super().__init__(("127.0.0.1", port), Handler)
        self.tamarind = Tamarind()

    def service_actions(self) -> None:
        """Decide what is due without an order to do so, beside the loop that takes requests."""
        if not self.tamarind.settling.locked():
            threading.Thread(target=self.tamarind.settle, daemon=True).start()


def main() -> None:
    """Serve until interrupted, and print where."""
    sandbox = Sandbox(int(sys.argv[1]) if len(sys.argv) > 1 else 0)
    print(f"http://127.0.0.1:{sandbox.server_port}", flush=True)
    try:
        sandbox.serve_forever()
    except KeyboardInterrupt:
        sandbox.server_close()


if __name__ == "__main__":
    main()
