"""gRPC health checks: one call of grpc.health.v1.Health/Check over a fresh, unencrypted connection.

The two messages of that protocol are one field each; they are written and read by hand instead of by generated code.
"""

from __future__ import annotations

_STATUS = {0: "UNKNOWN", 1: "SERVING", 2: "NOT_SERVING", 3: "SERVICE_UNKNOWN"}
_METHOD = "/grpc.health.v1.Health/Check"


async def check_health(host: str, port: int, service: str, seconds: float) -> str:
    """Return "" when the service is serving, else what is wrong."""
    import grpc
    import grpc.aio

    authority = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    late = f'timeout: failed to connect service "{authority}" within {seconds:g}s: context deadline exceeded'
    options = (("grpc.enable_http_proxy", 0), ("grpc.use_local_subchannel_pool", 1))
    async with grpc.aio.insecure_channel(authority, options=options) as channel:
        call = channel.unary_unary(_METHOD)
        metadata = (("user-agent", "kube-probe/1.36"),)
        try:
            reply: bytes = await call(request(service), timeout=seconds, metadata=metadata, wait_for_ready=True)
        except grpc.aio.AioRpcError as e:
            if e.code() is grpc.StatusCode.DEADLINE_EXCEEDED:
                return late
            code = "".join(part.capitalize() for part in e.code().name.split("_"))
            described = f"rpc error: code = {code} desc = {e.details()}"
            if e.code() is grpc.StatusCode.UNIMPLEMENTED:
                missing = "this server does not implement the grpc health protocol (grpc.health.v1.Health)"
                return f"error: {missing}: {described}"
            return f"error: health rpc probe failed: {described}"
    status = read_status(reply)
    return "" if status == "SERVING" else f'service unhealthy (responded with "{status}")'


def request(service: str) -> bytes:
    """Encode a HealthCheckRequest: field 1, a string."""
    name = service.encode()
    if not name:
        return b""
    length = len(name)
    prefix = bytearray(b"\x0a")
    while length > 0x7F:
        prefix.append(length & 0x7F | 0x80)
        length >>= 7
    prefix.append(length)
    return bytes(prefix) + name


def read_status(reply: bytes) -> str:
    """Decode a HealthCheckResponse: field 1, an enum."""
    value = reply[1] if len(reply) >= 2 and reply[0] == 0x08 else 0
    return _STATUS.get(value, str(value))
