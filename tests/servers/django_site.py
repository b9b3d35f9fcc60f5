"""A Django site with OAuth Toolkit, as its documentation has it: django_site.py CONFIG.json COMMAND…

Users log in at the form of Django's own administration.
"""
import json
import sys

import django
from django.conf import settings
from django.core.management import execute_from_command_line

with open(sys.argv[1], encoding="utf-8") as file:
    CONFIG = json.load(file)

settings.configure(
    DEBUG=False,
    ALLOWED_HOSTS=["127.0.0.1"],
    SECRET_KEY="a test's",
    ROOT_URLCONF=__name__,
    DATABASES={
        "default": {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": CONFIG["database"],
            "OPTIONS": {"timeout": 60},
        }
    },
    DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
    # Fast, and enough for a user who is known to everyone.
    PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"],
    USE_TZ=True,
    LOGIN_URL="/admin/login/",
    INSTALLED_APPS=[
        "django.contrib.admin",
        "django.contrib.auth",
        "django.contrib.contenttypes",
        "django.contrib.messages",
        "django.contrib.sessions",
        "oauth2_provider",
    ],
    MIDDLEWARE=[
        "django.contrib.sessions.middleware.SessionMiddleware",
        "django.middleware.common.CommonMiddleware",
        "django.middleware.csrf.CsrfViewMiddleware",
        "django.contrib.auth.middleware.AuthenticationMiddleware",
        "django.contrib.messages.middleware.MessageMiddleware",
    ],
    TEMPLATES=[
        {
            "BACKEND": "django.template.backends.django.DjangoTemplates",
            "APP_DIRS": True,
            "OPTIONS": {
                "context_processors": [
                    "django.template.context_processors.request",
                    "django.contrib.auth.context_processors.auth",
                    "django.contrib.messages.context_processors.messages",
                ]
            },
        }
    ],
    OAUTH2_PROVIDER={
        "OIDC_ENABLED": True,
        "OIDC_RSA_PRIVATE_KEY": CONFIG["key"],
        "PKCE_REQUIRED": True,  # the default since its version 2.0
        "ACCESS_TOKEN_EXPIRE_SECONDS": CONFIG["accessTokenLife"],
        "SCOPES": {"openid": "OpenID Connect", "read": "Reading"},
    },
)
django.setup()

from django.contrib import admin  # noqa: E402 -- needs the settings
from django.urls import include, path  # noqa: E402

urlpatterns = [
    path("admin/", admin.site.urls),
    path("o/", include("oauth2_provider.urls", namespace="oauth2_provider")),
]


def register():
    """Makes the user and the clients, and prints the ids of those that are refused."""
    from django.contrib.auth.models import User
    from django.core.exceptions import ValidationError
    from oauth2_provider.models import Application

    User.objects.create_superuser(CONFIG["user"], password=CONFIG["password"])
    for client in CONFIG["clients"]:
        application = Application(
            client_id=client["id"],
            client_secret=client["secret"],
            client_type=Application.CLIENT_CONFIDENTIAL,
            authorization_grant_type=Application.GRANT_AUTHORIZATION_CODE,
            redirect_uris=CONFIG["callbackUrl"],
            algorithm=Application.RS256_ALGORITHM,
            name="App",
        )
        try:
            application.full_clean()
            application.save()
        except ValidationError:
            print(client["id"])


if sys.argv[2] == "register":
    execute_from_command_line(["manage", "migrate", "--verbosity=0"])
    register()
else:
    execute_from_command_line(["manage", *sys.argv[2:]])
