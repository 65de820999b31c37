"""The command line for people, stores and tokens: nothing is asked, refusals are one sentence."""

from collections.abc import Callable

import pytest
from click.testing import Result
from flask import Flask
from flask.testing import FlaskClient

from shopdesk.core.permissions import Permission, Role
from shopdesk.staff import queries, service
from shopdesk.staff.models import Person
from tests import make

Run = Callable[..., Result]


@pytest.fixture
def run(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.setenv("LC_ALL", "en_US.UTF-8")
    runner = app.test_cli_runner()
    return lambda *words: runner.invoke(args=["shopdesk", *words])


def known(login: str) -> Person:
    person = queries.person_by_login(login)
    assert person is not None
    return person


def roles_in(login: str, store_id: int) -> set[Role]:
    return set(queries.actor_for(known(login), channel="page").roles.get(store_id, ()))


def test_a_person_is_added_with_roles_and_the_printed_link_sets_the_password(run: Run) -> None:
    store = make.store()
    done = run(
        "staff", "add", "xm", "--role", "pre_sale", "--role", "printing", "--store", "my-shop", "--signature", "小满"
    )
    assert done.exit_code == 0, done.output
    assert done.stdout.startswith("http://127.0.0.1:8000/welcome/")
    assert known("xm").signature == "小满"
    assert roles_in("xm", store.id) == {Role.PRE_SALE, Role.PRINTING}
    assert service.redeem_link(done.stdout.strip().rsplit("/", 1)[1], "a good long password").login == "xm"


def test_a_person_whose_role_does_not_fit_a_store_is_not_left_behind(run: Run) -> None:
    done = run("staff", "add", "xm", "--role", "pre_sale", "--store", "nowhere")
    assert (done.exit_code, done.stdout) == (2, "")
    assert done.stderr == "There is no store named nowhere.\n"
    assert queries.person_by_login("xm") is None


def test_a_taken_name_is_refused_in_one_chinese_sentence_where_the_terminal_is_chinese(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LC_ALL", "zh_CN.UTF-8")
    make.store()
    make.person(login="xm")
    done = run("staff", "add", "xm", "--role", "pre_sale", "--store", "all")
    assert done.exit_code == 2
    assert "xm" in done.stderr
    assert done.stderr.count("\n") == 1


def test_roles_come_and_go_with_grant(run: Run) -> None:
    store = make.store()
    make.person(login="xm")
    assert run("staff", "grant", "xm", "--role", "printing", "--store", "all").exit_code == 0
    assert roles_in("xm", store.id) == {Role.PRINTING}
    assert run("staff", "grant", "xm", "--role", "printing", "--store", "all", "--remove").exit_code == 0
    assert roles_in("xm", store.id) == set()


def test_a_leaver_is_disabled_and_gets_no_new_link(run: Run) -> None:
    make.person(login="xm")
    assert run("staff", "disable", "xm").exit_code == 0
    assert known("xm").disabled_at is not None
    done = run("staff", "reset", "xm")
    assert (done.exit_code, done.stderr) == (2, "xm is disabled: use `staff enable`.\n")


def test_a_reset_ends_the_earlier_link(run: Run) -> None:
    make.store()
    first = run("staff", "add", "xm", "--role", "pre_sale", "--store", "all").stdout.strip().rsplit("/", 1)[1]
    second = run("staff", "reset", "xm").stdout.strip().rsplit("/", 1)[1]
    with pytest.raises(Exception, match="not valid"):
        service.redeem_link(first, "a good long password")
    assert service.redeem_link(second, "a good long password").login == "xm"


def test_the_list_names_everybody_with_roles_and_state(run: Run) -> None:
    store = make.store()
    make.person(Role.PRE_SALE, store_id=store.id, login="xm")
    service.add_person("new", actor=make.ROOT)
    assert run("staff", "list").stdout.splitlines() == [
        "xm\t小满\tcan sign in\tpre_sale@my-shop",
        "new\tnew\tno password yet\t—",
    ]


def test_a_store_is_opened_and_a_wrong_zone_is_refused(run: Run) -> None:
    where = ("--platform", "jd", "--currency", "CNY")
    done = run("store", "add", "s1", *where, "--zone", "Asia/Shanghai", "--name", "一店")
    assert done.exit_code == 0, done.stderr
    store = queries.store_named("s1")
    assert store is not None
    assert (store.name, store.platform) == ("一店", "jd")
    wrong = run("store", "add", "s2", *where, "--zone", "Moon/Base")
    assert (wrong.exit_code, wrong.stderr) == (2, "There is no time zone Moon/Base.\n")


def test_a_token_works_before_the_first_sign_in_and_stands_alone_on_stdout(run: Run) -> None:
    make.store()
    run("staff", "add", "erp", "--role", "integration", "--store", "all")
    done = run("token", "create", "--staff", "erp", "--scope", "facts:write")
    assert done.exit_code == 0, done.stderr
    found = queries.token_holder(done.stdout.removesuffix("\n"))
    assert found is not None
    assert (found[0].id, found[1].limit) == (known("erp").id, frozenset({Permission.FACTS_WRITE}))


def test_a_token_with_a_scope_that_the_roles_do_not_allow_is_refused_by_name(run: Run) -> None:
    make.store()
    run("staff", "add", "xm", "--role", "printing", "--store", "my-shop")
    done = run("token", "create", "--staff", "xm", "--scope", "order:read", "--scope", "facts:write")
    assert (done.exit_code, done.stdout) == (2, "")
    assert done.stderr == "The roles of xm do not allow facts:write.\n"
    assert run("token", "list").stdout == ""


def test_a_token_is_listed_and_revoked(run: Run) -> None:
    make.person(login="erp")
    secret = run("token", "create", "--staff", "erp").stdout.strip()
    number, login, state, _until, scopes = run("token", "list").stdout.strip().split("\t")
    assert (login, state, scopes) == ("erp", "valid", "all that the roles give")
    assert run("token", "revoke", number).exit_code == 0
    assert queries.token_holder(secret) is None
    assert "revoked" in run("token", "list").stdout


@pytest.mark.parametrize(
    "words",
    [
        ("token", "create", "--staff", "nobody"),
        ("token", "revoke", "99"),
        ("staff", "disable", "nobody"),
        ("staff", "grant", "nobody", "--role", "printing", "--store", "all"),
    ],
)
def test_what_does_not_exist_is_said_in_one_sentence(run: Run, words: tuple[str, ...]) -> None:
    done = run(*words)
    assert (done.exit_code, done.stdout, done.stderr.count("\n")) == (2, "", 1)


def test_a_role_that_nobody_can_be_given_is_a_usage_error(run: Run) -> None:
    make.store()
    assert run("staff", "add", "xm", "--role", "system", "--store", "all").exit_code == 2
    assert queries.person_by_login("xm") is None


def test_no_store_is_called_by_the_word_that_means_every_store(run: Run) -> None:
    done = run("store", "add", "all", "--platform", "taobao", "--currency", "CNY", "--zone", "Asia/Shanghai")
    assert (done.exit_code, done.stdout, done.stderr.count("\n")) == (2, "", 1)
    assert queries.all_store_ids() == []


def test_a_person_is_signed_out_everywhere_and_may_sign_in_again(
    run: Run, sign_in: Callable[[Person], FlaskClient]
) -> None:
    make.store()
    client = sign_in(make.person(Role.PRE_SALE, login="xm"))
    assert client.get("/").status_code == 200
    assert run("staff", "sign-out", "xm").exit_code == 0
    assert client.get("/").location.startswith("/sign-in")
    assert sign_in(known("xm")).get("/").status_code == 200
    assert run("staff", "sign-out", "nobody").exit_code == 2


def test_a_leaver_comes_back_with_the_roles_by_a_link_and_the_old_password_and_token_open_nothing(run: Run) -> None:
    store = make.store()
    person = make.person(Role.PRINTING, login="xm")
    token = make.api_token(person)
    run("staff", "disable", "xm")
    granted = run("staff", "grant", "xm", "--role", "pre_sale", "--store", "all")
    assert "xm is disabled and cannot sign in" in granted.stderr
    done = run("staff", "enable", "xm")
    assert done.exit_code == 0, done.output
    assert (known("xm").disabled_at, known("xm").password_hash) == (None, None)
    assert queries.token_holder(token) is None
    assert service.redeem_link(done.stdout.strip().rsplit("/", 1)[1], "another good password").login == "xm"
    assert roles_in("xm", store.id) == {Role.PRINTING, Role.PRE_SALE}
    again = run("staff", "enable", "xm")
    assert (again.exit_code, again.stderr) == (2, "xm is not disabled.\n")


def test_a_suppliers_warehouse_is_opened_for_a_store_and_refusals_are_one_sentence(run: Run) -> None:
    store = make.store()
    done = run("warehouse", "add", "窑厂", "--supplier", "--serves", "my-shop", "--cut-off", "16:30")
    assert done.exit_code == 0, done.output
    (ours, theirs) = queries.warehouses_of(store.id)
    assert (ours.name, str(ours.kind), theirs.name, str(theirs.kind)) == ("main", "own", "窑厂", "supplier")
    assert theirs.cut_offs == ["16:30"]
    assert run("warehouse", "serve", "窑厂", "my-shop").exit_code == 0
    assert len(queries.warehouses_of(store.id)) == 2
    wrong = (
        ("add", "窑厂"),
        ("add", "b", "--serves", "nobody"),
        ("add", "c", "--cut-off", "25:00"),
        ("serve", "d", "my-shop"),
    )
    for words in wrong:
        refused = run("warehouse", *words)
        assert refused.exit_code == 2, words
        assert refused.stderr.count("\n") == 1, refused.stderr
    assert queries.warehouse_named("b") is None
