"""What staff change of an account is a row with what stood before and after; addresses are none of it."""

import pytest
from django.urls import reverse

from accounts import actions
from accounts.models import PersonEdit, Role


def test_a_role_that_is_given(ada, alice):
    actions.set_role(user=alice, role=Role.REVIEWER, by=ada)
    edit = PersonEdit.objects.get()
    assert (edit.person, edit.by) == (alice, ada)
    assert (edit.before, edit.after) == ({"role": "contributor"}, {"role": "reviewer"})
    actions.set_role(user=alice, role=Role.REVIEWER, by=ada)
    assert PersonEdit.objects.count() == 1, "nothing was changed"


def test_the_form_of_the_admin(client, ada, alice):
    client.force_login(ada)
    said = {
        "email": "elsewhere@example.org",
        "display_name": "Alicia",
        "role": "contributor",
        "licence": alice.licence,
    }
    answer = client.post(reverse("admin:accounts_user_change", args=[alice.pk]), said | {"is_active": "on"})
    assert answer.status_code == 302, answer.context["adminform"].form.errors
    edit = PersonEdit.objects.get()
    assert (edit.before, edit.after, edit.by) == ({"display_name": "Alice"}, {"display_name": "Alicia"}, ada)


@pytest.mark.parametrize("who", ["nobody", "alice", "bob", "charlie", "rita", "ada"])
def test_admins_read_it(client, request, ada, alice, who):
    actions.set_role(user=alice, role=Role.RESEARCHER, by=ada)
    if who != "nobody":
        client.force_login(request.getfixturevalue(who))
    answer = client.get(reverse("admin:accounts_personedit_changelist"))
    assert (answer.status_code == 200) == (who == "ada")
