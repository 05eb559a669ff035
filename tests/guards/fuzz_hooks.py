"""What schemathesis has to be told about this API: how bytes and numbers are sent, and that a stream of
events does not end by itself."""

from random import randrange

import schemathesis
from requests.adapters import HTTPAdapter

LARGEST = 2**64 - 1
# The first of a stream's events, and the longest to read of it.
EVENT_END, STREAM_BYTES_MAX = b"\n\n", 1 << 20

schemathesis.serializer.alias("application/offset+octet-stream", "application/octet-stream")


class FirstEvents(HTTPAdapter):
    """Reads a stream of events to the end of the first one."""

    def send(self, request, **options):
        # Each from another address, where a proxy is trusted: the limits of one are not the subject.
        address = f"10.{randrange(256)}.{randrange(256)}.{randrange(256)}"
        request.headers["x-forwarded-for"] = address
        answer = super().send(request, **options | {"stream": True})
        if answer.headers.get("content-type", "").startswith("text/event-stream"):
            read = b""
            for part in answer.iter_content(1):
                read += part
                if read.endswith(EVENT_END) or len(read) > STREAM_BYTES_MAX:
                    break
            answer._content, answer._content_consumed = read, True
            answer.close()
        return answer


def whole(value):
    """Numbers as clients write them: 3, not 3.0, which JSON Schema counts as the same, and none beyond
    a double's range."""
    if isinstance(value, dict):
        return {key: whole(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [whole(inner) for inner in value]
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return value if not isinstance(value, int) or -LARGEST <= value <= LARGEST else LARGEST


@schemathesis.hook
def map_body(_context, body):
    return whole(body) if isinstance(body, (dict, list)) else body


@schemathesis.hook
def before_call(_context, _case, options):
    session = options.get("session")
    if session is not None and not isinstance(session.get_adapter("http://"), FirstEvents):
        session.mount("http://", FirstEvents())
