"""Addresses that users give: they lead nowhere inside, whatever names say, and the second time they are asked."""

import datetime
import ipaddress
import ssl

import httpcore
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from project.foundation.outbound import Garbled, Kind, PublicService, Refused, ServiceError, UnsafeAddress
from tests import standin

PUBLIC, DEAD, NAME = "93.184.215.14", "93.184.215.15", "push.example"


class Dial(httpcore.SyncBackend):
    """The street outside: who dials `PUBLIC` reaches the stand-in, at `DEAD` is nobody, and whoever else is
    dialled is really dialled; all are written down."""

    def __init__(self, port):
        self.port = port
        self.dialled = []

    def connect_tcp(self, host, port, *args, **kwargs):
        self.dialled.append((host, port))
        if host == PUBLIC:
            host, port = "127.0.0.1", self.port
        elif host == DEAD:
            host, port = "127.0.0.1", 1
        return super().connect_tcp(host, port, *args, **kwargs)


class Names:
    """A resolver that gives its answers one after the other, the last one for ever."""

    def __init__(self, *answers):
        self.answers = list(answers)
        self.asked = []

    def __call__(self, host, port):
        self.asked.append(host)
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    """For NAME and nothing else."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, NAME)])
    today = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(today - datetime.timedelta(days=1))
        .not_valid_after(today + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(NAME)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    file = tmp_path_factory.mktemp("tls") / "both.pem"
    secret = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    file.write_bytes(secret + made.public_bytes(serialization.Encoding.PEM))
    return file


@pytest.fixture
def pushed(certificate):
    """A push service at NAME, on TLS; it writes down which name it was greeted with."""
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(certificate)
    greeted = []
    tls.sni_callback = lambda connection, name, context: greeted.append(name)
    with standin.opened(standin.StandIn(), tls=tls) as stand_in:
        stand_in.greeted = greeted
        stand_in.on("POST", "/send/{key}", standin.Reply({}, 201))
        yield stand_in


@pytest.fixture
def push(pushed, certificate):
    dial = Dial(int(pushed.url.rpartition(":")[2]))

    def service(names, **given):
        trusting = ssl.create_default_context(cafile=str(certificate))
        made = PublicService("Push", deadline=5, resolve=names, dial=dial, verify=trusting, **given)
        made.dial = dial
        return made

    return service


def test_a_public_address_is_reached_under_its_name(push, pushed):
    service = push(Names([PUBLIC]))
    answer = service.ask("POST", f"https://{NAME}/send/abc?x=1", content=b"sealed", headers={"TTL": "60"})
    assert answer.status == 201
    (request,) = pushed.requests
    assert (request.headers["Host"], request.body, request.query) == (NAME, b"sealed", {"x": ["1"]})
    assert pushed.greeted == [NAME]
    assert service.dial.dialled == [(PUBLIC, 443)]


def test_the_certificate_must_be_that_of_the_name(push, pushed):
    with pytest.raises(ServiceError) as raised:
        push(Names([PUBLIC])).ask("POST", "https://other.example/send/abc")
    assert raised.value.kind == Kind.UNREACHABLE
    assert pushed.requests == []


class TestNamesThatLie:
    def test_a_name_that_is_public_when_it_is_looked_at_and_private_when_it_is_called(self, push, pushed):
        """What was looked at is what is called: the name is asked for once."""
        names = Names([PUBLIC], ["127.0.0.1"])
        service = push(names)
        service.ask("POST", f"https://{NAME}/send/abc")
        assert names.asked == [NAME]
        assert service.dial.dialled == [(PUBLIC, 443)]

    def test_the_next_call_looks_again(self, push, pushed):
        """No connection is kept that was opened to what the name once meant."""
        service = push(Names([PUBLIC], ["127.0.0.1"]))
        service.ask("POST", f"https://{NAME}/send/abc")
        with pytest.raises(UnsafeAddress):
            service.ask("POST", f"https://{NAME}/send/abc")
        assert service.dial.dialled == [(PUBLIC, 443)]

    @pytest.mark.parametrize("private", ["127.0.0.1", "169.254.169.254", "::1", "::ffff:10.0.0.1", "64:ff9b::7f00:1"])
    @pytest.mark.parametrize("order", [1, -1])
    def test_one_private_address_among_public_ones(self, push, pushed, private, order):
        service = push(Names([PUBLIC, private][::order]))
        with pytest.raises(UnsafeAddress, match="not public"):
            service.ask("POST", f"https://{NAME}/send/abc")
        assert service.dial.dialled == []

    @pytest.mark.parametrize("host", ["127.0.0.1", "[::1]", "[::ffff:127.0.0.1]", "169.254.169.254", "0.0.0.0"])
    def test_addresses_without_a_name(self, push, pushed, host):
        service = push(Names([PUBLIC]))
        with pytest.raises(UnsafeAddress):
            service.ask("POST", f"https://{host}/send/abc")
        assert service.dial.dialled == []

    def test_a_name_of_this_machine(self, certificate):
        """With the real resolver."""
        with pytest.raises(ServiceError) as raised:
            PublicService("Push", deadline=5).ask("GET", "https://localhost.localdomain/")
        assert raised.value.kind in {Kind.UNSAFE, Kind.UNREACHABLE}

    def test_another_address_is_tried_when_the_first_is_dead(self, push, pushed):
        service = push(Names([DEAD, PUBLIC]))
        assert service.ask("POST", f"https://{NAME}/send/abc").status == 201
        assert service.dial.dialled == [(DEAD, 443), (PUBLIC, 443)]


class TestRedirects:
    @pytest.mark.parametrize(
        "where", ["http://127.0.0.1/", "https://169.254.169.254/latest/", "/elsewhere", "file:///x"]
    )
    def test_none_is_followed(self, push, pushed, where):
        pushed.on("GET", "/moved", standin.Reply(b"", 302, {"Location": where}))
        service = push(Names([PUBLIC]))
        with pytest.raises(Refused) as raised:
            service.ask("GET", f"https://{NAME}/moved")
        assert (raised.value.kind, raised.value.status) == (Kind.REDIRECTED, 302)
        assert len(service.dial.dialled) == 1


class TestAnswers:
    @pytest.mark.parametrize("status", [404, 410, 413])
    def test_what_push_services_refuse_with(self, push, pushed, status):
        pushed.on("POST", "/send/gone", standin.Reply({"reason": "no"}, status))
        with pytest.raises(Refused) as raised:
            push(Names([PUBLIC])).ask("POST", f"https://{NAME}/send/gone")
        assert raised.value.status == status

    def test_too_much_is_not_read(self, push, pushed):
        pushed.on("GET", "/feed", standin.Reply(b"x" * 5000))
        with pytest.raises(Garbled):
            push(Names([PUBLIC]), largest=1000).ask("GET", f"https://{NAME}/feed")

    def test_nothing_of_the_address_is_written_down(self, push, pushed, rows):
        pushed.on("POST", "/send/{key}", standin.Reply({"reason": "no /send/secret-key here, x=secret-too"}, 410))
        with pytest.raises(Refused) as raised:
            push(Names([PUBLIC])).ask("POST", f"https://{NAME}/send/secret-key?x=secret-too")
        (row,) = rows()
        assert (row.service, row.path, row.status) == ("Push", "", 410)
        for secret in ("secret-key", "secret-too", NAME):
            assert secret not in repr((vars(row), str(raised.value), raised.value.body))

    def test_one_dead_address_shuts_out_nobody_else(self, push, pushed):
        pushed.on("POST", "/dead", standin.Reply({}, 500))
        service = push(Names([PUBLIC]))
        for _ in range(10):
            with pytest.raises(ServiceError):
                service.ask("POST", f"https://{NAME}/dead")
        assert service.ask("POST", f"https://{NAME}/send/abc").status == 201


def test_http_and_other_ports_only_where_they_are_wanted(stand_in):
    stand_in.on("GET", "/", {})
    dial = Dial(int(stand_in.url.rpartition(":")[2]))
    strict = PublicService("Import", deadline=5, resolve=Names([PUBLIC]), dial=dial)
    for url in (f"http://{NAME}/", f"https://{NAME}:8443/", f"https://{NAME}:22/"):
        with pytest.raises(UnsafeAddress):
            strict.ask("GET", url)
    loose = PublicService("Import", deadline=5, resolve=Names([PUBLIC]), dial=dial, http=True, ports=[8080])
    assert loose.ask("GET", f"http://{NAME}/").status == 200
    assert loose.ask("GET", f"http://{NAME}:8080/").status == 200
    assert dial.dialled == [(PUBLIC, 80), (PUBLIC, 8080)]
    with pytest.raises(UnsafeAddress):
        loose.ask("GET", f"http://{NAME}:22/")


def test_the_stand_ins_address_is_what_this_is_about():
    assert not ipaddress.ip_address("127.0.0.1").is_global
