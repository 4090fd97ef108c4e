"""All settings. Values come from the environment only, each declared here with its meaning."""

import hashlib
import os
import re
import sys
from pathlib import Path

import django_stubs_ext
from django.utils.csp import CSP

from accounts import rules as people
from accounts.rules.limits import CEILINGS
from project import embedded
from project.environment import Environment, Misconfigured
from project.foundation.logs import logging_config

django_stubs_ext.monkeypatch()  # lets ModelAdmin[User] and the like be written where they are defined

BASE_DIR = Path(__file__).resolve().parent.parent
env = Environment(str(BASE_DIR / ".env"))

# --- What kind of process this is -----------------------------------------------------------------

env.section("The installation")
APP_ENV = env(
    "str",
    "APP_ENV",
    "development",
    help="development, test or production. Production is strict about secrets and hosts.",
)
if APP_ENV not in {"development", "test", "production"}:
    raise Misconfigured(f"APP_ENV: must be development, test or production, not {APP_ENV!r}.")
DEVELOPMENT = APP_ENV == "development"
DEBUG = env(
    "bool", "DEBUG", DEVELOPMENT, help="Shows errors, the mail page and the demo sign-ins. Never true in production."
)
if DEBUG and APP_ENV == "production":
    raise Misconfigured("DEBUG: must be false when APP_ENV is production.")
VAR_DIR = env("path", "VAR_DIR", BASE_DIR / "var", help="Folder for run-time data.", example="var")
PORT = env("int", "PORT", 8000, help="Port of the web server that `make run` starts.")
HOST = env("str", "HOST", "127.0.0.1", help="Address that the web server listens on; 0.0.0.0 opens it to the network.")
WEB_PROCESSES = env("int", "WEB_PROCESSES", 1, help="Web processes that `make run` starts behind that port.")
PUBLIC_URL = env(
    "str", "PUBLIC_URL", f"http://localhost:{PORT}", help="Where people reach the hall; used in mails and links."
).rstrip("/")

env.section("Secrets and hosts")
SECRET_KEY = env(
    "str",
    "DJANGO_SECRET_KEY",
    embedded.development_secret(VAR_DIR) if APP_ENV != "production" else ...,
    help="Signs sessions and links. Needed in production: 50 or more random characters.",
    example=" ",
)
SECRET_KEY_FALLBACKS = env(
    "list",
    "DJANGO_SECRET_KEY_FALLBACKS",
    [],
    help="Secret keys of before, separated by commas: what they signed and sealed stays good while they stand here.",
    example=" ",
)
ALLOWED_HOSTS = env(
    "list",
    "DJANGO_ALLOWED_HOSTS",
    ["localhost", "127.0.0.1", "[::1]", ".localhost"] if APP_ENV != "production" else ...,
    help="Host names that the site answers to, separated by commas. Needed in production.",
    example="dojang.example,www.dojang.example",
)
if DEBUG:
    ALLOWED_HOSTS = [*ALLOWED_HOSTS, HOST]
CSRF_TRUSTED_ORIGINS = env(
    "list",
    "CSRF_TRUSTED_ORIGINS",
    [],
    help="Origins whose forms are trusted, with scheme.",
    example="https://dojang.example",
)

# --- Applications ---------------------------------------------------------------------------------

INSTALLED_APPS = [
    "project",
    "ops_panel.console",
    "learning.practice",
    "learning.handbook",
    "accounts",
    "project.foundation.panels",
    "project.foundation.jobs",
    "project.foundation.live",
    "project.foundation.audit",
    "project.foundation.outbound",
    "project.foundation.events",
    "project.foundation.http",
    "allauth",
    "allauth.account",
    "allauth.headless",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.apple",
    "allauth.socialaccount.providers.openid_connect",
    "allauth.usersessions",
    "channels",
    "corsheaders",
    "django_htmx",
    "django_q",
    "ninja",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.messages",
    "django.contrib.postgres",
    "django.contrib.sessions",
    "django.contrib.sitemaps",
    "django.contrib.staticfiles",
]

