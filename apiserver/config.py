"""The apiserver's settings, parsed once and passed explicitly. It must never read the environment or files."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from podwright.apiserver.pod_security.configuration import Configuration


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerConfig:
    """Everything the server can be told. Paths that are None switch the matching feature off."""

    host: str = "127.0.0.1"
    """Address to listen on."""
    port: int = 6443
    """Port to listen on; 0 picks a free one."""
    advertise_address: str = ""
    """IPv4 address under which pods reach this server through the `default/kubernetes` Service; "" if there is none."""
    tls_cert_file: Path | None = None
    """Serving certificate (PEM); None serves plain HTTP (tests, in-process use)."""
    tls_key_file: Path | None = None
    client_ca_file: Path | None = None
    """CA (PEM) that signs client certificates; CN is the user, O the groups."""
    token_auth_file: Path | None = None
    """Lines of token,user,uid,"group1,group2"."""
    pod_security: Configuration | None = None
    """Pod Security where a namespace says nothing, and whom it is not for; None: only labels of namespaces count."""
    authentication_config_file: Path | None = None
    """AuthenticationConfiguration: other issuers of tokens, where somebody may be nobody. Followed while running."""
    service_account_key_file: Path | None = None
    """RSA keys (PEM) of service-account tokens: the first, a private one, signs; all verify. Followed while running."""
    proxy_client_cert_file: Path | None = None
    """Client certificate (PEM) by which API servers that we pass requests on to believe whom we speak for."""
    proxy_client_key_file: Path | None = None
    requestheader_client_ca_file: Path | None = None
    """CA (PEM) of that certificate, for those servers to know."""
    service_account_issuer: str = "https://kubernetes.default.svc"
    service_cidr: str = "10.96.0.0/16"
    """Range of ClusterIPs; its first address belongs to the `default/kubernetes` Service."""
    node_port_first: int = 30000
    node_port_last: int = 32767
    """Ports for NodePort Services, both ends included."""
    encryption_config_file: Path | None = None
    """EncryptionConfiguration (YAML or JSON): what is sealed in the store; None seals nothing."""
    audit_policy_file: Path | None = None
    """Policy (YAML or JSON) of what is recorded in the audit log; None records nothing."""
    audit_log_file: Path | None = None
    """JSON lines; needed with a policy."""
    audit_log_bytes: int = 100 * 1024 * 1024
    """Size at which the audit log is set aside and begun anew."""
    audit_log_files: int = 10
    """Full audit logs that are kept; 0 keeps all."""
    audit_log_days: int = 0
    """Days that full audit logs are kept; 0 does not look at their age."""
    access_log_file: Path | None = None
    """JSON lines, one a request; None writes none."""
    body_limit: int = 3 * 1024 * 1024
    """Largest request body in bytes."""
    max_inflight: int = 2048
    """Requests answered at the same time (open watches do not count); more are told to come back."""
    seats: int = 300
    """What all priority levels share: about as many requests are under way at a time, others wait for their turn."""
    idle_seconds: float = 90.0
    """How long a connection may be open without a request."""
    read_seconds: float = 30.0
    """How long a request may take to arrive; then 408."""
    request_seconds: float = 60.0
    """How long an answer may take (504) or wait to be read (cut off); watches and logs last as long as they like."""
    linger_seconds: float = 2.0
    """How long a refused client may go on sending before its connection is closed."""
    watch_buffer: int = 4096
    """Events a watcher may lag behind before it is dropped."""
    watch_buffer_bytes: int = 16 * 1024 * 1024
    """Bytes that may wait in one watcher's connection before it is dropped."""
    event_window: int = 4096
    """Changes kept per resource for watches that begin in the past."""
    bookmark_seconds: float = 55.0
    """Interval of BOOKMARK events on watches that asked for them."""
    future_revision_seconds: float = 3.0
    """How long a read waits for a resourceVersion ahead of the store before it answers 504."""
    compact_after_seconds: float = 480.0
    """Age of the history that compaction forgets. Clients expect continue tokens to end within ten minutes."""
    event_ttl_seconds: float = 3600.0
    """Age after their last change at which Events are removed."""

    @property
    def front_proxy(self) -> tuple[Path, Path] | None:
        """The certificate to speak for users by, and its key."""
        files = self.proxy_client_cert_file, self.proxy_client_key_file
        return None if files[0] is None or files[1] is None else (files[0], files[1])
