"""What each code says to a person: English message ids, filled from a problem's `params`; the caller translates."""


def N_(message: str) -> str:
    """Mark a message for the catalogue, without translating it."""
    return message


MESSAGES: dict[str, str] = {
    "file_too_large": N_("%(file)s is larger than %(limit_mb)s MB. Export a shorter period."),
    "file_empty": N_("%(file)s is empty."),
    "not_a_table": N_("%(file)s is no table: its content is %(kind)s. Choose the exported .csv or .xlsx file."),
    "not_a_text": N_("%(file)s is no table: it holds no text. Choose the exported .csv or .xlsx file."),
    "workbook_password": N_("%(file)s is protected by a password. Save it without one."),
    "workbook_damaged": N_("%(file)s is damaged or was not downloaded completely. Export it again."),
    "workbook_too_large": N_("%(file)s unpacks to more than a workbook may hold. Export a shorter period or as .csv."),
    "too_many_columns": N_("%(file)s has %(columns)s columns; at most %(limit)s are read."),
    "unknown_header": N_("The header of %(file)s is not known. It begins with: %(headers)s"),
    "no_rows": N_("The file has a header and no rows."),
    "sheet_skipped": N_("The sheet “%(sheet)s” was not read: only one sheet of a workbook is."),
    "mixed_encoding": N_("This row is written in another encoding than the rest of the file. Check its texts."),
    "nul_bytes": N_("This row held empty bytes, which were left out."),
    "quote_repaired": N_("A quotation mark in this row does not close. Check its texts."),
    "quote_not_closed": N_("A quotation mark in this row does not close, so its columns cannot be told apart."),
    "row_too_wide": N_(
        "This row has %(cells)s cells under %(columns)s headers: a comma inside a text has shifted the columns."
    ),
    "row_truncated": N_("The file ends in the middle of this row. Export it again."),
    "row_short": N_("This row has fewer cells than the header."),
    "row_short_of_field": N_("This row ends before the column “%(header)s”."),
    "cells_without_header": N_("Cells to the right of the last header were not read."),
    "value_missing": N_("“%(header)s” is empty."),
    "damaged_text": N_("“%(header)s” holds damaged characters."),
    "text_too_long": N_("“%(header)s” has %(length)s characters; at most %(limit)s are taken."),
    "text_clipped": N_("“%(header)s” has %(length)s characters; the first %(limit)s were taken."),
    "id_destroyed_by_excel": N_(
        "Excel has destroyed the number %(value)s in “%(header)s”. Export again and do not save the file with Excel."
    ),
    "id_unreadable": N_("“%(header)s” holds no number that can be one."),
    "id_perhaps_rounded": N_("The number %(value)s ends in zeros as Excel leaves them. Check it against the platform."),
    "amount_unreadable": N_("“%(header)s” holds no amount: %(value)s"),
    "amount_negative": N_("“%(header)s” is negative: %(value)s"),
    "amount_too_large": N_("“%(header)s” is larger than an amount can be: %(value)s"),
    "amount_too_precise": N_("“%(header)s” has more than %(decimals)s decimals: %(value)s"),
    "quantity_unreadable": N_("“%(header)s” holds no whole number: %(value)s"),
    "quantity_out_of_range": N_("“%(header)s” must be from 1 to %(limit)s: %(value)s"),
    "date_unreadable": N_("“%(header)s” holds no date and time: %(value)s"),
    "waybill_destroyed_by_excel": N_("Excel has destroyed the waybill number in “%(header)s”. It was left out."),
    "waybill_unreadable": N_("“%(header)s” holds no waybill number. It was left out."),
    "waybill_masked": N_(
        "“%(header)s” holds a waybill number that is masked. The number was left out; that there is one counts."
    ),
    "not_a_waybill": N_(
        "“%(header)s” holds %(value)s, an order number or the barcode of our own papers: no waybill. It was left out."
    ),
    "address_changed_on_platform": N_("The platform gives a changed address for this order; that one was taken."),
    "sku_changed_on_platform": N_("The platform gives a changed SKU for this order. Compare its lines."),
    "status_unknown": N_("The platform status %(value)s is not known. It was kept as given."),
    "amounts_do_not_add_up": N_("Goods and postage do not add up to the total."),
    "order_twice_in_file": N_(
        "Order %(number)s is in this file twice with different content; row %(first_row)s was taken."
    ),
    "refund_twice_in_file": N_(
        "Application %(key)s is in this file twice with different content; row %(first_row)s was taken."
    ),
    "refund_kind_unknown": N_("The kind of application %(value)s is not known. It was taken as a refund."),
    "line_twice_in_file": N_(
        "Line %(key)s of order %(number)s is in this file twice with different content; the first was taken."
    ),
    "older_than_other_file": N_(
        "%(other)s is newer and says otherwise about order %(number)s; what it says was taken."
    ),
    "files_disagree": N_(
        "This file and %(other)s disagree about order %(number)s and neither tells its time; "
        "what %(taken)s says was taken."
    ),
    "units_do_not_match_list": N_(
        "The lines of order %(number)s have %(units)s units; the order list counts %(list_units)s."
    ),
    "shares_exceed_paid": N_("The lines of order %(number)s were paid with more than the order."),
    "line_not_matched": N_(
        "“%(title)s” of order %(number)s agrees with no known line for sure, and its lines were complete: the row was "
        "not taken. Compare the order with the platform."
    ),
    "detail_without_list": N_("Order %(number)s has lines and is in no order list, of this import or an earlier one."),
    "as_of_in_future": N_("The name of %(file)s tells a time in the future; it counts as now."),
    "told_in_future": N_("The time that was told lies in the future; it counts as now."),
}