MIDDLEWARE = [
    "project.foundation.http.metering.Metering",
    "project.foundation.http.middleware.RequestLog",
    "project.foundation.http.problems.ProblemDetails",
    "django.middleware.security.SecurityMiddleware",
    "project.foundation.http.kept.KeptAnswers",
    "project.foundation.http.middleware.PolicyHeaders",
    "project.foundation.http.middleware.StaticFiles",
    "django.middleware.gzip.GZipMiddleware",
    "django.middleware.csp.ContentSecurityPolicyMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "accounts.middleware.LastSeen",
    "accounts.middleware.AppTokens",
    "project.foundation.http.access.SignInRequired",
    "accounts.middleware.ProfileSettings",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "project.foundation.http.middleware.FormAddresses",
    "allauth.account.middleware.AccountMiddleware",
    "accounts.middleware.Refusals",
    "accounts.middleware.Door",
    "project.foundation.http.throttling.Throttles",
]

ROOT_URLCONF = "project.urls"
ASGI_APPLICATION = "project.asgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "builtins": ["project.foundation.http.templatetags.house"],
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.csp",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "project.foundation.http.context.house",
            ],
        },
    },
]

# --- Data -----------------------------------------------------------------------------------------

env.section("Data")
DATABASES = {
    "default": env(
        "dj_db_url",
        "DATABASE_URL",
        embedded.database_url(VAR_DIR) if APP_ENV != "production" else ...,
        help="PostgreSQL 16 or newer; needed in production. Otherwise an embedded one runs under VAR_DIR.",
        example="postgresql://dojang:secret@db.internal:5432/dojang",
    )
}
DATABASE_POOL = env(
    "bool",
    "DATABASE_POOL",
    False,
    help="Pool of connections in this process; on for web, never for workers (they fork).",
)
DATABASES["default"] |= {
    "ATOMIC_REQUESTS": False,
    "CONN_MAX_AGE": 0 if DATABASE_POOL else 600,
    "CONN_HEALTH_CHECKS": not DATABASE_POOL,
}
DATABASES["default"].setdefault("OPTIONS", {})
DATABASES["default"]["OPTIONS"] |= {"pool": {"min_size": 1, "max_size": 12, "timeout": 10}} if DATABASE_POOL else {}
# A test run makes one migrated database and lets each of its processes copy it.
DATABASES["default"]["TEST"] = {
    "TEMPLATE": env("str", "TEST_DATABASE_TEMPLATE", None, help="Set by the test suite itself.", example=" ")
}

REDIS_URL = env(
    "str",
    "REDIS_URL",
    embedded.redis_url(VAR_DIR) if APP_ENV != "production" else ...,
    help="Redis or Valkey; needed in production. Otherwise an embedded Valkey runs under VAR_DIR.",
    example="redis://redis.internal:6379/0",
)
MEILISEARCH_URL = env(
    "str",
    "MEILISEARCH_URL",
    "",
    help="A Meilisearch that searches the handbook. Without it, and whenever it does not answer, PostgreSQL does.",
    example="http://search.internal:7700",
).rstrip("/")
MEILISEARCH_API_KEY = env("str", "MEILISEARCH_API_KEY", "", help="The key that it asks for.", example=" ")
_redis = {
    "BACKEND": "django.core.cache.backends.redis.RedisCache",
    "LOCATION": REDIS_URL,
    "OPTIONS": {"socket_connect_timeout": 0.5, "socket_timeout": 0.5},  # seconds; nobody waits longer for a cache
}
CACHES = {
    "default": _redis,
    "sessions": _redis | {"BACKEND": "project.foundation.http.sessions.ForgivingCache"},
    "limits": _redis | {"BACKEND": "accounts.limits.ForgetfulCache"},
}
SESSION_ENGINE = "django.contrib.sessions.backends.cached_db"
SESSION_CACHE_ALIAS = "sessions"
CHANNEL_LAYERS = {
    "default": {
        # Its sibling that keeps messages in lists loses some with recent clients; publish/subscribe does not.
        "BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer",
        "CONFIG": {"hosts": [REDIS_URL]},
    }
}

# --- Work in the background -----------------------------------------------------------------------

