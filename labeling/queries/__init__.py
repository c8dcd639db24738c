from labeling.queries.suggestions import drafts_without_suggestions_from, photos_without_suggestions_from

__all__ = ["drafts_without_suggestions_from", "photos_without_suggestions_from"]
