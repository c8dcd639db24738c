"""Leaving: closed at once, had back within the grace, and afterwards neither name nor address is anywhere."""

import io
import json
import logging
import zipfile
from datetime import timedelta
from pathlib import Path

import pytest
from allauth.account.models import EmailAddress
from django.contrib.admin.models import ADDITION, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, connection, transaction
from django.urls import reverse
from django.utils import timezone

from accounts import actions as accounts
from accounts import departures
from accounts.models import Departure, Role, User
from home.actions import leaving as actions
from home.tasks import leaving as tasks
from jobs import worker
from jobs.actions import enqueue
from labeling.actions import (
    all_boxed,
    boxes,
    comments,
    drafts,
    field_marks,
    flags,
    identifications,
    passes,
    rulings,
)
from labeling.models import Comment, Identification, Region
from labeling.consensus.boxes import Rectangle
from notices.actions import notify
from notices.models import Notification
from research.models import Dataset
from species.actions import photos, published
from species.models import Observation, Photo, State, Status
from tests import universe
from tests.conftest import PASSWORD, person
from tests.research.building import agreed, freeze
from webhooks import actions as webhooks

NAME = "Zoë Quuxington-Ängström"
EMAIL = "zoe.quuxington@xn--peculiar-q2a.example.org"
PAGE = "/accounts/leave/"
