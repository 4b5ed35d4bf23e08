"""Names of people, in whichever form a notebook has them."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from confluence_nb.errors import ConfluenceNBError

Names = Mapping[str, str] | pd.Series | pd.DataFrame | None
"""Account ids to names: a dict, a Series with the ids as index, or a frame such as that of `wiki.users()`."""


def names_by_account(names: Names) -> Mapping[str, str]:
    """The names by account id.

    Raises
    ------
    ConfluenceNBError
        A frame lacks the columns `account_id` and `display_name`.
    """
    if names is None:
        return {}
    if isinstance(names, pd.DataFrame):
        if not {"account_id", "display_name"} <= set(names.columns):
            raise ConfluenceNBError(
                "names= is a frame without the columns account_id and display_name. Pass what wiki.users(pages) gives."
            )
        names = names.drop_duplicates("account_id").set_index("account_id")["display_name"]
    if isinstance(names, pd.Series):
        return {str(account_id): str(name) for account_id, name in names.dropna().items()}
    if not isinstance(names, Mapping):
        raise ConfluenceNBError(
            f"names= is of type {type(names).__name__}. "
            "Pass a dict of account ids to names, or what wiki.users(pages) gives."
        )
    # A dict made of a frame has NaN for who has no name.
    return {account_id: name for account_id, name in names.items() if isinstance(name, str) and name}
