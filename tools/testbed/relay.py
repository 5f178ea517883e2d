# SPDX-License-Identifier: Apache-2.0
"""A TCP relay before a server, with which a test decides where a connection stops delivering.

It passes bytes unread (TLS stays between its ends). No timing decides anything: it counts bytes.
"""
import socket
import threading


class Relay:
    def __init__(self, host, port):
        self._server = (host, port)
        self._left = None  # bytes still let through to the client; None: all
        self._changed = threading.Condition()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def stall_after(self, count):
        """Lets `count` more bytes through to the client, then holds everything back."""
        with self._changed:
            self._left = count

    def wait_stalled(self, timeout=30.0):
        """True when the allowance was used up within `timeout` seconds."""
        with self._changed:
            return self._changed.wait_for(lambda: self._left == 0, timeout)

    def resume(self):
        with self._changed:
            self._left = None
            self._changed.notify_all()

    def close(self):
        self._listener.close()
        self.resume()

    def _accept(self):
        while True:
            try:
                client, _ = self._listener.accept()
                server = socket.create_connection(self._server)
            except OSError:
                return
            threading.Thread(target=self._pump, args=(client, server, False), daemon=True).start()
            threading.Thread(target=self._pump, args=(server, client, True), daemon=True).start()

    def _pump(self, source, sink, counted):
        try:
            while data := source.recv(4096):
                while data:
                    part = self._allowed(data) if counted else data
                    sink.sendall(part)
                    data = data[len(part):]
        except OSError:
            pass  # one of the ends is gone: so is the other
        for end in (source, sink):
            try:
                end.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass

    def _allowed(self, data):
        """The first bytes of `data` that may pass; waits while none may."""
        with self._changed:
            self._changed.wait_for(lambda: self._left != 0)
            if self._left is None:
                return data
            part = data[:self._left]
            self._left -= len(part)
            self._changed.notify_all()
            return part
