"""What a large library is asked: every page, list and filter as somebody, every admin list, every query of a job."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from itertools import islice
from urllib.parse import parse_qs, quote, urlencode, urlsplit
from uuid import UUID

from django.contrib import admin
from django.db.models import Model, QuerySet
from django.test import Client, RequestFactory
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from benchmarks import world as worlds
from benchmarks.asking import Question, listening
from benchmarks.sightings import NOTED, noted
from config.pagination import NEWEST, OLDEST, Place
from jobs.models import Job
from labeling.actions import review_cases
from labeling.models import Suggestion, Verdict
from labeling.queries import identifications, leases, review, routing, suggestions, verdicts
from labeling.queries.verdicts import of_another_tree
from look.admin import PAGES
from research.models import Dataset
from research.queries import datasets
from research.queries import photos as freezable
from species import models as species
from species.places import cells, geoprivacy
from species.queries import taxa as taxon_queries

STRANGER, CONTRIBUTOR, LABELER, REVIEWER, ADMIN = "stranger", "contributor", "labeler", "reviewer", "admin"
WORKER = "worker"
# A name that holds at a million sightings, whatever the size: so tables of all sizes can be laid side by side.
OWNER, SKIPPER = "owner of 50,000 photos", "labeler who skipped 500"
CAST = {
    CONTRIBUTOR: worlds.CONTRIBUTOR, LABELER: worlds.LABELER, REVIEWER: worlds.REVIEWER, ADMIN: worlds.ADMIN,
    OWNER: worlds.OWNER, SKIPPER: worlds.SKIPPER,
}  # fmt: skip
TEXT = 100.0
PER_PAGE = 50  # of the admin and the API
WORLD, ALPS, PACIFIC = "-180,-90,180,90", "9.5,46.4,17.2,49", "-150,-10,-140,0"
LISTS = ("observations", "occurrences", "identifications", "boxes", "rulings", "taxa")
SMALL_LISTS = ("datasets", "models", "runs")
OWN_LISTS = ("flags", "jobs")


@dataclass(frozen=True)
class Known:
    """What the questions name, found in the library."""

    people: dict[str, User]
    typical: species.Observation
    eight: species.Observation
    river: species.Place
    unseen: species.Taxon
    middle: Place


def clients() -> dict[str, Client]:
    """A browser for everybody who asks."""
    found = {name: Client(raise_request_exception=False) for name in (STRANGER, WORKER)}
    for role, name in CAST.items():
        found[role] = Client(raise_request_exception=False)
        found[role].force_login(_person(name))
    return found


def known() -> Known:
    published = species.Observation.objects.published().order_by("listed_at", "id")
    middle = published[published.count() // 2]
    shown = species.Observation.objects.visible_to(None).filter(listed_at__gte=middle.listed_at)
    # As a list of a few hundred: some sort the whole library for the first of them.
    near = list(shown.order_by("listed_at", "id").prefetch_related("photos")[:400])
    busiest = Counter(each.place_id for each in near if each.place_id).most_common(1)[0][0]
    return Known(
        people={name: _person(name) for name in worlds.CAST},
        typical=next(each for each in near if each.photos.count() == 2 and each.occurrences.count() == 1),
        eight=next(each for each in near if each.photos.count() == 8),
        river=species.Place.objects.get(pk=busiest),
        unseen=species.Taxon.objects.order_by("-created").first() or species.Taxon(),
        middle=Place(OLDEST, True, middle.listed_at, middle.pk),
    )


def _person(name: str) -> User:
    return User.objects.get(email=f"{name}@{worlds.SITE}")


def everything(browsers: dict[str, Client]) -> list[Question]:
    found = known()
    return [
        *pages(found),
        *explore(found),
        *explore_map(found),
        *sightings(found),
        *people(found),
        *taxa(found),
        *api_lists(found, browsers[STRANGER]),
        *api_filters(found),
        *review_queues(),
        *admin_lists(),
        *jobs(found),
    ]


def pages(found: Known) -> Iterator[Question]:
    """Home and what else is neither a list of everybody's nor the admin."""
    yield Question("base", "ping", STRANGER, "/ping")
    for role in (STRANGER, CONTRIBUTOR, REVIEWER, ADMIN):
        yield Question("home", "home", role, "/")
    yield Question("home", "about", STRANGER, "/about")
    yield Question("base", "config", STRANGER, "/config")
    for role in (CONTRIBUTOR, LABELER, REVIEWER, ADMIN):
        yield Question("labeling room", "first", role, "/label")
    yield Question("labeling room", "after skipping 500", SKIPPER, "/label")
    for name, query in (
        ("common", "taxon=brown_trout"),
        ("rare", f"taxon={worlds.RARE}"),
        ("unnamed", "difficulty=unnamed"),
        ("disputed", "difficulty=disputed"),
        ("unsure", "difficulty=unsure"),
        ("Alps", f"bbox={ALPS}"),
    ):
        yield Question("labeling room", f"set: {name}", LABELER, f"/label?{query}")
    yield Question("labeling room", "what to work on", LABELER, "/label/sets")
    last = "?page=999999"
    yield Question("uploads", "ordinary person", CONTRIBUTOR, "/you/uploads")
    first = "50,000 photos, first page"
    yield Question("uploads", first, OWNER, "/you/uploads")
    yield Question("uploads", "50,000 photos, last page", OWNER, f"/you/uploads{last}", first=first)
    yield Question("uploads", "upload page", OWNER, "/upload")
    yield Question("jobs", "jobs", CONTRIBUTOR, "/jobs/")
    yield Question("jobs", "jobs", ADMIN, "/jobs/")
    yield Question("jobs", "jobs last page", ADMIN, f"/jobs/{last}", first="jobs")
    yield Question("datasets", "datasets", STRANGER, "/datasets/")
    yield Question("models", "models", STRANGER, "/models/")
    yield Question("models", "runs", STRANGER, "/runs/")
    yield Question("models", "models", ADMIN, "/models/")
    yield Question("notices", "notices", CONTRIBUTOR, "/notices/")
    yield Question("notices", "notices (5,000)", OWNER, "/notices/")
    yield Question("notices", "last page (5,000)", OWNER, f"/notices/{last}", first="notices (5,000)")
    yield Question("notices", "settings", CONTRIBUTOR, "/accounts/settings/")
    photo = found.typical.photos.all()[0]
    yield Question("datasets", "of a photo", ADMIN, f"/photos/{photo.pk}/datasets/")


