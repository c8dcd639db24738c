"""Who was let see one's exact places, and why."""

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from home.queries import exact_places as queries

PAGE_SIZE = 30


@login_required
@never_cache
@require_safe
def exact_places(request):
    page = Paginator(queries.grants_on(request.user), PAGE_SIZE).get_page(request.GET.get("page"))
    given = queries.described(request.user, list(page.object_list))
    context = {"page": page, "given": given, "staff": queries.staff()}
    return render(request, "home/exact_places.html", context)
