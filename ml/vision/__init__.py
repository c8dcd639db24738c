"""Programs that learn and answer: no Django, and torch only where something is trained."""

import os

# Before torch loads OpenMP: a thread that waits for another must sleep. Spinning, which is the default, makes a
# training on two cores that it shares with a web server take two to five times the computing.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
