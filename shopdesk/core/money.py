"""Integer minor units and their text. No floats, no sum across currencies."""

import decimal
import re
import unicodedata

_NO_DECIMALS = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX VND VUV XAF XOF XPF"
_TWO_DECIMALS = (
    "AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF CNY COP"
    " CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF IDR ILS INR IRR"
    " JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN"
    " NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP"
    " SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD UYU UZS VES WST XCD YER ZAR ZMW"
)
_THREE_DECIMALS = "BHD IQD JOD KWD LYD OMR TND"
EXPONENT: dict[str, int] = {
    **dict.fromkeys(_NO_DECIMALS.split(), 0),
    **dict.fromkeys(_TWO_DECIMALS.split(), 2),
    **dict.fromkeys(_THREE_DECIMALS.split(), 3),
}
"""Decimals of each currency (ISO 4217)."""

MAX_MINOR = 2**63 - 1
_SYMBOL = {"CNY": "¥", "EUR": "€", "GBP": "£", "KRW": "₩", "HKD": "HK$", "TWD": "NT$", "JPY": "JP¥"}
_DOLLAR = {"en": "$", "zh": "US$"}
_ALSO_WRITTEN = {
    "CNY": ("CN¥", "¥", "RMB", "人民币", "元", "圆"),
    "JPY": ("JP¥", "¥", "円", "日元"),
    "USD": ("US$", "$", "美元"),
    "EUR": ("€", "欧元"),
    "GBP": ("£", "英镑"),
    "HKD": ("HK$", "$", "港元", "港币"),
    "TWD": ("NT$", "$", "元"),
    "KRW": ("₩", "韩元"),
}
_AMOUNT = re.compile(r"([+\-]?)(\d{1,3}(?:,\d{3})+|\d+)(?:\.(\d*))?\Z", re.ASCII)
_LONGEST = 64


def exponent(currency: str) -> int:
    """Return the decimals of `currency`. Raises ValueError for a code that is not in EXPONENT."""
    try:
        return EXPONENT[currency]
    except KeyError:
        raise ValueError(f"unknown currency {currency!r}") from None


def parse_minor(text: str, currency: str) -> int:
    """Read `12.50`, `¥1,234.5` or `128.00元` as minor units of `currency`.

    Raises ValueError for anything else: nothing, another currency's sign, too many decimals, a comma as decimal point.
    """
    decimals = exponent(currency)
    found = _AMOUNT.match(_without_sign_of(text, currency))
    if not found:
        raise ValueError("not an amount")
    sign, whole, fraction = found[1], found[2].replace(",", ""), (found[3] or "").rstrip("0")
    if len(fraction) > decimals:
        raise ValueError(f"{currency} has {decimals} decimals")
    minor = int(whole + fraction.ljust(decimals, "0"))
    if minor > MAX_MINOR:
        raise ValueError("amount too large")
    return -minor if sign == "-" else minor


def _without_sign_of(text: str, currency: str) -> str:
    amount = unicodedata.normalize("NFKC", text).strip().replace("\u2212", "-")
    if len(amount) > _LONGEST:
        raise ValueError("not an amount")
    sign = amount[:1] if amount[:1] in ("-", "+") else ""
    amount = amount[len(sign) :].strip()
    for mark in (currency, *_ALSO_WRITTEN.get(currency, ())):
        if amount.upper().startswith(mark):
            amount = amount[len(mark) :]
            break
        if amount.upper().endswith(mark):
            amount = amount[: -len(mark)]
            break
    return sign + amount.strip()


def format_minor(amount_minor: int, currency: str, language: str = "zh") -> str:
    """Write minor units for people: `¥1,234.50`, `-¥0.05`; a currency without a sign of its own gets its code."""
    decimals = exponent(currency)
    whole, fraction = divmod(abs(amount_minor), 10**decimals)
    number = f"{whole:,}" + (f".{fraction:0{decimals}d}" if decimals else "")
    symbol = _DOLLAR["zh" if language.startswith("zh") else "en"] if currency == "USD" else _SYMBOL.get(currency)
    return ("-" if amount_minor < 0 else "") + (symbol or f"{currency} ") + number


def plain(amount_minor: int, currency: str) -> str:
    """The amount as people type it: "12.50", without sign of the currency.

    >>> plain(1250, "CNY")
    '12.50'
    """
    return f"{decimal.Decimal(amount_minor).scaleb(-exponent(currency)):f}"


def split_by_weight(total_minor: int, weights: list[int]) -> list[int]:
    """Share `total_minor` in proportion to `weights`; the shares always add up to the total.

    Units left over go to the largest remainders, the earlier first. Raises ValueError unless total and weights are
    0 or more and some weight is more.
    """
    if total_minor < 0 or not weights or min(weights) < 0 or sum(weights) == 0:
        raise ValueError("need a total and weights of 0 or more, not all weights 0")
    whole = sum(weights)
    shares = [total_minor * weight // whole for weight in weights]
    neediest = sorted(range(len(weights)), key=lambda place: (-(total_minor * weights[place] % whole), place))
    for place in neediest[: total_minor - sum(shares)]:
        shares[place] += 1
    return shares


def share_of_units(paid_minor: int, quantity: int, first: int, last: int) -> int:
    """Return what was paid for the units after the `first` ones up to `last` of a line: f(last) - f(first).

    f(k) = k * (paid div quantity) + min(k, paid mod quantity), so refunds in any order add up to what was paid;
    the whole line is `share_of_units(paid, q, 0, q)`. Raises ValueError unless 0 <= first <= last <= quantity.
    """
    if paid_minor < 0 or quantity < 1 or not 0 <= first <= last <= quantity:
        raise ValueError("need paid >= 0 and 0 <= first <= last <= quantity")
    each, rest = divmod(paid_minor, quantity)
    return (last - first) * each + min(last, rest) - min(first, rest)