JOB_QUEUES = ("default", "media", "render")
JOB_TIMEOUT = env("int", "JOB_TIMEOUT", 3600, help="Seconds that an attempt may take whose kind of job says no other.")
JOB_CRASHES = env(
    "int", "JOB_CRASHES", 3, help="A job that takes down its worker so many times without progress is set aside."
)
JOB_SILENCE = env(
    "float", "JOB_SILENCE", 20, help="Seconds without a heartbeat (four in that time) after which a worker is given up."
)
JOB_ROUTINE_DAYS = env("int", "JOB_ROUTINE_DAYS", 30, help="Days for which jobs of the clock that went well are kept.")
JOB_WORKERS = env("int", "JOB_WORKERS", 1, help="Worker clusters of each queue that `make run` starts.")
Q_CLUSTER = {
    "name": "default",
    "orm": "default",
    "poll": 0.2,
    "workers": 1,  # see project/foundation/jobs/cluster.py
    "timeout": 24 * 3600,  # never reached: our own watch ends what takes longer than JOB_TIMEOUT
    "retry": 25 * 3600,
    "max_attempts": 1,  # our own Job row counts attempts
    "save_limit": -1,
    "scheduler": False,  # project/schedules.py
    "ack_failures": True,
    "label": "Jobs",
    "ALT_CLUSTERS": {queue: {} for queue in JOB_QUEUES if queue != "default"},
}

# --- People ---------------------------------------------------------------------------------------

env.section("People")
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home"
PASSWORD_HASHERS = ["accounts.hashers.Argon2PasswordHasher", "django.contrib.auth.hashers.PBKDF2PasswordHasher"]
ARGON2_TIME_COST = env("int", "ARGON2_TIME_COST", 2, help="Argon2 passes over the memory.")
ARGON2_MEMORY_COST = env("int", "ARGON2_MEMORY_COST", 102400, help="Argon2 memory in KiB.")
ARGON2_PARALLELISM = env("int", "ARGON2_PARALLELISM", 2, help="Argon2 lanes.")
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 8}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "accounts.passwords.LettersAndDigitsValidator"},
]
PASSWORD_RESET_TIMEOUT = 3600
ACCOUNT_ADAPTER = "accounts.adapter.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_SIGNUP_FORM_CLASS = "accounts.forms.SignupForm"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_UNIQUE_EMAIL = True
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = True  # written and sent to nobody: accounts/adapter.py
ACCOUNT_CHANGE_EMAIL = True
ACCOUNT_CONFIRM_EMAIL_ON_GET = False
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_LOGIN_ON_EMAIL_CONFIRMATION = True
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
# What a hall needs counted otherwise is counted in accounts/limits.py; the rest is allauth's, by person or address.
ACCOUNT_RATE_LIMITS = {
    "login": None,
    "signup": None,
    "reset_password": "3/h/key",
    "reset_password_from_key": "60/m/ip",
    "login_failed": "5/5m/key",  # codes of the second step, by person
}
MFA_RATE_LIMITS = {"webauthn_login": None}
MFA_ADAPTER = "accounts.adapter.SecondStepAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_PASSKEY_SIGNUP_ENABLED = False
MFA_TOTP_ISSUER = "Dojang"
# Nobody is signed in here without a confirmed address; this lets people with a second step change theirs as well.
MFA_ALLOW_UNVERIFIED_EMAIL = True
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = DEBUG  # elsewhere a passkey answers to https only
MFA_FORMS = {
    "authenticate": "accounts.forms.CodeForm",
    "reauthenticate": "accounts.forms.CodeAgainForm",
    "activate_totp": "accounts.forms.AppForm",
    "add_webauthn": "accounts.forms.PasskeyForm",
    "edit_webauthn": "accounts.forms.PasskeyNameForm",
    "login_webauthn": "accounts.forms.PasskeyLoginForm",
    "authenticate_webauthn": "accounts.forms.PasskeyStepForm",
    "reauthenticate_webauthn": "accounts.forms.PasskeyAgainForm",
}
# Signing in with an account elsewhere; each way is hidden where it is not configured.
GOOGLE_CLIENT_ID = env("str", "GOOGLE_CLIENT_ID", "", help="Lets people sign in with Google.", example=" ")
GOOGLE_CLIENT_SECRET = env("str", "GOOGLE_CLIENT_SECRET", "", help="The secret that belongs to it.", example=" ")
APPLE_CLIENT_ID = env(
    "str",
    "APPLE_CLIENT_ID",
    "",
    help="Lets people sign in with Apple: the Services ID, and after a comma the id of the app.",
    example=" ",
)
APPLE_TEAM_ID = env("str", "APPLE_TEAM_ID", "", help="The team that it belongs to.", example=" ")
APPLE_KEY_ID = env("str", "APPLE_KEY_ID", "", help="The id of the private key.", example=" ")
APPLE_PRIVATE_KEY = env(
    "str", "APPLE_PRIVATE_KEY", "", help="That key (PEM, \\n for its line ends).", example=" "
).replace("\\n", "\n")
if bool(GOOGLE_CLIENT_ID) != bool(GOOGLE_CLIENT_SECRET):
    raise Misconfigured("GOOGLE_CLIENT_ID: needs GOOGLE_CLIENT_SECRET, and the other way round.")
