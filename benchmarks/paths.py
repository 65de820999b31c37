"""The measured paths: what is asked of ShopDesk, and what of the bound for the same rows."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import quote

from benchmarks.client import Request
from benchmarks.world import World
from benchmarks.world.orders import Made

API = "/api/v1"
ASKED = 200  # different terms or orders per path
NEW_ADDRESS = {"province": "浙江省", "city": "杭州市", "district": "滨江区", "street": "云帆路66号禾悦公寓2幢602室"}


@dataclass(frozen=True, slots=True)
class Path:
    """One row of the table.  `bound` is empty where nothing bare does the same."""

    name: str
    ours: list[Request]
    bound: list[Request]
    floor: str = ""  # what performance.md asks, in words


def terms(world: World) -> dict[str, Callable[[Made], str | None]]:
    return {
        "order number": lambda o: o.number,
        "buyer": lambda o: o.buyer.nick,
        "phone": lambda o: o.buyer.phone,
        "phone tail": lambda o: o.buyer.phone[-4:],
        "waybill": lambda o: o.waybill,
        "SKU": lambda o: o.sku,
        "name, 1 character": lambda o: o.buyer.name[:1],
        "name, 2 characters": lambda o: o.buyer.name[:2],
    }


def reads(world: World) -> list[Path]:
    found = [_look_up(name, pick, world) for name, pick in terms(world).items()]
    ids = [order.id for order in _spread(world)]
    ours = [Request(f"{API}/orders/{i}") for i in ids]
    found.append(Path("order detail", ours, [Request(f"/bound/orders/{i}") for i in ids], "≥ 0.5"))
    found.append(Path("order detail, every row", ours, [Request(f"/bound/orders/{i}/whole") for i in ids]))
    return found


def _look_up(name: str, pick: Callable[[Made], str | None], world: World) -> Path:
    words = [quote(word) for word in map(pick, _spread(world)) if word]
    floor = "p99 ≤ 3 × order number's" if name.startswith("name") else "≥ 0.5"
    ours = [Request(f"{API}/orders?q={word}") for word in words]
    return Path(f"look-up: {name}", ours, [Request(f"/bound/orders?q={word}") for word in words], floor)


def pre_print(world: World) -> Path:
    orders = world.changeable[-200:]
    body = json.dumps({"numbers": [order.number for order in orders]}).encode()
    return Path("pre-print check, 200 orders", [Request(f"{API}/print-checks", body)], [])


def changes(orders: list[Made]) -> Path:
    """One address change for each of the orders; an order can be used once."""
    body = json.dumps({"kind": "address", "value": NEW_ADDRESS}).encode()
    ours = [Request(f"{API}/orders/{o.id}/changes", body, uuid.uuid4().hex) for o in orders]
    return Path("change of an address, committed", ours, [])


def _spread(world: World) -> list[Made]:
    step = max(1, len(world.samples) // ASKED)
    return world.samples[step - 1 :: step]
