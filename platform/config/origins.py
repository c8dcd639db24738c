"""Which origins may do what with our pages, and whose pages may ask us."""

# Everything comes from this site: no script, style or font of others, and none inside a page.
POLICY = {
    "default-src": ["'none'"],
    "script-src": ["'self'"],
    "style-src": ["'self'"],
    "img-src": ["'self'", "blob:", "data:"],
    "font-src": ["'self'"],
    "connect-src": ["'self'"],
    "form-action": ["'self'"],
    "base-uri": ["'none'"],
    "frame-ancestors": ["'none'"],
    "manifest-src": ["'self'"],
}
OPEN_TO_ALL = r"^.*/(ping|config|api/(classes|predict|classify|predict_image|predict_url))$"
