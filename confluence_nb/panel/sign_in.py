"""The panel that signs a notebook in: open the consent page, paste its address, choose the site."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import replace
from typing import Any

import ipywidgets as widgets

from confluence_nb.api.portal import portal
from confluence_nb.errors import SiteNotFound
from confluence_nb.panel import words
from confluence_nb.panel.arrival import Arrival
from confluence_nb.panel.closing import Whole
from confluence_nb.panel.nearness import browser_is_near
from confluence_nb.panel.register import RegisterForm
from confluence_nb.panel.session import Session
from confluence_nb.panel.site_choice import SiteChoice
from confluence_nb.panel.style import PANEL_CLASS, SIGN_IN_CLASS, SIGN_IN_STYLE, STYLE
from confluence_nb.panel.unlogged import unlogged
from confluence_nb.panel.view import Step, View, read_link, read_view
from confluence_nb.secret import Secret

Action = Callable[[], Coroutine[Any, Any, str]]
"""What a button does; gives the HTML of the message line, or nothing to say."""

SPINNER_SECONDS = 0.3
"""What takes less shows its outcome only: words that flash by cannot be read."""

_SNUG = {"width": "auto"}


class SignInPanel(Whole):
    """Signs a session in, and shows how it stands.

    Parameters
    ----------
    session:
        The sign-in to show.

    Notes
    -----
    A handler takes what was typed and hands the rest to the portal. Traits are set in the coroutine that it
    submits, because that one carries the handler's context: on some kernels a trait set in a thread without
    it never reaches the browser.
    """

    def __init__(self, session: Session) -> None:
        self._session = session
        self._turn = asyncio.Lock()
        self._view = View(Step.REGISTER)
        self._registering = False
        self._switching = False

        self.message = widgets.HTML(words.message(""))
        self.paste = unlogged(widgets.Password(description="Address", continuous_update=False, layout=_SNUG))
        self.finish = widgets.Button(description="Finish sign-in", button_style="primary", layout=_SNUG)
        self.choice = SiteChoice()
        self.site = self.choice.list
        self.choose = widgets.Button(description="Use this site", button_style="primary", layout=_SNUG)
        self.reload = widgets.Button(description="Look again", layout=_SNUG)
        self.switch = widgets.Button(description="Switch site", layout=_SNUG)
        self.sign_out_button = widgets.Button(description="Sign out", layout=_SNUG)
        self.other_app = widgets.Button(description="Register another app", layout=_SNUG)
        self.register = RegisterForm(self._save_app)
        self._header = widgets.HTML()
        self._words = widgets.HTML()
        self._paste_words = widgets.HTML()
        self._step = widgets.VBox()
        self._footer = widgets.HBox()
        self._contents = self._lay_out()
        self._arrival = Arrival(self._sign_in, self._nothing_arrived)
        self._may_arrive = browser_is_near()

        self.paste.observe(self._pasted, names="value")
        self.finish.on_click(lambda _: self._finish())
        self.choose.on_click(lambda _: self._choose())
        self.reload.on_click(lambda _: self._start("Looking up your sites…", _nothing_else, Step.SITE))
        self.switch.on_click(lambda _: self._start("Looking up your sites…", self._want_switch, Step.READY))
        self.sign_out_button.on_click(
            lambda _: self._start("Signing out…", self._sign_out, Step.SITE, Step.READY)
        )
        self.other_app.on_click(lambda _: self._start("", self._want_app, Step.CONSENT))
        self.register.back.on_click(lambda _: self._start("", self._keep_app, Step.REGISTER))
        style = widgets.HTML(STYLE + SIGN_IN_STYLE, layout={"display": "none"})
        self._body = widgets.VBox([self._step, self.message])
        super().__init__([style, self._header, self._body, self._footer])
        for name in (PANEL_CLASS, SIGN_IN_CLASS):
            self.add_class(name)
        self.show_state()

    def close(self) -> None:
        """Take the panel out of the page, and listen for no answer any more."""
        self._arrival.close()
        super().close()

    def __repr__(self) -> str:
        # What a saved notebook keeps of a displayed widget: the repr of a child would hold its value.
        return "Confluence sign-in panel (run this cell again to use it)"

    def show_state(self) -> None:
        """Show how the session stands now, after something other than the panel has changed it."""
        self._registering = self._switching = False
        said = portal.run(self._said_by(self._look))
        self._show(said, busy=self._turn.locked())
        if self._view.sites_wanted:
            self._start("Looking up your sites…", _nothing_else, Step.SITE)

    # Handlers: they run on whatever thread and loop the kernel chose, take what was typed, and return.

    def _pasted(self, change: dict[str, Any]) -> None:
        if change["new"]:
            self._finish()

    def _finish(self) -> None:
        # The box is emptied first: its value is part of the widget's state, which may be saved.
        pasted, self.paste.value = Secret(self.paste.value), ""
        self._sign_in(pasted)

    def _nothing_arrived(self) -> None:
        """From now on the address has to be pasted; what is said of anything else stays."""

        async def say_so() -> str:
            return "" if self.message.value == words.hint(self._view) else self.message.value

        self._start("", say_so, Step.CONSENT)

    def _sign_in(self, pasted: Secret) -> None:
        """With what was pasted, or what the consent page brought to this machine."""

        async def finish() -> str:
            if not pasted:
                return self._unless_explained(words.NOTHING_PASTED)
            await self._session.sign_in(pasted)
            return ""

        self._start("Signing in…" if pasted else "", finish, Step.CONSENT)

    def _save_app(self, client_id: str, client_secret: Secret, redirect_uri: str) -> None:
        async def save() -> str:
            if not client_id or not client_secret:
                return self._unless_explained(words.CLIENT_INCOMPLETE)
            await self._session.use_app(client_id, client_secret, redirect_uri)
            self._registering = False
            return ""

        self._start("Saving the app…" if client_secret else "", save, Step.REGISTER)

    def _choose(self) -> None:
        wanted = self.site.value

        async def choose() -> str:
            if not wanted:
                return words.problem(words.CHOOSE_FIRST)
            await self._session.use(wanted)
            self._switching = False
            return ""

        self._start("Choosing the site…", choose, Step.SITE)

    # Actions: coroutines on the portal's loop, one at a time.

    async def _want_switch(self) -> str:
        self._switching = True
        return ""

    async def _want_app(self) -> str:
        self._registering = True
        return ""

    async def _keep_app(self) -> str:
        self._registering = False
        return ""

    async def _sign_out(self) -> str:
        await self._session.sign_out()
        self._switching = False
        return words.signed_out()

    def _unless_explained(self, text: str) -> str:
        """What a click on an empty box says: pasting has sent the box already, and its answer is to stay."""
        return self.message.value if words.PROBLEM in self.message.value else words.problem(text)

    def _start(self, doing: str, action: Action, *steps: Step) -> None:
        """Perform an action that belongs to these steps; comes back at once."""
        portal.submit(self._perform(doing, action, steps))

    async def _perform(self, doing: str, action: Action, steps: tuple[Step, ...]) -> None:
        async with self._turn:
            before = self._view.step
            if before not in steps:
                return  # a second click, of what the first one has done meanwhile
            self._disable(True)
            spinner = asyncio.get_running_loop().call_later(SPINNER_SECONDS, self._look_busy, doing)
            try:
                said = await self._said_by(action)
                trouble = await self._said_by(self._look_with_sites)
            finally:
                spinner.cancel()
            is_new = self._view.step is Step.READY and before is not Step.READY
            # Shown here: no cell has to warn of them.
            self._session.unsaid_scopes()
            self._show(said or trouble or (words.welcome() if is_new else ""), busy=False)

    async def _said_by(self, action: Action) -> str:
        """What is to be said after an action; a failure is a sentence too: nobody sees a traceback."""
        try:
            return await action()
        except Exception as error:
            return words.failure(error)

    async def _look(self) -> str:
        """Read from the session what to show next."""
        self._view = await read_view(self._session, registering=self._registering, switching=self._switching)
        if self._view.step is Step.CONSENT and self._view.app is not None:
            link = await read_link(self._session)
            awaited = self._may_arrive and self._arrival.expect(self._view.app.redirect_uri, link)
            self._view = replace(self._view, link=link, comes_by_itself=awaited)
        else:
            self._arrival.stop()
        return ""

    async def _look_with_sites(self) -> str:
        await self._look()
        if not self._view.sites_wanted:
            return ""
        try:
            sites = await self._session.sites()
        except Exception:
            # The site in use stays in use, and a sign-in that has ended shows as such.
            self._switching = False
            await self._look()
            raise
        self._view = replace(self._view, sites=sites)
        return "" if sites else words.failure(SiteNotFound(words.NO_SITE))

    # Showing.

    def _lay_out(self) -> dict[Step, tuple[tuple[widgets.Widget, ...], tuple[widgets.Widget, ...]]]:
        """What stands above the message line in each step, and the lesser buttons below it."""
        entry = widgets.HBox([self.paste, self.finish])
        for name in ("cnb-entry", "cnb-one-box"):
            entry.add_class(name)
        self._footer.add_class("cnb-footer")
        return {
            Step.REGISTER: ((self.register,), (self.register.back,)),
            Step.CONSENT: ((self._words, self._paste_words, entry), (self.other_app,)),
            Step.SITE: ((self._words, self.choice), (self.choose, self.reload, self.sign_out_button)),
            Step.READY: ((self._words,), (self.switch, self.sign_out_button)),
        }

    def _look_busy(self, doing: str) -> None:
        if doing:
            self.message.value = words.busy(doing)

    def _show(self, said: str, *, busy: bool) -> None:
        """Put the view on the screen, and the list of sites last: by then its button works."""
        view = self._view
        step, footer = self._contents[view.step]
        if view.step is not Step.REGISTER:
            self.register.clear()
        elif self._step.children != step:
            self.register.show(view.app)
        if view.step is not Step.READY:
            # From now on every step takes the same room: what is below the panel does not jump.
            self._body.add_class("cnb-roomy")
        self._header.value = words.header(view)
        # In every other step this empties the link, which holds the state of the sign-in that it began.
        self._words.value = words.about(view)
        self._paste_words.value = words.paste_step(view)
        self.paste.placeholder = words.IN_THE_BOX_UNNEEDED if view.comes_by_itself else words.IN_THE_BOX
        for box, children in ((self._step, step), (self._footer, footer)):
            if box.children != children:
                box.children = children
        self.message.value = said or words.hint(view)
        self._disable(busy)
        self._offer(view)

    def _offer(self, view: View) -> None:
        for widget, shown in (
            (self.choice, view.sites),
            (self.choose, view.sites),
            (self.reload, view.sites is None),
            (self.register.back, view.app),
        ):
            widget.layout.display = None if shown else "none"
        self.choice.offer(view.sites or (), view.status.site if view.status is not None else None)

    def _disable(self, busy: bool) -> None:
        # Boxes stay enabled: disabling one would take the focus from a person at the keyboard.
        for part in (*vars(self).values(), *vars(self.register).values()):
            if isinstance(part, widgets.Button):
                part.disabled = busy


async def _nothing_else() -> str:
    """For the button that only looks again."""
    return ""
