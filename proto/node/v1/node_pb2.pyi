from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class JoinRequest(_message.Message):
    __slots__ = ("token", "node_name", "csr_pem")
    TOKEN_FIELD_NUMBER: _ClassVar[int]
    NODE_NAME_FIELD_NUMBER: _ClassVar[int]
    CSR_PEM_FIELD_NUMBER: _ClassVar[int]
    token: str
    node_name: str
    csr_pem: bytes
    def __init__(self, token: _Optional[str] = ..., node_name: _Optional[str] = ..., csr_pem: _Optional[bytes] = ...) -> None: ...

class JoinReply(_message.Message):
    __slots__ = ("certificate_pem", "ca_pem")
    CERTIFICATE_PEM_FIELD_NUMBER: _ClassVar[int]
    CA_PEM_FIELD_NUMBER: _ClassVar[int]
    certificate_pem: bytes
    ca_pem: bytes
    def __init__(self, certificate_pem: _Optional[bytes] = ..., ca_pem: _Optional[bytes] = ...) -> None: ...

class AgentMessage(_message.Message):
    __slots__ = ("hello", "pod_status", "node_status", "heartbeat", "event", "pod_gone", "token_request")
    HELLO_FIELD_NUMBER: _ClassVar[int]
    POD_STATUS_FIELD_NUMBER: _ClassVar[int]
    NODE_STATUS_FIELD_NUMBER: _ClassVar[int]
    HEARTBEAT_FIELD_NUMBER: _ClassVar[int]
    EVENT_FIELD_NUMBER: _ClassVar[int]
    POD_GONE_FIELD_NUMBER: _ClassVar[int]
    TOKEN_REQUEST_FIELD_NUMBER: _ClassVar[int]
    hello: Hello
    pod_status: PodStatus
    node_status: NodeStatus
    heartbeat: Heartbeat
    event: EventRecord
    pod_gone: PodGone
    token_request: TokenRequest
    def __init__(self, hello: _Optional[_Union[Hello, _Mapping]] = ..., pod_status: _Optional[_Union[PodStatus, _Mapping]] = ..., node_status: _Optional[_Union[NodeStatus, _Mapping]] = ..., heartbeat: _Optional[_Union[Heartbeat, _Mapping]] = ..., event: _Optional[_Union[EventRecord, _Mapping]] = ..., pod_gone: _Optional[_Union[PodGone, _Mapping]] = ..., token_request: _Optional[_Union[TokenRequest, _Mapping]] = ...) -> None: ...

class Hello(_message.Message):
    __slots__ = ("agent_version", "node_json")
    AGENT_VERSION_FIELD_NUMBER: _ClassVar[int]
    NODE_JSON_FIELD_NUMBER: _ClassVar[int]
    agent_version: str
    node_json: bytes
    def __init__(self, agent_version: _Optional[str] = ..., node_json: _Optional[bytes] = ...) -> None: ...

class PodStatus(_message.Message):
    __slots__ = ("namespace", "name", "uid", "status_json", "sequence")
    NAMESPACE_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    UID_FIELD_NUMBER: _ClassVar[int]
    STATUS_JSON_FIELD_NUMBER: _ClassVar[int]
    SEQUENCE_FIELD_NUMBER: _ClassVar[int]
    namespace: str
    name: str
    uid: str
    status_json: bytes
    sequence: int
    def __init__(self, namespace: _Optional[str] = ..., name: _Optional[str] = ..., uid: _Optional[str] = ..., status_json: _Optional[bytes] = ..., sequence: _Optional[int] = ...) -> None: ...

class NodeStatus(_message.Message):
    __slots__ = ("status_json",)
    STATUS_JSON_FIELD_NUMBER: _ClassVar[int]
    status_json: bytes
    def __init__(self, status_json: _Optional[bytes] = ...) -> None: ...

