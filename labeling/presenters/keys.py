"""The keys of the labeling room, or of the review page, as one person has them."""

from accounts import keys
from accounts.models import User
from look.site import site


def of(person: User, page: str = "room") -> dict:
    """`keys`: each by what it does; `key_groups`: the list of all, in words; `keys_on`: whether they are pressed."""
    one = site()["noun"]["one"]
    return {
        "keys": keys.of(person.keys),
        "key_groups": [
            (name, [{"key": key, "words": key.words.format(one=one)} for key in found])
            for name, found in keys.groups(person.keys, page).items()
        ],
        "keys_on": person.keys_on,
    }
