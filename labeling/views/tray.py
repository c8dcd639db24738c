"""What is done to several drafts at once: each act is a form that leads back to the drafts, and can be undone."""

from collections.abc import Callable, Iterable
from uuid import UUID, uuid4

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.shortcuts import redirect
from django.urls import reverse

from labeling.actions import drafts, tray
from labeling.actions.tray import Outcome
from labeling.forms.drafts import DraftForm, as_left
from labeling.forms.tray import ManyForm
from labeling.presenters import uploads
from labeling.queries import tray as tray_queries
from labeling.queries import uploads as uploads_queries
from labeling.views.form_posts import done, sent, undoable
from species.access import NotYours
from species.models import Observation, Photo

MOST = 1000  # photos or drafts in one act
UNDO = "undo"


@sent
def arrange(request):
    """Join the chosen photos, put them into the sighting named, or give each a sighting of its own."""
    then, into = request.POST.get("then"), uuid_of(request.POST.get("into"))
    chosen = chosen_photos(request)
    if not chosen:
        messages.error(request, "Choose photos first.")
        return redirect("upload")
    if then == "apart":
        moves = tray_queries.apart(chosen)
        said = "1 photo is a sighting of its own." if len(moves) == 1 else f"{len(moves)} sightings now."
    else:
        target = into or tray_queries.keeper(request.user, chosen)
        moves = {each.pk: target for each in chosen}
        said = "One sighting now."
    try:
        before = tray.arrange(moves=moves, by=request.user)
    except (ValidationError, NotYours) as error:
        messages.error(request, " ".join(getattr(error, "messages", [str(error)])))
        return redirect("upload")
    if before:
        data = {str(photo): str(draft) for photo, draft in before.items()}
        undoable(request, said, "Undo", keep_undo(request, "arrange", data))
    return redirect("upload")


@sent
def many(request):
    """Say the same of the drafts that were chosen; of all of them, where none was."""
    form = ManyForm(request.POST)
    chosen = chosen_drafts(request)
    outcomes: list[Outcome] = []

    def act() -> None:
        outcomes.extend(tray.set_for_many(chosen=chosen, by=request.user, **form.arguments()))

    if not chosen:
        messages.error(request, "Nothing waits here.")
    elif not done(form, act):
        for why in form.errors.values():
            messages.error(request, " ".join(why))
    else:
        taken = [each for each in outcomes if not each.refused]
        tell_refused(request, outcomes)
        if taken:
            data = {str(each.draft): each.before for each in taken}
            said = f"Said of {sightings(len(taken))}."
            undoable(request, said, "Undo", keep_undo(request, "many", data))
    return redirect("upload")


@sent
def add(request):
    """Send every draft that is named, each by itself: what cannot be sent stays and says why."""
    versions = versions_of(request.POST.getlist("ready"))
    found = [each for each in uploads_queries.drafts(request.user) if each.pk in versions]
    outcomes = [send(request, as_left(each), versions[each.pk]) for each in found]
    gone = versions.keys() - {each.pk for each in found}
    outcomes += [Outcome(pk, "It was sent or discarded in another window.") for pk in gone]
    added = [str(each.draft) for each in outcomes if not each.refused]
    tell_refused(request, outcomes)
    if added:
        said = f"{sightings(len(added))} added. People can see {'it' if len(added) == 1 else 'them'} now."
        undoable(request, said, "Take back", keep_undo(request, "add", added))
    return redirect("upload")


def send(request, form: DraftForm, seen: int | None) -> Outcome:
    """With the words that wait for it, if it can be sent with them."""
    draft = form.observation
    if form.elsewhere:
        return Outcome(draft.pk, "Two windows say different things of it. Choose one first.")

    def act() -> None:
        if form.is_bound:
            drafts.save(by=request.user, send=True, seen=seen, **form.arguments())
        else:
            drafts.send(observation=draft, by=request.user, seen=seen)

    try:
        if form.is_bound:
            return Outcome(
                draft.pk, "" if done(form, act) else "Something typed there has to be put right first."
            )
        act()
    except drafts.Stale:
        return Outcome(draft.pk, tray.ELSEWHERE)
    except ValidationError as error:
        return Outcome(draft.pk, " ".join(error.messages))
    return Outcome(draft.pk)


