"""Who is asking, what their next photos start from, and the tokens of their programs, as JSON."""

from datetime import timedelta

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db import transaction
from django.http import Http404
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import exceptions, mixins, permissions, serializers, status, viewsets
from rest_framework.decorators import action
from rest_framework.response import Response
from rest_framework.settings import api_settings

from accounts import actions, token_scopes
from accounts.models import ApiToken, Licence, News, Privacy, Surroundings, TimePrecision, User
from accounts.token_scopes import TokenScope

# Of every row that has one: what only looks like it is no address.
UUID_PATTERN = "[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"
LONGEST = timedelta(days=3650)
CONSENTS = {name: f"consents_to_{name}" for name in ("show", "research", "train")}
# As actions.set_defaults calls them, and as an account has them.
DEFAULTS = CONSENTS | {
    name: name for name in ("display_name", "licence", "privacy", "time_precision", "surroundings")
}
BY_TOKEN = "A token makes no tokens and ends none but itself. Log in, and make it with a session."


class Refusals:
    """Mix into a viewset: what actions raise as a ValidationError becomes a 400 that says what was wrong with which
    field (403 and 404 REST framework answers itself).
    """

    def handle_exception(self, exc):
        if isinstance(exc, ValidationError):
            exc = exceptions.ValidationError(_detail(exc))
        return super().handle_exception(exc)


def _detail(error: ValidationError) -> dict:
    if not hasattr(error, "error_dict"):
        return {"detail": " ".join(error.messages)}
    return {
        "detail" if name == NON_FIELD_ERRORS else name: messages
        for name, messages in error.message_dict.items()
    }


class MeSerializer(serializers.ModelSerializer):
    """One's own account. Licence, privacy and the rest are what one's next photos start from; what is here already
    keeps what was said of it.
    """

    news = serializers.ListField(
        child=serializers.ChoiceField(News.choices), help_text="Of what one wants to be told."
    )
    scopes = serializers.SerializerMethodField(help_text="Of the token that asks; null for a session.")

    class Meta:
        model = User
        fields = [
            *["id", "email", "display_name", "role", "created", "licence", "privacy", "time_precision"],
            *[
                "surroundings",
                "consents_to_show",
                "consents_to_research",
                "consents_to_train",
                "news",
                "scopes",
            ],
        ]
        read_only_fields = ["id", "email", "role", "created", "scopes"]

    def to_representation(self, user):
        user.news = [each for each in News.values if each not in user.muted]
        return super().to_representation(user)

    def get_scopes(self, user) -> list[str] | None:
        return token_scopes.of(self.context["request"].auth)


class TrueOrFalse(serializers.BooleanField):
    """Nothing else is one of these: the framework's own takes "off", "n" and 0 as well."""

    TRUE_VALUES = frozenset({"true", True})
    FALSE_VALUES = frozenset({"false", False})

    def to_internal_value(self, data):
        if not isinstance(data, (bool, str)):
            self.fail("invalid", input=data)
        return super().to_internal_value(data)


class MeInput(serializers.Serializer):
    """What is left out stays as it is."""

    display_name = serializers.CharField(required=False, max_length=80)
    licence = serializers.ChoiceField(Licence.choices, required=False)
    privacy = serializers.ChoiceField(Privacy.choices, required=False)
    time_precision = serializers.ChoiceField(TimePrecision.choices, required=False)
    surroundings = serializers.ChoiceField(Surroundings.choices, required=False)
    consents_to_show = TrueOrFalse(required=False)
    consents_to_research = TrueOrFalse(required=False)
    consents_to_train = TrueOrFalse(required=False)
    news = serializers.ListField(child=serializers.ChoiceField(News.choices), required=False)


