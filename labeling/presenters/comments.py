"""What people write about a sighting: the context of `labeling/_comments.html`."""

from collections.abc import Iterable

from accounts.models import User
from labeling import access
from labeling.actions.comments import is_editable
from labeling.forms.comments import CommentForm, HideForm, ReportForm
from labeling.models import Comment
from labeling.presenters import threads
from labeling.queries.comments import pieces
from species.models import Observation


def comments(
    rows: Iterable[Comment],
    observation: Observation,
    people: Iterable[User],
    person,
    *,
    may_comment: bool,
    bound: dict,
) -> dict:
    """`people`: who can be mentioned; `bound`: forms with errors, by (kind, id of what it is about)."""
    people = list(people)
    told = []
    for each in rows:
        each.observation = observation
        told.append(_comment(each, people, person, may_comment, bound))
    return {
        "standing": [each for each in told if not each["gone"]],
        "gone": [each for each in told if each["gone"]],
        "count": sum(not each["gone"] for each in told),
        "form": (bound.get(("comment", observation.pk)) or CommentForm(auto_id="comment-%s"))
        if may_comment
        else None,
    }


def others_name_it(rows: Iterable[Comment], person) -> bool:
    """Whether this reader has a comment of somebody else in sight that holds the name of a taxon."""
    return any(
        each.names_taxon
        and not (person is not None and each.person_id == person.pk)
        and access.can_read(person, each)
        for each in rows
    )


def _comment(each: Comment, people: list[User], person, may_comment: bool, bound: dict) -> dict:
    own = person is not None and each.person_id == person.pk
    gone, hidden = each.withdrawn_at is not None, each.hidden_at is not None
    readable = access.can_read(person, each) and not gone
    moderates = not gone and access.can_moderate(person, each)
    key = f"{each.pk.hex[:8]}-%s"
    return {
        "id": each.pk,
        "who": threads.who(each.person, person),
        "url": threads.by(each.person),
        **threads.when(each.created),
        "gone": gone,
        "edited": each.edited_at is not None and not gone,
        "hidden": hidden,
        "hidden_because": each.hidden_because,
        "pieces": [
            {"text": piece.text, "url": threads.by(piece.people[0]) if len(piece.people) == 1 else ""}
            for piece in (pieces(each.text, people) if readable else [])
        ],
        "reported": each.reported if moderates else 0,
        "may_withdraw": own and not gone,
        "edit_form": bound.get(("edit", each.pk))
        or (
            CommentForm(initial={"text": each.text}, auto_id=f"e{key}") if own and is_editable(each) else None
        ),
        "report_form": bound.get(("report", each.pk))
        or (ReportForm(auto_id=f"p{key}") if may_comment and not own and not gone and not hidden else None),
        "hide_form": bound.get(("hide", each.pk)) or (HideForm(auto_id=f"h{key}") if moderates else None),
    }
