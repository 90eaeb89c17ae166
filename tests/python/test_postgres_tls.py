"""The ledger in PostgreSQL over TLS: a real server whose certificates the tests make themselves."""

from __future__ import annotations

import socket
import ssl
import struct
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest
import trustme
from postgresql import Encryption, PostgreSQL, started

import lantern
from lantern import exceptions

# A name that is in the server's certificate, and in no DNS.
NAME = "ledger.example.com"
# Who comes over TCP needs TLS, and for this database a certificate as well.
GUARDED = "guarded"
RULES = f"""
local all all trust
hostssl {GUARDED} all 127.0.0.1/32 cert
hostssl all all 127.0.0.1/32 trust
"""


@dataclass
class Authority:
    """A certificate authority, with its certificate in a file."""

    authority: trustme.CA
    file: Path

    @classmethod
    def new(cls, folder: Path, name: str) -> Authority:
        authority, file = trustme.CA(), folder / f"{name}.pem"
        authority.cert_pem.write_to_path(file)
        return cls(authority, file)

    def client(self, user: str) -> tuple[Path, Path]:
        """The files of a certificate for a user, and of its key."""
        issued = self.authority.issue_cert(f"{user}@example.com", common_name=user)
        certificate = self.file.with_suffix(f".{user}.crt")
        key = self.file.with_suffix(f".{user}.key")
        certificate.write_bytes(b"".join(part.bytes() for part in issued.cert_chain_pems))
        issued.private_key_pem.write_to_path(key)
        return certificate, key


@dataclass
class Server:
    """A server that speaks TLS on a port."""

    postgresql: PostgreSQL
    authority: Authority
    stranger: Authority

    def url(self, query: str, *, host: str = "127.0.0.1", database: str | None = None) -> str:
        """The URL of a new database, or of one that is there, over TCP."""
        if database is None:
            database = self.postgresql.database().partition("?")[0].rpartition("/")[2]
        user = "postgres:sentinel-password"
        return f"postgresql://{user}@{host}:{self.postgresql.port}/{database}?{query}"

    def encrypted(self, database: str) -> list[str]:
        """The versions of TLS of the sessions on a database, as the server knows them."""
        asked = f"""
            SELECT version FROM pg_stat_ssl JOIN pg_stat_activity USING (pid)
            WHERE datname = '{database}' AND application_name = 'lantern' AND ssl
        """
        where = ["-h", str(self.postgresql.folder), "-p", str(self.postgresql.port)]
        psql = [str(self.postgresql.programs / "psql"), *where, "-U", "postgres", "-Atc", asked]
        return subprocess.check_output(psql, text=True).split()


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("certificates")
    authority, stranger = Authority.new(folder, "own"), Authority.new(folder, "stranger")
    issued = authority.authority.issue_cert(NAME, "127.0.0.1")
    encryption = Encryption(
        certificate=b"".join(part.bytes() for part in issued.cert_chain_pems),
        key=issued.private_key_pem.bytes(),
        authorities=authority.file.read_bytes(),
        rules=RULES,
    )
    with started(encryption) as postgresql:
        postgresql.database(GUARDED)
        yield Server(postgresql, authority, stranger)


def refused(url: str) -> str:
    """Why the ledger at a URL cannot be used."""
    with pytest.raises(exceptions.LanternError) as error:
        lantern.jobs(ledger=url)
    said = str(error.value)
    assert isinstance(error.value, (exceptions.LedgerError, exceptions.ConfigError)), said
    assert "sentinel" not in said
    return said


@pytest.mark.parametrize("mode", ["", "sslmode=require&", "sslmode=verify-full&"])
def test_a_job_runs_on_a_ledger_over_tls(
    server: Server, mode: str, lantern_server: lantern.LocalServer
) -> None:
    url = server.url(f"{mode}sslrootcert={server.authority.file}")
    people = lantern_server.people().slice(0, 20)
    with lantern.Client(
        lantern_server.key,
        lantern_server.url,
        ledger=url,
        storage_options=lantern_server.storage_options,
    ) as client:
        job = client.submit(people, "email", max_credits=20, key="k")
        job.wait(timeout=60, progress=False)
        assert job.table().num_rows == 20
        database = url.partition("?")[0].rpartition("/")[2]
        assert server.encrypted(database) == ["TLSv1.3"]
    assert lantern.jobs(ledger=url).column("state").to_pylist() == ["done"]


def test_a_name_in_the_certificate_may_lie_at_another_address(server: Server) -> None:
    roots = f"sslmode=verify-full&sslrootcert={server.authority.file}"
    url = server.url(f"{roots}&hostaddr=127.0.0.1", host=NAME)
    assert lantern.jobs(ledger=url).num_rows == 0


def test_a_certificate_of_another_authority_is_refused(server: Server) -> None:
    for query in [
        f"sslmode=verify-full&sslrootcert={server.stranger.file}",
        f"sslmode=require&sslrootcert={server.stranger.file}",
        # The system knows neither.
        "sslmode=require",
        "sslrootcert=system",
        "",
    ]:
        said = refused(server.url(query))
        assert "the server's certificate is not trusted (UnknownIssuer)" in said
        assert "?sslrootcert=FILE" in said