if len({bool(each) for each in (APPLE_CLIENT_ID, APPLE_TEAM_ID, APPLE_KEY_ID, APPLE_PRIVATE_KEY)}) > 1:
    raise Misconfigured("APPLE_CLIENT_ID: needs APPLE_TEAM_ID, APPLE_KEY_ID and APPLE_PRIVATE_KEY as well.")
_google = {
    "provider_id": "google",
    "name": "Google",
    "client_id": GOOGLE_CLIENT_ID,
    "secret": GOOGLE_CLIENT_SECRET,
    "settings": {"server_url": "https://accounts.google.com", "oauth_pkce_enabled": True},
}
_apple = {
    "provider_id": "apple",
    "name": "Apple",
    "client_id": APPLE_CLIENT_ID,
    "secret": APPLE_KEY_ID,
    "key": APPLE_TEAM_ID,
    "settings": {"certificate_key": APPLE_PRIVATE_KEY},
}
SOCIALACCOUNT_PROVIDERS = {
    # Google speaks OpenID Connect, whose addresses are found, so that a stand-in can be found in tests.
    "openid_connect": {"APPS": [_google] if GOOGLE_CLIENT_ID else []},
    "apple": {"APPS": [_apple] if APPLE_CLIENT_ID else []},
}
SOCIALACCOUNT_ADAPTER = "accounts.social.SocialAdapter"
SOCIALACCOUNT_STORE_TOKENS = False
SOCIALACCOUNT_LOGIN_ON_GET = False  # a link on another site must not connect an account here
SOCIALACCOUNT_REAUTHENTICATION_REQUIRED = True
SOCIALACCOUNT_EMAIL_AUTHENTICATION_AUTO_CONNECT = True  # where accounts/social.py lets an address count
SOCIALACCOUNT_OPENID_CONNECT_URL_PREFIX = ""

USERSESSIONS_TRACK_ACTIVITY = False  # accounts.middleware.LastSeen writes it down, but not with every click

# The app signs in over allauth's headless API (/_allauth/app/v1/) and then asks /api/v1/ with JSON Web Tokens.
JWT_ACCESS_SECONDS = env("int", "JWT_ACCESS_SECONDS", 300, help="Life of an access token of the app.")
JWT_REFRESH_DAYS = env("int", "JWT_REFRESH_DAYS", 30, help="Days without the app after which it asks for a sign-in.")
JWT_PRIVATE_KEY = env(
    "str",
    "JWT_PRIVATE_KEY",
    "",
    help="RSA key (PEM, \\n for its line ends) that signs the tokens; without it they are signed with the secret key.",
    example=" ",
).replace("\\n", "\n")
if JWT_PRIVATE_KEY and "PRIVATE KEY-----" not in JWT_PRIVATE_KEY:
    raise Misconfigured("JWT_PRIVATE_KEY: is no private key in PEM.")
HEADLESS_ONLY = False
HEADLESS_CLIENTS = ("app",)
HEADLESS_TOKEN_STRATEGY = "accounts.tokens.HallTokens"  # noqa: S105
HEADLESS_JWT_ALGORITHM = "RS256" if JWT_PRIVATE_KEY else "HS256"
HEADLESS_JWT_PRIVATE_KEY = JWT_PRIVATE_KEY or hashlib.sha256(f"jwt {SECRET_KEY}".encode()).hexdigest()
HEADLESS_JWT_ACCESS_TOKEN_EXPIRES_IN = JWT_ACCESS_SECONDS
HEADLESS_JWT_REFRESH_TOKEN_EXPIRES_IN = JWT_REFRESH_DAYS * 24 * 3600
HEADLESS_JWT_STATEFUL_VALIDATION_ENABLED = True  # signing out ends a token at once, for one look into the session

