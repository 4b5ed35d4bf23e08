"""One sign-in under attack, in short: the long form is `make soak`."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]


@pytest.mark.slow
@pytest.mark.skipif(os.name != "posix", reason="stops, kills and limits processes as POSIX does")
def test_a_sign_in_outlasts_kills_lost_answers_a_full_disk_wrong_clocks_and_sleep(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.syspath_prepend(ROOT)
    from benchmarks.soak_sign_in import soak

    # A machine busy with other tests may stand still for longer than the three seconds of the long form.
    toll = soak(0, leeway=60, processes=3)
    assert toll.failures() == [], str(toll)
    assert len(toll.episodes) == 7
    assert toll.refreshes >= 7, "each attack was followed by a renewal"
