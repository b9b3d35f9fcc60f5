"""Authlib in Flask, as its documentation has it: authlib_app.py CONFIG.json

Authlib is a library: tables, login form and metadata are the application's.
"""
import json
import logging
import secrets
import sqlite3
import sys
import time

from authlib.integrations.flask_oauth2 import AuthorizationServer
from authlib.oauth2.rfc6749 import ClientMixin, TokenMixin, grants
from authlib.oauth2.rfc6749.errors import OAuth2Error
from authlib.oauth2.rfc7009 import RevocationEndpoint
from authlib.oauth2.rfc7636 import CodeChallenge
from authlib.oauth2.rfc8414 import AuthorizationServerMetadata
from flask import Flask, jsonify, request, session

with open(sys.argv[1], encoding="utf-8") as file:
    CONFIG = json.load(file)
ISSUER = CONFIG["issuer"]
CODES = {}

app = Flask(__name__)
app.secret_key = secrets.token_hex()
app.config["OAUTH2_REFRESH_TOKEN_GENERATOR"] = True
life = CONFIG["accessTokenLife"]
app.config["OAUTH2_TOKEN_EXPIRES_IN"] = {"authorization_code": life}


def database():
    connection = sqlite3.connect(CONFIG["database"], timeout=60)
    connection.row_factory = sqlite3.Row
    return connection


class Client(ClientMixin):
    def __init__(self, registered):
        self.client_id = registered["id"]
        self.secret = registered["secret"]

    def get_client_id(self):
        return self.client_id

    def get_default_redirect_uri(self):
        return CONFIG["callbackUrl"]

    def get_allowed_scope(self, scope):
        return scope

    def check_redirect_uri(self, redirect_uri):
        return redirect_uri == CONFIG["callbackUrl"]

    def check_client_secret(self, client_secret):
        return secrets.compare_digest(self.secret.encode(), client_secret.encode())

    def check_endpoint_auth_method(self, method, endpoint):
        return method in ("client_secret_basic", "client_secret_post")

    def check_response_type(self, response_type):
        return response_type == "code"

    def check_grant_type(self, grant_type):
        return grant_type in ("authorization_code", "refresh_token")


class Token(TokenMixin):
    def __init__(self, row):
        self.row = row

    def check_client(self, client):
        return self.row["client_id"] == client.client_id

    def get_scope(self):
        return self.row["scope"]

    def get_expires_in(self):
        return self.row["expires_in"]

    def is_expired(self):
        return self.row["issued"] + self.row["expires_in"] < time.time()

    def is_revoked(self):
        return self.row["revoked"]


class Code:
    def __init__(self, **values):
        self.__dict__.update(values)

    def get_redirect_uri(self):
        return self.redirect_uri

    def get_scope(self):
        return self.scope


def query_client(client_id):
    for registered in CONFIG["clients"]:
        if registered["id"] == client_id:
            return Client(registered)
    return None


def save_token(token, asked):
    with database() as db:
        db.execute(
            "INSERT INTO token (client_id, grant_type, access_token, refresh_token,"
            " scope, expires_in, issued) VALUES (?, ?, ?, ?, ?, ?, ?)",
            (
                asked.client.client_id,
                asked.form["grant_type"],
                token["access_token"],
                token["refresh_token"],
                token.get("scope", ""),
                token["expires_in"],
                time.time(),
            ),
        )


def find(column, value):
    with database() as db:
        row = db.execute(f"SELECT * FROM token WHERE {column} = ?", (value,)).fetchone()
    return row and Token(row)


def revoke(token):
    with database() as db:
        db.execute("UPDATE token SET revoked = 1 WHERE id = ?", (token.row["id"],))


