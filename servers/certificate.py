"""A certificate for localhost, signed by itself, made when it is first needed.

Nobody trusts it unless told: `curl -k`, or `curl --cacert .local/localhost.pem`. Both files stay out of git.
"""

import datetime
import os
import tempfile
from collections.abc import Callable
from contextlib import suppress
from ipaddress import ip_address
from pathlib import Path

CERTIFICATE = Path(".local/localhost.pem")
KEY = Path(".local/localhost-key.pem")
"""Where the two files are, below the root of the project."""

LIFETIME = datetime.timedelta(days=365)
RENEW_BEFORE_END = datetime.timedelta(days=30)


class CertificateError(Exception):
    """The certificate cannot be made. The text is one sentence for whoever asked."""


def make_certificate(root: Path) -> None:
    """See to it that there are a key below `root` and a certificate for it that is valid for a while yet.

    Raises CertificateError without the package `cryptography`, and when the files cannot be written.
    """
    try:
        # The one import outside the standard library, and only who wants TLS needs it.
        from cryptography import x509
        from cryptography.hazmat.primitives import hashes, serialization
        from cryptography.hazmat.primitives.asymmetric import ec
        from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
    except ImportError:
        raise CertificateError(
            "A certificate is made with cryptography, which is not installed: pip install cryptography"
        ) from None

    key_file, certificate_file = root / KEY, root / CERTIFICATE
    now = datetime.datetime.now(datetime.UTC)
    try:
        key_file.parent.mkdir(parents=True, exist_ok=True)
        if not key_file.exists():
            new_key = ec.generate_private_key(ec.SECP256R1())
            pem = new_key.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,  # the only format that granian reads
                serialization.NoEncryption(),
            )
            # Two servers may start at once. A link is made only where nothing is, so both go on with the
            # key of the first, and whichever writes the certificate last, it fits.
            with suppress(FileExistsError):
                _put(pem, key_file, os.link)
        key = serialization.load_pem_private_key(key_file.read_bytes(), password=None)
        if not isinstance(key, ec.EllipticCurvePrivateKey):
            raise CertificateError(
                f"{key_file} holds another kind of key than was put there: remove the file."
            )

        with suppress(FileNotFoundError, ValueError):
            old = x509.load_pem_x509_certificate(certificate_file.read_bytes())
            if old.public_key() == key.public_key() and now < old.not_valid_after_utc - RENEW_BEFORE_END:
                return

        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
        names = x509.SubjectAlternativeName(
            [
                x509.DNSName("localhost"),
                x509.IPAddress(ip_address("127.0.0.1")),
                x509.IPAddress(ip_address("::1")),
            ]
        )
        certificate = (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - datetime.timedelta(hours=1))  # for clients whose clock is behind
            .not_valid_after(now + LIFETIME)
            .add_extension(names, critical=False)
            # It can vouch for itself and for nothing else, even where somebody trusts it.
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
            .sign(key, hashes.SHA256())
        )
        _put(certificate.public_bytes(serialization.Encoding.PEM), certificate_file, os.replace)
    except OSError as error:
        raise CertificateError(f"The certificate cannot be written: {error}.") from error
    except ValueError as error:
        raise CertificateError(f"{key_file} cannot be read as a private key: remove the file.") from error


def _put(content: bytes, path: Path, place: Callable[[str, Path], None]) -> None:
    """Write beside the path, readable for the owner alone, and move there whole."""
    descriptor, beside = tempfile.mkstemp(dir=path.parent)
    try:
        with open(descriptor, "wb") as file:
            file.write(content)
        place(beside, path)
    finally:
        with suppress(FileNotFoundError):
            os.unlink(beside)