def test_a_certificate_for_another_name_is_refused(server: Server) -> None:
    for mode in ["verify-full", "require"]:
        roots = f"sslmode={mode}&sslrootcert={server.authority.file}&hostaddr=127.0.0.1"
        said = refused(server.url(roots, host="other.example.com"))
        assert "the server's certificate is for another name" in said
        assert "other.example.com" in said
        assert NAME in said
        assert "connect by a name that the certificate is for" in said


def test_an_expired_certificate_is_refused(tmp_path: Path) -> None:
    authority = Authority.new(tmp_path, "own")
    long_ago = datetime(2020, 1, 1, tzinfo=UTC)
    issued = authority.authority.issue_cert("127.0.0.1", not_before=long_ago, not_after=long_ago)
    encryption = Encryption(
        certificate=b"".join(part.bytes() for part in issued.cert_chain_pems),
        key=issued.private_key_pem.bytes(),
        authorities=authority.file.read_bytes(),
        rules=RULES,
    )
    with started(encryption) as postgresql:
        server = Server(postgresql, authority, authority)
        said = refused(server.url(f"sslrootcert={authority.file}"))
    assert "the server's certificate has expired" in said
    assert "have it renewed on the server" in said


def test_a_server_without_tls_is_refused_where_tls_is_required() -> None:
    with started() as postgresql:
        # A socket has no TLS.
        url = postgresql.database()
        assert lantern.jobs(ledger=url).num_rows == 0
        said = refused(f"{url}&sslmode=require")
    assert "the server does not support TLS; turn TLS on at the server (ssl = on)" in said


def test_a_server_that_wants_tls_says_so_to_who_uses_none(server: Server) -> None:
    said = refused(server.url("sslmode=disable"))
    assert "pg_hba.conf" in said
    assert "?sslmode=require" in said


def test_a_user_is_known_by_a_certificate(server: Server) -> None:
    certificate, key = server.authority.client("postgres")
    query = f"sslrootcert={server.authority.file}&sslcert={certificate}&sslkey={key}"
    url = server.url(query, database=GUARDED)
    assert lantern.jobs(ledger=url).num_rows == 0


def test_a_user_without_the_right_certificate_is_refused_with_advice(server: Server) -> None:
    roots = f"sslrootcert={server.authority.file}"
    said = refused(server.url(roots, database=GUARDED))
    assert "?sslcert=FILE&sslkey=FILE" in said
    certificate, key = server.authority.client("somebody")
    query = f"{roots}&sslcert={certificate}&sslkey={key}"
    said = refused(server.url(query, database=GUARDED))
    assert "check the user" in said


def test_a_certificate_that_another_authority_signed_is_refused(server: Server) -> None:
    certificate, key = server.stranger.client("postgres")
    query = f"sslrootcert={server.authority.file}&sslcert={certificate}&sslkey={key}"
    said = refused(server.url(query, database=GUARDED))
    assert "refuses the client's certificate" in said
    assert "?sslcert=FILE&sslkey=FILE" in said


def test_files_that_cannot_be_used_are_named(server: Server, tmp_path: Path) -> None:
    certificate, key = server.authority.client("postgres")
    _, other_key = server.stranger.client("postgres")
    roots = f"sslrootcert={server.authority.file}"
    empty = tmp_path / "empty.pem"
    empty.write_text("")
    for query, expected in [
        (f"{roots}&sslcert={certificate}", "sslcert and sslkey can only be used together"),
        (f"{roots}&sslkey={key}", "sslcert and sslkey can only be used together"),
        (f"{roots}&sslcert={empty}&sslkey={key}", f"sslcert {empty} cannot be used"),
        (f"{roots}&sslcert={certificate}&sslkey={empty}", f"sslkey {empty} cannot be used"),
        (f"{roots}&sslcert={certificate}&sslkey={other_key}", f"sslkey {other_key} cannot be used"),
        (f"sslrootcert={empty}", f"sslrootcert {empty} cannot be used"),
        (f"sslmode=disable&{roots}", "sslmode=disable uses no TLS"),
    ]:
        assert expected in refused(server.url(query, database="postgres"))


def test_the_tests_make_what_python_itself_takes(server: Server) -> None:
    """The referee: another client of TLS trusts the same authority, and no other."""
    for authority, trusted in [(server.authority, True), (server.stranger, False)]:
        context = ssl.create_default_context(cafile=str(authority.file))
        assert speaks(context, server.postgresql.port) is trusted


def speaks(context: ssl.SSLContext, port: int) -> bool:
    with socket.create_connection(("127.0.0.1", port), timeout=10) as raw:
        raw.sendall(struct.pack("!ii", 8, 80877103))
        assert raw.recv(1) == b"S"
        try:
            with context.wrap_socket(raw, server_hostname=NAME):
                return True
        except ssl.SSLCertVerificationError:
            return False
