"""What the pages of a sign-in say."""

from __future__ import annotations

from html import escape
from urllib.parse import quote

from local_aws.cognito.refusals import member
from local_aws.sign_in import steps
from local_aws.sign_in.authorization import Authorization
from local_aws.sign_in.domains import Domain
from local_aws.sign_in.steps import OpenSignIn
from local_aws.web import layout
from local_aws.web.visits import with_query

CSRF_FIELD = "_csrf"
SESSION_FIELD = "session"
_CODE_ATTRIBUTES = 'inputmode="numeric" pattern="[0-9 ]{6,7}" maxlength="7" autofocus'

#: What a person can do about an error of the sign-in; the code itself is shown, too.
_ADVICE = {
    "redirect_mismatch": "The page that sent you here is not one that this sign-in "
    "knows. Please tell whoever invited you.",
}


def login(domain: Domain, asked: Authorization, csrf: str, wrong: str = "") -> str:
    """Return the first page: name and password, or another identity provider."""
    client = domain.client(asked.client_id) or {}
    offered = client.get("SupportedIdentityProviders") or ["COGNITO"]
    known = domain.pool.get("_identity_providers", {})
    providers = [name for name in offered if name in known]
    parts = [layout.problem(wrong), *(_provider(name, asked) for name in providers)]
    if "COGNITO" in offered:
        if providers:
            parts.append('<p class="or">or with an account of this workforce</p>')
        parts.append(_password_form(asked, csrf, wrong))
    return layout.document("Sign in", layout.card("Sign in", "\n".join(parts)))


def _provider(name: str, asked: Authorization) -> str:
    query = {**asked.parameters, "identity_provider": name}
    url = escape(with_query("/oauth2/authorize", query))
    return f'<a class="button other" href="{url}">Continue with {escape(name)}</a>'


def _password_form(asked: Authorization, csrf: str, wrong: str) -> str:
    action = escape(with_query("/login", asked.parameters))
    name = layout.text_field(
        "username",
        "User name or e-mail address",
        autocomplete="username",
        further="autofocus",
        invalid=bool(wrong),
    )
    password = layout.text_field(
        "password",
        "Password",
        kind="password",
        autocomplete="current-password",
        invalid=bool(wrong),
    )
    return (
        f'<form method="post" action="{action}">\n{layout.hidden(CSRF_FIELD, csrf)}\n'
        f"{name}\n{password}\n<button>Sign in</button>\n</form>"
    )


def step(sign_in: OpenSignIn, csrf: str, wrong: str = "") -> str:
    """Return the page of the step that a sign-in is at."""
    heading, body, button = {
        steps.NEW_PASSWORD: _new_password,
        steps.MFA_SETUP: _authenticator,
        steps.MFA_CODE: _code,
    }[sign_in.step](sign_in, bool(wrong))
    form = (
        f'{layout.problem(tuple(wrong.splitlines()))}\n<form method="post" '
        f'action="/challenge">\n{layout.hidden(CSRF_FIELD, csrf)}\n'
        f"{layout.hidden(SESSION_FIELD, sign_in.id)}\n{body}\n"
        f"<button>{button}</button>\n</form>"
    )
    return layout.document(heading, layout.card(heading, form))


def _new_password(sign_in: OpenSignIn, invalid: bool) -> tuple[str, str, str]:
    rules = "".join(f"<li>{escape(rule)}</li>" for rule in _rules(sign_in.domain))
    first = layout.text_field(
        "new_password",
        "New password",
        kind="password",
        autocomplete="new-password",
        further="autofocus",
        invalid=invalid,
    )
    again = layout.text_field(
        "confirm_password",
        "New password again",
        kind="password",
        autocomplete="new-password",
        invalid=invalid,
    )
    body = (
        "<p>The password of your invitation is for this one time. "
        "Yours needs</p>\n"
        f'<ul class="hint">{rules}</ul>\n{first}\n{again}'
    )
    return "Choose a new password", body, "Set the password"


def _rules(domain: Domain) -> list[str]:
    policy = member(domain.pool, "Policies", "PasswordPolicy") or {}
    kinds = {
        "RequireUppercase": "an upper-case letter",
        "RequireLowercase": "a lower-case letter",
        "RequireNumbers": "a digit",
        "RequireSymbols": "a symbol such as ! # % or +",
    }
    length = policy.get("MinimumLength", 8)
    asked = [text for name, text in kinds.items() if policy.get(name, True)]
    return [f"at least {length} characters", *asked]


def _authenticator(sign_in: OpenSignIn, invalid: bool) -> tuple[str, str, str]:
    secret = sign_in.totp_secret
    grouped = " ".join(secret[at : at + 4] for at in range(0, len(secret), 4))
    code = layout.text_field(
        "code",
        "Six-digit code of the app",
        autocomplete="one-time-code",
        further=_CODE_ATTRIBUTES,
        invalid=invalid,
    )
    body = (
        "<ol>\n<li>Open an authenticator app on your phone, and add an account.</li>\n"
        f"<li>Scan this picture.</li>\n</ol>\n{_picture(sign_in)}\n"
        "<details>\n<summary>No camera? Type this key instead</summary>\n"
        f'<p class="code" data-secret id="secret">{grouped}</p>\n</details>\n{code}'
    )
    return "Set up your authenticator app", body, "Continue"


def authenticator_uri(sign_in: OpenSignIn) -> str:
    """Return what the QR code says ("Key URI Format" of the authenticator apps)."""
    issuer = quote(sign_in.domain.host)
    label = f"{issuer}:{quote(sign_in.email)}"
    return f"otpauth://totp/{label}?secret={sign_in.totp_secret}&issuer={issuer}"


def _picture(sign_in: OpenSignIn) -> str:
    # Drawn for few visitors: not to be paid for at each start.
    import segno

    picture = segno.make(authenticator_uri(sign_in), error="m", micro=False)
    drawn = picture.svg_inline(omitsize=True, border=4, title="QR code for the app")
    return f'<div class="qr" data-secret>{drawn}</div>'


def _code(sign_in: OpenSignIn, invalid: bool) -> tuple[str, str, str]:
    code = layout.text_field(
        "code",
        "Six-digit code",
        autocomplete="one-time-code",
        further=_CODE_ATTRIBUTES,
        invalid=invalid,
    )
    body = f"<p>Type the code that your authenticator app shows now.</p>\n{code}"
    return "Enter the code of your app", body, "Sign in"


def failed(code: str) -> str:
    """Return the domain's error page."""
    advice = _ADVICE.get(code, "Please go back to the page that you came from.")
    body = (
        f"<p>An error was encountered with the requested page.</p>\n<p>{advice}</p>\n"
        f'<p class="code">{escape(code)}</p>'
    )
    return layout.document("Error", layout.card("This sign-in cannot begin", body))


def unavailable() -> str:
    """Return the page of managed login without a branding (the text is real)."""
    body = "<p>Please contact an administrator.</p>"
    return layout.document("Error", layout.card("Login pages unavailable", body))
