"""What every staff list shares: its order, its count, its pages and its search cost what one page shows, however many
rows the table has (docs/operations.md).
"""

from collections.abc import Iterable
from datetime import datetime
from functools import cached_property
from string import hexdigits
from uuid import UUID

from django.contrib import admin, messages
from django.contrib.admin.views.main import ALL_VAR, ORDER_VAR, PAGE_VAR, ChangeList
from django.core.paginator import Paginator
from django.db import connections
from django.db.models import Model, Q, QuerySet, UUIDField
from django.db.models.sql.datastructures import BaseTable
from django.http import HttpResponseRedirect

PAGES = 20  # further ones would have the database read and throw away all rows before them
CALLED = 50  # rows of another table that a name in a search may mean
ID_DIGITS = 8  # of an id, as lists print its beginning; fewer are letters of a name ("dace")


def beginning(text: str) -> tuple[UUID, UUID] | None:
    """The first and the last id that begin like `text`; None where it is no beginning of one."""
    digits = text.strip().replace("-", "")
    if not ID_DIGITS <= len(digits) <= 32 or not set(digits) <= set(hexdigits):
        return None
    return UUID(digits.ljust(32, "0")), UUID(digits.ljust(32, "f"))


class Pages(Paginator):
    """Counts no further than its pages go; of a whole table it says what PostgreSQL's statistics say."""

    def __init__(self, object_list, per_page, *args, whole=False, **named):
        super().__init__(object_list, per_page, *args, **named)
        self.most = PAGES * self.per_page
        self.whole = whole

    @cached_property
    def about(self) -> int | None:
        """How many rows the table has, to two digits; None where that is not known, or where they are few."""
        rows = _estimated(self.object_list) if self.whole else 0
        # Twice: a table that has lost rows since it was analysed must not get pages that are empty.
        return round(rows, 2 - len(str(rows))) if rows > 2 * self.most else None

    @cached_property
    def counted(self) -> int:
        """At most one more than there are pages for."""
        return self.most + 1 if self.about else self.object_list.order_by()[: self.most + 1].count()

    @cached_property
    def count(self):
        return min(self.counted, self.most)

    def page(self, number):
        if connections[self.object_list.db].vendor == "sqlite":
            self.object_list = in_order(self.object_list, 5 * self.most)
        return super().page(number)

    @property
    def is_cut(self) -> bool:
        """Whether there are more rows than pages for them."""
        return self.counted > self.most

    @property
    def said(self) -> str:
        if self.about:
            return f"about {self.about:,}"
        return f"more than {self.most:,}" if self.is_cut else f"{self.count:,}"


def _estimated(rows) -> int:
    """Rows of the table as they were last analysed; 0 where the database keeps no such number."""
    connection = connections[rows.db]
    if connection.vendor != "postgresql":
        return 0
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT reltuples::bigint FROM pg_class WHERE oid = %s::regclass", [rows.model._meta.db_table]
        )
        return max(0, cursor.fetchone()[0])


def in_order(rows: QuerySet, few: int) -> QuerySet:
    """Rows by the index of their order, where SQLite would look up all that are found by another one and sort them.

    Without statistics it takes every name for a rare one. Where it is, what it does is right.
    """
    if "TEMP B-TREE FOR ORDER BY" not in rows[:1].explain() or rows.order_by()[:few].count() < few:
        return rows
    meta = rows.model._meta
    names = {"pk": meta.pk.name} | {field.attname: field.name for field in meta.concrete_fields}
    # The admin asks for the order of the list twice, and for what a person chose before it.
    asked = dict.fromkeys(each.lstrip("-") for each in rows.query.order_by)
    ordered = [names.get(each, each) for each in asked]
    found = [index.name for index in meta.indexes if index.fields == ordered and index.condition is None]
    if not found and ordered[:1] != [meta.pk.name]:
        return rows
    walked = rows.all()
    alias = walked.query.get_initial_alias()
    walked.query.alias_map[alias] = Walked(meta.db_table, alias, found[0] if found else "")
    return walked


class Walked(BaseTable):
    """A table that SQLite is to read by this index, or by its rowid."""

    def __init__(self, table_name: str, alias: str, index: str) -> None:
        super().__init__(table_name, alias)
        self.index = index

    def as_sql(self, compiler, connection):
        table, params = super().as_sql(compiler, connection)
        quoted = connection.ops.quote_name(self.index)
        return f"{table} INDEXED BY {quoted}" if self.index else f"{table} NOT INDEXED", params


