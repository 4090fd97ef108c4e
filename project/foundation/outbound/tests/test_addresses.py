"""Every way to write an address that is not public."""

import ipaddress
import socket

import httpx
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from project.foundation.outbound import addresses, wire

PRIVATE = [
    "0.0.0.0", "10.0.0.1", "100.64.0.1", "127.0.0.1", "127.255.255.254", "169.254.169.254", "172.16.0.1",
    "172.31.255.1", "192.0.0.1", "192.0.2.1", "192.88.99.1", "192.168.1.1", "198.18.0.1", "198.51.100.1", "203.0.113.1",
    "224.0.0.1", "239.255.255.250", "240.0.0.1", "255.255.255.255",
    "::", "::1", "::127.0.0.1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:0:127.0.0.1", "64:ff9b::7f00:1",
    "64:ff9b::a9fe:a9fe", "64:ff9b:1::1", "100::1", "2001:db8::1", "2001::7f00:1", "2002:7f00:1::1", "2002:808:808::1",
    "fc00::1", "fd00:ec2::254", "fe80::1", "fe80::1%eth0", "fec0::1", "ff02::1", "ff0e::1",
]  # fmt: skip
PUBLIC = ["8.8.8.8", "93.184.215.14", "2606:4700:4700::1111", "::ffff:8.8.8.8", "64:ff9b::808:808"]


def checked(url, *, schemes=("https",), ports=(443,)):
    return addresses.checked(url, schemes=schemes, ports=ports)


def reachable(host):
    """Whether a call to this host would be allowed, its name looked up as this machine does."""
    try:
        found = checked(f"https://{host}/")
        addresses.judge(wire.resolve(found.raw_host.decode(), 443))
    except (addresses.Unsafe, OSError):
        return False
    return True


class TestWhatIsPublic:
    @pytest.mark.parametrize("address", PRIVATE)
    def test_not(self, address):
        assert not addresses.is_public(ipaddress.ip_address(address))

    @pytest.mark.parametrize("address", PUBLIC)
    def test_what_anybody_reaches(self, address):
        assert addresses.is_public(ipaddress.ip_address(address))

    @given(st.ip_addresses(v=4))
    def test_an_address_in_the_disguise_of_another_counts_for_itself(self, address):
        number = int(address)
        mapped = ipaddress.IPv6Address((0xFFFF << 32) | number)
        nat64 = ipaddress.IPv6Address((0x64FF9B << 96) | number)
        assert addresses.is_public(mapped) == addresses.is_public(nat64) == addresses.is_public(address)
        assert not addresses.is_public(ipaddress.IPv6Address((0x2002 << 112) | (number << 80)))

    @given(st.ip_addresses())
    def test_what_python_calls_private_never_is(self, address):
        assume(address.is_private or address.is_loopback or address.is_link_local or address.is_multicast)
        assume(not (address.version == 6 and (address.ipv4_mapped or address in addresses._NAT64)))
        assert not addresses.is_public(address)

    def test_one_private_address_among_public_ones_is_enough(self):
        addresses.judge(PUBLIC)
        for private in PRIVATE:
            with pytest.raises(addresses.Unsafe):
                addresses.judge([PUBLIC[0], private, PUBLIC[1]])

    def test_no_address_is_none(self):
        with pytest.raises(addresses.Unsafe):
            addresses.judge([])


