"""The live model speaks of photos in the library."""

from itertools import chain

from jobs.actions import enqueue
from jobs.models import Job
from jobs.outcomes import Permanent
from jobs.registry import job, watch
from jobs.worklist import Worklist
from labeling.models import Suggestion
from labeling.queries import drafts_without_suggestions_from, photos_without_suggestions_from
from labeling.queries.verdicts import of_another_tree
from ml.actions import suggestions
from ml.queries import promotions as promotions_queries
from ml.serving import server
from ml.serving.server import NoLiveModel
from species.images.refusals import ImageRefused
from species.queries import taxa

SUGGEST_BATCH = 20  # photos between two writes: a short transaction, so that people's votes get in between


@job("suggest")
def suggest(context) -> None:
    """Ask the live model about every photo it has not spoken of. Finds its work by query: safe to repeat."""
    try:
        live = server.get_server().live(fresh=True)
    except NoLiveModel as error:
        raise Permanent(str(error)) from error
    # Drafts first: somebody is sitting before them.
    waiting = Worklist(
        chain(
            drafts_without_suggestions_from(live.name).values_list("pk", flat=True).iterator(),
            photos_without_suggestions_from(live.name).values_list("pk", flat=True).iterator(),
        )
    )
    done = refused = 0
    for batch in waiting.batches(SUGGEST_BATCH):
        said = []
        for photo in suggestions.photos(batch):
            context.progress(done, len(waiting), f"{live.name} has looked at {done} photos.")
            try:
                said.append(suggestions.ask(live=live, photo=photo))
            # Not DecoderFailed: that is no fault of the photo, which would never be asked about again.
            except (ImageRefused, OSError):
                refused += 1
            done += 1
        with context.commit():
            suggestions.write(said)
    could_not = f" {refused} could not be read." if refused else ""
    context.progress(done, len(waiting), f"{live.name} has looked at {done} photos.{could_not}")


@watch
def find_new_photos() -> None:
    """Ask about what came in, or about everything once another model is live.

    A photo that could not be read stays without a suggestion: it must not be asked about again and again.
    """
    promotion = promotions_queries.live_promotion()
    asked = Job.objects.filter(kind="suggest").order_by("created", "id")
    if promotion is None or asked.unfinished().exists():
        return
    waiting = photos_without_suggestions_from(promotion.model.name)
    drafts = drafts_without_suggestions_from(promotion.model.name)
    last = asked.last()
    if last is not None and last.created > promotion.created:
        waiting = waiting.filter(observation__published_at__gt=last.created)
        drafts = drafts.filter(created__gt=last.created)
    if waiting.exists() or drafts.exists():
        ask_for_suggestions()


@job("read_again")
def read_again(context) -> None:
    """Say in terms of the present tree what models said on another one; nobody is asked again."""
    suggestions.follow_tree(
        progress=lambda done, total: context.progress(done, total, "Reading anew what models said")
    )


@watch
def find_suggestions_of_another_tree() -> None:
    tree = taxa.tree()
    if not tree.broken and of_another_tree(Suggestion.objects.all(), tree).exists():
        enqueue(kind="read_again", key="read_again", title="Let suggestions follow the changed tree")


def ask_for_suggestions(*, by=None, after=None):
    """The job that lets the live model speak of photos it has not seen; one at a time is enough."""
    key = None if after else "suggest"
    return enqueue(
        kind="suggest", by=by, after=after, key=key, again=True, title="Ask the model about new photos"
    )
