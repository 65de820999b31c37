"""Static files reach the browser compressed, with the headers of every answer, and without asking the desk."""

import gzip
import os

import pytest

from setup_steps.compress import compress, compressible
from setup_steps.paths import ROOT
from shopdesk import create_app
from shopdesk.web.assets import serve_compressed
from tests import engines

STYLE = "body { color: red }\n" * 50


@pytest.fixture
def folder(tmp_path):
    """A folder of static files after set-up."""
    static = tmp_path / "static"
    (static / "css").mkdir(parents=True)
    (static / "css" / "a.css").write_text(STYLE)
    (static / "icons.txt").write_text("bell\n")
    compress(compressible(static))
    return static


@pytest.fixture
def serve(folder, tmp_path):
    def start(**settings):
        given = {"ENV": "test", "DATA": tmp_path, "SECRET_KEY": engines.SECRET, "LOG_LEVEL": "ERROR"}
        app = create_app(given | settings)
        app.static_folder = str(folder)
        serve_compressed(app)
        return app.test_client()

    return start


def test_a_browser_that_takes_it_gets_the_compressed_file_and_another_the_plain_one(serve):
    client = serve()
    with client.get("/static/css/a.css?v=1", headers={"Accept-Encoding": "br, gzip"}) as small:
        assert small.headers["Content-Encoding"] == "gzip"
        assert gzip.decompress(small.data).decode() == STYLE
        assert small.mimetype == "text/css"
    with client.get("/static/css/a.css?v=1") as plain:
        assert "Content-Encoding" not in plain.headers
        assert plain.text == STYLE
        assert plain.headers["Vary"] == "Accept-Encoding"


def test_a_static_file_is_kept_for_a_year_and_says_what_every_answer_says(serve):
    with serve().get("/static/css/a.css") as answer:
        headers = answer.headers
    assert "max-age=31536000" in headers["Cache-Control"]
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert headers["Content-Security-Policy"] == "default-src 'none'"
    assert "Access-Control-Allow-Origin" not in headers
    assert "Strict-Transport-Security" not in headers
    with serve(LOOPBACK="0", TRUSTED_HOSTS="desk.example").get("/static/css/a.css") as public:
        assert "Strict-Transport-Security" in public.headers


def test_a_compressed_file_older_than_its_original_is_not_served(serve, folder):
    (folder / "css" / "a.css").write_text("new")
    os.utime(folder / "css" / "a.css.gz", (1, 1))
    with serve().get("/static/css/a.css", headers={"Accept-Encoding": "gzip"}) as answer:
        assert answer.text == "new"


def test_pages_and_files_that_do_not_exist_are_still_the_desks(serve):
    client = serve()
    assert client.get("/healthz").json == {"status": "ok"}
    assert client.get("/static/../config.py").status_code == 404
    assert client.get("/static/css/none.css").status_code == 404


def test_only_texts_are_compressed(folder):
    assert [path.name for path in compressible(folder)] == ["a.css"]
    assert not (folder / "icons.txt.gz").exists()


def test_a_first_visit_fetches_no_more_than_150_kilobytes():
    static = ROOT / "shopdesk" / "static"
    if not (static / "vendor" / "tabler.min.css").exists():
        pytest.skip("set-up has not fetched the front-end files")
    files = [path for path in compressible(static) if not path.name.startswith("swagger")]  # those: API documents alone
    assert sum(len(gzip.compress(path.read_bytes(), 9)) for path in files) <= 150_000