FREE_ENTITLEMENTS = env(
    "list",
    "FREE_ENTITLEMENTS",
    ["export_pdf"],
    help="Entitlements that everybody with an account has, whatever their plan.",
)
if not set(FREE_ENTITLEMENTS) <= people.ENTITLEMENTS:
    raise Misconfigured(f"FREE_ENTITLEMENTS: each must be one of {', '.join(sorted(people.ENTITLEMENTS))}.")
ACCOUNT_DEFAULT_HTTP_PROTOCOL = "https" if PUBLIC_URL.startswith("https") else "http"

env.section("Plans and payments")
STRIPE_SECRET_KEY = env(
    "str",
    "STRIPE_SECRET_KEY",
    "",
    help="Sells plans through Stripe. Without it there are trials of the house, and operators give plans.",
    example=" ",
)
STRIPE_WEBHOOK_SECRET = env(
    "str", "STRIPE_WEBHOOK_SECRET", "", help="Signs what Stripe tells /api/v1/billing/webhooks/stripe.", example=" "
)
STRIPE_PRICE_PRO = env("str", "STRIPE_PRICE_PRO", "", help="Id of the monthly price of Pro there.", example=" ")
STRIPE_PRICE_CLUB = env(
    "str", "STRIPE_PRICE_CLUB", "", help="Id of the monthly price of the plan for clubs there.", example=" "
)
STRIPE_API_BASE = env("str", "STRIPE_API_BASE", "https://api.stripe.com", help="Where Stripe is asked.").rstrip("/")
STRIPE_PAGES = env(
    "list",
    "STRIPE_PAGES",
    ["https://checkout.stripe.com", "https://billing.stripe.com"],
    help="Origins of its pages for paying and for plans; a form here may lead there, and nowhere else.",
)
if STRIPE_SECRET_KEY and not (STRIPE_PRICE_PRO and STRIPE_PRICE_CLUB):
    raise Misconfigured("STRIPE_SECRET_KEY: needs STRIPE_PRICE_PRO and STRIPE_PRICE_CLUB too.")
REVENUECAT_WEBHOOK_AUTHORIZATION = env(
    "str",
    "REVENUECAT_WEBHOOK_AUTHORIZATION",
    "",
    help="The value of Authorization with which RevenueCat tells /api/v1/billing/webhooks/revenuecat.",
    example=" ",
)
REVENUECAT_SIGNING_SECRET = env(
    "str",
    "REVENUECAT_SIGNING_SECRET",
    "",
    help="Signs the same (HMAC-SHA256), beside or instead of that value.",
    example=" ",
)
REVENUECAT_SIGNATURE_HEADER = env(
    "str",
    "REVENUECAT_SIGNATURE_HEADER",
    "X-RevenueCat-Webhook-Signature",
    help="The header with that signature: t=seconds,v1=hex over seconds.body, or hex over the body.",
)
REVENUECAT_PRO = env("list", "REVENUECAT_PRO", ["pro"], help="Ids of the products and entitlements there that are Pro.")
REVENUECAT_CLUB = env(
    "list", "REVENUECAT_CLUB", ["club"], help="Ids of the products and entitlements there that are for clubs."
)
REVENUECAT_SANDBOX = env(
    "bool", "REVENUECAT_SANDBOX", APP_ENV != "production", help="Whether purchases in a store's sandbox count."
)
WEBHOOK_DAYS = env("int", "WEBHOOK_DAYS", 90, help="Days for which is kept what providers told.")
AD_IMPRESSION_DAYS = env("int", "AD_IMPRESSION_DAYS", 30, help="Days for which advertisements shown are remembered.")
ENTITLEMENT_SIGNING_KEY = env(
    "str",
    "ENTITLEMENT_SIGNING_KEY",
    "",
    help="Ed25519, as PEM or as the base64 of its 32 bytes: signs what the app may do offline. Made up in development.",
    example=" ",
)
ENTITLEMENT_OLD_KEYS = env(
    "list",
    "ENTITLEMENT_OLD_KEYS",
    [],
    help="Earlier signing keys that are still published, for as long as their tokens live (5 minutes).",
    example=" ",
)

