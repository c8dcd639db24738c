"""What people say about occurrences, what follows from it, and what models suggest."""

from labeling.models.all_boxed import AllBoxed
from labeling.models.boxes import Box, Region
from labeling.models.campaigns import Campaign
from labeling.models.comments import Comment, CommentReport
from labeling.models.drafts import DraftWords
from labeling.models.field_marks import FieldMark
from labeling.models.flags import Flag
from labeling.models.identifications import Identification
from labeling.models.leases import Lease
from labeling.models.passes import Pass
from labeling.models.portraits import Portrait
from labeling.models.quality import QualityReport
from labeling.models.reapplied import Reapplied
from labeling.models.reliability import Reliability, ReliabilityTable
from labeling.models.review import FoundRight, ReviewAct, ReviewCase, ReviewSearch
from labeling.models.routing import Routing
from labeling.models.rulings import Ruling
from labeling.models.sanctions import Caution, Report, Rollback, RolledBack, Suspension
from labeling.models.sets import SetAnswer
from labeling.models.sign_ups import SignUp
from labeling.models.suggestions import DIGEST, ShownSuggestion, Suggestion, digest
from labeling.models.threads import ShownThread
from labeling.models.verdicts import Verdict

__all__ = [
    "DIGEST",
    "AllBoxed",
    "Box",
    "Campaign",
    "Caution",
    "Comment",
    "CommentReport",
    "DraftWords",
    "FieldMark",
    "Flag",
    "FoundRight",
    "Identification",
    "Lease",
    "Pass",
    "Portrait",
    "QualityReport",
    "Reapplied",
    "Region",
    "Reliability",
    "ReliabilityTable",
    "ReviewAct",
    "ReviewCase",
    "ReviewSearch",
    "Report",
    "Rollback",
    "RolledBack",
    "Routing",
    "Ruling",
    "SetAnswer",
    "ShownSuggestion",
    "ShownThread",
    "SignUp",
    "Suggestion",
    "Suspension",
    "Verdict",
    "digest",
]
