"""Addresses in their one form, one an account, none of them primary before it is confirmed; names without what
nobody sees. An account whose address cannot be written so, or is another's by now, waits for an admin to give it one.
"""

from django.db import migrations

from accounts import addresses, names


def settle(apps, schema_editor):
    User = apps.get_model("accounts", "User")
    EmailAddress = apps.get_model("account", "EmailAddress")
    taken = set()
    # Those who stand in that form already keep it, whoever else looked like them.
    for user in sorted(User.objects.order_by("created", "id"), key=lambda user: not user.email.isascii()):
        rows = EmailAddress.objects.filter(user_id=user.pk)
        # Sign-up has always made a row: an account without one was made by whoever runs the site.
        confirmed = not rows.exists() or rows.filter(email=user.email, verified=True).exists()
        user.email, confirmed = settled(user, taken, confirmed)
        taken.add(user.email)
        user.display_name = shown(user)
        user.save(update_fields=["email", "display_name"])
        rows.delete()
        if not user.email.endswith(".invalid"):
            EmailAddress.objects.create(
                user_id=user.pk, email=user.email, verified=confirmed, primary=confirmed
            )


def settled(user, taken, confirmed):
    try:
        email = addresses.normal(user.email)
    except ValueError:
        email = None
    if email is None or email in taken:
        return f"{user.pk}@without-address.invalid", False
    return email, confirmed


def shown(user):
    try:
        return names.clean(user.display_name)
    except ValueError:
        return names.tidy(user.display_name)[: names.LONGEST] or "Somebody"


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0002_grants_say_on_what"),
        ("account", "0009_emailaddress_unique_primary_email"),
    ]

    operations = [migrations.RunPython(settle, migrations.RunPython.noop)]
