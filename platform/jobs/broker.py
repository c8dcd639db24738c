"""kombu's filesystem transport, with the ways in which it takes the worker down with it closed.

A message here is only a knock on the door, so losing one is cheap; a worker that dies of one is not.
"""

import logging
from pathlib import Path
from queue import Empty

from kombu.exceptions import ChannelError
from kombu.transport import TRANSPORT_ALIASES, filesystem

log = logging.getLogger(__name__)


class Channel(filesystem.Channel):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self._make_folders()

    def get_table(self, exchange):
        table = super().get_table(exchange)
        if table:
            return table
        # kombu remembers what this process has bound and never looks whether the file is still there; without
        # it every later message would go nowhere.
        self._make_folders()
        for binding, arguments in list(self.state.bindings.items()):
            if binding.exchange == exchange:
                kind = self.typeof(exchange)
                bound = kind.prepare_bind(binding.queue, exchange, binding.routing_key, arguments)
                self._queue_bind(exchange, *bound)
        return super().get_table(exchange)

    def _put(self, queue, payload, **kwargs):
        try:
            super()._put(queue, payload, **kwargs)
        except ChannelError:
            self._make_folders()
            super()._put(queue, payload, **kwargs)

    def _get(self, queue):
        try:
            return super()._get(queue)
        except FileNotFoundError:
            log.warning("The broker's folder was taken away; making it again")
            self._make_folders()
        except (ValueError, ChannelError) as error:
            # Its writer does not write atomically: it was killed half-way, or is still at it.
            log.warning("A message could not be read and is left out: %r", error)
        raise Empty

    def _purge(self, queue):
        self._make_folders()
        return super()._purge(queue)

    def _size(self, queue):
        self._make_folders()
        return super()._size(queue)

    def _make_folders(self) -> None:
        for folder in (self.data_folder_in, self.data_folder_out, self.control_folder):
            Path(folder).mkdir(parents=True, exist_ok=True)


class Transport(filesystem.Transport):
    Channel = Channel


# By name, as kombu keeps them, so that nothing is imported before it is used.
TRANSPORT_ALIASES["filesystem"] = f"{__name__}:Transport"
