"""What pages are made from, as the key of the blueprint: that is what their rows say of it."""

from __future__ import annotations

_BLUEPRINTS = "com.atlassian.confluence.plugins.confluence"
TEMPLATES = (
    f"{_BLUEPRINTS}-business-blueprints:meeting-notes-blueprint",
    f"{_BLUEPRINTS}-business-blueprints:projectplan-blueprint",
    f"{_BLUEPRINTS}-business-blueprints:eow-status-report-blueprint",
    f"{_BLUEPRINTS}-space-blueprints:quickstart-page-blueprint-v6",
)
