"""What the browser may keep of a form (draft.js): nothing personal."""

from html.parser import HTMLParser

import pytest

from shopdesk.core.permissions import Role
from tests import make

pytestmark = pytest.mark.usefixtures("app")
VOID = {"input", "meta", "link", "br", "hr", "img", "use"}


class Kept(HTMLParser):
    """The names of the fields in form[data-draft] that stand in nothing marked data-personal."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[dict[str, str | None]] = []
        self.names: set[str] = set()
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        has = dict(attrs)
        around = [*self.open, has]
        if tag in {"input", "textarea", "select"} and has.get("type") not in {"hidden", "submit", "radio"}:
            is_draft = any("data-draft" in element for element in around)
            if is_draft and not any("data-personal" in element for element in around):
                self.names.add(has.get("name") or "")
        if tag not in VOID:
            self.open.append(has)

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID and self.open:
            self.open.pop()


@pytest.mark.parametrize(
    ("kind", "kept"),
    [
        ("address", set()),
        ("invoice", {"confirmed_via", "confirmed_at"}),
        ("greeting_card", {"confirmed_via", "confirmed_at"}),
        ("courier", {"confirmed_via", "confirmed_at", "text"}),
    ],
)
def test_no_part_of_an_address_and_no_personal_text_stays_in_the_browser(sign_in, kind, kept):
    order = make.order()
    page = sign_in(make.person(Role.PRE_SALE)).get(f"/orders/{order.id}/changes/{kind}")
    assert Kept(page.text).names == kept
