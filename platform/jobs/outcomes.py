"""How a handler ends other than by returning. No Django in here."""


class Permanent(Exception):
    """The job cannot succeed however often it is tried: it fails at once.

    The text is shown to the person who asked for the job, so write it as a sentence for them.
    """


class Interrupted(BaseException):
    """The handler has to stop now.

    Not an `Exception`, so that a handler which reports a bad row with `except Exception` and goes on to the
    next cannot swallow it.
    """


class Cancelled(Interrupted):
    """Somebody asked for the job to stop."""


class LostLease(Interrupted):
    """Another worker may have the job by now; nothing this one writes would count."""


class Stopped(Interrupted):
    """The worker is shutting down; the job goes back to waiting and this attempt does not count."""
