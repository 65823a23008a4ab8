"""Makes the app; any WSGI server takes `wsgi:app`."""

from app import create_app

app = create_app()