def review_queues() -> Iterator[Question]:
    """Each queue of reviewers: its first, what comes after the middle of what waits, and its list."""
    yield Question("review", "queues", REVIEWER, "/review")
    by = _person(worlds.REVIEWER)
    for queue in review.QUEUES:
        yield Question("review", f"{queue}: first", REVIEWER, f"/review/{queue}")
        yield Question("review", f"{queue}: list", REVIEWER, f"/review/{queue}/list")
        rows = review.rows_after(queue, by, count=1000)
        if rows:
            far = rows[-1].key
            yield Question("review", f"{queue}: further on", REVIEWER, f"/review/{queue}?at={far}")
            yield Question(
                "review", f"{queue}: list further on", REVIEWER, f"/review/{queue}/list?after={far}"
            )


def explore(found: Known) -> Iterator[Question]:
    river, owner, small = found.river, found.people[worlds.OWNER], found.people[worlds.SMALL]
    today = timezone.now().date()
    since, week = today - timedelta(days=180), today - timedelta(days=187)
    valley = _box(river)

    def ask(
        name: str, role: str = STRANGER, *, text: bool = False, first: str = "", **query: object
    ) -> Question:
        more = {"budget": TEXT} if text else {}
        return Question(
            "explore", name, role, f"/explore?{urlencode(query)}".rstrip("?"), first=first, **more
        )

    for role in (STRANGER, CONTRIBUTOR, REVIEWER, ADMIN):
        yield ask("no filter", role)
    oldest = species.Occurrence.objects.published().order_by("listed_at", "id")[20]
    end = Place(NEWEST, True, oldest.listed_at, oldest.pk)
    yield ask("cursor middle", cursor=found.middle._replace(order=NEWEST).encode(), first="no filter")
    yield ask("cursor last page", cursor=end.encode(), first="no filter")
    for status in ("needs_id", "verified", "disputed"):
        yield ask(f"status={status}", status=status)
    yield ask("taxon brown trout", taxon="brown_trout")
    yield ask("taxon Salmonidae", taxon="salmonidae")
    yield ask("taxon rare (gila trout)", taxon=worlds.RARE)
    yield ask("taxon none (generated)", taxon=found.unseen.label)
    yield ask("q=brown trout", q="brown trout", text=True)
    yield ask("q=trout", q="trout", text=True)
    yield ask("q=river name", q=river.name, text=True)
    yield ask("q=person name", q=owner.display_name, text=True)
    yield ask("q=nonsense", q="zzyzx qqq", text=True)
    yield ask("q=one letter a", q="a", text=True)
    for share, number in (("15 %", 0), ("1 %", 24), ("0.1 %", 299), ("hardly any", NOTED - 1)):
        yield ask(f"q=noted of {share}", q=noted(number), text=True)
    yield ask("q+taxon", q="trout", taxon="brown_trout", text=True)
    yield ask("place=busy river", place=river.name, text=True)
    yield ask("place=nonsense", place="zzyzx", text=True)
    yield ask("who=uuid big", who=owner.pk)
    yield ask("who=uuid small", who=small.pk)
    yield ask("who=name", who=small.display_name, text=True)
    yield ask("who=nonsense", who="zzyzx", text=True)
    yield ask("since half a year", since=since)
    yield ask("between a week", since=week, until=since)
    yield Question("explore", "month=5,6", STRANGER, "/explore?month=5&month=6")
    for name, box in (("world", WORLD), ("Alps", ALPS), ("valley", valley), ("Pacific (empty)", PACIFIC)):
        yield ask(f"bbox {name}", bbox=box)
    yield ask("taxon+bbox+month+status", taxon="salmonidae", bbox=ALPS, month=7, status="verified")
    yield ask("q+bbox+since", q="trout", bbox=ALPS, since=since, text=True)
    for role in (CONTRIBUTOR, REVIEWER):
        yield ask("q=brown trout", role, q="brown trout", text=True)
        yield ask("taxon brown trout", role, taxon="brown_trout")
        yield ask("bbox valley", role, bbox=valley)


