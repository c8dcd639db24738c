"""The labeling room: one organism after another, the model's suggestion covered until one has answered.

What is boxed goes with whatever is answered (`labeling.views.boxes`), in one transaction.
"""

from collections.abc import Sequence
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.http import JsonResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from labeling.actions import boxes as box_actions
from labeling.actions import flags, identifications, passes
from labeling.models import Box, Flag, Identification, Pass
from labeling.presenters import keys
from labeling.presenters import room as room_presenters
from labeling.presenters import sets as set_presenters
from labeling.queries import room as room_queries
from labeling.views import boxes, field_marks, sets, shown
from labeling.views.form_posts import done, refused
from species.models import Occurrence, Photo

GONE = "That photo is not shown any more."
HELD = 100  # that a script may have, answered or not, before the site knows
# What a button says of it, and why.
PASSES: dict[str, tuple[str, str]] = {
    "skip": (Pass.Kind.SKIP, ""),
    "cannot": (Pass.Kind.CANNOT_TELL, ""),
    **{reason.value: (Pass.Kind.CANNOT_TELL, reason.value) for reason in Pass.Reason},
    "bad_photo": (Pass.Kind.BAD_PHOTO, ""),
    "several": (Pass.Kind.SEVERAL, ""),
}


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def label(request):
    if request.method != "POST":
        if sets.asked(request).wrong:
            return sets.choice(request, sets.asked(request))
        occurrence, answer = waiting(request)
        return room(request, occurrence, answer=answer)
    then = request.POST.get("then", "save")
    if then == "again":
        passes.look_again(by=request.user)
        return redirect(sets.asked(request).address())
    if then == "undo":
        return undo(request)
    asked = room_queries.askable(request.user).filter(pk=_uuid(request.POST.get("occurrence")))
    occurrence = asked.select_related("observation__place", "agreed_taxon").first()
    if occurrence is None:
        return not_there(request)
    if "look" in request.POST:
        return room(request, occurrence, typed=request.POST)
    if then in PASSES or then == "not_subject":
        return without_a_name(request, occurrence, then)
    if then in ("all_boxed", "not_all_boxed", "another"):
        photo, forms = in_sight(request, occurrence), boxes.forms_of(request, occurrence)
        wrong = (
            boxes.another(request, occurrence, photo)
            if then == "another"
            else boxes.vote(request, occurrence, photo, forms, then)
        )
        return room(request, occurrence, typed=request.POST, wrong=wrong)
    if then in field_marks.DEEDS or "unpoint" in request.POST:
        pointing = field_marks.in_the_room(request, occurrence, in_sight(request, occurrence), then)
        return room(request, occurrence, typed=request.POST, pointing=pointing)
    if then == "box":
        return box_alone(request, occurrence)
    return save(request, occurrence, then)


def save(request, occurrence: Occurrence, then: str = "save"):
    """The name that was chosen or typed; `same`: the one that stands on that button; `no_closer`: and nobody could name
    it more closely."""
    person, data = request.user, request.POST.copy()
    if then == "same":
        if not data.get("same"):
            return room(request, occurrence, typed=request.POST, wrong=["You have not given a name yet."])
        data["name"], data["likely"] = data["same"], ""
    if then == "no_closer":
        data["cannot_improve"] = "on"
    words = room_queries.words(occurrence, person)
    own, rivals = words.own, words.rivals
    form = room_presenters.question(rivals, data)
    drawn = boxes.forms_of(request, occurrence)
    if not all(each.is_valid() for each in drawn):
        return room(request, occurrence, form, refused_boxes=True)
    if form.is_valid():
        if own is not None and form.says(own):
            # Pressed twice, or sent twice by a bad line; or the box alone was drawn anew.
            said = boxes.said_with(request, occurrence, drawn, lambda: own)
            return next_after(request, own, occurrence, said=said)
        if request.POST.get("seen", "") != room_presenters.state(occurrence, own):
            return room(request, occurrence, form, meanwhile=room_presenters.meanwhile(occurrence, own))
    act: list[Identification] = []
    said_boxes: list[box_actions.Said] = []
    work = sets.asked(request)

    def name() -> None:
        said = form.said()
        # The set has told it, whatever became of the cookie that says so.
        said["others_on_screen"] = said["others_on_screen"] or work.tells_names
        act.append(identifications.add(occurrence=occurrence, by=person, **said))
        work.answered(occurrence, person)

    if done(form, lambda: said_boxes.append(boxes.said_with(request, occurrence, drawn, name))):
        return next_after(request, act[0], occurrence, said=said_boxes[0])
    return room(request, occurrence, form)


