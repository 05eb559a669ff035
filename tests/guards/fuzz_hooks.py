"""What schemathesis has to be told about this API: how bytes are sent, and that a stream of events
does not end by itself."""

import schemathesis
from requests.adapters import HTTPAdapter

# The first of a stream's events, and the longest to read of it.
EVENT_END, STREAM_BYTES_MAX = b"\n\n", 1 << 20

schemathesis.serializer.alias("application/offset+octet-stream", "application/octet-stream")


class FirstEvents(HTTPAdapter):
    """Reads a stream of events to the end of the first one."""

    def send(self, request, **options):
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


@schemathesis.hook
def before_call(_context, _case, options):
    session = options.get("session")
    if session is not None and not isinstance(session.get_adapter("http://"), FirstEvents):
        session.mount("http://", FirstEvents())