VIEWS = {
    "world": (WORLD, 2),
    "continent": ("-15,35,30,70", 4),
    "Alps": ("5,43,19,51", 6),
    "half the Alps": ("8,45,15,49", 7),
}
MAP = 25.0  # milliseconds


def explore_map(found: Known) -> Iterator[Question]:
    """Hexagons and points of views near and far, behind filters that counters know and others, and the cards."""
    river = found.river
    assert river.latitude is not None and river.longitude is not None
    near = f"{river.longitude - 0.5},{river.latitude - 0.2},{river.longitude + 0.5},{river.latitude + 0.2}"
    views = {**VIEWS, "valley": (near, 10), "bend": (_box(river), 12)}
    season = "taxon=salmonidae&status=verified&month=6&month=7"
    filters = {"all": "", "brown trout": "taxon=brown_trout", "Actinopterygii": "taxon=actinopterygii"}
    filters |= {"verified": "status=verified", "season": season, "rare": f"taxon={worlds.RARE}"}
    for place, (box, zoom) in views.items():
        for name, query in filters.items():
            path = f"/explore/cells?view={box}&zoom={zoom}&{query}".rstrip("&")
            yield Question("map", f"{place}, {name}", STRANGER, path, budget=MAP)
    alps, zoom = VIEWS["Alps"]
    since = (timezone.now() - timedelta(days=180)).date()
    small, river_name = found.people[worlds.SMALL].pk, quote(river.name)
    for name, query in {"since": f"since={since}", "who small": f"who={small}"}.items():
        yield Question("map", f"Alps, {name}", STRANGER, f"/explore/cells?view={alps}&zoom={zoom}&{query}")
    path = f"/explore/cells?view={alps}&zoom={zoom}&place={river_name}"
    yield Question("map", "Alps, place", STRANGER, path, budget=TEXT)
    cell = geoprivacy.h3_cells(river.latitude, river.longitude, (5,))[5]
    for resolution in (1, 3, 5):
        around = cells.parent(cell, resolution)
        for name, query in {"": "", ", brown trout": "&taxon=brown_trout"}.items():
            path = f"/explore/card?cell={around}{query}"
            yield Question("map", f"card of resolution {resolution}{name}", STRANGER, path)
        yield Question("map", f"photos of resolution {resolution}", STRANGER, f"/explore?cell={around}")
    yield Question("map", "page of a view", STRANGER, f"/explore?at={river.latitude},{river.longitude},8")
    for label in ("brown_trout", "actinopterygii", worlds.RARE):
        yield Question("map", f"range of {label}", STRANGER, f"/taxa/{label}/range", budget=MAP)


