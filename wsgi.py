"""Makes the app; any WSGI server takes `wsgi:app`."""

import sys

from app import create_app
from app.backups.stores.presence import attend
from app.config import ConfigError, is_command
from app.database import let_go
from app.demo.service import refuse_stray
from app.feeds.making.warm import warm_up

try:
    app = create_app()
    if not is_command():  # `backup restore` is one
        attend(app.config["CONFIG"].instance)
    refuse_stray(app)
    warm_up(app)
    with app.app_context():
        let_go()  # a server may fork now
except ConfigError as error:
    sys.exit(f"It cannot start like this: {error}")
