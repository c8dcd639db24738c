"""Everything that is one person's own, table by table, as they take it away: what each is, and each of its columns.

Nothing of others is in it but what stands on pages for everybody: no address, and no place of theirs.
"""

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.apps import apps
from django.contrib.admin.models import LogEntry
from django.db.models import Q
from oauth2_provider.models import AccessToken, Application

from accounts.models import ApiToken, Grant, PersonEdit, User, Withheld
from home.queries.mine_said import OF_WORDS
from home.queries.own_table import WHEN, Column, Table, by, columns
from jobs.models import Job
from labeling.models import DraftWords, SignUp
from notices.models import Letter, Notification
from species.models import (
    BatchWithdrawal,
    Consent,
    Edit,
    ImportBatch,
    Measurement,
    Observation,
    Occurrence,
    Photo,
    Trip,
    TripEdit,
    TripPerson,
    Upload,
)
from webhooks.models import Endpoint


def tables() -> list[Table]:
    found = [*OF_THE_ACCOUNT, *OF_SIGHTINGS, *OF_WORDS]
    if apps.is_installed("research"):
        found.append(_datasets())
    return found


def _datasets() -> Table:
    return Table(
        "datasets",
        "Datasets that hold photos of yours. What is published stays as it is.",
        by(apps.get_model("research", "DatasetPerson"), "person"),
        columns(
            dataset="dataset_id: its id",
            title="dataset__title: how it is called",
            version="dataset__version: which version",
            frozen_at="dataset__frozen_at: when it was frozen, in UTC",
            photos="how many photos of yours are in it",
            trainable="from how many of these models may learn",
        ),
    )


OF_THE_ACCOUNT = [
    Table(
        "account",
        "You, and what your next photos start from.",
        lambda person: User.objects.filter(pk=person.pk),
        columns(
            id="your public id",
            email="your address",
            display_name="what you are called here",
            role="what you may do",
            licence="of new photos",
            privacy="of the places of new sightings",
            time_precision="of the times of new sightings",
            surroundings="of the photos of new sightings",
            consents_to_show="whether new photos are shown",
            consents_to_research="whether researchers may use them",
            consents_to_train="whether models may learn from them",
            standing="whether reviewers warned or suspended you",
            muted="what you don't want to be told",
            keys="keys of the labeling room that you changed",
            created="since when, in UTC",
            last_login="when you last logged in, in UTC",
        ),
    ),
    Table(
        "addresses",
        "Addresses of your account, and those that wait to be confirmed.",
        by(EmailAddress, "user"),
        columns(email="the address", verified="whether a link sent there was followed", primary="the one"),
    ),
    Table(
        "sessions",
        "Where you are logged in.",
        by(UserSession, "user"),
        columns(created_at="since when, in UTC", ip="from which address", user_agent="with which program"),
    ),
    Table(
        "second_factors",
        "What you log in with beside your password. The secrets stay here.",
        by(Authenticator, "user"),
        columns(
            type="of what kind",
            created_at="since when, in UTC",
            last_used_at="when it was last used, in UTC",
        ),
    ),
    Table(
        "withheld_photos",
        "When reviewers hid photos of yours.",
        by(Withheld, "user"),
        columns(
            since="those added from then on, in UTC; empty: all",
            until="those added until then, in UTC",
            ended_at="when they were shown again, in UTC",
        ),
    ),
    Table(
        "tokens",
        "Keys to the API. What they are is kept nowhere.",
        by(ApiToken, "user"),
        columns(
            name="what it is for",
            prefix="how it begins",
            scopes="what it may",
            created=WHEN,
            expires_at="when it ends, in UTC; empty: never",
            last_used_at="when it was last used, in UTC",
            revoked_at="when it was revoked, in UTC",
        ),
    ),
    Table(
        "apps_of_yours",
        "Programs of yours that others may let act for them.",
        by(Application, "user"),
        columns(
            name="how it is called",
            client_id="by which it is known here",
            redirect_uris="where people are sent back to",
            created=WHEN,
        ),
    ),
    Table(
        "apps_that_act_for_you",
        "Which apps you let act for you. What they show is kept nowhere.",
        by(AccessToken, "user"),
        columns(
            app="application__name: which",
            scope="what it may",
            created=WHEN,
            expires="when that ends, unless it asks anew, in UTC",
        ),
    ),
    Table(
        "grants_to_you",
        "What was opened to you: originals and exact places of others.",
        by(Grant, "user"),
        columns(
            scope="of what",
            purpose="what for",
            created=WHEN,
            until="until when, in UTC",
            revoked_at="when it was taken back, in UTC",
        ),
    ),
    Table(
        "notices",
        "What the site told you, as you were shown it.",
        by(Notification, "user"),
        columns(
            kind="of what kind", text="the sentence", url="where it leads", created=WHEN, read_at="when read"
        ),
    ),
    Table(
        "letters",
        "What you wrote to those who run the site.",
        by(Letter, "by"),
        columns(
            kind="what it is about",
            about="of which page",
            text="the words",
            name="how you called yourself",
            email="where to answer",
            created=WHEN,
            resolved_at="when it was dealt with, in UTC",
        ),
    ),
    Table(
        "jobs",
        "What worked for you in the background.",
        by(Job, "owner"),
        columns(
            id="its id",
            kind="what it did",
            title="how it was called",
            state="what became of it",
            message="its last sentence",
            created=WHEN,
            finished_at="when it ended, in UTC",
        ),
    ),
    Table(
        "webhooks",
        "Programs of yours that are told of things. Their secrets are not here.",
        by(Endpoint, "user"),
        columns(
            url="where it is told",
            description="what it is",
            events="of what",
            only_mine="whether only of what is yours",
            active="whether it is told",
            created=WHEN,
        ),
    ),
    Table(
        "account_edits",
        "What staff changed of your account.",
        by(PersonEdit, "person"),
        columns(before="what stood before", after="what stands since", created=WHEN),
    ),
    Table(
        "sign_up",
        "What is kept of how you signed up: digests, of no address.",
        by(SignUp, "person"),
        columns(network="the same for one network", burst="the same for accounts of one burst", created=WHEN),
    ),
    Table(
        "staff_log",
        "What you changed in the staff pages.",
        by(LogEntry, "user"),
        columns(
            action_time=WHEN,
            table="content_type__model: in which table",
            object_id="the id of the row",
            action_flag="1 added, 2 changed, 3 deleted",
        ),
    ),
]

