"""Training runs, the models they made, and which of those was live when."""

from ml.models.models import Model
from ml.models.promotions import Promotion
from ml.models.runs import TrainingRun

__all__ = ["Model", "Promotion", "TrainingRun"]
