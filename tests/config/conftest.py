import pytest
from rest_framework.throttling import SimpleRateThrottle

from ml.actions import promotions
from tests.config.scene import Scene, build


@pytest.fixture
def scene(tree, alice, bob, charlie, rita, ada, live, make_model, monkeypatch) -> Scene:
    """Everybody, and something of everything. More is asked of it than a person may write in an hour."""
    rates = dict.fromkeys(SimpleRateThrottle.THROTTLE_RATES, "1000000/hour")
    monkeypatch.setattr(SimpleRateThrottle, "THROTTLE_RATES", rates)
    promotions.promote(model=make_model("newer", sharpness=5.0), by=ada, reason="It can be taken back.")
    return build(tree=tree, alice=alice, bob=bob, charlie=charlie, rita=rita, ada=ada, live=live)
