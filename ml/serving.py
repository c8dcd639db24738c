"""The live model of this process: found, loaded and swapped without a request noticing."""

import logging
import threading
import time
from contextlib import contextmanager
from dataclasses import dataclass

from django.conf import settings

from ml import folders, queries
from ml.vision.session import ModelRefused, Session
from species.decoder import get_decoder

log = logging.getLogger(__name__)

PATIENCE = 1.0  # seconds between looks at which model is live
WAIT = 3.0  # seconds a prediction waits for its turn before it is told to come back


class NoLiveModel(Exception):
    """There is nothing to answer with yet."""


class Busy(Exception):
    """More predictions are under way than this process takes on."""


@dataclass(frozen=True)
class Live:
    """One model, loaded. Replaced as a whole, so that a name never signs another model's answer."""

    model_id: object
    name: str
    dataset_hash: str
    session: Session

    @property
    def threshold(self) -> float:
        return self.session.threshold


@dataclass(frozen=True)
class Prediction:
    """`ranked` is (label, calibrated probability), by unrounded probability; `seconds` excludes waiting."""

    live: Live
    ranked: list[tuple[str, float]]
    seconds: float


class Server:
    """Holds the live model. One per process; tests make their own."""

    def __init__(self) -> None:
        self._live: Live | None = None
        self._refused: object = None
        self._looked = float("-inf")
        self._looking = threading.Lock()
        self._slots = threading.BoundedSemaphore(settings.INFERENCE_SLOTS)

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
        model = queries.live_model()
        if model is None:
            self._live = None
            return
        if self._live is not None and self._live.model_id == model.pk or self._refused == model.pk:
            return
        try:
            session = Session.load(folders.local(model.sha256))
        except (ModelRefused, OSError):
            # Once per model: a broken folder does not mend itself, and the old model answers meanwhile.
            self._refused = model.pk
            log.exception("%s cannot be loaded; %s goes on answering", model, self._live and self._live.name)
            return
        self._live = Live(model.pk, model.name, model.run.dataset.content_hash, session)
        self._refused = None

    @contextmanager
    def slot(self):
        """A turn to work. Raises Busy when none comes free soon."""
        if not self._slots.acquire(timeout=WAIT):
            raise Busy("More photos are waiting than we can look at. Try again in a few seconds.")
        try:
            yield
        finally:
            self._slots.release()

    def predict(self, data: bytes) -> Prediction:
        """What the live model says of an image file. Raises NoLiveModel, Busy, species.imaging.ImageRefused."""
        live = self.live()
        with self.slot():
            started = time.monotonic()
            rgb = get_decoder().upright(data, live.session.upright)
            return Prediction(live, live.session.predict(rgb), time.monotonic() - started)


_server: Server | None = None
_making = threading.Lock()


def get_server() -> Server:
    """This process's server."""
    global _server
    with _making:
        if _server is None:
            _server = Server()
        return _server


def forget() -> None:
    """Drop this process's server, so that the next prediction looks afresh."""
    global _server
    with _making:
        _server = None
