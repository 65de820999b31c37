"""The key that signs sessions: made at the first start, in a file of its own that only we can read."""

import os
import secrets
import tempfile
from contextlib import suppress
from pathlib import Path


def secret_key(data: Path) -> str:
    """The key in DATA/secret_key, made when it is missing; processes that start at once agree on one."""
    path = data / "secret_key"
    if not path.exists():
        data.mkdir(parents=True, exist_ok=True)
        handle, made = tempfile.mkstemp(dir=data)  # 0600
        with os.fdopen(handle, "w") as file:
            file.write(secrets.token_urlsafe(48))
        with suppress(FileExistsError):
            os.link(made, path)  # whole or not at all
        os.unlink(made)
    return path.read_text().strip()
