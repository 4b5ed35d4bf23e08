"""Everything a running sandbox holds: touched by one event loop only, so never locked."""

from __future__ import annotations

from dataclasses import replace

from confluence_nb.sandbox.clock import Clock
from confluence_nb.sandbox.gateway.budget import Budget
from confluence_nb.sandbox.gateway.faults import Faults
from confluence_nb.sandbox.gateway.journal import Journal
from confluence_nb.sandbox.gateway.passage import Gateway
from confluence_nb.sandbox.media.serving import Media
from confluence_nb.sandbox.media.tickets import Tickets
from confluence_nb.sandbox.options import Options
from confluence_nb.sandbox.signin.grants import Grants
from confluence_nb.sandbox.signin.scopes import READING
from confluence_nb.sandbox.signin.sites import make_sites


class State:
    """The parts, and the options as they are now: `options` is replaced when a knob is turned."""

    def __init__(self, options: Options, url: str) -> None:
        self.options = replace(options, app_scopes=options.app_scopes or READING)
        self.url = url
        self.clock = Clock()
        self.journal = Journal()
        self.grants = Grants(self.clock)
        self.budget = Budget(self.clock)
        self.faults = Faults(self.options, self.clock)
        self.sites = make_sites(self.options.sites)
        tickets = Tickets(url, self.clock)
        self.gateway = Gateway(self.options, self.sites, self.grants, self.budget, tickets)
        self.media = Media(tickets, self.gateway.contents)
