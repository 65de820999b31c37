"""`import` knows a statement and takes it in by itself."""

from datetime import date

from shopdesk.cases.states import PaidTo
from shopdesk.reconciling.queries import books
from tests import make


def test_a_statement_among_the_files_is_taken_in_by_its_name(app, tmp_path):
    store = make.store()
    path = tmp_path / "支付宝-11月.csv"
    path.write_bytes("日期,流水号,金额\n2026-11-02,A-1,5.00\n".encode("gb18030"))
    said = app.test_cli_runner().invoke(args=["shopdesk", "import", str(path), "--store", store.slug, "--lang", "en"])
    assert said.exit_code == 0, said.output
    assert "1 lines taken" in said.output
    (day,) = books.days(store, PaidTo.ALIPAY, date(2026, 11, 2), date(2026, 11, 2))
    assert day.told_minor == 500
