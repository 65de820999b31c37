"""The fake place as a script: `python …/alone.py --file F --port P`, there in a moment, without loading the desk.

Only the package's folder is made known, not its `__init__`, which would import the whole application.
"""

import sys
import types
from pathlib import Path

if __name__ == "__main__":
    desk = types.ModuleType("shopdesk")
    desk.__path__ = [str(Path(__file__).resolve().parents[2])]
    sys.modules["shopdesk"] = desk
    sys.path[0] = str(Path(__file__).resolve().parents[3])  # else this folder's own names stand before the library's

    from shopdesk.connectors.fake_place.running import main

    main()
