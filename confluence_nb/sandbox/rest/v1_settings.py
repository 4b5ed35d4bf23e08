"""Settings of a site and of its spaces in the v1 API: what they look like, themes, states, the system itself."""

from __future__ import annotations

from confluence_nb.sandbox.rest.exchange import Answer, Call, plain, v1
from confluence_nb.sandbox.rest.offset import offset_window
from confluence_nb.sandbox.rest.problems import v1_problem
from confluence_nb.sandbox.rest.shapes import Row
from confluence_nb.sandbox.rest.v1_content import STATES, state_row
from confluence_nb.sandbox.rest.v1_shapes import API
from confluence_nb.sandbox.rest.v1_subjects import space_of_key

_SITE = "manage:confluence-configuration"
_SPACE = "read:confluence-space.summary"
_THEMES = (("com.example.themes:plain", "Plain"), ("com.example.themes:docs", "Documentation"))
_INK, _PAPER, _LINK, _LINE = "#172B4D", "#FFFFFF", "#0052CC", "#DFE1E6"


def _theme(call: Call, index: int) -> Row:
    key, name = _THEMES[index]
    icon = {"path": "/images/theme.png", "width": 110, "height": 73, "isDefault": False}
    return {"themeKey": key, "name": name, "description": "", "icon": icon}


def _linked(call: Call, theme: Row) -> Answer:
    address = f"{call.base}{API}/settings/theme/{theme['themeKey']}"
    return plain(theme | {"_links": {"base": call.base, "context": "/wiki", "self": address}})


def _themes(call: Call) -> Answer:
    return offset_window(call, [_theme(call, index) for index in range(len(_THEMES))], 100)


def _selected_theme(call: Call) -> Answer:
    return _linked(call, _theme(call, 0))


def _one_theme(call: Call) -> Answer:
    for index, (key, _) in enumerate(_THEMES):
        if key == call.path["themeKey"]:
            return _linked(call, _theme(call, index))
    raise v1_problem(404, f"No theme found with key: {call.path['themeKey']}")


def _space_theme(call: Call) -> Answer:
    """Every other space has a theme of its own; the rest look as the site does."""
    space = space_of_key(call, call.path["spaceKey"])
    if space.index % 2 == 0:
        raise v1_problem(404, f"No theme is set for the space with key: {space.key}")
    return _linked(call, _theme(call, 1))


def _colors(paper: str) -> Row:
    hovered = {"backgroundColor": _LINE, "color": _INK}
    navigation = {"color": _INK, "highlightColor": _LINK, "hoverOrFocus": hovered}
    plain_field = {"backgroundColor": paper, "color": _INK}
    container = {
        "background": paper,
        "backgroundColor": paper,
        "backgroundImage": "none",
        "backgroundSize": "auto",
        "padding": "20px",
        "borderRadius": "3px",
    }
    return {
        "headings": {"color": _INK},
        "links": {"color": _LINK},
        "menus": {"color": _INK, "hoverOrFocus": {"backgroundColor": _LINE}},
        "header": {
            "backgroundColor": paper,
            "button": plain_field,
            "primaryNavigation": navigation,
            "secondaryNavigation": navigation,
            "search": plain_field,
        },
        "content": {"screen": {"background": paper}, "container": container, "body": container},
        "bordersAndDividers": {"color": _LINE},
    }


def _look_and_feel(call: Call) -> Answer:
    key = call.query.one("spaceKey")
    space = None if key is None else space_of_key(call, key)
    is_own = space is not None and space.index % 2 == 1
    own = _colors("#F4F5F7")
    return plain({"selected": "custom" if is_own else "global", "global": _colors(_PAPER), "custom": own})


def _system(call: Call) -> Answer:
    """What Atlassian's own tools read of a site; its number is not the one of the gateway here."""
    number = f"{call.content.chance.bits(0, 250):032x}"[-32:]
    return plain(
        {
            "cloudId": f"{number[:8]}-{number[8:12]}-4{number[13:16]}-8{number[17:20]}-{number[20:]}",
            "commitHash": number[::-1],
            "baseUrl": call.base,
            "edition": "STANDARD",
            "defaultLocale": "en_US",
            "defaultTimeZone": "Etc/UTC",
        }
    )


def _space_settings(call: Call) -> Answer:
    space = space_of_key(call, call.path["spaceKey"])
    address = f"{call.base}{API}/space/{space.key}/settings"
    return plain(
        {
            "routeOverrideEnabled": False,
            "editor": {"page": "v2", "blogpost": "v2", "default": "v2"},
            "contentMode": "standard",
            "spaceKey": space.key,
            "_links": {"base": call.base, "context": "/wiki", "self": address},
        }
    )


def _state_settings(call: Call) -> Answer:
    space_of_key(call, call.path["spaceKey"])
    return plain(
        {
            "contentStatesAllowed": True,
            "customContentStatesAllowed": False,
            "spaceContentStatesAllowed": True,
            "spaceContentStates": [state_row(index) for index in range(len(STATES))],
        }
    )


OPERATIONS = (
    v1("/settings/theme", _themes, _SITE, "read:configuration"),
    v1("/settings/theme/selected", _selected_theme, _SITE, "read:configuration"),
    v1("/settings/theme/{themeKey}", _one_theme, _SITE, "read:configuration"),
    v1("/settings/lookandfeel", _look_and_feel, _SITE, "read:configuration", "read:space.setting"),
    v1("/settings/systemInfo", _system, _SITE, "read:configuration"),
    v1("/space/{spaceKey}/settings", _space_settings, _SPACE, "read:space.setting"),
    v1("/space/{spaceKey}/theme", _space_theme, _SPACE, "read:space.setting"),
    v1("/space/{spaceKey}/state/settings", _state_settings, _SPACE, "read:space.setting"),
)
