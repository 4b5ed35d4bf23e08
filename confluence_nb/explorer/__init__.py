"""Looks around in a wiki with the mouse or the keyboard: spaces, tree, search, preview, and the code for each."""
