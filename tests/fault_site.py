"""Servers that speak every fault: each host says the same bytes, or behaves as a function of its socket, to everyone."""

import gzip
import socket
import struct
import threading
import time
import zlib
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any, Self

from web_site import OFF_TOPIC, ON_TOPIC

Behaviour = bytes | Callable[[socket.socket], None]
HTML = {"Content-Type": "text/html; charset=utf-8"}
NO_ROBOTS = b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"


class Host:
    """One host on loopback with its own port. `seen` are the paths that it was asked for."""

    def __init__(self, behave: Behaviour, robots: Behaviour = NO_ROBOTS) -> None:
        self._behave, self._robots = behave, robots
        self.seen: list[str] = []
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.port = int(self._listener.getsockname()[1])
        self.host = f"127.0.0.1:{self.port}"
        self.base = f"http://{self.host}"

    def __enter__(self) -> Self:
        threading.Thread(target=self._serve, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._listener.close()

    def _serve(self) -> None:
        with suppress(OSError):
            while True:
                peer, _ = self._listener.accept()
                threading.Thread(target=self._talk, args=(peer,), daemon=True).start()

    def _talk(self, peer: socket.socket) -> None:
        with suppress(OSError), peer:
            asked = b""
            while b"\r\n\r\n" not in asked:
                if not (data := peer.recv(65536)):
                    return
                asked += data
                if asked.startswith(b"\x16\x03"):  # a TLS handshake
                    peer.sendall(http(400))
                    return
            path = asked.split(b" ", 2)[1].decode("latin-1")
            self.seen.append(path)
            behave = self._robots if path == "/robots.txt" else self._behave
            if callable(behave):
                behave(peer)
            else:
                peer.sendall(behave)
            peer.shutdown(socket.SHUT_WR)  # whoever still sends gets no reset that would lose our answer
            peer.settimeout(1)
            peer.recv(1)


class DeadHost:
    """A host that lets connections hang: its queue is full, so the kernel answers no further one."""

    def __init__(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=0)
        self.port = int(self._listener.getsockname()[1])
        self.host = f"127.0.0.1:{self.port}"
        self.base = f"http://{self.host}"
        self._fillers: list[socket.socket] = []

    def __enter__(self) -> Self:
        for _ in range(4):
            filler = socket.socket()
            filler.setblocking(False)
            with suppress(BlockingIOError):
                filler.connect(("127.0.0.1", self.port))
            self._fillers.append(filler)
        return self

    def __exit__(self, *_: object) -> None:
        for filler in self._fillers:
            filler.close()
        self._listener.close()


def http(
    status: int | str = 200, headers: dict[str, str] | None = None, body: bytes = b"", *, length: int | None = -1
) -> bytes:
    """An answer as bytes; `length` None sends no Content-Length, a number sends that one."""
    fields = dict(headers or {})
    if length is not None:
        fields["Content-Length"] = str(len(body) if length < 0 else length)
    lines = "".join(f"{name}: {value}\r\n" for name, value in fields.items())
    return f"HTTP/1.1 {status} X\r\n{lines}Connection: close\r\n\r\n".encode("latin-1") + body


def article(name: str, *, charset: str = "utf-8", declared: str | None = None, head: str = "") -> bytes:
    """A page on the topic, like no other, with an accent for whoever reads it in another character set."""
    text = "".join(f"<p>{paragraph} (caf\u00e9 {name})</p>" for paragraph in ON_TOPIC)
    meta = f'<meta charset="{charset if declared is None else declared}">'
    page = (
        f"<!doctype html><html lang=en><head>{meta}<title>Apple, Alibaba and AI in China: {name}</title>{head}</head>"
    )
    return f"{page}<body><main><article><h1>Apple and AI: {name}</h1>{text}</article></main></body></html>".encode(
        charset
    )


def rss(title: str = "A") -> bytes:
    """A feed with one entry, without a link."""
    item = f"<item><title>{title}</title><guid>1</guid></item>"
    return f'<?xml version="1.0"?><rss version="2.0"><channel><title>T</title>{item}</channel></rss>'.encode()


def off_topic(name: str) -> bytes:
    """A page on something else."""
    text = "".join(f"<p>{paragraph} ({name})</p>" for paragraph in OFF_TOPIC)
    return f"<!doctype html><title>A quiet day: {name}</title><article><h1>Quiet: {name}</h1>{text}</article>".encode()


def page(body: bytes, **headers: str) -> bytes:
    """An answer with an HTML page."""
    return http(200, {**HTML, **{name.replace("_", "-"): value for name, value in headers.items()}}, body)


def chunked(*pieces: bytes, end: bytes = b"0\r\n\r\n") -> bytes:
    """An HTML answer in chunks."""
    head = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n"
    return head + b"".join(b"%x\r\n%s\r\n" % (len(piece), piece) for piece in pieces) + end


def drip(begin: bytes, piece: bytes, pause: float = 0.05) -> Callable[[socket.socket], None]:
    """Sends `begin`, then a piece at a time without an end."""

    def behave(peer: socket.socket) -> None:
        peer.sendall(begin)
        while True:
            peer.sendall(piece)
            time.sleep(pause)

    return behave


def silent(peer: socket.socket) -> None:
    """Says nothing, and keeps the connection."""
    peer.settimeout(60)
    peer.recv(1)


def reset(peer: socket.socket) -> None:
    """Breaks the connection off."""
    peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    peer.close()


def in_turn(*answers: bytes) -> Callable[[socket.socket], None]:
    """One answer after the other, the last one for good; `{host}` in it stands for the server."""
    left: Iterator[bytes] = iter(answers)

    def behave(peer: socket.socket) -> None:
        peer.sendall(next(left, answers[-1]).replace(b"{host}", b"127.0.0.1:%d" % peer.getsockname()[1]))

    return behave


def gzip_bomb(layers: int = 1) -> bytes:
    """30 MB of zeros, packed so often."""
    data = bytes(30 << 20)
    for _ in range(layers):
        data = gzip.compress(data)
    return data


def raw_deflate(data: bytes) -> bytes:
    """Deflate without zlib's frame, as some servers send it."""
    packer = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return packer.compress(data) + packer.flush()


def look_up(names: dict[str, list[list[str]]], real: Callable[..., Any]) -> Callable[..., Any]:
    """A resolver that answers names with the next of their lists of addresses, the last one for good."""
    left = {name: iter(answers) for name, answers in names.items()}

    def getaddrinfo(host: str, port: int, *args: Any, **kwargs: Any) -> Any:
        if host not in names:
            return real(host, port, *args, **kwargs)
        if not (found := next(left[host], names[host][-1])):
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        return [
            (socket.AF_INET6 if ":" in ip else socket.AF_INET, socket.SOCK_STREAM, 6, "", (ip, port)) for ip in found
        ]

    return getaddrinfo