env.section("Mail")
EMAIL_URL = env(
    "dj_email_url",
    "EMAIL_URL",
    "console://",
    help="Where mail goes. Without it mail is printed and, in development, shown at /dev/mail/.",
    example="submission://user:password@mail.example:587",
)
MAIL_DIR = VAR_DIR / "mail"
if EMAIL_URL["EMAIL_BACKEND"].endswith(".smtp.EmailBackend"):
    _mailer = {
        "BACKEND": EMAIL_URL["EMAIL_BACKEND"],
        "OPTIONS": {
            "host": EMAIL_URL["EMAIL_HOST"],
            "port": EMAIL_URL["EMAIL_PORT"],
            "username": EMAIL_URL["EMAIL_HOST_USER"],
            "password": EMAIL_URL["EMAIL_HOST_PASSWORD"],
            "use_tls": EMAIL_URL["EMAIL_USE_TLS"],
            "use_ssl": EMAIL_URL["EMAIL_USE_SSL"],
            "timeout": 10,
        },
    }
elif DEBUG:
    _mailer = {"BACKEND": "project.mail.DevelopmentBackend", "OPTIONS": {"file_path": str(MAIL_DIR)}}
else:
    _mailer = {"BACKEND": EMAIL_URL["EMAIL_BACKEND"]}
MAILERS = {"default": _mailer}
DEFAULT_FROM_EMAIL = env("str", "DEFAULT_FROM_EMAIL", "Dojang <hall@localhost>", help="The sender of every mail.")
SERVER_EMAIL = DEFAULT_FROM_EMAIL

env.section("Telling people")
VAPID_PRIVATE_KEY = env(
    "str",
    "VAPID_PRIVATE_KEY",
    "",
    help="Signs Web Push; `manage.py vapid` prints one. Without it nobody has pushes; a new one ends what is on.",
    example=" ",
)
if VAPID_PRIVATE_KEY and not re.fullmatch(r"[A-Za-z0-9_-]{43}", VAPID_PRIVATE_KEY):
    raise Misconfigured("VAPID_PRIVATE_KEY: must be 43 letters of base64url, as `manage.py vapid` prints them.")
VAPID_SUBJECT = env(
    "str",
    "VAPID_SUBJECT",
    "",
    help="Where push services reach whoever runs the hall. Needed with VAPID_PRIVATE_KEY.",
    example="mailto:hall@dojang.example",
)
if VAPID_PRIVATE_KEY and not re.fullmatch(
    r"mailto:[^@\s]+@(localhost|[\w-]+(\.[\w-]+)+)|https://[\w-]+\.[\w.-]+", VAPID_SUBJECT
):
    raise Misconfigured("VAPID_SUBJECT: must be like mailto:hall@dojang.example or https://dojang.example.")

# --- Languages and time ---------------------------------------------------------------------------

LANGUAGE_CODE = "en"
LANGUAGES = [("pl", "Polski"), ("en", "English"), ("ko", "한국어")]
LOCALE_PATHS = [BASE_DIR / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "Europe/Warsaw"
LANGUAGE_COOKIE_SAMESITE = "Lax"
LANGUAGE_COOKIE_AGE = 365 * 24 * 3600

# --- Files ----------------------------------------------------------------------------------------

STATIC_URL = "/static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATIC_ROOT = BASE_DIR / "staticfiles"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": VAR_DIR / "files"}},
    "staticfiles": {
        "BACKEND": "project.foundation.http.static.HashedStaticFiles"
        if APP_ENV == "production"
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
}

# --- Safety ---------------------------------------------------------------------------------------

env.section("Safety")
ROBOTS_ALLOW = env("bool", "ROBOTS_ALLOW", False, help="Lets search engines in. By default robots.txt refuses all.")
SITEMAP = env("bool", "SITEMAP", False, help="Serves /sitemap.xml and names it in robots.txt; only with ROBOTS_ALLOW.")
if SITEMAP and not ROBOTS_ALLOW:
    raise Misconfigured("SITEMAP: needs ROBOTS_ALLOW, for robots that are refused need no map.")
