"""Sending an HTTP request and reading the answer."""

import asyncio
import ssl
import time
from functools import lru_cache

import httpx2

from segue.actions.payload import NotJsonError, parsed
from segue.actions.request import Request
from segue.core.stimuli import Failed
from segue.values import JsonObject, JsonValue

#: An answer with a larger body fails; in bytes, after decompression.
MAX_BODY = 10 * 1024 * 1024
MAX_REDIRECTS = 10


async def exchange(request: Request) -> JsonObject | Failed:
    """Send a request; return the answer as core.http gives it, whatever its status.

    A client of its own for each request: nothing is left open behind an attempt.
    """
    began = time.monotonic()
    url = request.url
    try:
        target = _target(request)
        url = _shown(target)
        headers = [(name.encode(), value.encode()) for name, value in request.headers]
        async with (
            asyncio.timeout(request.timeout),
            _client(request) as client,
            client.stream(
                request.method,
                target,
                headers=headers,
                content=request.content,
                data=request.form,
            ) as response,
        ):
            body = await _read(response)
    except (TimeoutError, httpx2.TimeoutException):
        seconds = f"{request.timeout:g} s"
        return _failed(request, url, "there was no complete answer within " + seconds, "timeout")
    except httpx2.TooManyRedirects:
        return _failed(request, url, f"it redirects more than {MAX_REDIRECTS} times")
    except (httpx2.HTTPError, httpx2.InvalidURL, ValueError) as error:
        return _failed(request, url, _reason(error))
    if body is None:
        size = f"{MAX_BODY // 2**20} MiB"
        return Failed(
            code="result_too_large",
            message=f"{request.method} {url}: the body of the answer is larger than {size}",
        )
    return {
        "status_code": response.status_code,
        "reason": response.reason_phrase,
        "headers": dict(response.headers.items()),
        "body": _parse(response, body),
        "url": _shown(response.url),
        "elapsed": round(time.monotonic() - began, 6),
    }


def _target(request: Request) -> httpx2.URL:
    url = httpx2.URL(request.url)
    if url.scheme not in {"http", "https"} or not url.host:
        raise ValueError("a URL begins with http:// or https:// and a host")
    return url.copy_merge_params(list(request.params)) if request.params else url


def _client(request: Request) -> httpx2.AsyncClient:
    return httpx2.AsyncClient(
        auth=request.auth,
        verify=_trust(verify=request.verify),
        follow_redirects=request.redirects,
        max_redirects=MAX_REDIRECTS,
        timeout=None,
    )


@lru_cache(maxsize=2)
def _trust(*, verify: bool) -> ssl.SSLContext:
    """Return whom to trust: reading all certificates takes longer than many a request."""
    return httpx2.create_ssl_context(verify=verify)


async def _read(response: httpx2.Response) -> bytes | None:
    """Return the body, None if it is too large."""
    body = bytearray()
    async for chunk in response.aiter_bytes():
        body += chunk
        if len(body) > MAX_BODY:
            return None
    return bytes(body)


def _parse(response: httpx2.Response, body: bytes) -> JsonValue:
    """Return JSON as its value, anything else as text."""
    kind = response.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind == "application/json" or kind.endswith("+json"):
        try:
            return parsed(body.removeprefix(b"\xef\xbb\xbf"))
        except NotJsonError:
            pass
    try:
        return body.decode(response.charset_encoding or "utf-8", "replace")
    except LookupError:  # a charset that nobody knows
        return body.decode("utf-8", "replace")


def _shown(url: httpx2.URL) -> str:
    """Return a URL without the password that may be in it."""
    return str(url.copy_with(userinfo=b"")) if url.userinfo else str(url)


def _failed(request: Request, url: str, reason: str, kind: str = "error") -> Failed:
    return Failed(code=f"http_{kind}", message=f"{request.method} {url}: {reason}")


def _reason(error: Exception) -> str:
    """Return why there is no answer; the one who knows best is at the end of the chain."""
    words = str(error).strip()
    if isinstance(error, httpx2.ConnectError):
        return f"can't connect: {words or 'nobody answers'}"
    if isinstance(error, httpx2.RemoteProtocolError | httpx2.ReadError):
        return f"the connection broke before the answer was complete: {words or 'it was closed'}"
    return words or type(error).__name__
