"""Whose sighting it is hears what others say of it: one notice per sighting that grows, of nobody's own acts. So do
those of what is written there whom that mentions, or who wrote there before.
"""

from collections.abc import Iterable, Mapping
from uuid import UUID

from django.urls import reverse

from accounts.models import News, User
from labeling.models import Comment, CommentReport, Identification, Routing, Ruling
from labeling.queries.comments import mentioned, people_here
from notices.actions import notify, renew_each
from species.models import Observation, Occurrence, Status, Taxon

VERDICTS = {
    Status.DISPUTED: "; people disagree",
    Status.UNRESOLVABLE: "; it can’t be settled",
}
# What a verdict is news of where it has just changed.
VERDICT_NEWS: dict[str, News] = {
    Status.VERIFIED: News.SETTLED,
    Status.UNRESOLVABLE: News.SETTLED,
    Status.DISPUTED: News.DISPUTED,
}


def tell_observer(*, occurrence: Occurrence, by: User, before: str, news: str = "") -> None:
    """Tell what stands on their sighting, after `by` has said or taken back something and it was settled.

    `before`: its status until then; `news`: a sentence that what stands does not show. The caller holds the occurrence.
    """
    observation = occurrence.observation
    observer = observation.observer
    if observer.pk == by.pk or observer.is_source or not observer.is_active:
        return
    text = " ".join(filter(None, [news, _said(occurrence, observer, by), _ruled(occurrence, observer)]))
    notify(
        user=observer,
        kind=VERDICT_NEWS.get(occurrence.status, News.NAMED) if occurrence.status != before else News.NAMED,
        text=text or f"{by} took back what they said of your sighting.",
        url=f"{observation.get_absolute_url()}#o-{occurrence.pk}",  # type: ignore[attr-defined]  # ABSOLUTE_URL_OVERRIDES
        about=_matter(observation),
    )


def tell_routed(*, routing: Routing) -> None:
    """Tell whose sighting it is who looks at it now; what came of it is told as everything that is said of it. The
    caller holds it."""
    occurrence, reviewer = routing.occurrence, routing.reviewer
    observation = occurrence.observation
    observer = observation.observer
    if observer.pk == reviewer.pk or observer.is_source or not observer.is_active:
        return
    said = _said(occurrence, observer, reviewer)
    notify(
        user=observer,
        kind=News.ROUTED,
        text=f"{said} {reviewer} was asked to look at it."
        if said
        else f"{reviewer} was asked to look at your sighting.",
        url=f"{observation.get_absolute_url()}#o-{occurrence.pk}",  # type: ignore[attr-defined]  # ABSOLUTE_URL_OVERRIDES
        about=_matter(observation),
    )


def tell_reviewers(*, people: Mapping[UUID, int]) -> None:
    """Tell each of them how many were just routed to them: one notice, whatever it said before."""
    texts = {
        person: f"{count} sighting{'s were' if count > 1 else ' was'} routed to you to look at."
        for person, count in people.items()
        if count
    }
    renew_each(
        texts=texts, kind="routed_to_me", url=reverse("review_queue", args=["routed"]), about="routed_to_me"
    )


def tell_overruled(*, ruling: Ruling, people: Iterable[User]) -> None:
    """Tell those who said otherwise what a reviewer ruled, and why."""
    observation = ruling.occurrence.observation  # type: ignore[union-attr]  # on one occurrence
    name = ruling.taxon.said if ruling.taxon else "it can’t be settled"
    for person in people:
        if _may_hear(person, observation):
            notify(
                user=person,
                kind="ruling",
                text=f"{ruling.reviewer} ruled otherwise than you said: {name}. {ruling.reason}",
                url=f"{observation.get_absolute_url()}#o-{ruling.occurrence_id}",  # type: ignore[attr-defined,union-attr]
                about=_matter(observation),
            )


def tell_who_named(*, observation: Observation) -> None:
    """Tell others that what they have named is gone, once it can no longer be had back; and whose it was, where
    an admin deleted it. The caller holds it.
    """
    observer = observation.observer
    deletion = observation.edits.filter(after__deleted=True).select_related("by").last()
    by = deletion.by if deletion else observer
    standing = Identification.objects.filter(occurrence__observation=observation, withdrawn_at=None)
    texts = {
        each.person: f"{by} deleted the photos that you had named {each.taxon.said}."
        for each in standing.select_related("person", "taxon")
    }
    texts[observer] = f"{by} deleted your sighting." if by.pk != observer.pk else ""
    for person, text in texts.items():
        if text and person.pk != by.pk and person.is_active and not person.is_source:
            notify(user=person, kind="sighting", text=text, about=f"deleted:{observation.pk}")


