"""What other programs can be told of. A name is for good: programs compare it."""

# Name to what happened, as people choose it.
EVENTS = {
    "observation.published": "A sighting is shown to everybody: published, or shown again",
    "observation.withdrawn": "A sighting is shown to everybody no more",
    "occurrence.verified": "People agree what it is, or agree on another name",
    "occurrence.disputed": "People disagree what it is",
    "dataset.published": "A dataset is frozen",
    "model.live": "A model goes live",
}
# Sent to one endpoint when its owner asks for it; nobody subscribes to it.
PING = "ping"
