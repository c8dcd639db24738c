import pytest

from accounts.addresses import client_address, household


@pytest.mark.parametrize(
    ("said", "proxies", "expected"),
    [
        ("", 0, "10.0.0.1"),
        ("192.0.2.7", 0, "10.0.0.1"),
        ("192.0.2.7", 1, "192.0.2.7"),
        ("192.0.2.7 , 198.51.100.9", 1, "198.51.100.9"),
        ("192.0.2.7, 198.51.100.9", 2, "192.0.2.7"),
        # Fewer than there are proxies: somebody came past one of them.
        ("192.0.2.7", 2, "10.0.0.1"),
        ("", 1, "10.0.0.1"),
        # Whatever the client writes stands before what our proxy saw.
        ("nonsense, 127.0.0.1, 198.51.100.9", 1, "198.51.100.9"),
        ("198.51.100.9, nonsense", 1, "10.0.0.1"),
        ("2001:db8::1", 1, "2001:db8::1"),
    ],
)
def test_the_address_is_what_the_outermost_trusted_proxy_saw(said, proxies, expected):
    environ = {"REMOTE_ADDR": "10.0.0.1", "HTTP_X_FORWARDED_FOR": said}
    assert client_address(environ, proxies) == expected


@pytest.mark.parametrize(
    ("address", "other", "same"),
    [
        ("192.0.2.7", "192.0.2.8", False),
        ("192.0.2.7", "::ffff:192.0.2.7", True),
        ("2001:db8:0:1::1", "2001:db8:0:1:ffff::2", True),
        ("2001:db8:0:1::1", "2001:db8:0:2::1", False),
        ("", "", True),
    ],
)
def test_a_network_of_ipv6_is_one_household(address, other, same):
    assert (household(address) == household(other)) is same
