"""Which addresses a user may send us to: those that anybody could reach from anywhere."""

import ipaddress
import re
from collections.abc import Collection, Sequence

import httpx

IPAddress = ipaddress.IPv4Address | ipaddress.IPv6Address

LONGEST = 2048

_NAME = re.compile(r"(?!-)[a-z0-9-]{1,63}(?<!-)(\.(?!-)[a-z0-9-]{1,63}(?<!-))+")
_NAT64 = ipaddress.ip_network("64:ff9b::/96")
_NOT_FOR_US = (
    ipaddress.ip_network("192.88.99.0/24"),  # relays of 6to4, given up (RFC 7526)
    ipaddress.ip_network("2002::/16"),  # 6to4: an IPv4 address in disguise
    ipaddress.ip_network("fec0::/10"),  # what unique local addresses replaced
)


class Unsafe(ValueError):
    """The text says why, in words for whoever gave the address, and does not repeat it."""


def checked(url: str, *, schemes: Collection[str], ports: Collection[int]) -> httpx.URL:
    """The address, if its spelling is harmless; where its name leads is for `judge` to say. Raises Unsafe."""
    if len(url) > LONGEST:
        raise Unsafe(f"an address has at most {LONGEST} letters")
    if re.search(r"[\s\\\x00-\x20\x7f]", url):
        raise Unsafe("an address has no blanks, backslashes or control characters")
    try:
        found = httpx.URL(url)
        port = {"https": 443, "http": 80}.get(found.scheme, 0) if found.port is None else found.port
    except (httpx.InvalidURL, ValueError, UnicodeError):
        raise Unsafe("this is no address") from None
    if found.scheme not in schemes:
        raise Unsafe(f"an address begins with {' or '.join(sorted(schemes))}://")
    if found.userinfo:
        raise Unsafe("an address must not hold a name or password")
    if port not in ports:
        raise Unsafe(f"port {port} is not allowed")
    name = found.raw_host.decode("ascii").lower().removesuffix(".")
    if not _is_spelled_well(name):
        raise Unsafe("this is no name of a public host")
    return found.copy_with(host=name, fragment=None)


def judge(addresses: Sequence[str]) -> None:
    """Raises Unsafe unless there is an address and every one is public: one private among them is an attack."""
    if not addresses:
        raise Unsafe("this name has no address")
    if not all(is_public(ipaddress.ip_address(each)) for each in addresses):
        raise Unsafe("this address is not public")


def is_public(address: IPAddress) -> bool:
    """Whether anybody could reach it from anywhere; an IPv4 address inside one of IPv6 counts for itself."""
    if isinstance(address, ipaddress.IPv6Address):
        if address.scope_id:
            return False
        if address.ipv4_mapped:
            return is_public(address.ipv4_mapped)
        if address in _NAT64:
            return is_public(ipaddress.IPv4Address(int(address) & 0xFFFFFFFF))
    if any(address in network for network in _NOT_FOR_US if network.version == address.version):
        return False
    return address.is_global and not (address.is_multicast or address.is_reserved or address.is_unspecified)


def _is_spelled_well(host: str) -> bool:
    """A name with a dot in it, or an address in its usual spelling; 2130706433, 0x7f.1 and 0177.0.0.1 are neither."""
    try:
        ipaddress.ip_address(host)
    except ValueError:
        last = host.rpartition(".")[2]
        return bool(_NAME.fullmatch(host)) and len(host) <= 253 and not re.fullmatch(r"[0-9]+|0x[0-9a-f]*", last)
    return "%" not in host