class Rows(ChangeList):
    @property
    def further(self) -> str:
        """The address of what comes after the last page; nothing where rows end with it, and on other pages."""
        if not self.paginator.is_cut or self.page_num != self.paginator.num_pages:
            return ""
        rows = list(self.result_list)
        if not rows:
            return ""
        column = self.queryset.query.order_by[0]
        value = getattr(rows[-1], column.lstrip("-"))
        # The last row itself again, and those of the same moment: none between two pages is passed over.
        bound = f"{column.lstrip('-')}__{'lte' if column.startswith('-') else 'gte'}"
        text = value.isoformat() if isinstance(value, datetime) else str(value)
        return self.get_query_string({bound: text, PAGE_VAR: None})


class ListAdmin(admin.ModelAdmin):
    """A list in the order of an index, newest first.

    `search_fields` name columns, and what a column is decides how it is searched: ids and foreign keys by the
    beginning of an id (8 digits or more), foreign keys also by the name of what they lead to, as the list of those rows
    takes it (`called`), `=column` by the whole text. A plain text column is searched by what it holds, which reads
    the whole table: for small tables alone.
    """

    paginator = Pages
    list_per_page = 50
    ordering = ["-created", "-id"]
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER
    counts_table = True  # its list holds nearly all of its table, so that the table's size is the list's

    def get_changelist(self, request, **kwargs):
        return Rows

    def get_paginator(self, request, queryset, per_page, orphans=0, allow_empty_first_page=True):
        asked = {name for name, value in request.GET.items() if value}
        whole = self.counts_table and asked <= {PAGE_VAR, ORDER_VAR, ALL_VAR}
        return self.paginator(queryset, per_page, orphans, allow_empty_first_page, whole=whole)

    def get_sortable_by(self, request):
        """Forwards and backwards along the index; lists of few rows name further columns."""
        return [self.ordering[0].lstrip("-")] if self.sortable_by is None else self.sortable_by

    def response_action(self, request, queryset):
        """“All of them” is refused where nobody has seen how many those are."""
        most = PAGES * self.list_per_page
        if request.POST.get("select_across") == "1" and queryset.order_by()[most : most + 1].exists():
            self.message_user(
                request, f"These are more than {most:,}: search or filter first.", messages.WARNING
            )
            return HttpResponseRedirect(request.get_full_path())
        return super().response_action(request, queryset)

    def get_search_results(self, request, queryset, search_term):
        text = search_term.strip()
        return (queryset.filter(self.found(request, text)) if text else queryset), False

    def found(self, request, text: str) -> Q:
        """Which rows a search means."""
        meant: dict[type[Model], list[object]] = {}
        found = Q(pk__in=[])
        for searched in self.get_search_fields(request):
            name = searched.lstrip("=")
            field = self.opts.get_field(name)
            if not isinstance(field.target_field if field.is_relation else field, UUIDField):
                found |= Q(**{name if name != searched else f"{name}__icontains": text})
                continue
            target = field.related_model if field.is_relation else self.model
            if target not in meant:
                meant[target] = self._meant(target, text)
            found |= Q(**{f"{name}__in": meant[target]})
        return found

    def _meant(self, model: type[Model], text: str) -> list[object]:
        """Primary keys of rows of another table, and so no ranges: a database takes a range for a large part."""
        within = beginning(text)
        if within is not None:
            return list(model._base_manager.filter(pk__range=within).values_list("pk", flat=True)[:CALLED])
        page = self.admin_site._registry.get(model)
        return list(page.called(text)) if isinstance(page, ListAdmin) and model is not self.model else []

    def called(self, text: str) -> Iterable[object]:
        """Primary keys of at most some fifty rows that go by this name, to whoever looks. For the lists of rows that
        refer to these; none where rows have no names.
        """
        return []

    @property
    def search_help_text(self) -> str:
        words = dict.fromkeys(
            words
            for name in self.search_fields
            for words in _words(self, self.opts.get_field(name.lstrip("=")))
        )
        return f"By {', '.join(words)}." if words else ""


def _words(page: ListAdmin, field) -> Iterable[str]:
    if not isinstance(field.target_field if field.is_relation else field, UUIDField):
        return [str(field.verbose_name)]
    ids = "the beginning of an id"
    related = page.admin_site._registry.get(field.related_model) if field.is_relation else None
    named = isinstance(related, ListAdmin) and type(related).called is not ListAdmin.called
    return [ids, f"{field.verbose_name} (name)"] if named else [ids]