def _box(place: species.Place) -> str:
    assert place.latitude is not None and place.longitude is not None
    sides = (place.longitude - 0.15, place.latitude - 0.15, place.longitude + 0.15, place.latitude + 0.15)
    return ",".join(f"{side:.3f}" for side in sides)


def sightings(found: Known) -> Iterator[Question]:
    for role in (STRANGER, CONTRIBUTOR, OWNER, REVIEWER, ADMIN):
        yield Question("sighting page", "typical", role, f"/sightings/{found.typical.pk}")
        yield Question("sighting page", "8 photos", role, f"/sightings/{found.eight.pk}")


def people(found: Known) -> Iterator[Question]:
    """Of whoever found or named most, and of whoever did little of it."""
    for name in (worlds.OWNER, worlds.LABELER, worlds.SMALL):
        here = f"/people/{found.people[name].pk}"
        for page, path in {"found": here, "named": f"{here}/names", "used in": f"{here}/uses"}.items():
            yield Question("person", f"{name}, {page}", STRANGER, path)


def taxa(found: Known) -> Iterator[Question]:
    named = ("brown_trout", "salmonidae", "actinopterygii", worlds.RARE)
    for role in (STRANGER, CONTRIBUTOR):
        yield Question("taxon", "index of names", role, "/taxa/")
        yield Question("taxon", "search trout", role, "/taxa/?q=trout", budget=TEXT)
        yield Question("taxon", "proposals trout", role, "/taxa/proposals?q=trout", budget=TEXT)
        for label in named:
            yield Question("taxon", label, role, f"/taxa/{label}/")
    yield Question(
        "taxon", "brown_trout last page", STRANGER, "/taxa/brown_trout/?page=999999", first="brown_trout"
    )
    yield Question("taxon", "empty species", STRANGER, f"/taxa/{found.unseen.label}/")


def api_lists(found: Known, stranger: Client) -> Iterator[Question]:
    """Each list from its beginning, in the middle and at its end."""
    for role in (STRANGER, CONTRIBUTOR, REVIEWER, ADMIN):
        for name in (*LISTS, *SMALL_LISTS, *(OWN_LISTS if role != STRANGER else ())):
            yield Question(name, "list", role, f"/api/v1/{name}")
    for name in LISTS:
        path = f"/api/v1/{name}"
        yield Question(name, "page_size=200", STRANGER, f"{path}?page_size=200")
        middle = found.middle if name != "taxa" else _middle_taxon()
        for which, query in (("middle", _cursor(middle)), ("last page", _end(stranger, path))):
            yield Question(name, f"cursor {which}", STRANGER, f"{path}?{query}", first="list")


def _cursor(place: Place) -> str:
    return urlencode({"cursor": place.encode()})


