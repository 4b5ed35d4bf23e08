"""`python -m confluence_nb`: the same as the command `confluence-nb`, where that is not on the path."""

from confluence_nb.cli import main

if __name__ == "__main__":
    main()