OF_SIGHTINGS = [
    Table(
        "observations",
        "Your sightings, drafts and deleted ones included, with their exact places.",
        by(Observation, "observer"),
        columns(
            id="its public id",
            state="draft, published, withdrawn or kept",
            observed_at="in UTC; where utc_offset is empty, the hour on the wall",
            utc_offset="minutes east of UTC; empty: unknown",
            local_date="the day there",
            time_source="who said when",
            time_precision="how much of the time you let others know",
            latitude="exact, degrees of WGS 84",
            longitude="exact, degrees of WGS 84",
            uncertainty_m="metres",
            place_source="who said where",
            place="place__name: what the place is called",
            privacy="how much of the place you let others know",
            place_shown="how much of it they are told",
            place_rule="by which rule",
            public_latitude="what others are told",
            public_longitude="what others are told",
            surroundings="how much of its photos you let others see",
            trip="trip_id: on which trip",
            note="what you wrote",
            created=WHEN,
            published_at="when you sent it, in UTC",
            discarded_at="when you deleted it, in UTC",
            shown="whether everybody sees it",
        ),
    ),
    Table(
        "photos",
        "Your photos. The file originals/<id>.… is the one that you sent, as you sent it.",
        by(Photo, "owner"),
        columns(
            id="its public id, and the name of its file",
            observation="observation_id: of which sighting",
            position="its place among the photos of that",
            file_name="as you called it",
            media_type="of the file",
            file_size="bytes",
            sha256="of the file",
            width="pixels, upright",
            height="pixels, upright",
            licence="an SPDX id",
            credit="whom to name",
            metadata="what we read in the file",
            shown="whether everybody sees it",
            created="when you sent it, in UTC",
        ),
    ),
    Table(
        "uploads",
        "Photos that you began to send, until a day after that.",
        by(Upload, "owner"),
        columns(
            id="its id, and that of its photo",
            state="what became of it",
            file_name="as you called it",
            said="what you said of it",
            digest="the sha256 that you said it has",
            length="bytes of the whole",
            offset="bytes that arrived",
            refusal="why it was not taken",
            created=WHEN,
            expires="until when it is kept, in UTC",
        ),
    ),
    Table(
        "consents",
        "What was said of each photo's use, one row each time: the last one of a photo and a purpose stands.",
        by(Consent, "photo__owner"),
        columns(
            photo="photo_id: which photo",
            purpose="show, research or train",
            granted="yes or no",
            created=WHEN,
            superseded_at="when something else was said, in UTC; empty: it stands",
        )
        | {"by_you": Column("by", "whether it was you who said so", me=True)},
    ),
    Table(
        "occurrences",
        "Organisms of your sightings, and those that you added to others'.",
        lambda person: Occurrence.objects.filter(Q(observation__observer=person) | Q(added_by=person)),
        columns(
            id="its public id",
            observation="observation_id: of which sighting",
            organism_id="of the same individual, where that is known",
            establishment_means="how it came to live there",
            agreed="agreed_taxon__scientific_name: what people agree on",
            status="of the name",
            settled_at="since when, in UTC",
            created=WHEN,
        ),
    ),
    Table(
        "measurements",
        "What was measured of organisms of yours, and what you measured.",
        lambda person: Measurement.objects.filter(Q(occurrence__observation__observer=person) | Q(by=person)),
        columns(
            occurrence="occurrence_id: of which organism",
            kind="what",
            value="how much",
            unit="in what",
            method="how",
            created=WHEN,
        ),
    ),
    Table(
        "trips",
        "Your trips.",
        by(Trip, "person"),
        columns(
            id="its id",
            kind="of what kind",
            name="how it is called",
            place="place__name: where",
            started_at="in UTC",
            ended_at="in UTC",
            utc_offset="minutes east of UTC; empty: unknown",
            latitude="exact, degrees of WGS 84",
            longitude="exact, degrees of WGS 84",
            uncertainty_m="metres",
            privacy="how much of the place you let others know",
            time_precision="how much of the time you let others know",
            effort="what was done",
            gear="with what",
            people_count="how many you were",
            nothing_caught="whether you looked and there was nothing",
            created=WHEN,
            discarded_at="when you deleted it, in UTC",
            shown="whether everybody sees it",
        ),
    ),
    Table(
        "trip_targets",
        "What you looked for on your trips.",
        by(Trip.targets.through, "trip__person"),
        columns(trip="trip_id: on which trip", name="taxon__scientific_name: what"),
    ),
    Table(
        "trip_people",
        "Whom you named on your trips, and on whose trips you are named.",
        lambda person: TripPerson.objects.filter(Q(trip__person=person) | Q(person=person)),
        columns(
            trip="trip_id: which trip",
            of="trip__person__display_name: whose",
            name="person__display_name: who was along",
            created=WHEN,
            agreed_at="when they agreed, in UTC",
        )
        | {"you": Column("person", "whether it is you", me=True)},
    ),
    Table(
        "trip_edits",
        "What you changed of your trips, with what stood before.",
        by(TripEdit, "by"),
        columns(
            trip="trip_id: of which trip",
            before="what stood before",
            after="what stands since",
            created=WHEN,
        ),
    ),
    Table(
        "edits",
        "What was changed of your published sightings, with what stood before.",
        by(Edit, "observation__observer"),
        columns(
            observation="observation_id: of which sighting",
            before="what stood before",
            after="what stands since",
            created=WHEN,
        )
        | {"by_you": Column("by", "whether it was you", me=True)},
    ),
    Table(
        "draft_words",
        "What you typed into drafts and did not save yet.",
        by(DraftWords, "observation__observer"),
        columns(observation="observation_id: which draft", typed="field to texts"),
    ),
    Table(
        "imports",
        "Collections that you imported, and what you answered for.",
        by(ImportBatch, "operator"),
        columns(
            id="its id",
            source="source__display_name: of whom",
            licence="an SPDX id",
            credit="whom to name",
            consents="for what",
            created=WHEN,
        ),
    ),
    Table(
        "withdrawn_imports",
        "Imports that you withdrew.",
        by(BatchWithdrawal, "by"),
        columns(
            batch="batch_id: of which import", reason="why", created=WHEN, restored_at="when it was restored"
        ),
    ),
]
