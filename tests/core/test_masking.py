import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shopdesk.core.masking import is_masked, mask_account, mask_address, mask_name, mask_phone, split_extension


@pytest.mark.parametrize(
    ("phone", "shown"),
    [
        ("13812345678", "138****5678"),
        ("+86 138 1234 5678", "138****5678"),
        ("86-13812345678", "138****5678"),
        ("１３８１２３４５６７８", "138****5678"),
        ("'13800000001", "138****0001"),
        ("13812345678-1234", "138****5678-1234"),
        ("13812345678转1234", "138****5678-1234"),
        ("138-1234-5678", "138****5678"),
        ("138****5678", "138****5678"),
        ("138****5678-1234", "138****5678-1234"),
        ("1*****9", "1*****9"),
        ("13812345678*", "138****5678"),
        ("+14155550132", "+141****0132"),
        ("+44 7700 900123", "+447****0123"),
        ("0571-88880000", "057****0000"),
        ("23456789", "****6789"),
        ("12345", "****"),
        ("##cipher", "****"),
        ("$$13812345678", "****"),
        ("", ""),
        (None, ""),
    ],
)
def test_a_phone_is_shown_without_its_middle(phone, shown):
    assert mask_phone(phone) == shown


@settings(deadline=None)
@given(st.from_regex(r"\+?[0-9 \-]{5,20}", fullmatch=True))
def test_a_masked_phone_never_shows_a_whole_number(phone):
    shown = mask_phone(phone)
    base, _extension = split_extension(phone)
    digits = re.sub(r"\D", "", base)
    assert "****" in shown or not digits
    assert not digits or len(digits) < 5 or digits not in re.sub(r"\D", "", shown)


@settings(deadline=None)
@given(st.text())
def test_masking_twice_changes_nothing_and_never_fails(text):
    for mask in (mask_phone, mask_name, mask_account):
        assert mask(mask(text)) == mask(text)


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("张伟", "张**"),
        ("欧阳娜娜", "欧**"),
        ("Alex Sample", "A**"),
        ("张**", "张**"),
        ("王*", "王*"),
        ("张伟明*", "张**"),
        ("##cipher", "**"),
        (" ", ""),
        (None, ""),
    ],
)
def test_a_name_is_shown_by_its_first_character(name, shown):
    assert mask_name(name) == shown


def test_an_address_is_shown_down_to_its_district():
    assert mask_address("云帆路66号", province="浙江省", city="杭州市", district="滨江区") == "浙江省杭州市滨江区****"
    assert mask_address("样例路8号", province="北京市", city="北京市", district="朝阳区") == "北京市朝阳区****"
    assert mask_address("12 Example Road", city="London") == "London, ****"
    assert mask_address("云帆路66号") == "****"
    assert mask_address("") == mask_address(None) == ""


@pytest.mark.parametrize(
    ("account", "shown"),
    [
        ("demo@example.test", "d***@example.test"),
        ("d***@example.test", "d***@example.test"),
        ("13812345678", "138****5678"),
        ("6222 0000 0000 1234", "****1234"),
        ("tb_example_01", "t***"),
        ("1234", "****"),
        ("", ""),
    ],
)
def test_an_account_is_shown_by_little(account, shown):
    assert mask_account(account) == shown


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("张**", True),
        ("1*****9", True),
        ("##cipher", True),
        ("$$cipher", True),
        ("~abc~1~", True),
        ("138xxxx5678", True),
        ("138＊＊＊＊5678", True),
        ("13812345678", False),
        ("张伟", False),
        ("Alexxx", False),
        ("", False),
        (None, False),
    ],
)
def test_masked_values_are_known(value, expected):
    assert is_masked(value) is expected