class Heartbeat(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class EventRecord(_message.Message):
    __slots__ = ("event_json",)
    EVENT_JSON_FIELD_NUMBER: _ClassVar[int]
    event_json: bytes
    def __init__(self, event_json: _Optional[bytes] = ...) -> None: ...

class PodGone(_message.Message):
    __slots__ = ("namespace", "name", "uid", "sequence")
    NAMESPACE_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    UID_FIELD_NUMBER: _ClassVar[int]
    SEQUENCE_FIELD_NUMBER: _ClassVar[int]
    namespace: str
    name: str
    uid: str
    sequence: int
    def __init__(self, namespace: _Optional[str] = ..., name: _Optional[str] = ..., uid: _Optional[str] = ..., sequence: _Optional[int] = ...) -> None: ...

class TokenRequest(_message.Message):
    __slots__ = ("id", "namespace", "service_account", "pod_name", "pod_uid", "audiences", "expiration_seconds")
    ID_FIELD_NUMBER: _ClassVar[int]
    NAMESPACE_FIELD_NUMBER: _ClassVar[int]
    SERVICE_ACCOUNT_FIELD_NUMBER: _ClassVar[int]
    POD_NAME_FIELD_NUMBER: _ClassVar[int]
    POD_UID_FIELD_NUMBER: _ClassVar[int]
    AUDIENCES_FIELD_NUMBER: _ClassVar[int]
    EXPIRATION_SECONDS_FIELD_NUMBER: _ClassVar[int]
    id: int
    namespace: str
    service_account: str
    pod_name: str
    pod_uid: str
    audiences: _containers.RepeatedScalarFieldContainer[str]
    expiration_seconds: int
    def __init__(self, id: _Optional[int] = ..., namespace: _Optional[str] = ..., service_account: _Optional[str] = ..., pod_name: _Optional[str] = ..., pod_uid: _Optional[str] = ..., audiences: _Optional[_Iterable[str]] = ..., expiration_seconds: _Optional[int] = ...) -> None: ...

class GatewayMessage(_message.Message):
    __slots__ = ("full", "delta", "session", "ack", "token", "config")
    FULL_FIELD_NUMBER: _ClassVar[int]
    DELTA_FIELD_NUMBER: _ClassVar[int]
    SESSION_FIELD_NUMBER: _ClassVar[int]
    ACK_FIELD_NUMBER: _ClassVar[int]
    TOKEN_FIELD_NUMBER: _ClassVar[int]
    CONFIG_FIELD_NUMBER: _ClassVar[int]
    full: Assignments
    delta: Delta
    session: SessionRequest
    ack: Ack
    token: Token
    config: NodeConfig
    def __init__(self, full: _Optional[_Union[Assignments, _Mapping]] = ..., delta: _Optional[_Union[Delta, _Mapping]] = ..., session: _Optional[_Union[SessionRequest, _Mapping]] = ..., ack: _Optional[_Union[Ack, _Mapping]] = ..., token: _Optional[_Union[Token, _Mapping]] = ..., config: _Optional[_Union[NodeConfig, _Mapping]] = ...) -> None: ...

class NodeConfig(_message.Message):
    __slots__ = ("pod_cidr", "routes", "cluster_dns", "cluster_domain", "cluster_ca_pem", "service_cidr", "cluster_cidr")
    POD_CIDR_FIELD_NUMBER: _ClassVar[int]
    ROUTES_FIELD_NUMBER: _ClassVar[int]
    CLUSTER_DNS_FIELD_NUMBER: _ClassVar[int]
    CLUSTER_DOMAIN_FIELD_NUMBER: _ClassVar[int]
    CLUSTER_CA_PEM_FIELD_NUMBER: _ClassVar[int]
    SERVICE_CIDR_FIELD_NUMBER: _ClassVar[int]
    CLUSTER_CIDR_FIELD_NUMBER: _ClassVar[int]
    pod_cidr: str
    routes: _containers.RepeatedCompositeFieldContainer[Route]
    cluster_dns: str
    cluster_domain: str
    cluster_ca_pem: bytes
    service_cidr: str
    cluster_cidr: str
    def __init__(self, pod_cidr: _Optional[str] = ..., routes: _Optional[_Iterable[_Union[Route, _Mapping]]] = ..., cluster_dns: _Optional[str] = ..., cluster_domain: _Optional[str] = ..., cluster_ca_pem: _Optional[bytes] = ..., service_cidr: _Optional[str] = ..., cluster_cidr: _Optional[str] = ...) -> None: ...

class Route(_message.Message):
    __slots__ = ("node", "pod_cidr", "via")
    NODE_FIELD_NUMBER: _ClassVar[int]
    POD_CIDR_FIELD_NUMBER: _ClassVar[int]
    VIA_FIELD_NUMBER: _ClassVar[int]
    node: str
    pod_cidr: str
    via: str
    def __init__(self, node: _Optional[str] = ..., pod_cidr: _Optional[str] = ..., via: _Optional[str] = ...) -> None: ...

class Assignments(_message.Message):
    __slots__ = ("objects",)
    OBJECTS_FIELD_NUMBER: _ClassVar[int]
    objects: _containers.RepeatedCompositeFieldContainer[Object]
    def __init__(self, objects: _Optional[_Iterable[_Union[Object, _Mapping]]] = ...) -> None: ...

class Delta(_message.Message):
    __slots__ = ("changed", "removed")
    CHANGED_FIELD_NUMBER: _ClassVar[int]
    REMOVED_FIELD_NUMBER: _ClassVar[int]
    changed: _containers.RepeatedCompositeFieldContainer[Object]
    removed: _containers.RepeatedCompositeFieldContainer[Ref]
    def __init__(self, changed: _Optional[_Iterable[_Union[Object, _Mapping]]] = ..., removed: _Optional[_Iterable[_Union[Ref, _Mapping]]] = ...) -> None: ...

class Object(_message.Message):
    __slots__ = ("ref", "json")
    REF_FIELD_NUMBER: _ClassVar[int]
    JSON_FIELD_NUMBER: _ClassVar[int]
    ref: Ref
    json: bytes
    def __init__(self, ref: _Optional[_Union[Ref, _Mapping]] = ..., json: _Optional[bytes] = ...) -> None: ...

class Ref(_message.Message):
    __slots__ = ("kind", "namespace", "name", "uid")
    KIND_FIELD_NUMBER: _ClassVar[int]
    NAMESPACE_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    UID_FIELD_NUMBER: _ClassVar[int]
    kind: str
    namespace: str
    name: str
    uid: str
    def __init__(self, kind: _Optional[str] = ..., namespace: _Optional[str] = ..., name: _Optional[str] = ..., uid: _Optional[str] = ...) -> None: ...

class Ack(_message.Message):
    __slots__ = ("sequence",)
    SEQUENCE_FIELD_NUMBER: _ClassVar[int]
    sequence: int
    def __init__(self, sequence: _Optional[int] = ...) -> None: ...

class Token(_message.Message):
    __slots__ = ("id", "token", "expiration", "error")
    ID_FIELD_NUMBER: _ClassVar[int]
    TOKEN_FIELD_NUMBER: _ClassVar[int]
    EXPIRATION_FIELD_NUMBER: _ClassVar[int]
    ERROR_FIELD_NUMBER: _ClassVar[int]
    id: int
    token: str
    expiration: str
    error: str
    def __init__(self, id: _Optional[int] = ..., token: _Optional[str] = ..., expiration: _Optional[str] = ..., error: _Optional[str] = ...) -> None: ...

class SessionRequest(_message.Message):
    __slots__ = ("id", "namespace", "pod", "pod_uid", "exec", "attach", "logs", "port_forward")
    ID_FIELD_NUMBER: _ClassVar[int]
    NAMESPACE_FIELD_NUMBER: _ClassVar[int]
    POD_FIELD_NUMBER: _ClassVar[int]
    POD_UID_FIELD_NUMBER: _ClassVar[int]
    EXEC_FIELD_NUMBER: _ClassVar[int]
    ATTACH_FIELD_NUMBER: _ClassVar[int]
    LOGS_FIELD_NUMBER: _ClassVar[int]
    PORT_FORWARD_FIELD_NUMBER: _ClassVar[int]
    id: str
    namespace: str
    pod: str
    pod_uid: str
    exec: Exec
    attach: Attach
    logs: Logs
    port_forward: PortForward
    def __init__(self, id: _Optional[str] = ..., namespace: _Optional[str] = ..., pod: _Optional[str] = ..., pod_uid: _Optional[str] = ..., exec: _Optional[_Union[Exec, _Mapping]] = ..., attach: _Optional[_Union[Attach, _Mapping]] = ..., logs: _Optional[_Union[Logs, _Mapping]] = ..., port_forward: _Optional[_Union[PortForward, _Mapping]] = ...) -> None: ...

class Exec(_message.Message):
    __slots__ = ("container", "command", "stdin", "stdout", "stderr", "tty")
    CONTAINER_FIELD_NUMBER: _ClassVar[int]
    COMMAND_FIELD_NUMBER: _ClassVar[int]
    STDIN_FIELD_NUMBER: _ClassVar[int]
    STDOUT_FIELD_NUMBER: _ClassVar[int]
    STDERR_FIELD_NUMBER: _ClassVar[int]
    TTY_FIELD_NUMBER: _ClassVar[int]
    container: str
    command: _containers.RepeatedScalarFieldContainer[str]
    stdin: bool
    stdout: bool
    stderr: bool
    tty: bool
    def __init__(self, container: _Optional[str] = ..., command: _Optional[_Iterable[str]] = ..., stdin: _Optional[bool] = ..., stdout: _Optional[bool] = ..., stderr: _Optional[bool] = ..., tty: _Optional[bool] = ...) -> None: ...

class Attach(_message.Message):
    __slots__ = ("container", "stdin", "stdout", "stderr", "tty")
    CONTAINER_FIELD_NUMBER: _ClassVar[int]
    STDIN_FIELD_NUMBER: _ClassVar[int]
    STDOUT_FIELD_NUMBER: _ClassVar[int]
    STDERR_FIELD_NUMBER: _ClassVar[int]
    TTY_FIELD_NUMBER: _ClassVar[int]
    container: str
    stdin: bool
    stdout: bool
    stderr: bool
    tty: bool
    def __init__(self, container: _Optional[str] = ..., stdin: _Optional[bool] = ..., stdout: _Optional[bool] = ..., stderr: _Optional[bool] = ..., tty: _Optional[bool] = ...) -> None: ...

class Logs(_message.Message):
    __slots__ = ("container", "follow", "previous", "timestamps", "tail_lines", "limit_bytes", "since_time")
    CONTAINER_FIELD_NUMBER: _ClassVar[int]
    FOLLOW_FIELD_NUMBER: _ClassVar[int]
    PREVIOUS_FIELD_NUMBER: _ClassVar[int]
    TIMESTAMPS_FIELD_NUMBER: _ClassVar[int]
    TAIL_LINES_FIELD_NUMBER: _ClassVar[int]
    LIMIT_BYTES_FIELD_NUMBER: _ClassVar[int]
    SINCE_TIME_FIELD_NUMBER: _ClassVar[int]
    container: str
    follow: bool
    previous: bool
    timestamps: bool
    tail_lines: int
    limit_bytes: int
    since_time: str
    def __init__(self, container: _Optional[str] = ..., follow: _Optional[bool] = ..., previous: _Optional[bool] = ..., timestamps: _Optional[bool] = ..., tail_lines: _Optional[int] = ..., limit_bytes: _Optional[int] = ..., since_time: _Optional[str] = ...) -> None: ...

class PortForward(_message.Message):
    __slots__ = ("port",)
    PORT_FIELD_NUMBER: _ClassVar[int]
    port: int
    def __init__(self, port: _Optional[int] = ...) -> None: ...

class Frame(_message.Message):
    __slots__ = ("channel", "data")
    class Channel(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        HELLO: _ClassVar[Frame.Channel]
        STDIN: _ClassVar[Frame.Channel]
        STDOUT: _ClassVar[Frame.Channel]
        STDERR: _ClassVar[Frame.Channel]
        STATUS: _ClassVar[Frame.Channel]
        RESIZE: _ClassVar[Frame.Channel]
        CLOSE_STDIN: _ClassVar[Frame.Channel]
    HELLO: Frame.Channel
    STDIN: Frame.Channel
    STDOUT: Frame.Channel
    STDERR: Frame.Channel
    STATUS: Frame.Channel
    RESIZE: Frame.Channel
    CLOSE_STDIN: Frame.Channel
    CHANNEL_FIELD_NUMBER: _ClassVar[int]
    DATA_FIELD_NUMBER: _ClassVar[int]
    channel: Frame.Channel
    data: bytes
    def __init__(self, channel: _Optional[_Union[Frame.Channel, str]] = ..., data: _Optional[bytes] = ...) -> None: ...
