"""kill -9 of the fake place: its file tells what money moved, whatever it was doing."""

from __future__ import annotations

import signal
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from shopdesk.connectors.fake_place import book
from shopdesk.connectors.fake_place.faults import Fault
from shopdesk.refunds.states import Outcome, Payout
from tests.connectors.harness import FakeHarness
from tests.fake_place import FakeProcess

pytestmark = pytest.mark.enable_socket
MOVED = {Fault.BEFORE_WRITE: False, Fault.TORN: False, Fault.WRITTEN: True, Fault.COMMITTED: True, Fault.ANSWERED: True}


@pytest.mark.parametrize("fault", Fault)
def test_the_book_tells_the_truth_wherever_the_place_died(fault: Fault, mortal: FakeProcess) -> None:
    desk = FakeHarness(mortal)
    before, payout = desk.payout(), desk.payout()
    assert desk.place.send(before).outcome is Outcome.SUCCEEDED
    mortal.control(die_at=fault)
    said = desk.place.send(payout).outcome
    assert mortal.wait() == -signal.SIGKILL
    assert said is (Outcome.SUCCEEDED if fault is Fault.ANSWERED else Outcome.UNKNOWN)
    assert desk.place.ask(payout.number).outcome is Outcome.UNKNOWN, "nobody is there"
    moved = payout.amount_minor if MOVED[fault] else 0
    assert (desk.moved(payout), desk.moved(before)) == (moved, before.amount_minor)
    mortal.start()
    asked = desk.place.ask(payout.number).outcome
    assert asked is (Outcome.SUCCEEDED if MOVED[fault] else Outcome.NOT_THERE)
    assert desk.place.send(payout).outcome is Outcome.SUCCEEDED
    assert (desk.moved(payout), desk.moved(before)) == (payout.amount_minor, before.amount_minor)


def test_killed_among_many_senders_it_has_whatever_it_said_and_pays_the_rest_once(mortal: FakeProcess) -> None:
    desk = FakeHarness(mortal)
    payouts = [desk.payout() for _n in range(120)]
    begun = threading.Event()

    def send(payout: Payout) -> Outcome:
        if payout is payouts[40]:
            begun.set()
        return desk.place.send(payout).outcome

    with ThreadPoolExecutor(8) as clerks:
        answers = clerks.map(send, payouts)
        begun.wait(10)
        mortal.kill()
        said = list(answers)
    assert {*said} == {Outcome.SUCCEEDED, Outcome.UNKNOWN}
    for payout, outcome in zip(payouts, said, strict=True):
        assert desk.moved(payout) in (
            {payout.amount_minor} if outcome is Outcome.SUCCEEDED else {0, payout.amount_minor}
        )
    mortal.start()
    assert {desk.place.send(payout).outcome for payout in payouts} == {Outcome.SUCCEEDED}
    moved = book.moved_minor(mortal.file)
    assert [moved[payout.number] for payout in payouts] == [payout.amount_minor for payout in payouts]


def test_what_will_happen_by_itself_survives_and_so_does_what_was_forgotten(mortal: FakeProcess) -> None:
    desk = FakeHarness(mortal)
    payout, gone = desk.payout(), desk.payout()
    desk.behave("pending", payout, then_s=0.3)
    assert desk.place.send(payout).outcome is Outcome.PENDING
    desk.place.send(gone)
    mortal.control(forget=gone.number)
    mortal.kill()
    mortal.start()
    assert desk.place.ask(gone.number).outcome is Outcome.NOT_THERE
    until = threading.Event()
    while desk.place.ask(payout.number).outcome is Outcome.PENDING:
        until.wait(0.02)
    assert desk.moved(payout) == payout.amount_minor


def test_told_to_end_it_ends_and_goes_on_where_it_was(mortal: FakeProcess) -> None:
    desk = FakeHarness(mortal)
    payout = desk.payout()
    answer = desk.place.send(payout)
    assert mortal.stop() == 0
    mortal.start()
    assert desk.place.ask(payout.number) == answer


LINE = (
    b'{"kind": "refund", "reference": "FP%d", "number": "RF%d", "payment_reference": null, "amount_minor": 100,'
    b' "currency": "CNY", "status": "succeeded", "at": 1.0, "changed_at": 1.0, "code": null, "then_at": null}\n'
)


def test_a_line_without_its_end_is_no_money_and_a_broken_one_inside_stops_the_place(tmp_path: Path) -> None:
    file = tmp_path / "book"
    file.write_bytes(LINE % (1, 1) + (LINE % (2, 2))[:-1])
    assert book.moved_minor(file) == {"RF1": 100}, "the second line is whole but for its end: nobody waited for it"
    file.write_bytes(LINE % (1, 1) + (LINE % (2, 2))[:-9] + LINE % (3, 3))
    with pytest.raises(book.BookBroken):
        book.moved_minor(file)
    with pytest.raises(RuntimeError, match="does not start: 1"):
        FakeProcess(file).start()
    file.write_bytes(LINE % (1, 1) + LINE % (2, 1))
    assert book.moved_minor(file) == {"RF1": 200}, "paid twice is told as twice"
