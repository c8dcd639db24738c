"""What somebody said here, as they take it away (`home.queries.mine`)."""

from home.queries.own_table import BACK, WHEN, Table, by, columns, in_a_box
from labeling.models import (
    AllBoxed,
    Box,
    Campaign,
    Comment,
    CommentReport,
    FieldMark,
    Flag,
    FoundRight,
    Identification,
    Pass,
    ReviewAct,
    Ruling,
    SetAnswer,
    ShownSuggestion,
    ShownThread,
)
from species.models import PlaceEdit, TaxonChange, TaxonEdit

OF_WORDS = [
    Table(
        "identifications",
        "What you said it is.",
        by(Identification, "person"),
        columns(
            id="its public id",
            occurrence="occurrence_id: of which organism",
            taxon="taxon__scientific_name: the name",
            confidence="how sure you were",
            disagrees_with="disagrees_with__scientific_name: the name you rejected",
            cannot_improve="whether nobody can tell more, you said",
            note="what you wrote",
            model_on_screen="the model whose guess you had in sight",
            others_on_screen="whether you had others' names in sight; empty: nobody knows",
            created=WHEN,
            withdrawn_at=BACK,
        ),
    ),
    Table(
        "boxes",
        "Rectangles that you drew.",
        by(Box, "person"),
        columns(occurrence="occurrence_id: around which organism", photo="photo_id: on which photo")
        | columns(**in_a_box(), created=WHEN, withdrawn_at=BACK),
    ),
    Table(
        "all_boxed",
        "Photos of which you said that every organism has a box.",
        by(AllBoxed, "person"),
        columns(photo="photo_id: which photo", created=WHEN, withdrawn_at=BACK),
    ),
    Table(
        "field_marks",
        "What you pointed at.",
        by(FieldMark, "person"),
        columns(
            occurrence="occurrence_id: on which organism",
            photo="photo_id: on which photo",
            mark="what it is",
            taxon="taxon__scientific_name: of which name it is a mark",
            x="a fraction of the upright photo's width",
            y="a fraction of its height",
            created=WHEN,
            withdrawn_at=BACK,
        ),
    ),
    Table(
        "comments",
        "What you wrote about sightings.",
        by(Comment, "person"),
        columns(
            id="its public id",
            observation="observation_id: about which sighting",
            text="the words; empty once they are taken back",
            created=WHEN,
            edited_at="when you last changed it, in UTC",
            withdrawn_at=BACK,
            hidden_at="when a reviewer hid it, in UTC",
            hidden_because="why",
        ),
    ),
    Table(
        "comment_reports",
        "Comments that you reported.",
        by(CommentReport, "by"),
        columns(
            comment="comment_id: which", reason="why", created=WHEN, resolved_at="when a reviewer looked"
        ),
    ),
    Table(
        "flags",
        "What you pointed out about photos.",
        by(Flag, "by"),
        columns(
            photo="photo_id: which photo",
            kind="what is wrong",
            reason="what you wrote",
            created=WHEN,
            resolved_at="when it was dealt with, in UTC",
        ),
    ),
    Table(
        "passes",
        "What you passed over, and why.",
        by(Pass, "person"),
        columns(
            occurrence="occurrence_id: which organism",
            kind="what you said instead of a name",
            reason="why",
            created=WHEN,
            withdrawn_at=BACK,
        ),
    ),
    Table(
        "rulings",
        "What you decided as a reviewer.",
        by(Ruling, "reviewer"),
        columns(
            occurrence="occurrence_id: of which organism",
            source="source__display_name: of which collection, where it is trusted as a whole",
            taxon="taxon__scientific_name: the name; empty: it can't be settled",
            reason="why",
            created=WHEN,
            withdrawn_at=BACK,
        ),
    ),
    Table(
        "set_answers",
        "What you worked on in sets and campaigns.",
        by(SetAnswer, "person"),
        columns(
            occurrence="occurrence_id: which organism",
            query="the set",
            campaign="campaign__slug: the campaign",
            created=WHEN,
        ),
    ),
    Table(
        "campaigns",
        "Campaigns that you began.",
        by(Campaign, "by"),
        columns(
            slug="its word", name="how it is called", words="what it is for", query="the set", goal="how many"
        ),
    ),
    Table(
        "seen_suggestions",
        "Models' guesses that you were shown.",
        by(ShownSuggestion, "person"),
        columns(source="which model's", created=WHEN),
    ),
    Table(
        "seen_names",
        "Organisms of which you were shown what others say.",
        by(ShownThread, "person"),
        columns(occurrence="occurrence_id: which organism", created=WHEN),
    ),
    Table(
        "found_right",
        "Names that you found right as a reviewer.",
        by(FoundRight, "by"),
        columns(
            occurrence="occurrence_id: of which organism",
            status="of the name then",
            taxon="taxon__scientific_name: the name",
            created=WHEN,
            withdrawn_at=BACK,
        ),
    ),
    Table(
        "review_acts",
        "What you did on the review page.",
        by(ReviewAct, "by"),
        columns(
            kind="what",
            queue="in which queue",
            reason="why",
            created=WHEN,
            undone_at="when you undid it, in UTC",
        ),
    ),
    Table(
        "name_edits",
        "Names of the tree that you changed.",
        by(TaxonEdit, "by"),
        columns(
            taxon="taxon__scientific_name: which name",
            before="what stood before",
            after="what stands since",
            created=WHEN,
        ),
    ),
    Table(
        "place_edits",
        "Named places that you changed.",
        by(PlaceEdit, "by"),
        columns(
            place="place__name: which place",
            before="what stood before",
            after="what stands since",
            created=WHEN,
        ),
    ),
    Table(
        "name_changes",
        "Merges, splits and swaps of names that you proposed.",
        by(TaxonChange, "by"),
        columns(
            kind="what", state="what became of it", reason="why", source="where it is published", created=WHEN
        ),
    ),
]