class MeViewSet(Refusals, viewsets.GenericViewSet):
    """The account that asks."""

    queryset = User.objects.none()
    scope = TokenScope.OBSERVE
    scopes = {"me": TokenScope.READ}
    serializer_class = MeSerializer
    permission_classes = [permissions.IsAuthenticated]
    # In a form, what is empty and what is left out are the same.
    parser_classes = api_settings.DEFAULT_PARSER_CLASSES[:1]
    pagination_class = None
    filter_backends = ()

    @action(detail=False)
    def me(self, request):
        """Who asks."""
        return Response(self.get_serializer(request.user).data)

    @extend_schema(request=MeInput, responses=MeSerializer)
    @me.mapping.patch
    def change(self, request):
        """Change what one's next photos start from, what one is called, and of what one is told."""
        given = MeInput(data=request.data)
        given.is_valid(raise_exception=True)
        said = dict(given.validated_data)
        user, news = request.user, said.pop("news", None)
        defaults = {name: said.get(field, getattr(user, field)) for name, field in DEFAULTS.items()}
        with transaction.atomic():
            actions.set_defaults(user=user, by=user, **defaults)
            if news is not None:
                actions.set_news(user=user, by=user, kinds=news)
        return Response(self.get_serializer(user).data)


class TokenSerializer(serializers.ModelSerializer):
    class Meta:
        model = ApiToken
        fields = ["id", "name", "prefix", "scopes", "created", "last_used_at", "expires_at"]
        read_only_fields = fields


class NewTokenSerializer(TokenSerializer):
    """`token` is the secret: it is in this answer and nowhere else."""

    token = serializers.CharField(read_only=True)

    class Meta(TokenSerializer.Meta):
        fields = [*TokenSerializer.Meta.fields, "token"]
        read_only_fields = fields


class TokenInput(serializers.Serializer):
    """Without `scopes` it may do whatever its person may; without `expires_at` it lasts until it is revoked."""

    name = serializers.CharField(max_length=80)
    scopes = serializers.ListField(
        child=serializers.ChoiceField(TokenScope.choices), required=False, allow_empty=False
    )
    expires_at = serializers.DateTimeField(required=False)

    def validate_expires_at(self, moment):
        if moment <= timezone.now():
            raise serializers.ValidationError("This has passed.")
        if moment > timezone.now() + LONGEST:
            raise serializers.ValidationError("That is more than ten years ahead. Leave it out for no end.")
        return moment


class TokenViewSet(Refusals, mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet):
    """The tokens of one's own that still open something."""

    queryset = ApiToken.objects.none()
    scope = TokenScope.OBSERVE
    # Whoever finds that a token is known to others can end it with whatever it may do.
    scopes = {"destroy": ""}
    # What is told once is kept nowhere: sent again, this makes another one.
    keeps_no_answers = True
    serializer_class = TokenSerializer
    permission_classes = [permissions.IsAuthenticated]
    lookup_value_regex = UUID_PATTERN

    def get_queryset(self):
        return self.request.user.api_tokens.open()

    @extend_schema(request=TokenInput, responses={201: NewTokenSerializer})
    def create(self, request):
        """Make one, with a session: a token cannot make another."""
        if request.auth is not None:
            raise exceptions.PermissionDenied(BY_TOKEN)
        given = TokenInput(data=request.data)
        given.is_valid(raise_exception=True)
        new = actions.make_token(user=request.user, by=request.user, **given.validated_data)
        new.token.token = new.secret
        answer = Response(NewTokenSerializer(new.token).data, status=status.HTTP_201_CREATED)
        answer["Cache-Control"] = "no-store"
        return answer

    @extend_schema(responses={204: None})
    def destroy(self, request, pk=None):
        """Revoke it. A token can revoke itself."""
        token = self.get_queryset().filter(pk=pk).first()
        if token is None:
            raise Http404
        if request.auth not in (None, token):
            raise exceptions.PermissionDenied(BY_TOKEN)
        actions.revoke_token(token=token, by=request.user)
        return Response(status=status.HTTP_204_NO_CONTENT)


def register(router) -> None:
    """Adds this app's viewsets to the API's router."""
    router.register("", MeViewSet, basename="api-me")
    router.register("tokens", TokenViewSet, basename="api-token")
