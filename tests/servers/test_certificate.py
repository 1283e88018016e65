"""The certificate is made when it is missing or about to end, and fits its key."""

import ssl
import stat
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding, load_pem_private_key
from cryptography.x509.oid import NameOID

from servers import CertificateError
from servers.certificate import CERTIFICATE, KEY, make_certificate


def read(root):
    return x509.load_pem_x509_certificate((root / CERTIFICATE).read_bytes())


def until(root, end):
    """A certificate for the key below this root, valid until then."""
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    key = load_pem_private_key((root / KEY).read_bytes(), None)
    start = end - timedelta(days=365)
    builder = x509.CertificateBuilder(name, name, key.public_key(), 1, start, end)
    return builder.sign(key, hashes.SHA256()).public_bytes(Encoding.PEM)


def test_certificate_is_for_this_machine_by_each_of_its_names(tmp_path):
    make_certificate(tmp_path)
    names = read(tmp_path).extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert names.get_values_for_type(x509.DNSName) == ["localhost"]
    assert names.get_values_for_type(x509.IPAddress) == [ip_address("127.0.0.1"), ip_address("::1")]


def test_certificate_fits_its_key_and_can_be_served(tmp_path):
    make_certificate(tmp_path)
    ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(tmp_path / CERTIFICATE, tmp_path / KEY)


def test_key_is_for_its_owner_alone_and_in_the_format_that_granian_reads(tmp_path):
    make_certificate(tmp_path)
    assert stat.S_IMODE((tmp_path / KEY).stat().st_mode) == 0o600
    assert (tmp_path / KEY).read_text().startswith("-----BEGIN PRIVATE KEY-----")  # PKCS#8 says no more


def test_good_certificate_stays(tmp_path):
    make_certificate(tmp_path)
    files = [(tmp_path / CERTIFICATE).read_bytes(), (tmp_path / KEY).read_bytes()]
    make_certificate(tmp_path)
    assert files == [(tmp_path / CERTIFICATE).read_bytes(), (tmp_path / KEY).read_bytes()]


@pytest.mark.parametrize("days", [-1, 10], ids=["has ended", "is about to end"])
def test_certificate_that_does_not_hold_for_long_is_renewed_for_the_same_key(tmp_path, days):
    make_certificate(tmp_path)
    key = (tmp_path / KEY).read_bytes()
    (tmp_path / CERTIFICATE).write_bytes(until(tmp_path, datetime.now(UTC) + timedelta(days=days)))
    make_certificate(tmp_path)
    assert read(tmp_path).not_valid_after_utc > datetime.now(UTC) + timedelta(days=300)
    assert (tmp_path / KEY).read_bytes() == key


@pytest.mark.parametrize("lost", [CERTIFICATE, KEY], ids=["certificate", "key"])
def test_what_is_lost_is_made_again_and_the_other_fits_it(tmp_path, lost):
    make_certificate(tmp_path)
    (tmp_path / lost).unlink()
    make_certificate(tmp_path)
    test_certificate_fits_its_key_and_can_be_served(tmp_path)


def test_servers_that_start_at_once_get_a_certificate_that_fits_the_key(tmp_path):
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(make_certificate, [tmp_path] * 8))
    assert (
        read(tmp_path).public_key() == load_pem_private_key((tmp_path / KEY).read_bytes(), None).public_key()
    )
    assert len(list((tmp_path / KEY).parent.iterdir())) == 2


def test_key_that_cannot_be_read_is_a_sentence(tmp_path):
    (tmp_path / KEY).parent.mkdir()
    (tmp_path / KEY).write_text("no key")
    with pytest.raises(CertificateError, match="cannot be read as a private key: remove the file"):
        make_certificate(tmp_path)


def test_folder_that_cannot_be_made_is_a_sentence(tmp_path):
    (tmp_path / KEY.parent).write_text("a file where the folder should be")
    with pytest.raises(CertificateError, match="cannot be written"):
        make_certificate(tmp_path)
