"""Telling a running fake place how to behave; a call of its own, as this package imports nothing of the desk."""

from __future__ import annotations

import http.client
import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

TIMEOUT_S = 5.0


def tell(url: str, secret: str, orders: Mapping[str, Any]) -> bool:
    """Whether it took them (`POST /control`)."""
    at = urlsplit(url)
    connection = http.client.HTTPConnection(at.hostname or "", at.port or 80, timeout=TIMEOUT_S)
    try:
        connection.request("POST", "/control", json.dumps(dict(orders)), {"Authorization": f"Bearer {secret}"})
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
