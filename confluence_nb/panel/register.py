"""*Register your own app*: the form for those who have no OAuth app yet."""

from __future__ import annotations

from collections.abc import Callable

import ipywidgets as widgets

from confluence_nb.oauth.app import DEFAULT_REDIRECT_URI, DEFAULT_SCOPES, OAuthApp
from confluence_nb.panel import words
from confluence_nb.panel.unlogged import unlogged
from confluence_nb.secret import Secret

_SNUG = {"width": "auto"}


class RegisterForm(widgets.VBox):  # type: ignore[misc]  # ipywidgets has no types
    """The console steps to follow, and the two values that come back from them.

    Parameters
    ----------
    on_save:
        Called with client id, secret and callback URL when the person sends the form; either of the first
        two may be empty. The form holds no secret any more by then.
    """

    def __init__(self, on_save: Callable[[str, Secret, str], None]) -> None:
        self._on_save = on_save
        self._redirect_uri = DEFAULT_REDIRECT_URI
        self._steps = widgets.HTML()
        self.client_id = widgets.Text(
            description="Client id", placeholder="from the Settings page", layout=_SNUG
        )
        self.client_secret = unlogged(
            widgets.Password(
                description="Secret",
                placeholder="from the Settings page",
                continuous_update=False,
                layout=_SNUG,
            )
        )
        self.save = widgets.Button(description="Save app", button_style="primary", layout=_SNUG)
        self.back = widgets.Button(description="Keep the present app", layout=_SNUG)
        self.client_secret.observe(self._secret_given, names="value")
        self.save.on_click(lambda _: self._hand_over())
        entry = widgets.HBox([self.client_id, self.client_secret, self.save])
        entry.add_class("cnb-entry")
        super().__init__([self._steps, entry])
        self.show(None)

    def __repr__(self) -> str:
        return "Form to register an app (part of the Confluence sign-in panel)"

    def show(self, app: OAuthApp | None) -> None:
        """Fit the steps to the app that would be replaced: its callback URL is the one in use."""
        self._redirect_uri = app.redirect_uri if app is not None else DEFAULT_REDIRECT_URI
        self._steps.value = words.console_steps(
            self._redirect_uri, app.scope_names if app is not None else DEFAULT_SCOPES
        )

    def clear(self) -> None:
        """Empty the fields."""
        self.client_secret.value = ""
        self.client_id.value = ""

    def _secret_given(self, change: dict[str, object]) -> None:
        # A secret in the box is in the widget's state, which may be saved with the notebook: it is taken out
        # at once when the form is complete, and stays only while the client id is still to come.
        if change["new"] and self.client_id.value.strip():
            self._hand_over()

    def _hand_over(self) -> None:
        secret, self.client_secret.value = Secret(self.client_secret.value), ""
        self._on_save(self.client_id.value.strip(), secret, self._redirect_uri)
