"""Who the plugin is: a certificate of its own for every start, as AutoMTLS wants it."""

from dataclasses import dataclass
from datetime import datetime, timedelta, timezone

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

_HOST = "localhost"
"""The name by which the engine knows every plugin."""

_SKEW = timedelta(seconds=30)
_LIFETIME = timedelta(days=3650)


@dataclass(frozen=True)
class Certificate:
    """A self-signed certificate and its key."""

    certificate_pem: bytes
    key_pem: bytes
    certificate_der: bytes


def new() -> Certificate:
    """Make a certificate that only this process has the key of."""
    key = ec.generate_private_key(ec.SECP256R1())
    certificate = _described(key.public_key()).sign(key, hashes.SHA256())
    return Certificate(
        certificate_pem=certificate.public_bytes(serialization.Encoding.PEM),
        key_pem=key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        ),
        certificate_der=certificate.public_bytes(serialization.Encoding.DER),
    )


def _described(public_key: ec.EllipticCurvePublicKey) -> x509.CertificateBuilder:
    """Describe a certificate that is its own authority and good for both ends of a connection."""
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, _HOST)])
    now = datetime.now(timezone.utc)
    both_ends = [ExtendedKeyUsageOID.CLIENT_AUTH, ExtendedKeyUsageOID.SERVER_AUTH]
    return (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(public_key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - _SKEW)
        .not_valid_after(now + _LIFETIME)
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(_HOST)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .add_extension(x509.ExtendedKeyUsage(both_ends), critical=False)
    )