def spellings(address):
    """How resolvers and browsers let one write an IPv4 address."""
    a, b, c, d = address.packed
    number = int(address)
    dotted = str(address)
    yield from (dotted, f"{dotted}.", str(number), hex(number), f"0{number:o}", hex(number).upper())
    yield f"{a:#x}.{b:#x}.{c:#x}.{d:#x}"
    yield f"0{a:o}.0{b:o}.0{c:o}.0{d:o}"
    yield f"{a}.{(b << 16) + (c << 8) + d}"
    yield f"{a}.{b}.{(c << 8) + d}"
    yield f"{a:03}.{b:03}.{c:03}.{d:03}"
    yield f"[::ffff:{dotted}]"
    yield f"[::ffff:{number >> 16:x}:{number & 0xFFFF:x}]"
    yield f"[64:ff9b::{number >> 16:x}:{number & 0xFFFF:x}]"
    yield f"[2002:{number >> 16:x}:{number & 0xFFFF:x}::1]"
    yield f"[::{dotted}]"
    yield dotted.translate({ord(str(n)): chr(0xFF10 + n) for n in range(10)})
    yield dotted.replace(".", "。")
    yield "".join(f"%{ord(letter):02x}" for letter in dotted)


class TestSpellings:
    @given(st.sampled_from([each for each in PRIVATE if ":" not in each]).map(ipaddress.ip_address))
    def test_no_spelling_of_a_private_address_is_let_through(self, address):
        let_through = [each for each in spellings(address) if reachable(each)]
        assert let_through == []

    @given(st.ip_addresses(v=4).filter(lambda address: not addresses.is_public(address)))
    def test_nor_of_any_other(self, address):
        let_through = [each for each in spellings(address) if reachable(each)]
        assert let_through == []

    def test_the_usual_spelling_of_a_public_address_is(self):
        assert reachable("8.8.8.8")
        assert reachable("[2606:4700:4700::1111]")

    @pytest.mark.parametrize(
        "url",
        [
            "",
            "example.com",
            "//example.com/",
            "http://example.com/",
            "ftp://example.com/",
            "file:///etc/passwd",
            "gopher://example.com:443/",
            "https://",
            "https:///path",
            "https://localhost/",
            "https://intranet/",
            "https://localhost./",
            "https://ada@example.com/",
            "https://ada:secret@example.com/",
            "https://example.com@127.0.0.1/",
            "https://example.com:22/",
            "https://example.com:0/",
            "https://example.com:99999/",
            "https://example.com:443@evil.example/",
            "https://example.com\\@evil.example/",
            "https://exa mple.com/",
            "https://example.com/\r\nHost: evil",
            "https://example.com\x00.evil.example/",
            "\thttps://example.com/",
            "https://-example.com/",
            "https://exam_ple.com/",
            "https://example..com/",
            "https://example.com../",
            "https://[::1%25eth0]/",
            "https://[::1/",
            "https://127.0.0.1.1/",
            "https://1.2.3.4.0x5/",
            "https://" + "a." * 200 + "com/",
            "https://example.com/" + "a" * 5000,
        ],
    )
    def test_what_is_refused_by_its_spelling(self, url):
        with pytest.raises(addresses.Unsafe) as refused:
            checked(url)
        assert "example" not in str(refused.value)

    def test_names_of_every_language_are_let_through(self):
        assert checked("https://żółw.example/").raw_host == b"xn--w-uga1v8h.example"
        assert checked("https://XN--W-UGA1V8H.Example./").raw_host == b"xn--w-uga1v8h.example"

    def test_a_port_that_is_allowed(self):
        assert checked("https://example.com:8443/x", ports=(443, 8443)).port == 8443

    @given(st.text(max_size=60))
    def test_whatever_is_typed_it_is_refused_or_has_one_public_looking_host(self, text):
        for url in (text, f"https://{text}", f"https://{text}/", f"https://example.com{text}"):
            try:
                found = checked(url)
            except addresses.Unsafe:
                continue
            assert found.scheme == "https"
            assert not found.userinfo
            assert httpx.URL(str(found)).raw_host == found.raw_host  # what is asked is what was checked
            assert found.raw_host == found.raw_host.lower().rstrip(b".")


def test_the_systems_own_answers_are_judged_too():
    assert "127.0.0.1" in wire.resolve("localhost", 443)
    with pytest.raises(addresses.Unsafe):
        addresses.judge(wire.resolve("localhost", 443))
    assert socket.inet_aton("127.1")  # which is why a name is looked up first and judged then
