"""One sighting: what it shows, what people say, and the forms in which one says something oneself."""

from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.cache import patch_cache_control
from django.views.decorators.http import require_safe

from labeling import access
from labeling.actions import flags, identifications, passes, rulings
from labeling.forms.flags import FlagForm
from labeling.forms.occurrences import SecondForm
from labeling.forms.rulings import RulingForm
from labeling.models import Identification, Pass, Ruling
from labeling.presenters import observations
from labeling.queries import observations as observations_queries
from labeling.queries.identifications import names_of_others
from labeling.views import shown
from labeling.views.form_posts import back_to_sighting, came_from, done, refused, sent, sent_on
from species.actions import occurrences
from species.models import Observation, Occurrence, Photo


@require_safe
def observation(request, id):
    return sighting_page(request, seen(request, id))


@sent_on(lambda request, id: back_to_sighting(seen_occurrence(request, id)))
def identify(request, id):
    occurrence = seen_occurrence(request, id)
    rivals = names_of_others(occurrence, request.user)
    form = observations.identify_form(occurrence, rivals, None, None, request.POST)
    if done(form, lambda: identifications.add(occurrence=occurrence, by=request.user, **form.said())):
        return back_to_sighting(occurrence)
    return sighting_page(request, occurrence.observation, {("identify", occurrence.pk): form})


@sent
def agree(request, id):
    """Say what somebody else says, in one press."""
    identification = get_object_or_404(Identification.objects.select_related("occurrence"), pk=id)
    seen(request, identification.occurrence.observation_id)
    try:
        identifications.agree(identification=identification, by=request.user)
    except ValidationError as refusal:
        messages.info(request, " ".join(refusal.messages))
    return back_to_sighting(identification.occurrence)


@sent
def withdraw(request, id):
    identification = get_object_or_404(Identification.objects.select_related("occurrence"), pk=id)
    seen(request, identification.occurrence.observation_id)
    identifications.withdraw(identification=identification, by=request.user)
    if request.POST.get("next"):
        return redirect(came_from(request))
    return back_to_sighting(identification.occurrence)


@sent
def withdraw_pass(request, id):
    passed = get_object_or_404(Pass.objects.select_related("occurrence"), pk=id)
    seen(request, passed.occurrence.observation_id)
    passes.withdraw(passed=passed, by=request.user)
    return back_to_sighting(passed.occurrence)


@sent_on(lambda request, id: back_to_sighting(seen_occurrence(request, id)))
def rule(request, id):
    occurrence = seen_occurrence(request, id)
    if not access.can_rule(request.user, occurrence):
        raise PermissionDenied("Only a reviewer rules, on published sightings of others.")
    form = RulingForm(request.POST, auto_id="r-%s")

    def act() -> None:
        try:
            rulings.rule(occurrence=occurrence, by=request.user, **form.ruling())
        except rulings.Unconfirmed as asked:
            form.ask_twice(asked.overruled.sentence)
            raise

    if done(form, act):
        return back_to_sighting(occurrence)
    return sighting_page(request, occurrence.observation, {("rule", occurrence.pk): form})


@sent
def withdraw_ruling(request, id):
    ruling = get_object_or_404(Ruling.objects.filter(occurrence__isnull=False), pk=id)
    occurrence = seen_occurrence(request, ruling.occurrence_id)
    rulings.withdraw(ruling=ruling, by=request.user)
    return back_to_sighting(occurrence)


@sent_on(lambda request, id: redirect(seen_photo(request, id).observation))
def flag(request, id):
    photo = seen_photo(request, id)
    form = FlagForm(request.POST, auto_id="flag-%s")
    if done(form, lambda: flags.raise_flag(photo=photo, by=request.user, **form.cleaned_data)):
        messages.success(request, "Noted. A reviewer will look at it.")
        return redirect("observation", id=photo.observation_id)
    return sighting_page(request, seen(request, photo.observation_id), {("flag", photo.pk): form}, photo.pk)


@sent_on(lambda request, id: redirect(seen(request, id)))
def add_occurrence(request, id):
    """A second organism in the same photos."""
    sighting = seen(request, id)
    among = list(sighting.photos.order_by("position", "created", "id"))
    form = SecondForm(request.POST, among=among, auto_id="second-%s")
    if done(form, lambda: occurrences.add(observation=sighting, by=request.user, **form.cleaned_data)):
        return redirect("observation", id=sighting.pk)
    return sighting_page(request, sighting, {("second", sighting.pk): form})


def sighting_page(request, observation: Observation, bound: dict | None = None, photo: UUID | None = None):
    """The page; with `bound` forms it says what is wrong in them, and nothing that was typed is gone."""
    page = observations_queries.observation_page(observation, request.user)
    wanted = str(photo or request.GET.get("photo", ""))
    context = observations.sighting(page, request.user, photo=wanted, bound=bound)
    shown.note(request, context["on_screen"])
    shown.note_threads(request, context["others_on_screen"])
    answer = render(request, "labeling/observation.html", context, status=refused(request) if bound else 200)
    if page.exact:
        patch_cache_control(answer, private=True, no_store=True)
    return answer


def seen(request, id) -> Observation:
    """A sighting this person may see; for all others there is none."""
    found = observations_queries.observation_of(id, request.user)
    if found is None:
        raise Http404("No such sighting.")
    return found


def seen_occurrence(request, id) -> Occurrence:
    occurrence = get_object_or_404(Occurrence, pk=id)
    occurrence.observation = seen(request, occurrence.observation_id)
    return occurrence


def seen_photo(request, id) -> Photo:
    return get_object_or_404(Photo.objects.visible_to(request.user).select_related("observation"), pk=id)