def tell_of_comment(*, comment: Comment, before: str | None = None) -> None:
    """Tell whose sighting it is, whom it mentions, and who wrote there before; of one that said `before` what it says
    no more, only whom it mentions now. Nobody hears of what they may not see. The caller holds the sighting.
    """
    observation = comment.observation
    here = {each.pk: each for each in people_here(observation)}
    standing = list(
        Comment.objects.filter(observation=observation, withdrawn_at=None, hidden_at=None).order_by(
            "created", "id"
        )
    )
    mentions = {each.pk: mentioned(each.text, here.values()) for each in standing}
    hearing = set(mentions.get(comment.pk, ()))
    if before is None:
        hearing |= {observation.observer_id} | {each.person_id for each in standing}
    else:
        hearing = hearing - mentioned(before, here.values())
    texts = {}
    for pk in hearing - {comment.person_id}:
        reader = here.get(pk)
        if reader is not None and _may_hear(reader, observation):
            texts[pk] = _commented(comment, reader, standing, mentions)
    renew_each(
        texts=texts,
        kind=News.COMMENT,
        url=f"{observation.get_absolute_url()}#comments",  # type: ignore[attr-defined]
        about=_matter(observation),
    )


def tell_writer(*, comment: Comment, text: str, by: User) -> None:
    """Tell who wrote it what a reviewer did with it."""
    _tell_of_moderation(comment, comment.person, text, by)


def tell_reporter(*, report: CommentReport, text: str, by: User) -> None:
    _tell_of_moderation(report.comment, report.by, text, by)


def _tell_of_moderation(comment: Comment, reader: User, text: str, by: User) -> None:
    if reader.pk != by.pk and _may_hear(reader, comment.observation):
        url = f"{comment.observation.get_absolute_url()}#c-{comment.pk}"  # type: ignore[attr-defined]
        notify(user=reader, kind="moderation", text=text, url=url, about=f"comment:{comment.pk}")


def _matter(observation: Observation) -> str:
    """One line a sighting: its newest news takes the place of what was said of it before."""
    return f"observation:{observation.pk}"


def _may_hear(reader: User, observation: Observation) -> bool:
    if not reader.is_active or reader.is_source:
        return False
    return observation.shown or Observation.objects.visible_to(reader).filter(pk=observation.pk).exists()


def _commented(
    comment: Comment, reader: User, standing: list[Comment], mentions: dict[UUID, set[UUID]]
) -> str:
    """What was written since they wrote last; no words of it, which may be taken back before this is read."""
    own = [each.created for each in standing if each.person_id == reader.pk]
    new = [each for each in standing if each.person_id != reader.pk and (not own or each.created > own[-1])]
    is_observer = reader.pk == comment.observation.observer_id
    if not (own or is_observer):
        new = [each for each in new if reader.pk in mentions[each.pk]]
    others = len({each.person_id for each in new} | {comment.person_id}) - 1
    who = str(comment.person) + (f" and {others} other{'s' if others > 1 else ''}" if others else "")
    if is_observer:
        where = "your sighting"
    else:
        where = "a sighting that you commented on" if own else "a sighting where you said something"
    also = ", and you are mentioned" if any(reader.pk in mentions[each.pk] for each in new) else ""
    return f"{who} commented on {where}{also}."


def _said(occurrence: Occurrence, observer: User, by: User) -> str:
    """Such as: 3 people named your sighting, now verified as brown trout."""
    standing = Identification.objects.filter(
        occurrence__observation=occurrence.observation_id, withdrawn_at=None
    ).exclude(person=observer)
    names = list(standing.order_by().values_list("person", "taxon"))
    people = {person for person, _ in names}
    if not people:
        return ""
    if len(people) > 1:
        who = f"{len(people)} people"
    else:
        who = str(by if by.pk in people else User.objects.get(pk=names[0][0]))
    name = f" {Taxon.objects.get(pk=names[0][1]).said}" if len(names) == 1 else ""
    said = f"{who} named your sighting{name}"
    if occurrence.status == Status.VERIFIED and occurrence.agreed_taxon:
        return f"{said}, now verified as {occurrence.agreed_taxon.said}."
    return f"{said}{VERDICTS.get(Status(occurrence.status), '')}."


def _ruled(occurrence: Occurrence, observer: User) -> str:
    if not (occurrence.agreement or {}).get("ruled"):
        return ""
    standing = Ruling.objects.filter(occurrence=occurrence, withdrawn_at=None).exclude(reviewer=observer)
    ruling = standing.select_related("reviewer", "taxon").first()
    if ruling is None:
        return ""
    name = ruling.taxon.said if ruling.taxon else "it can’t be settled"
    return f"{ruling.reviewer} ruled on your sighting: {name}. {ruling.reason}"
