"""Many writes in one request: `POST /identifications:batch` and the like, each item as a POST of its own would be."""

from collections.abc import Mapping
from contextlib import nullcontext
from typing import Any

from django.db import transaction
from drf_spectacular.utils import extend_schema, inline_serializer
from rest_framework import serializers, status, viewsets
from rest_framework.exceptions import Throttled, ValidationError
from rest_framework.response import Response

from config import problems
from config.strict import operations, refuse_fields
from config.throttling import Writes

MOST = 500
# In one transaction, for which every other writer waits.
MOST_AT_ONCE = 100
REFUSED = "refused"


class Item:
    """The request, as if one of its items were all that was sent."""

    def __init__(self, request: Any, data: Any) -> None:
        self._request, self.data = request, data

    def __getattr__(self, name: str) -> Any:
        return getattr(self._request, name)


class Refused(Exception):
    """An item was, of those that are done together or not at all."""


class Batch(viewsets.GenericViewSet):
    """`of`: the viewset whose POST each item is; `address`: where that is."""

    of: type[viewsets.GenericViewSet]
    address: str
    queryset = None
    pagination_class = None
    filter_backends = ()
    # Each item is the same one when it is sent again.
    keeps_no_answers = True

    def create(self, request):
        items, atomic = self._given(request)
        if not Writes().charge(request, self, len(items) - 1):
            raise Throttled()
        results: list[dict[str, Any]] = []
        try:
            with transaction.atomic() if atomic else nullcontext():
                for number, each in enumerate(items):
                    results.append(self._one(request, number, each))
                if atomic and any("problem" in each for each in results):
                    raise Refused
        except Refused:
            return self._nothing(results)
        refused = sum("problem" in each for each in results)
        return Response({"results": results, "done": len(results) - refused, "refused": refused})

    def _given(self, request) -> tuple[list[Any], bool]:
        data = request.data
        items = data.get("items") if isinstance(data, Mapping) else None
        atomic = data.get("atomic", False) if isinstance(data, Mapping) else False
        if not isinstance(items, list) or not items:
            raise ValidationError({"items": ["Write a list of what each POST would take."]})
        if not isinstance(atomic, bool):
            raise ValidationError({"atomic": ["Write true or false."]})
        most = MOST_AT_ONCE if atomic else MOST
        if len(items) > most:
            raise ValidationError(
                {"items": [f"At most {most}{' that are done together' if atomic else ''}."]}
            )
        return items, atomic

    def _one(self, request, number: int, data: Any) -> dict[str, Any]:
        view = self.of()
        view.request = item = Item(request, data)
        view.args, view.kwargs, view.format_kwarg, view.action = (), {}, None, "create"
        try:
            with transaction.atomic():
                if not isinstance(data, Mapping):
                    raise ValidationError({"detail": "Write a table of fields."})
                refuse_fields(item, operations()[self.address, "post"])
                response = view.create(item)
        except Exception as error:
            # What is no refusal is raised again there.
            response = view.handle_exception(error)
            problems.refuse(response, item)
            return {"status": response.status_code, "problem": _of_item(response.data, number)}
        return {"status": response.status_code, "row": response.data}

    def _nothing(self, results: list[dict[str, Any]]) -> Response:
        found = [each["problem"] for each in results if "problem" in each]
        errors = [error for each in found for error in each.get("errors", [])]
        detail = f"{len(found)} of {len(results)} are refused, so none is done. {found[0]['detail']}"
        said = problems.problem(400, detail, REFUSED, errors)
        return Response(said, status=status.HTTP_400_BAD_REQUEST, content_type=problems.MEDIA_TYPE)


def _of_item(problem: dict[str, Any], number: int) -> dict[str, Any]:
    """With pointers into the batch; of the item as a whole, to the item."""
    at = f"#/items/{number}"
    errors = [
        each | {"pointer": at + each["pointer"].removeprefix("#")} if "pointer" in each else each
        for each in problem.get("errors", [])
    ]
    whole = {"pointer": at, "code": problem["code"], "detail": problem["detail"]}
    return problem | {"errors": errors or [whole]}


def batch_of(address: str, viewset: Any) -> type[Batch]:
    """The batch of a viewset that says its `batch`: the serializers of what its POST takes and answers."""
    given, answered = viewset.batch
    name = viewset.__name__.removesuffix("ViewSet")
    refusal = serializers.DictField(required=False, help_text="As a refused POST is answered.")
    result = inline_serializer(
        f"{name}Result",
        {"status": serializers.IntegerField(), "row": answered(required=False), "problem": refusal},
        many=True,
    )
    fields = {
        "items": given(many=True),
        "atomic": serializers.BooleanField(
            required=False, help_text=f"All of them, at most {MOST_AT_ONCE}, or none."
        ),
    }
    answer = {
        "results": result,
        "done": serializers.IntegerField(),
        "refused": serializers.IntegerField(),
    }
    made = type(
        f"{name}BatchViewSet",
        (Batch,),
        {
            "__doc__": f"Many at once: {(viewset.__doc__ or '').strip()}",
            "__module__": viewset.__module__,
            "of": viewset,
            "address": address,
            "scope": viewset.scope,
            "create": extend_schema(
                request=inline_serializer(f"{name}Batch", fields),
                responses={200: inline_serializer(f"{name}BatchAnswer", answer)},
                # Without a colon, at which those who draw the description stumble.
                operation_id=f"{address.rpartition('/')[2]}_batch",
                tags=[address.rpartition("/")[2]],
                summary=f"Up to {MOST} of them, each with its own result",
            )(_create()),
        },
    )
    return made


def _create() -> Any:
    # A function of its own for each: what describes an operation is written on it.
    def create(self: Batch, request: Any) -> Response:
        return Batch.create(self, request)

    return create
