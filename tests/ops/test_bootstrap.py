import stat

import pytest
from django.core.management import CommandError, call_command

from accounts.models import Role, User
from jobs.models import Job
from jobs.worker import run_due
from labeling.models import Identification
from look.site import site
from ml.models import TrainingRun
from ops.management.commands.bootstrap import licence_beside
from research.models import Dataset
from species.models import Observation, Photo, Taxon
from species.queries import waters

MIT = "MIT License\n\nCopyright (c) 2017 Some Body\n\nPermission is hereby granted"


@pytest.fixture
def collection(tmp_path):
    folder = tmp_path / "brook-camera"
    folder.mkdir()
    (folder / "LICENSE").write_text(MIT)
    return folder


@pytest.fixture(autouse=True)
def var(settings, tmp_path):
    settings.VAR = tmp_path / "var"
    settings.VAR.mkdir()
    settings.DRAWINGS = 0
    return settings.VAR


def test_an_empty_site_gets_an_admin_and_names(db, var, capsys):
    call_command("bootstrap")
    admin = User.objects.get(role=Role.ADMIN)
    password = (var / "admin_password").read_text().strip()
    assert admin.check_password(password)
    assert stat.S_IMODE((var / "admin_password").stat().st_mode) == 0o600
    assert capsys.readouterr().out.count(password) == 1
    assert Taxon.objects.filter(label="rainbow_trout").exists()
    assert not Job.objects.exists()


def test_again_changes_nothing_and_prints_no_password(db, var, capsys):
    call_command("bootstrap")
    password = (var / "admin_password").read_text().strip()
    capsys.readouterr()
    call_command("bootstrap")
    assert User.objects.count() == 1
    assert password not in capsys.readouterr().out


def test_data_becomes_one_chain_of_jobs(db, collection):
    call_command("bootstrap", data=collection)
    chain = list(Job.objects.order_by("created", "id"))
    first = ["import", "freeze", "train", "promote_first", "suggest", "train"]
    assert [job.kind for job in chain] == [*first, "train", "train", "promote_better", "suggest"]
    assert chain[0].after is None
    assert [job.after_id for job in chain[1:]] == [job.pk for job in chain[:-1]]
    assert chain[0].arguments["license"] == "MIT"
    assert chain[0].arguments["credit"] == "© 2017 Some Body"
    assert chain[0].arguments["source"] == "brook-camera"
    assert chain[0].arguments["consents"] == ["show", "research", "train"]
    assert chain[0].arguments["trust"] is True
    assert Dataset.objects.get().state == Dataset.State.FREEZING
    runs = list(TrainingRun.objects.order_by("created", "id").values_list("kind", "options"))
    assert runs == [
        ("model", {"recipe": "frozen"}),
        ("kfold", {"recipe": "frozen", "kfold": 5}),
        ("kfold", {"kfold": 3}),
        ("model", {}),
    ]


def test_who_says_how_to_train_is_obeyed_and_nothing_better_is_looked_for(db, settings, collection):
    settings.TRAIN_OPTIONS = {"epochs_unfrozen": 1}
    call_command("bootstrap", data=collection)
    assert [job.kind for job in Job.objects.order_by("created", "id")][-2:] == ["suggest", "train"]
    assert [run.options for run in TrainingRun.objects.order_by("created", "id")] == [
        {"epochs_unfrozen": 1},
        {"epochs_unfrozen": 1, "kfold": 5},
    ]


def test_without_data_an_empty_site_draws_its_library(db, settings, var, tree, ada):
    settings.DRAWINGS = 30
    call_command("bootstrap")
    chain = list(Job.objects.order_by("created", "id"))
    assert [job.kind for job in chain][:3] == ["draw", "import", "freeze"]
    assert [job.after_id for job in chain[1:]] == [job.pk for job in chain[:-1]]
    call_command("bootstrap")
    assert Job.objects.count() == len(chain)
    assert run_due(limit=2) == 2
    assert Photo.objects.filter(drawn=True).count() == Photo.objects.count() == 30
    people = {str(each.observer) for each in Observation.objects.select_related("observer")}
    assert len(people) > 1 and "Drawn library" not in people
    assert Identification.objects.exclude(person__in=Observation.objects.values("observer")).exists()


