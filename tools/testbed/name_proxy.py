# SPDX-License-Identifier: Apache-2.0
"""An HTTP proxy that knows a few names: CONNECT name:443 leads to a server on this machine, any other name is refused.

With it a client whose host name is built in reaches our cloud, and nothing reaches the network. Bytes pass unread.
"""
import socket
import threading

REFUSED = b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
LARGEST_HEAD = 16384


class NameProxy:
    def __init__(self, names, host, port):
        self._names = set(names)
        self._server = (host, port)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self):
        self._listener.close()

    def _accept(self):
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client):
        with client:
            name = _name_asked_for(client)
            if name not in self._names:
                client.sendall(REFUSED)
                return
            with socket.create_connection(self._server) as server:
                client.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
                back = threading.Thread(target=_pump, args=(server, client), daemon=True)
                back.start()
                _pump(client, server)
                back.join()


def _name_asked_for(client):
    head = b""
    while b"\r\n\r\n" not in head and len(head) < LARGEST_HEAD:
        data = client.recv(1)
        if not data:
            break
        head += data
    words = head.split(b"\r\n")[0].decode("latin-1").split()
    return words[1].removesuffix(":443") if len(words) == 3 and words[0] == "CONNECT" else ""


def _pump(source, sink):
    try:
        while data := source.recv(65536):
            sink.sendall(data)
    except OSError:
        pass  # one of the ends is gone: so is the other
    for end in (source, sink):
        try:
            end.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
