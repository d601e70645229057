"""Files from the browser: a component sends them, a route writes them to disk, the page gets a token for each.

Nothing passes through the memory of the server, however large a file is.
"""

from .component import Upload, upload_files
from .routes import upload_routes
from .words import STRINGS

__all__ = ["STRINGS", "Upload", "upload_files", "upload_routes"]