HTTPS = PUBLIC_URL.startswith("https://")
SECURE_CSP = {
    "default-src": [CSP.SELF],
    "script-src": [CSP.SELF, CSP.NONCE],
    "style-src": [CSP.SELF],
    "img-src": [CSP.SELF, "data:"],
    "connect-src": [CSP.SELF],
    "object-src": [CSP.NONE],
    "base-uri": [CSP.NONE],
    "form-action": [CSP.SELF, *(STRIPE_PAGES if STRIPE_SECRET_KEY else [])],
    "frame-ancestors": [CSP.NONE],
}
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if HTTPS else None
SECURE_SSL_REDIRECT = HTTPS
SECURE_REDIRECT_EXEMPT = [r"^health/"]
SECURE_HSTS_SECONDS = 31536000 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = HTTPS
SECURE_HSTS_PRELOAD = HTTPS
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = HTTPS
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
X_FRAME_OPTIONS = "DENY"
CORS_ALLOWED_ORIGINS = env(
    "list",
    "CORS_ALLOWED_ORIGINS",
    [],
    help="Other origins whose pages may ask the API, with scheme. Without any the API is closed to other sites.",
    example="https://app.dojang.example",
)
CORS_URLS_REGEX = r"^/(api|_allauth/app)/"
CORS_ALLOW_CREDENTIALS = False  # the API knows tokens, no cookies
CORS_ALLOW_HEADERS = (
    "accept",
    "authorization",
    "content-type",
    "if-match",
    "if-none-match",
    "x-email-verification-key",
    "x-password-reset-key",
    "x-request-id",
    "x-session-token",
)
CORS_EXPOSE_HEADERS = (
    "etag",
    "ratelimit",
    "ratelimit-limit",
    "ratelimit-policy",
    "ratelimit-remaining",
    "ratelimit-reset",
    "retry-after",
    "x-request-id",
)
if CORS_ALLOWED_ORIGINS:
    MIDDLEWARE.insert(0, "corsheaders.middleware.CorsMiddleware")
CSRF_FAILURE_VIEW = "project.views.csrf_refused"
SILENCED_SYSTEM_CHECKS = ["auth.W004"]  # the e-mail address is unique by a constraint that ignores case

# --- Limits ---------------------------------------------------------------------------------------

env.section("Limits")
TRUSTED_PROXIES = env(
    "int",
    "TRUSTED_PROXIES",
    0,
    help="How many proxies of ours add to X-Forwarded-For; with 0 it is not read. Not beside daphne's --proxy-headers.",
)
ALLAUTH_TRUSTED_PROXY_COUNT = TRUSTED_PROXIES
LIMITS = {
    "sign_in": env(
        "int",
        "LIMIT_SIGN_IN",
        CEILINGS["sign_in"],
        help="Sign-ins in a minute from one address, which a hall may share; accounts and devices have their own.",
    ),
    "failed": env("int", "LIMIT_SIGN_IN_FAILED", CEILINGS["failed"], help="Of these: wrong ones."),
    "sign_up": env("int", "LIMIT_SIGN_UP", CEILINGS["sign_up"], help="New accounts in a minute from one address."),
    "reset": env("int", "LIMIT_RESET", CEILINGS["reset"], help="Forgotten passwords in a minute from one address."),
    "join": env("int", "LIMIT_JOIN", CEILINGS["join"], help="Invitations opened in a minute from one address."),
}
THROTTLES = {
    "anonymous": env(
        "int", "THROTTLE_ANONYMOUS", 60, help="Requests to the API in a minute from one address; 0: no limit, as below."
    ),
    "entrance": env(
        "int", "THROTTLE_ENTRANCE", 600, help="Requests of apps that are signing in, in a minute from one address."
    ),
    "user": env("int", "THROTTLE_USER", 600, help="Requests to the API in a minute by one signed-in person."),
    "search": env("int", "THROTTLE_SEARCH", 30, help="Of these: searches."),
    "search_page": env(
        "int",
        "THROTTLE_SEARCH_PAGE",
        600,
        help="Searches in a minute on the pages, each pause while typing included; a whole hall may share one address.",
    ),
    "media": env("int", "THROTTLE_MEDIA", 10, help="Of the requests to the API: uploads of media; not counted yet."),
    "quizzes": env("int", "THROTTLE_QUIZZES", 30, help="Of these, and of the pages: quizzes that are begun."),
    "progress": env("int", "THROTTLE_PROGRESS", 60, help="Of these: reports of progress."),
    "billing": env("int", "THROTTLE_BILLING", 30, help="Of these: billing, and webhooks that were refused."),
    "ads": env("int", "THROTTLE_ADS", 30, help="Of these: advertisements."),
}