def _middle_taxon() -> Place:
    rows = species.Taxon.objects.order_by("created", "id")
    row = rows[rows.count() // 2]
    return Place(OLDEST, True, row.created, row.pk)


def _end(stranger: Client, path: str) -> str:
    """The query of the last page: its place as the list names it from the other side, or that side itself, where it
    does not come in time or has one page.
    """
    newest = f"order={NEWEST}&page_size={PER_PAGE}"
    with listening():
        answer = stranger.get(f"{path}?{newest}")
    following = answer.json().get("next") if answer.status_code == 200 else None
    cursor = parse_qs(urlsplit(following or "").query).get("cursor")
    return _cursor(Place.decode(cursor[0])._replace(order=OLDEST)) if cursor else newest


def api_filters(found: Known) -> Iterator[Question]:
    people, today = found.people, timezone.now()
    owner, keen, none = people[worlds.OWNER].pk, people[worlds.LABELER].pk, people[worlds.SMALL].pk
    occurrence, photo = found.typical.occurrences.all()[0].pk, found.typical.photos.all()[0].pk
    valley, half = _box(found.river), (today - timedelta(days=180)).date()
    week = (today - timedelta(days=187)).date()
    hour, year = (quote((today - timedelta(days=days)).isoformat()) for days in (1, 365))
    asked = {
        "observations": {
            **{f"bbox {name}": f"bbox={box}" for name, box in _boxes(valley).items()},
            **{f"taxon {name}": f"taxon={name}" for name in ("brown_trout", "salmonidae", worlds.RARE)},
            **{f"status {name}": f"status={name}" for name in ("disputed", "verified")},
            "taxon+status": "taxon=brown_trout&status=disputed",
            "observer big": f"observer={owner}",
            "observer none": f"observer={UUID(int=1)}",
            "observed_from recent": f"observed_from={half}",
            "observed one week": f"observed_from={week}&observed_to={half}",
            "changed since a day": f"updated_since={hour}",
            "changed since a year": f"updated_since={year}",
            "state=draft": "state=draft",
            "bbox valley+taxon": f"bbox={valley}&taxon=brown_trout",
        },
        "occurrences": {
            **{f"status {name}": f"status={name}" for name in ("needs_id", "verified", "disputed")},
            **{f"taxon {name}": f"taxon={name}" for name in ("brown_trout", worlds.RARE, "salmonidae")},
            "taxon+status": "taxon=brown_trout&status=disputed",
            "observation": f"observation={found.typical.pk}",
            "changed since a day": f"updated_since={hour}",
            "changed since a year": f"updated_since={year}",
        },
        "identifications": {
            "occurrence": f"occurrence={occurrence}",
            "person keen": f"person={keen}",
            "person big": f"person={owner}",
            "person none": f"person={none}",
            "standing": "standing=true",
            "withdrawn": "standing=false",
            "changed since a day": f"updated_since={hour}",
            "changed since a year": f"updated_since={year}",
        },
        "boxes": {
            "occurrence": f"occurrence={occurrence}",
            "photo": f"photo={photo}",
            "person keen": f"person={keen}",
            "standing": "standing=true",
            "changed since a day": f"updated_since={hour}",
        },
        "rulings": {
            "occurrence": f"occurrence={occurrence}",
            "changed since a day": f"updated_since={hour}",
        },
        "datasets": {"photo": f"photo={photo}"},
        "taxa": {"search trout": "search=trout", "rank species": "rank=species"},
    }
    for name, queries in asked.items():
        for what, query in queries.items():
            budget = TEXT if "search" in what else 50.0
            yield Question(name, what, STRANGER, f"/api/v1/{name}?{query}", budget=budget)
    for what in ("bbox valley", "observer big", "state=draft"):
        for role in (CONTRIBUTOR, REVIEWER):
            query = asked["observations"][what]
            yield Question("observations", what, role, f"/api/v1/observations?{query}")
    yield Question("observations", "own drafts", OWNER, "/api/v1/observations?state=draft")
    for role in (STRANGER, CONTRIBUTOR):
        yield Question("observations", "one", role, f"/api/v1/observations/{found.typical.pk}")
        yield Question("occurrences", "one", role, f"/api/v1/occurrences/{occurrence}")
        yield Question("photos", "one", role, f"/api/v1/photos/{photo}")
    yield Question("jobs", "state=done", ADMIN, "/api/v1/jobs?state=done")
    yield Question("jobs", "kind=import", ADMIN, "/api/v1/jobs?kind=import")
    yield Question("flags", "open", REVIEWER, "/api/v1/flags?open=true")
    yield Question("flags", "photo", REVIEWER, f"/api/v1/flags?photo={photo}")


def _boxes(valley: str) -> dict[str, str]:
    return {"world": WORLD, "Alps": ALPS, "valley": valley, "empty": PACIFIC}


SHOWN_TO_REVIEWERS = ("Identification", "Observation", "Occurrence", "Photo")


def admin_lists() -> Iterator[Question]:
    """Every list of the admin, searched where it can be, its last page and one row of it."""
    yield Question("admin", "index", ADMIN, "/admin/")
    request = RequestFactory().get("/admin/")
    request.user = _person(worlds.ADMIN)
    for model, site in sorted(admin.site._registry.items(), key=lambda each: each[0]._meta.label):
        meta = model._meta
        name = meta.label
        path = reverse(f"admin:{meta.app_label}_{meta.model_name}_changelist")
        yield Question("admin", name, ADMIN, path)
        if meta.object_name in SHOWN_TO_REVIEWERS:
            yield Question("admin", name, REVIEWER, path)
        if site.search_fields:
            yield Question("admin", f"{name} ?q=trout", ADMIN, f"{path}?q=trout", budget=TEXT)
        count = model._default_manager.count()
        if count > 4 * PER_PAGE:
            # Nearly: drafts of others are not listed, and to count what is takes its time.
            last = min(int(count * 0.95) // site.list_per_page, PAGES)
            yield Question("admin", f"{name} last page", ADMIN, f"{path}?p={last}", first=name)
        row = next(iter(site.get_queryset(request).order_by()[:1]), None)
        if row is not None:
            one = reverse(f"admin:{meta.app_label}_{meta.model_name}_change", args=[row.pk])
            yield Question("admin", f"{name} one", ADMIN, one)


def jobs(found: Known) -> Iterator[Question]:
    """What workers ask the database every few seconds, and the first batch of what passes over everything."""

    def rows(name: str, query: QuerySet) -> Question:
        return Question("job", name, WORKER, query=partial(_first, query))

    tree = taxon_queries.tree()
    source = User.objects.get(email=f"source0@{worlds.SITE}")
    unseen = suggestions.photos_without_suggestions_from(worlds.SUGGESTS)
    yield rows("sweeper: due", Job.objects.due())
    yield rows("sweeper: expired", Job.objects.expired())
    yield rows("photos without suggestions: a batch", unseen.order_by("created", "id")[:500])
    yield Question("job", "photos without suggestions: count", WORKER, query=unseen.count)
    yield Question("job", "photos without suggestions: any", WORKER, query=unseen.exists)
    since = unseen.filter(observation__published_at__gt=timezone.now() - timedelta(days=1))
    yield Question("job", "photos without suggestions: any since", WORKER, query=since.exists)
    for model, name in ((Verdict, "verdicts"), (Suggestion, "suggestions")):
        left = of_another_tree(model.objects.all(), tree)
        yield Question("job", f"{name} of another tree: any", WORKER, query=left.exists)
    yield Question("job", "verdicts and suggestions not following", WORKER, query=verdicts.not_following)
    yield rows("shown of no photo", suggestions.shown_of_no_photo(timezone.now() - timedelta(days=365 * 5)))
    yield rows("settle anew: of a source", identifications.occurrences_of_source(source)[:500])
    named = identifications.occurrences_named([found.unseen.pk]).order_by("created", "id")
    yield rows("settle anew: named", named)
    labeler, skipper = (_person(each) for each in (worlds.LABELER, worlds.SKIPPER))
    for name, person in ((LABELER, labeler), (SKIPPER, skipper)):
        query = leases.next_for(person, None, timezone.now())[: leases.CHUNK]
        yield Question("job", "tasks: next", name, query=partial(_first, query))
        yield Question("job", "tasks: gold", name, query=partial(leases.gold_for, person))
    yield Question("job", "routing: anything to do", WORKER, query=routing.anything_to_do)
    yield Question("job", "routing: no more named", WORKER, query=partial(routing.quiet, timezone.now()))
    yield Question(
        "job", "routing: left open", WORKER, query=lambda: list(routing.left_open(timezone.now(), []))
    )
    yield Question("job", "review: anything new", WORKER, query=review_cases.anything_new)
    middle, now = (found.middle.moment, found.middle.id), timezone.now()
    for name, search in review_cases.SEARCHES.items():
        yield rows(f"review: {name}", search(middle, now)[: review_cases.BATCH])
    yield rows("drafts set aside", species.Observation.objects.filter(discarded_at__lt=timezone.now()))
    yield Question("job", "freeze: left out", WORKER, query=freezable.left_out, budget=None)
    yield Question(
        "job", "freeze: a batch", WORKER, query=lambda: list(islice(freezable.gather(), 100)), budget=None
    )
    newest = Dataset.objects.order_by("version").last()
    if newest is not None:
        withdrawn = partial(datasets.train_withdrawn, newest)
        yield Question("job", "train: withdrawn since the freeze", WORKER, query=withdrawn, budget=None)


def _first(query: QuerySet[Model]) -> list[Model]:
    fresh = query.all()  # what was asked before stays in `query`
    return list(fresh if query.query.is_sliced else fresh[:500])