class AuthorizationCodeGrant(grants.AuthorizationCodeGrant):
    TOKEN_ENDPOINT_AUTH_METHODS = ["client_secret_basic", "client_secret_post"]

    def save_authorization_code(self, code, request):
        CODES[code] = Code(
            code=code,
            client_id=request.client.client_id,
            redirect_uri=request.redirect_uri,
            scope=request.scope or "",
            user=request.user,
            code_challenge=request.data.get("code_challenge"),
            code_challenge_method=request.data.get("code_challenge_method"),
        )

    def query_authorization_code(self, code, client):
        saved = CODES.get(code)
        return saved if saved and saved.client_id == client.client_id else None

    def delete_authorization_code(self, authorization_code):
        del CODES[authorization_code.code]

    def authenticate_user(self, authorization_code):
        return authorization_code.user


class RefreshTokenGrant(grants.RefreshTokenGrant):
    TOKEN_ENDPOINT_AUTH_METHODS = ["client_secret_basic", "client_secret_post"]
    INCLUDE_NEW_REFRESH_TOKEN = True

    def authenticate_refresh_token(self, refresh_token):
        token = find("refresh_token", refresh_token)
        return None if token is None or token.is_revoked() else token

    def authenticate_user(self, credential):
        return CONFIG["user"]

    def revoke_old_credential(self, credential):
        revoke(credential)


class Revocation(RevocationEndpoint):
    CLIENT_AUTH_METHODS = ["client_secret_basic", "client_secret_post"]

    def query_token(self, token_string, token_type_hint):
        return find("refresh_token", token_string) or find("access_token", token_string)

    def revoke_token(self, token, request):
        revoke(token)


server = AuthorizationServer(app, query_client, save_token)
server.register_grant(AuthorizationCodeGrant, [CodeChallenge(required=True)])
server.register_grant(RefreshTokenGrant)
server.register_endpoint(Revocation)


@app.route("/authorize", methods=["GET", "POST"])
def authorize():
    if request.method == "POST" and "password" in request.form:
        if (request.form["username"], request.form["password"]) == (
            CONFIG["user"],
            CONFIG["password"],
        ):
            session["user"] = request.form["username"]
    if "user" not in session:
        return """<form method="post">
            <input name="username"><input type="password" name="password">
            <button>Log in</button></form>"""
    if request.method == "POST" and "confirm" in request.form:
        return server.create_authorization_response(grant_user=session["user"])
    try:
        grant = server.get_consent_grant(end_user=session["user"])
    except OAuth2Error as error:
        return error.error, 400
    return f"""<form method="post"><button name="confirm" value="yes">
        Allow {grant.client.client_id.encode().hex()}</button></form>"""


@app.route("/token", methods=["POST"])
def token():
    return server.create_token_response()


@app.route("/revoke", methods=["POST"])
def revocation():
    return server.create_endpoint_response("revocation")


@app.route("/me")
def me():
    token = find("access_token", request.headers.get("authorization", "")[7:])
    if token is None or token.is_revoked() or token.is_expired():
        return "", 401
    return jsonify(sub=CONFIG["user"])


@app.route("/.well-known/oauth-authorization-server")
def metadata():
    methods = ["client_secret_basic", "client_secret_post"]
    values = AuthorizationServerMetadata(
        issuer=ISSUER,
        authorization_endpoint=f"{ISSUER}/authorize",
        token_endpoint=f"{ISSUER}/token",
        revocation_endpoint=f"{ISSUER}/revoke",
        response_types_supported=["code"],
        grant_types_supported=["authorization_code", "refresh_token"],
        token_endpoint_auth_methods_supported=methods,
        revocation_endpoint_auth_methods_supported=methods,
    )
    return jsonify(values)


with database() as db:
    db.execute(
        "CREATE TABLE token (id INTEGER PRIMARY KEY, client_id TEXT, grant_type TEXT,"
        " access_token TEXT, refresh_token TEXT, scope TEXT, expires_in INTEGER,"
        " issued REAL, revoked INTEGER NOT NULL DEFAULT 0)"
    )
logging.getLogger("authlib").setLevel(logging.DEBUG)
app.run(host="127.0.0.1", port=CONFIG["port"], threaded=True)
