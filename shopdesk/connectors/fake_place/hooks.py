"""Webhooks of the fake place: signed over the raw body, sent by threads of their own, never repeated by themselves."""

from __future__ import annotations

import hashlib
import hmac
import http.client
import json
import threading
import time
from urllib.parse import urlsplit

from shopdesk.connectors.fake_place.book import Entry
from shopdesk.connectors.fake_place.plans import Hooks, Plan

SIGNATURE = "X-Place-Signature"
TIMEOUT_S = 5.0


class Sender:
    def __init__(self, secret: str, url: str | None) -> None:
        self.secret, self.url = secret, url

    def before(self, entry: Entry, plan: Plan) -> None:
        """What is sent before the answer; returns when it was taken."""
        if plan.hooks is Hooks.FIRST:
            self._send(entry)

    def after(self, entry: Entry, plan: Plan) -> None:
        """What is sent after the answer; returns at once."""
        if plan.hooks in {Hooks.FIRST, Hooks.NEVER} or not self.url:
            return
        threading.Thread(target=self._later, args=(entry, plan), daemon=True).start()

    def _later(self, entry: Entry, plan: Plan) -> None:
        if plan.hooks is Hooks.LATE:
            time.sleep(plan.hook_delay_s)
        for _time in range(2 if plan.hooks is Hooks.TWICE else 1):
            self._send(entry, forged=plan.hooks is Hooks.FORGED)

    def _send(self, entry: Entry, *, forged: bool = False) -> None:
        if not self.url:
            return
        body = told(entry)
        at = urlsplit(self.url)
        headers = {
            "Content-Type": "application/json",
            SIGNATURE: signed("somebody else's" if forged else self.secret, int(time.time()), body),
        }
        connection = http.client.HTTPConnection(at.hostname or "", at.port or 80, timeout=TIMEOUT_S)
        try:
            connection.request("POST", at.path or "/", body, headers)
            connection.getresponse().read()
        except (OSError, http.client.HTTPException):
            return  # lost: the desk must find out by asking
        finally:
            connection.close()


def told(entry: Entry) -> bytes:
    """A webhook's body: the same event has the same id, whenever it is sent."""
    event_id = f"EV-{entry.reference}-{entry.status}"
    return json.dumps({"event_id": event_id, "number": entry.number, "status": entry.status}).encode()


def signed(secret: str, at_s: int, body: bytes) -> str:
    digest = hmac.new(secret.encode(), b"%d." % at_s + body, hashlib.sha256).hexdigest()
    return f"t={at_s},v1={digest}"