def test_a_subject_nobody_can_draw_begins_empty(db, settings, monkeypatch):
    settings.DRAWINGS = 30
    monkeypatch.setitem(site(), "drawings", "")
    call_command("bootstrap")
    assert not Job.objects.exists()


def test_the_reviewer_and_the_reason_for_trust_are_passed_on(db, collection, rita):
    call_command(
        "bootstrap", data=collection, trust="The weir", by="Rita@example.org", reason="Named in hand."
    )
    said = Job.objects.get(kind="import").arguments
    assert (said["source"], said["trust"], said["reason"]) == ("The weir", True, "Named in hand.")
    assert said["by"] == str(rita.pk)


@pytest.mark.parametrize(
    ("more", "why"),
    [
        ({"by": "nobody@example.org"}, "No reviewer here"),
        ({"by": "alice@example.org"}, "No reviewer here"),
        ({"source": "A", "trust": "B"}, "which is it"),
    ],
)
def test_what_cannot_be_passed_on_is_said_and_nothing_begins(db, collection, alice, more, why):
    with pytest.raises(CommandError, match=why):
        call_command("bootstrap", data=collection, **more)
    assert not Job.objects.exists()


def test_data_is_left_alone_the_second_time(db, collection, capsys):
    call_command("bootstrap", data=collection)
    call_command("bootstrap", data=collection)
    assert Job.objects.filter(kind="import").count() == 1
    assert "left alone" in capsys.readouterr().out


def test_a_collection_without_a_known_licence_is_asked_about(db, tmp_path):
    folder = tmp_path / "unknown"
    folder.mkdir()
    with pytest.raises(CommandError, match="LICENSE=<SPDX id>"):
        call_command("bootstrap", data=folder)
    assert not Job.objects.exists()
    call_command("bootstrap", data=folder, license="CC-BY-4.0", credit="Somebody")
    assert Job.objects.get(kind="import").arguments["license"] == "CC-BY-4.0"


@pytest.mark.parametrize(
    ("text", "spdx"),
    [
        (MIT, "MIT"),
        ("Creative Commons Attribution 4.0 International", "CC-BY-4.0"),
        ("Creative Commons Attribution-NonCommercial 4.0 International", "CC-BY-NC-4.0"),
        ("CC0 1.0 Universal", "CC0-1.0"),
        ("All rights reserved.", ""),
    ],
)
def test_licences_are_known_by_their_titles(tmp_path, text, spdx):
    (tmp_path / "LICENSE").write_text(text)
    assert licence_beside(tmp_path)[0] == spdx


def other_waters(tmp_path, settings, text: str):
    """A site.yaml whose waters are these."""
    (tmp_path / "waters.geojson").write_text(text)
    said = settings.SITE_FILE.read_text().replace("data/waters/trout.geojson", "waters.geojson")
    settings.SITE_FILE = tmp_path / "site.yaml"
    settings.SITE_FILE.write_text(said.replace("data/taxa", str(settings.ROOT / "data" / "taxa")))


def test_the_subjects_waters_are_made_ready_once(db, capsys):
    call_command("bootstrap")
    assert "cut into squares" in capsys.readouterr().out
    assert waters.version()
    call_command("bootstrap")
    assert "cut into squares" not in capsys.readouterr().out


def test_waters_that_cannot_be_read_stop_the_start_and_say_why(db, tmp_path, settings):
    other_waters(
        tmp_path, settings, '{"features": [{"geometry": {"type": "Point", "coordinates": [500, 1]}}]}'
    )
    with pytest.raises(CommandError, match="Feature 1 of waters.geojson"):
        call_command("bootstrap")
    assert waters.version() == ""
