"""`python -m shopdesk.connectors.fake_place --file F --port P`."""

from shopdesk.connectors.fake_place.running import main

if __name__ == "__main__":
    main()
