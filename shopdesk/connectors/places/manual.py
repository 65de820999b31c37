"""Finance pays (bank, Alipay, cash) and tells reference and receipt; a bank may send the money back."""

from shopdesk.connectors.places.by_hand import ByHand


class Manual(ByHand):
    pass