def box_alone(request, occurrence: Occurrence):
    """Where it is, without a name; the same one is asked on."""
    forms = boxes.forms_of(request, occurrence)
    if not all(each.is_valid() for each in forms):
        return room(request, occurrence, refused_boxes=True)
    said = boxes.saved_alone(request, occurrence, forms)
    act = next(iter([*said.drawn, *said.before]), None)
    if act is None:
        wrong = "" if any(form.rectangle for form in forms) else "Draw a box first."
        return room(request, occurrence, typed=request.POST, wrong=[wrong] if wrong else [])
    return next_after(request, act, occurrence, said=said, again=True)


def without_a_name(request, occurrence: Occurrence, then: str):
    """Skipped, can't tell, a bad photo, more than one, or nothing of what this site is about is on it. Of nothing
    there is no box."""
    own = room_queries.words(occurrence, request.user).own
    if own is not None:
        told = f"You had named that one {own.taxon.said}. That stands."
        return next_after(request, own, occurrence, told)
    if then == "not_subject":
        photo = in_sight(request, occurrence)
        with transaction.atomic():
            flag = flags.raise_flag(photo=photo, kind=Flag.Kind.NOT_SUBJECT, by=request.user)
            sets.asked(request).answered(occurrence, request.user)
        return next_after(request, flag, occurrence)
    forms = boxes.forms_of(request, occurrence)
    if not all(each.is_valid() for each in forms):
        return room(request, occurrence, refused_boxes=True)
    act: list[Pass] = []
    kind, reason = PASSES[then]

    def pass_over() -> None:
        act.append(passes.add(occurrence=occurrence, kind=kind, reason=reason, by=request.user))
        sets.asked(request).answered(occurrence, request.user)

    said = boxes.said_with(request, occurrence, forms, pass_over)
    return next_after(request, act[0], occurrence, said=said)


def in_sight(request, occurrence: Occurrence) -> Photo:
    """The photo of it that the form was sent from."""
    photos = Photo.objects.visible_to(request.user).filter(occurrences=occurrence)
    found = photos.filter(pk=_uuid(request.POST.get("photo"))).first()
    return found or photos.order_by("position", "created", "id")[0]


def next_after(
    request,
    act: Identification | Pass | Flag | Box,
    occurrence: Occurrence,
    told: str = "",
    *,
    said: box_actions.Said | None = None,
    again: bool = False,
):
    """The next photo, in an address that offers to undo this, also after a reload; a script that has the next one
    already is told what came of it. `told`: where that is not what was pressed; `again`: the same one is asked on.
    """
    query: dict = room_presenters.address_of(act) | boxes.address_of(said)
    if isinstance(act, Flag):
        query["of"] = str(occurrence.pk)
    asked = {"occurrence": str(occurrence.pk)} if again else {}
    following = sets.asked(request).address(query | asked)
    if _by_script(request):
        text = room_presenters.last(act, str(occurrence.pk))["text"]
        back = {"then": "undo", "occurrence": occurrence.pk, "set": sets.asked(request).query}
        undo = urlencode(query | back, doseq=True)
        answer = {"text": text, "undo": undo, "next": following, "told": told}
        if isinstance(act, Identification):
            answer["same"] = room_presenters.same(act.taxon)
        return JsonResponse(answer | progress(request))
    if told:
        messages.info(request, told)
    return redirect(following)


def not_there(request):
    if _by_script(request):
        return JsonResponse({"told": GONE} | progress(request))
    messages.info(request, f"{GONE} Here is the next one.")
    return redirect(sets.asked(request).address())


def progress(request) -> dict:
    """How far one is with the set that one works on."""
    work, person = sets.asked(request), request.user
    done, left = work.progress(person)
    return {"done": done, "left": left, "set": work.query}


def undo(request):
    """Take back what was done last, and ask the same again with what was said filled in."""
    act = room_queries.act(request.user, request.POST.get("kind", ""), _uuid(request.POST.get("id")))
    said = boxes.in_address(request, request.POST)
    work = sets.asked(request)
    if act is None:
        return redirect(work.address())
    with transaction.atomic():
        if isinstance(act, Identification):
            identifications.withdraw(identification=act, by=request.user)
        elif isinstance(act, Pass):
            passes.withdraw(passed=act, by=request.user)
        elif isinstance(act, Flag):
            flags.resolve(flag=act, by=request.user)
        box_actions.unsay(said=said, by=request.user)
    query = {"occurrence": request.POST.get("occurrence", "")} | room_presenters.address_of(act)
    return redirect(work.address(query | boxes.address_of(said)))


