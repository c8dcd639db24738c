"""The live model of this process: found, loaded and swapped without a request noticing."""

import logging
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass

from django.conf import settings

from ml.models import Model
from ml.queries import promotions
from ml.serving import model_store
from ml.serving.admission import Busy, Line
from ml.vision.session import Look, ModelRefused, Session
from species.images.decoder import get_decoder
from species.images.weight import is_heavy

__all__ = ["Busy", "Live", "NoLiveModel", "Prediction", "Server", "get_server"]

log = logging.getLogger(__name__)

PATIENCE = 1.0  # seconds between looks at which model is live
AGAIN = 60.0  # seconds until a model that could not be loaded is tried again: its store may have been away
WAIT = 3.0  # seconds that a prediction waits for its turn at most; who would wait longer is told at once


class NoLiveModel(Exception):
    """There is nothing to answer with yet."""


@dataclass(frozen=True)
class Live:
    """One model, loaded. Replaced as a whole, so that a name never signs another model's answer."""

    model_id: object
    name: str
    version: int
    dataset_hash: str
    session: Session
    taxa: Mapping[str, str]  # class to the id of its taxon

    @property
    def threshold(self) -> float:
        return self.session.threshold


@dataclass(frozen=True)
class Prediction:
    """`seconds` excludes waiting."""

    live: Live
    look: Look
    seconds: float

    @property
    def ranked(self) -> list[tuple[str, float]]:
        """(label, calibrated probability), by unrounded probability."""
        return self.look.ranked


class Server:
    """Holds the live model. One per process; tests make their own."""

    def __init__(self) -> None:
        self._live: Live | None = None
        self._refused: object = None  # the promotion whose model could not be loaded
        self._again = 0.0
        self._looked = float("-inf")
        self._looking = threading.Lock()
        self.line = Line(settings.INFERENCE_SLOTS, settings.INFERENCE_LINE, WAIT)

    def live(self, *, fresh: bool = False) -> Live:
        """The live model. The first call waits for it to load; later ones answer with what is there.

        It may be a second old; `fresh` looks now. Raises NoLiveModel.
        """
        # Without a model every call looks: a client that heard "live" from another process must not hear
        # "not yet" from this one.
        if fresh or self._live is None:
            with self._looking:
                if fresh or self._live is None:
                    self._look()
                    self._looked = time.monotonic()
        elif time.monotonic() - self._looked >= PATIENCE and self._looking.acquire(blocking=False):
            try:
                self._look()
                self._looked = time.monotonic()
            finally:
                self._looking.release()
        if self._live is None:
            raise NoLiveModel("No model is live yet. Try again in a minute.")
        return self._live

    def _look(self) -> None:
        promotion = promotions.live_promotion()
        if promotion is None:
            self._live = None
            return
        if self._live is not None and self._live.model_id == promotion.model_id:
            return
        if self._refused == promotion.pk and time.monotonic() < self._again:
            return
        loaded = _load(promotion.model)
        if loaded is None:
            self._refused, self._again = promotion.pk, time.monotonic() + AGAIN
            if self._live is None:
                # Just started: the other processes go on with what was live before, so this one answers alike.
                previous = promotions.previous_model()
                loaded = previous and _load(previous)
        if loaded is not None:
            self._live = loaded
            log.info("%s answers", loaded.name)

    def predict(self, data: bytes, who: str = "") -> Prediction:
        """What the live model says of an image file, for `who`: whose turns are counted together.

        Raises NoLiveModel, Busy, species.images.refusals.ImageRefused.
        """
        self.live()
        with self.line.turn(who, heavy=is_heavy(data)):
            # Asked again: while this waited for its turn another model may have gone live.
            live = self.live()
            started = time.monotonic()
            pixels = get_decoder().upright(data, live.session.upright, fit=live.session.fit)
            return Prediction(live, live.session.look(pixels), time.monotonic() - started)


def _load(model: Model) -> Live | None:
    """None, and a line in the log, where its folder is broken."""
    try:
        session = Session.load(model_store.local(model.sha256))
    except (ModelRefused, OSError):
        log.exception("%s cannot be loaded, so what was live before goes on answering", model)
        return None
    return Live(model.pk, model.name, model.version, model.run.dataset.content_hash, session, model.taxa)


_server: Server | None = None
_making = threading.Lock()


def get_server() -> Server:
    """This process's server."""
    global _server
    with _making:
        if _server is None:
            _server = Server()
        return _server
