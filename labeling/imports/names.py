"""Which taxon the name in somebody's table or folder means."""

from collections import defaultdict

from species.models import Taxon


class Unknown(LookupError):
    """No taxon, or more than one, goes by this name; the text says which."""


class Names:
    """Every name in the tree, however it is spelt: `browntrout`, `Brown trout` and `brown_trout` are one."""

    def __init__(self) -> None:
        self._kinds: list[dict[str, set[Taxon]]] = [defaultdict(set) for _ in range(3)]
        scientific, labels, common = self._kinds
        for taxon in Taxon.objects.select_related("synonym_of"):
            accepted = taxon.synonym_of or taxon
            scientific[_bare(taxon.scientific_name)].add(accepted)
            labels[_bare(taxon.label)].add(accepted)
            for name in taxon.common_names.values():
                common[_bare(str(name))].add(accepted)

    def find(self, name: str) -> Taxon:
        """The accepted taxon of this name: scientific, else label, else common. Raises Unknown."""
        wanted = _bare(name)
        for kind in self._kinds:
            found = kind.get(wanted, set()) if wanted else set()
            if len(found) == 1:
                return next(iter(found))
            if found:
                several = " or ".join(sorted(taxon.scientific_name for taxon in found))
                raise Unknown(f"“{name}” can be {several}. Use the scientific name.")
        raise Unknown(f"No taxon here is called “{name}”. Add it to the tree first.")


def _bare(name: str) -> str:
    return "".join(sign for sign in name.casefold() if sign.isalnum())
