"""Requests of ours to addresses that strangers wrote, without being led into our own network.

Names are resolved here, every address is vetted, and the connection is made to the vetted address itself: a
name that answers differently the second time gains nothing. `settings.URL_FETCH_ALLOW` lists `host:port` pairs
that are reached whatever they resolve to.
"""
