"""The steps behind manage.py, standard library only: they must run before anything is installed."""
