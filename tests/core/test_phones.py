import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from shopdesk.core.phones import phone_key, tail4


@pytest.mark.parametrize(
    ("text", "region", "key"),
    [
        ("13812345678", "CN", "13812345678"),
        ("+86 138 1234 5678", "CN", "13812345678"),
        ("0086-138-1234-5678", "CN", "13812345678"),
        ("86-13812345678", "CN", "13812345678"),
        ("１３８１２３４５６７８", "CN", "13812345678"),
        ("'13800000001", "CN", "13800000001"),
        ("手机号：138 1234 5678", "CN", "13812345678"),
        ("13812345678", "US", "13812345678"),
        ("13812345678-1234", "CN", "13812345678-1234"),
        ("13812345678转1234", "CN", "13812345678-1234"),
        ("0571-88880000", "CN", "057188880000"),
        ("+86 571 8888 0000", "US", "057188880000"),
        ("+1 415 555 0132", "CN", "+14155550132"),
        ("(415) 555-0132", "US", "+14155550132"),
        ("+44 7700 900123", "CN", "+447700900123"),
        ("138****5678", "CN", None),
        ("##cipher", "CN", None),
        ("$$13812345678", "CN", None),
        ("4100000000000000011", "CN", None),
        ("300000000001", "CN", None),
        ("261104-000000000000001", "CN", None),
        ("5678", "CN", None),
        ("张伟", "CN", None),
        ("", "CN", None),
        (None, "CN", None),
    ],
)
def test_writings_of_one_number_give_one_key(text, region, key):
    assert phone_key(text, region) == key


@pytest.mark.parametrize(
    ("text", "tail"),
    [
        ("13812345678", "5678"),
        ("138****5678", "5678"),
        ("138****5678-1234", "5678"),
        ("13812345678-1234", "5678"),
        ("138-1234-5678", "5678"),
        ("5678", "5678"),
        ("手机:138****5678", "5678"),
        ("+1 415 555 0132", "0132"),
        ("1*****9", None),
        ("138********", None),
        ("##cipher1234", None),
        ("tb1234", None),
        ("567", None),
        ("", None),
        (None, None),
    ],
)
def test_the_last_four_digits_are_known_also_of_a_masked_number(text, tail):
    assert tail4(text) == tail


@settings(deadline=None)
@given(st.text())
def test_no_text_breaks_the_keys(text):
    phone_key(text)
    tail4(text)


@settings(deadline=None)
@given(st.text(alphabet="0123456789+-*() 转x", max_size=40))
@example("1 05847018 3x718((")
def test_a_key_is_its_own_key(text):
    key = phone_key(text)
    assert key is None or phone_key(key) == key
