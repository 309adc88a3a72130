"""The web face of Linli.

Owns one thing beside its parts: Flask-Security is loaded here, first, with Authlib out of its sight. It would load that
whenever it is installed, for a social sign-in of its own that Linli does not use: a tenth of the time to start. Signing
in with a provider is `signin.oidc`'s, which loads Authlib when it is needed.
"""

import sys
from importlib import import_module

if "authlib" not in sys.modules:
    sys.modules["authlib"] = None  # type: ignore[assignment]  # an import of it fails, as where it is not installed
    try:
        import_module("flask_security")
    finally:
        del sys.modules["authlib"]

__all__: list[str] = []
