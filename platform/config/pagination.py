"""Pages of lists, for the API and for pages that show the same list."""

import json
import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import UTC, datetime
from functools import reduce
from typing import NamedTuple
from uuid import UUID

from django.db import connections
from django.db.models import Q, QuerySet
from rest_framework.exceptions import ValidationError
from rest_framework.pagination import CursorPagination
from rest_framework.utils.urls import replace_query_param

ORDER, OLDEST, NEWEST = "order", "oldest", "newest"
SINCE, CHANGED = "updated_since", "changed"
COUNT, EXACT, ESTIMATED, AT_LEAST, ESTIMATE = "count", "exact", "estimated", "at_least", "estimate"
MOST_COUNTED, FEW = 10_000, 1_000
BROKEN = "This is no cursor of ours. Follow the address in “next” as it is."


class Place(NamedTuple):
    """Between two rows of a list in one of its orders; a page lies `after` it or before it.

    `by`: empty as the list stands, `CHANGED` where it stands in the order of changes: their moments are others.
    """

    order: str
    after: bool
    moment: datetime
    id: UUID
    by: str = ""

    def encode(self) -> str:
        side = "after" if self.after else "before"
        text = "~".join([self.order, side, self.moment.isoformat(), str(self.id), *filter(None, [self.by])])
        return urlsafe_b64encode(text.encode()).decode()

    @classmethod
    def decode(cls, text: str) -> "Place":
        """Raises ValueError for what `encode` did not write."""
        order, side, moment, id, *by = urlsafe_b64decode(text.encode()).decode().split("~")
        if by not in ([], [CHANGED]):
            raise ValueError("This is no place in a list.")
        place = cls(order, side == "after", datetime.fromisoformat(moment), UUID(id), *by)
        if order not in (OLDEST, NEWEST) or side not in ("after", "before") or place.moment.tzinfo is None:
            raise ValueError("This is no place in a list.")
        # The first and the last day of the calendar are not on it in every zone.
        return place._replace(moment=place.moment.astimezone(UTC))


def in_full(rows: QuerySet, ids: list) -> list:
    """These of the rows, in this order, with all that hangs on them. The ids are of rows that `rows` was found to hold.

    To find a page a database reads one index; with a row of five tables to sort it would read much more. Nor is it
    asked once more for what the page was found by: it may take that for the shorter way to fifty known ids.
    """
    if not ids:
        return []
    known = rows.order_by()
    known.query.clear_where()
    found = {each.pk: each for each in known.filter(pk__in=ids)}
    return [found[id] for id in ids if id in found]


def counted(rows: QuerySet, asked: str) -> dict[str, int | str]:
    """How many rows there are, `exact` or `estimated`: neither looks at more than so many of them."""
    most = MOST_COUNTED if asked == EXACT else FEW
    found = rows.order_by()[: most + 1].count()
    if found <= most:
        return {"count": found, "count_is": EXACT}
    if asked == ESTIMATED and connections[rows.db].vendor == "postgresql":
        [plan] = json.loads(rows.order_by().explain(format="JSON"))
        return {"count": max(found, int(plan["Plan"]["Plan Rows"])), "count_is": ESTIMATE}
    return {"count": most, "count_is": AT_LEAST}


