"""Every page in both languages: a filled desk, and the search for words of the wrong language."""
