"""Talking to Confluence: what its APIs offer and how their lists are read, without pandas or widgets."""
