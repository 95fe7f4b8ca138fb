"""A real mailbox for trials: Dovecot over TLS, in a temporary folder and on a free port."""

import base64
import getpass
import grp
import ipaddress
import os
import pwd
import shutil
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from imap_tools import BaseMailBox

from netvaerk.tests.servers import START_SECONDS, answers, free_port, wait_until

USER, PASSWORD = "moeder@kommune.invalid", "hemmeligt æøå @:/%"
CONFIGURATION = """
protocols = imap
base_dir = {folder}/run
state_dir = {folder}/state
log_path = {folder}/log
listen = 127.0.0.1
ssl = required
ssl_cert = <{folder}/certificate.pem
ssl_key = <{folder}/key.pem
default_internal_user = {internal}
default_internal_group = {internal_group}
default_login_user = {login}
first_valid_uid = 1
mail_location = maildir:{folder}/mail/inbox
passdb {{
  driver = passwd-file
  args = {folder}/users
}}
userdb {{
  driver = static
  args = uid={owner} gid={group} home={folder}/mail
}}
namespace inbox {{
  inbox = yes
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = 0
  }}
  inet_listener imaps {{
    port = {port}
    ssl = yes
  }}
}}
service anvil {{
  chroot =
}}
"""


class Dovecot:
    def __init__(self, folder: Path):
        self.folder, self.port = folder, free_port()
        self.program = shutil.which("dovecot") or "/usr/sbin/dovecot"
        is_root = os.getuid() == 0
        owner = "nobody" if is_root else getpass.getuser()  # it hands no mail to root
        group = grp.getgrgid(pwd.getpwnam(owner).pw_gid).gr_name
        (folder / "mail").mkdir()
        shutil.chown(folder / "mail", owner)
        (folder / "users").write_text(f"{USER}:{{PLAIN.b64}}{base64.b64encode(PASSWORD.encode()).decode()}\n")
        make_certificate(folder)
        (folder / "configuration").write_text(
            CONFIGURATION.format(
                folder=folder,
                port=self.port,
                owner=owner,
                group=group,
                internal="dovecot" if is_root else owner,
                internal_group="dovecot" if is_root else group,
                login="dovenull" if is_root else owner,
            )
        )
        self.start()

    def start(self) -> None:
        self.process = subprocess.Popen(
            [self.program, "-F", "-c", self.folder / "configuration"], stdout=subprocess.DEVNULL
        )
        if not wait_until(lambda: answers(self.port), seconds=START_SECONDS):
            raise RuntimeError("Dovecot did not start.")

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(START_SECONDS)

    @property
    def told(self) -> dict:
        """As REPLY_MAILBOX tells it."""
        return {
            "SCHEME": "imaps",
            "HOST": "127.0.0.1",
            "PORT": self.port,
            "USER": USER,
            "PASSWORD": PASSWORD,
            "FOLDER": "INBOX",
        }


def make_certificate(folder: Path) -> None:
    """For 127.0.0.1, signed by itself: who is to trust it names it in SSL_CERT_FILE."""
    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.now(UTC)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    (folder / "certificate.pem").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    (folder / "key.pem").write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )


def lying_in(mailbox: BaseMailBox) -> dict[str, int]:
    """How many mails each folder holds."""
    mailbox.folder.set("INBOX")  # or it tells what it last saw
    return {folder.name: mailbox.folder.status(folder.name)["MESSAGES"] for folder in mailbox.folder.list()}
