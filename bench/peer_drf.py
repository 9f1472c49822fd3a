"""A peer: Django REST framework with its token and Basic authentication, as its guide shows them.

Run by the Python of the peers. The accounts and tokens are in SQLite, with Django's defaults.
"""

from __future__ import annotations

import os
import sys
from typing import Any

import django
from django.conf import settings

from bench.peer_names import ALICE, TOKEN

settings.configure(
    SECRET_KEY="bench",
    ALLOWED_HOSTS=["127.0.0.1"],
    ROOT_URLCONF=__name__,
    DATABASES={
        "default": {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": os.environ["BENCH_DATABASE"],
            "CONN_MAX_AGE": 600,
        }
    },
    INSTALLED_APPS=[
        "django.contrib.auth", "django.contrib.contenttypes", "rest_framework",
        "rest_framework.authtoken",
    ],
    REST_FRAMEWORK={"DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"]},
)  # fmt: skip
django.setup()

from django.core.wsgi import get_wsgi_application  # noqa: E402 - Django needs its settings first
from django.urls import path  # noqa: E402
from rest_framework.authentication import (  # noqa: E402
    BasicAuthentication,
    TokenAuthentication,
)
from rest_framework.decorators import (  # noqa: E402
    api_view,
    authentication_classes,
    permission_classes,
)
from rest_framework.permissions import IsAuthenticated  # noqa: E402
from rest_framework.response import Response  # noqa: E402


def whoami(authentication: Any) -> Any:
    def view(request: Any) -> Any:
        return Response({"username": request.user.username})

    decorated = authentication_classes([authentication])(view)
    return api_view(["GET"])(permission_classes([IsAuthenticated])(decorated))


urlpatterns = [
    path("token", whoami(TokenAuthentication)),
    path("basic", whoami(BasicAuthentication)),
]
application = get_wsgi_application()


def fill(password: str) -> None:
    """Make the tables and one account."""
    from django.contrib.auth.models import User
    from django.core.management import call_command
    from rest_framework.authtoken.models import Token

    call_command("migrate", verbosity=0)
    user = User.objects.create_user(ALICE, password=password)
    Token.objects.create(user=user, key=TOKEN)


if __name__ == "__main__":
    fill(sys.argv[1])
