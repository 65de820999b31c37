"""A list for a check as a file: a number a row, or a column of them; what is no list is refused in words."""

import io

import pytest

from shopdesk.core.errors import RuleViolation
from shopdesk.core.listed import MOST_BYTES, ORDERS, WAYBILLS, numbers_in
from shopdesk.core.permissions import Role
from tests import make
from tests.desk.pages import EN

CSV = '订单编号,买家,运单号\n"=""3300112233445566""",张三,SF100200300401\n3300112233445577,李四,SF100200300402\n'


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_the_column_that_is_meant_is_read_whatever_the_encoding(encoding):
    content = CSV.encode(encoding)
    assert numbers_in(content, ORDERS).splitlines() == ['="3300112233445566"', "3300112233445577"]
    assert numbers_in(content, WAYBILLS).splitlines() == ["SF100200300401", "SF100200300402"]


def test_without_such_a_column_the_rows_are_read_as_they_are():
    assert numbers_in(b"SF1\nSF2\n").split() == ["SF1", "SF2"]


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "empty_file"), (b"1\n" * MOST_BYTES, "file_too_large"), (b"\x89PNG\r\n\x1a\n....", "not_a_list"),
        (b"PK\x03\x04" + b"\0" * 50, "not_a_list"), (b"1234\0\0\0", "not_a_list"), (b"\xff\xff\x80\x81", "not_a_list"),
    ],
)  # fmt: skip
def test_what_is_no_list_is_refused(content, code):
    with pytest.raises(RuleViolation) as caught:
        numbers_in(content)
    assert caught.value.code == code


@pytest.mark.usefixtures("app")
@pytest.mark.parametrize(("url", "role"), [("/print-check", Role.PRINTING), ("/dispatch-check", Role.WAREHOUSE)])
def test_a_check_takes_a_file_and_says_of_a_picture_that_it_is_none(sign_in, url, role):
    make.store()
    order = make.order(number="3300112233445566")
    browser = sign_in(make.person(role))
    page = browser.get(url, headers=EN)
    assert 'type="file"' in page.text
    assert " required" not in page.text.partition('name="numbers"')[2].partition(">")[0]

    def send(content, name, key):
        data = {"csrf_token": make.token(page), "command_key": key * 20, "numbers": "",
                "file": (io.BytesIO(content), name)}  # fmt: skip
        return browser.post(url, data=data, headers=EN, content_type="multipart/form-data")

    wrong = send(b"\x89PNG....", "photo.png", "p")
    assert wrong.status_code == 422
    assert "This is no list of numbers" in wrong.text
    book = send(b"PK\x03\x04....", "list.xlsx", "q")
    assert "Workbooks are not read here" in book.text
    done = send(f"订单编号,买家\n{order.number},张三\n".encode(), "list.csv", "r")
    assert done.status_code == 303
    assert order.number[-4:] in browser.get(done.headers["Location"], headers=EN).text