class CreatedPagination(CursorPagination):
    """Stable while rows are added: a page neither repeats nor skips one.

    Rows stand as they were made; as they became visible where a view says so (`ordering`, a moment and the id); as
    they changed (`changed`, likewise) where it has that and is asked for what changed since a moment: in another order
    those few may lie anywhere. The framework's own counts rows of one moment, and counts wrongly when one is added
    before them.
    """

    ordering = ("created", "id")
    page_size = 30
    page_size_query_param = "page_size"
    max_page_size = 200

    def paginate_queryset(self, queryset, request, view=None):
        size, self._counted = self.get_page_size(request), None
        if request.query_params.get(COUNT):
            self._counted = lambda: counted(queryset, request.query_params[COUNT])
        by = CHANGED if hasattr(view, CHANGED) and request.query_params.get(SINCE) else ""
        place = self._asked_place(request, by)
        order = self._asked_order(request, view, place)
        moment, id = getattr(view, by or "ordering", self.ordering)
        after = place is None or place.after
        upwards = (order == OLDEST) == after
        rows = queryset.order_by(*((moment, id) if upwards else (f"-{moment}", f"-{id}")))
        if place is not None:
            side = "gt" if upwards else "lt"
            beyond = Q(**{moment: place.moment, f"{id}__{side}": place.id})
            # The moment alone as well: that is what an index is read by.
            rows = rows.filter(
                beyond | Q(**{f"{moment}__{side}": place.moment}), **{f"{moment}__{side}e": place.moment}
            )
        found = list(rows.values_list(id, flat=True)[: size + 1])
        page, more = in_full(queryset, found[:size]), len(found) > size
        if not after:
            page.reverse()

        def link(there: bool, after: bool) -> str | None:
            if not (page and there):
                return None
            edge = page[-1 if after else 0]
            when = reduce(getattr, moment.split("__"), edge)
            here = Place(order, after, when, edge.pk, by).encode()
            return replace_query_param(request.build_absolute_uri(), self.cursor_query_param, here)

        self._next = link(more or not after, True)
        self._previous = link(more if not after else place is not None, False)
        return page

    def get_paginated_response(self, data):
        """`{next, previous, results}`, and `count` with `count_is` where that is asked for; links as a header, too."""
        response = super().get_paginated_response(data)
        if self._counted:
            response.data |= self._counted()
        links = {"next": self._next, "prev": self._previous}
        said = [f'<{url}>; rel="{name}"' for name, url in links.items() if url]
        if said:
            response.headers["Link"] = ", ".join(said)
        return response

    def get_paginated_response_schema(self, schema):
        said = super().get_paginated_response_schema(schema)
        said["properties"] |= {
            "count": {"type": "integer", "description": f"Where `{COUNT}` asks for it."},
            "count_is": {
                "type": "string",
                "enum": [EXACT, AT_LEAST, ESTIMATE],
                "description": "`exact`; `at_least`: there are more, and nobody counted them; `estimate`: about.",
            },
        }
        return said

    def get_next_link(self):
        return self._next

    def get_previous_link(self):
        return self._previous

    def get_page_size(self, request):
        """A size that cannot be is refused, not replaced by another."""
        said = request.query_params.get(self.page_size_query_param, str(self.page_size))
        if not re.fullmatch("[1-9][0-9]{0,2}", said) or int(said) > self.max_page_size:
            sentence = f"Write a number of rows, from 1 to {self.max_page_size}."
            raise ValidationError({self.page_size_query_param: [sentence]})
        return int(said)

    def _asked_place(self, request, by: str) -> Place | None:
        """A cursor that somebody made up is refused here; what it holds would else reach the database. So is one from
        the same list in the other order, where its moment is another one's.
        """
        said = request.query_params.get(self.cursor_query_param)
        if said is None:
            return None
        try:
            place = Place.decode(said)
        except (ValueError, OverflowError) as error:
            raise ValidationError({self.cursor_query_param: [BROKEN]}) from error
        if place.by != by:
            raise ValidationError({self.cursor_query_param: [BROKEN]})
        return place

    def _asked_order(self, request, view, place: Place | None) -> str:
        """A cursor goes on in the order that it comes from."""
        said = request.query_params.get(ORDER)
        if said not in (None, OLDEST, NEWEST):
            raise ValidationError({ORDER: [f"Write {OLDEST} or {NEWEST}."]})
        if place is None:
            return said or getattr(view, "order", OLDEST)
        if said not in (None, place.order):
            raise ValidationError({ORDER: [f"This cursor goes on from the {place.order}."]})
        return place.order

    def get_schema_operation_parameters(self, view):
        order = {
            "name": ORDER,
            "in": "query",
            "required": False,
            "description": f"{OLDEST} first, as they became visible, or {NEWEST} first.",
            "schema": {"type": "string", "enum": [OLDEST, NEWEST]},
        }
        count = {
            "name": COUNT,
            "in": "query",
            "required": False,
            "description": f"How many there are: `exact` up to {MOST_COUNTED:,}, `estimated` where they are many.",
            "schema": {"type": "string", "enum": [EXACT, ESTIMATED]},
        }
        usual = super().get_schema_operation_parameters(view)
        for each in usual:
            if each["name"] == self.page_size_query_param:
                each["schema"] |= {"minimum": 1, "maximum": self.max_page_size, "default": self.page_size}
        return [*usual, order, count]


class LimitPagination(CreatedPagination):
    """The same pages, as OGC API – Features names them: who asks for more than the most is given the most."""

    page_size_query_param = "limit"

    def get_page_size(self, request):
        said = request.query_params.get(self.page_size_query_param, str(self.page_size))
        if not re.fullmatch("[1-9][0-9]{0,8}", said):
            raise ValidationError({self.page_size_query_param: ["Write a number of rows, from 1."]})
        return min(int(said), self.max_page_size)

    def get_schema_operation_parameters(self, view):
        limit = {
            "name": self.page_size_query_param,
            "in": "query",
            "required": False,
            "description": "Features on a page. More than the maximum is taken as the maximum.",
            "schema": {
                "type": "integer",
                "minimum": 1,
                "maximum": self.max_page_size,
                "default": self.page_size,
            },
        }
        others = super().get_schema_operation_parameters(view)
        return [each for each in others if each["name"] not in (limit["name"], COUNT)] + [limit]
