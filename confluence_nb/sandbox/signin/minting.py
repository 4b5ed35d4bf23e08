"""Makes codes and tokens that look and weigh like Atlassian's, and mean nothing outside the sandbox."""

from __future__ import annotations

import base64
import json
import secrets
from collections.abc import Mapping

_PAYLOAD_BYTES = 1_150
_SIGNATURE_BYTES = 256


def mint_code() -> str:
    """An authorization code: as long as those that make people copy only half an address."""
    return mint_token({"typ": "code"}, payload_bytes=180)


def mint_token(claims: Mapping[str, object], *, payload_bytes: int = _PAYLOAD_BYTES) -> str:
    """A bearer text in the shape of a JSON Web Token, about 2 kB; its signature is noise."""
    header = {"kid": f"auth.sandbox/{secrets.token_hex(8)}", "alg": "RS256"}
    payload = {"jti": secrets.token_hex(16), **claims}
    missing = payload_bytes - len(json.dumps(payload))
    payload["pad"] = secrets.token_urlsafe(max(0, missing) * 3 // 4)
    parts = (json.dumps(header).encode(), json.dumps(payload).encode(), secrets.token_bytes(_SIGNATURE_BYTES))
    return ".".join(base64.urlsafe_b64encode(part).rstrip(b"=").decode() for part in parts)