def waiting(request) -> tuple[Occurrence | None, Identification | Pass | Flag | None]:
    """What was asked for if it still waits, or with their answer if they come back to it; else the next in the queue,
    which is none of those that a script has already (`without`).
    """
    person, asked = request.user, _uuid(request.GET.get("occurrence"))
    queue = room_queries.queue(person).select_related("observation__place")
    if asked:
        if found := queue.filter(pk=asked).first():
            return found, None
        if answered := room_queries.answered(person, asked):
            return answered
    queue = room_queries.queue(person, sets.asked(request).found).select_related("observation__place")
    held = [_uuid(each) for each in request.GET.get("without", "").split(",")[:HELD]]
    return queue.exclude(pk__in=[each for each in held if each]).first(), None


def room(
    request,
    occurrence: Occurrence | None,
    form=None,
    meanwhile: str = "",
    typed=None,
    answer=None,
    wrong: Sequence[str] = (),
    refused_boxes: bool = False,
    pointing: dict | None = None,
):
    """The page. `meanwhile`: what happened to it while one was filling in the form; `typed`: what one has of
    that, to go on with another photo in sight; `answer`: what one said of it before; `wrong`: why what was asked for
    was not done.
    """
    person = request.user
    act = room_queries.act(person, request.GET.get("kind", ""), _uuid(request.GET.get("id"))) or answer
    said = boxes.in_address(request, request.GET) if act else box_actions.Said([], [])
    work = sets.asked(request)
    context = {
        "section": "label",
        **progress(request),
        "work": work,
        **keys.of(person),
        "last": room_presenters.last(act, _of(request, answer and occurrence)) if act else None,
        "last_boxes": boxes.address_of(said),
        "meanwhile": meanwhile,
        "wrong": wrong,
        "pointing": pointing,
    }
    if occurrence is not None:
        words = room_queries.words(occurrence, person)
        own = words.own
        show = "show" in request.GET or bool(request.POST.get("suggestion"))
        photo = request.POST.get("look") or request.POST.get("photo") or request.GET.get("photo", "")
        context |= room_presenters.room(
            occurrence,
            person,
            words=words,
            form=form,
            show=show,
            photo=photo,
            undone=act,
            again=said.drawn,
            data=request.POST if form is not None or refused_boxes else None,
            typed=request.POST if refused_boxes else typed,
            address=work.address,
        )
        context["another"] = boxes.fresh_organism()
        # A page that refuses what was sent stands at this address: reloaded, it is the same photo.
        context["here"] = work.address({"occurrence": str(occurrence.pk)} | last_of(request))
        # Who only looks at another photo has answered nothing: what changed meanwhile is told when they do.
        context["seen"] = typed.get("seen", "") if typed else room_presenters.state(occurrence, own)
        shown.note(request, context["on_screen"])
        # What happened meanwhile is what others said, and so is what a set by name is made of.
        told = (meanwhile and own is None) or work.tells_names
        shown.note_threads(request, [occurrence.pk] if told else [])
    else:
        context |= {"skipped": room_queries.skipped(person), "campaigns": set_presenters.offered()}
    bad = (
        wrong or refused_boxes or any(each and each.errors for each in (form, pointing and pointing["form"]))
    )
    status = 409 if meanwhile else refused(request) if bad else 200
    return render(request, "labeling/label.html", context, status=status)


def _of(request, answered: Occurrence | None) -> str:
    """Whose flag was raised, which a flag of a photo does not say."""
    return str(answered.pk) if answered else request.GET.get("of", "")


def last_of(request) -> dict[str, object]:
    """What the address says of the act before, so that it can be undone from the next address as well."""
    one = {name: request.GET[name] for name in ("kind", "id", "of") if name in request.GET}
    return one | {name: boxes.uuids(request.GET.getlist(name)) for name in ("drawn", "was")}


def _by_script(request) -> bool:
    return request.get_preferred_type(["text/html", "application/json"]) == "application/json"


def _uuid(text: str | None) -> UUID | None:
    try:
        return UUID(text or "")
    except ValueError:
        return None
