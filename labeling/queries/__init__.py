from labeling.queries.suggestions import photos_without_suggestions_from

__all__ = ["photos_without_suggestions_from"]