# --- Seeing ---------------------------------------------------------------------------------------

env.section("Seeing")
INTEGRATION_ERROR_DAYS = env(
    "int", "INTEGRATION_ERROR_DAYS", 90, help="Days for which failures of other people's services are kept."
)
EVENTS_DAYS = env("int", "EVENTS_DAYS", 90, help="Days for which product events are kept; they name nobody.")
POSTHOG_HOST = env(
    "str",
    "POSTHOG_HOST",
    "",
    help="A PostHog that product events are sent on to, where POSTHOG_API_KEY is set too.",
    example="https://eu.i.posthog.com",
).rstrip("/")
POSTHOG_API_KEY = env("str", "POSTHOG_API_KEY", "", help="The key of the project there.", example=" ")
METRICS_TOKEN = env(
    "str",
    "METRICS_TOKEN",
    "",
    help="Opens /metrics to whoever sends it as a bearer token. Without it: in development to this machine, else not.",
    example=" ",
)
METRICS_DIR = env(
    "path",
    "METRICS_DIR",
    VAR_DIR / "metrics",
    help="Where the processes of one machine, or one container, leave their counts for each other.",
    example="var/metrics",
)
METRICS = bool(METRICS_TOKEN) or DEBUG
if METRICS:
    os.environ.setdefault("PROMETHEUS_MULTIPROC_DIR", str(METRICS_DIR))  # looked at when prometheus_client is imported
SENTRY_DSN = env(
    "str",
    "SENTRY_DSN",
    "",
    help="A Sentry that errors are told to, without what anybody typed or who they are.",
    example="https://key@sentry.example/1",
)
if SENTRY_DSN and not re.fullmatch(r"https?://\w+(:\w+)?@[^/@\s]+/(\S+/)?\d+", SENTRY_DSN):
    raise Misconfigured("SENTRY_DSN: has a value that cannot be read. It looks like https://key@sentry.example/1.")
SENTRY_ENVIRONMENT = env("str", "SENTRY_ENVIRONMENT", APP_ENV, help="What this hall is called there.")
SENTRY_TRACES_SAMPLE_RATE = env(
    "float", "SENTRY_TRACES_SAMPLE_RATE", 0.0, help="Share of requests whose times are told to Sentry too, 0 to 1."
)
if not 0 <= SENTRY_TRACES_SAMPLE_RATE <= 1:
    raise Misconfigured("SENTRY_TRACES_SAMPLE_RATE: must be between 0 and 1.")
OTEL_EXPORTER_OTLP_ENDPOINT = env(
    "str",
    "OTEL_EXPORTER_OTLP_ENDPOINT",
    "",
    help="A collector of OpenTelemetry that traces are sent to, by OTLP over HTTP.",
    example="http://collector.internal:4318",
).rstrip("/")
OTEL_SERVICE_NAME = env("str", "OTEL_SERVICE_NAME", "dojang", help="What this hall is called in traces.")
if OTEL_EXPORTER_OTLP_ENDPOINT:
    MIDDLEWARE.insert(0, "project.foundation.telemetry.tracing.Traced")
LOG_LEVEL = env("str", "LOG_LEVEL", "INFO", help="DEBUG, INFO, WARNING or ERROR.")
LOG_JSON = env("bool", "LOG_JSON", not DEVELOPMENT, help="One JSON object a line instead of readable text.")
LOGGING_CONFIG = None
logging_config(level=LOG_LEVEL, json=LOG_JSON, stream=sys.stderr)