@sent
def keep_both(request, id):
    """Two photos that are nearly the same may both stay: not asked about this one again in this session."""
    request.session["kept_both"] = [*request.session.get("kept_both", []), str(id)][-MOST:]
    return redirect("upload")


@sent
def undo(request, key):
    """The last act of this browser, once."""
    kept = request.session.pop(UNDO, None) or {}
    if kept.get("key") != key:
        messages.error(request, "That was too late to undo.")
        return redirect("upload")
    try:
        said = UNDOING[kept["what"]](request, kept["data"])
    except (ValidationError, NotYours) as error:
        messages.error(request, " ".join(getattr(error, "messages", [str(error)])))
    else:
        messages.success(request, said)
    return redirect("upload")


def undo_arrange(request, data: dict[str, str]) -> str:
    tray.arrange(moves={UUID(photo): UUID(draft) for photo, draft in data.items()}, by=request.user)
    return "As it was."


def undo_many(request, data: dict[str, dict]) -> str:
    tell_refused(
        request, tray.put_back(before={UUID(pk): said for pk, said in data.items()}, by=request.user)
    )
    return "As it was."


def undo_add(request, data: list[str]) -> str:
    outcomes = []
    for pk in map(UUID, data):
        found = Observation.objects.filter(pk=pk, observer=request.user).first()
        try:
            if found is not None:
                drafts.take_back(observation=found, by=request.user)
                outcomes.append(Outcome(pk))
        except ValidationError as error:
            outcomes.append(Outcome(pk, " ".join(error.messages)))
    tell_refused(request, outcomes)
    count = sum(not each.refused for each in outcomes)
    return f"{sightings(count)} taken back: only you see {'it' if count == 1 else 'them'}."


UNDOING: dict[str, Callable] = {"arrange": undo_arrange, "many": undo_many, "add": undo_add}


def keep_undo(request, what: str, data) -> str:
    """Where to post to have the last act undone; the one before it is then past undoing."""
    key = uuid4().hex[:12]
    request.session[UNDO] = {"key": key, "what": what, "data": data}
    return reverse("undo", args=[key])


def tell_refused(request, outcomes: Iterable[Outcome]) -> None:
    refused = [each for each in outcomes if each.refused]
    own = Observation.objects.filter(observer=request.user, pk__in=[each.draft for each in refused])
    titles = {each.pk: uploads.title(each) for each in own.select_related("place")}
    for each in refused:
        messages.error(request, f"{titles.get(each.draft, 'A draft')}: {each.refused}")


def chosen_photos(request) -> list[Photo]:
    """Those that were ticked, and all of the drafts that were."""
    ids = set(filter(None, map(uuid_of, request.POST.getlist("photo")[:MOST])))
    whole = set(filter(None, map(uuid_of, request.POST.getlist("draft")[:MOST])))
    mine = Photo.objects.filter(owner=request.user, discarded_at=None)
    rows = mine.filter(pk__in=ids) | mine.filter(observation__in=whole)
    return list(rows.order_by("created", "id"))


def chosen_drafts(request) -> dict[UUID, int | None]:
    """Those that were ticked or of which a photo was, else all that the page shows, with the versions it shows."""
    shown = versions_of(request.POST.getlist("shown"))
    ticked = {each.observation_id for each in chosen_photos(request)}
    return {pk: seen for pk, seen in shown.items() if not ticked or pk in ticked}


def versions_of(texts: list[str]) -> dict[UUID, int | None]:
    """Of "id:version" each."""
    found: dict[UUID, int | None] = {}
    for text in texts[:MOST]:
        id, _, version = text.partition(":")
        if pk := uuid_of(id):
            found[pk] = min(int(version), 2**31 - 1) if version.isdecimal() else None
    return found


def sightings(count: int) -> str:
    return f"{count} sighting{'' if count == 1 else 's'}"


def uuid_of(text: str | None) -> UUID | None:
    try:
        return UUID(text or "")
    except ValueError:
        return None
