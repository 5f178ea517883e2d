# SPDX-License-Identifier: Apache-2.0
"""Lines of devices' logs: accepted per second, and seen by those who follow, against writing the same batches durably to a file."""
import multiprocessing
import os
import ssl
import time

import servers

DEVICES, SECONDS, LINES = 8, 10, 64
TEXT = b"temperature 21.5 humidity 40 battery 3.71 uptime 86400 free 20480"


def varint(number):
    out = bytearray()
    while number > 127:
        out.append(number & 127 | 128)
        number >>= 7
    return bytes(out) + bytes([number])


def batch(lines):
    """A LogBatch (wire.proto) of application lines."""
    line = b"\x08\x01\x10\x00\x1a" + varint(len(TEXT)) + TEXT
    return (b"\x12" + varint(len(line)) + line) * lines


def post(server, device, seconds, count):
    client = servers.Client(server, device)
    body = batch(LINES)
    end = time.monotonic() + seconds
    sent = 0
    while time.monotonic() < end:
        client.ask("POST", "/device/v1/logs", body, "application/x-protobuf")
        sent += LINES
    client.close()
    count.value = sent


def follow(server, device, ready, end, count):
    """Lines that a reader of the live stream gets until it was told to end and nothing more comes."""
    tls = ssl.create_default_context(cafile=server.account()["STRATA_CA_FILE"])
    host, port = server.url.split("//")[1].rsplit(":", 1)
    with servers.socket.create_connection((host, int(port))) as plain, tls.wrap_socket(plain, server_hostname=host) as stream:
        headers = "".join(f"{name}: {value}\r\n" for name, value in server.authorization().items())
        stream.sendall(f"GET /v1/Devices/{device.sid}/Logs/Stream HTTP/1.1\r\nHost: x\r\n{headers}\r\n".encode())
        stream.recv(65536)
        ready.release()
        stream.settimeout(2)
        seen, rest = 0, b""
        while True:
            try:
                data = stream.recv(1 << 20)
            except TimeoutError:
                if end.is_set():
                    break
                continue
            if not data:
                break
            seen += (rest + data).count(b"\ndata:")
            rest = data[-5:]
        count.value = seen


def measure(server, devices, seconds, followed):
    """Lines accepted and lines seen in a second."""
    ready, end = multiprocessing.Semaphore(0), multiprocessing.Event()
    seen = [multiprocessing.Value("q", 0) for _ in devices]
    sent = [multiprocessing.Value("q", 0) for _ in devices]
    readers = [multiprocessing.Process(target=follow, args=(server, d, ready, end, c)) for d, c in zip(devices, seen)] if followed else []
    for reader in readers:
        reader.start()
    for _ in readers:
        ready.acquire()
    writers = [multiprocessing.Process(target=post, args=(server, d, seconds, c)) for d, c in zip(devices, sent)]
    begin = time.monotonic()
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    took = time.monotonic() - begin
    end.set()
    for reader in readers:
        reader.join()
    return sum(c.value for c in sent) / took, sum(c.value for c in seen) / took


def floor(directory, seconds):
    """Lines in a second, each batch written and synced."""
    body = batch(LINES)
    path = directory / "lines"
    end = begin = time.monotonic()
    lines = 0
    with open(path, "wb") as file:
        while end - begin < seconds:
            file.write(body)
            file.flush()
            os.fdatasync(file.fileno())
            lines += LINES
            end = time.monotonic()
    path.unlink()
    return lines / (end - begin)


def bench(rounds, seconds=SECONDS):
    print("\n## Lines of logs\n")
    print(f"{DEVICES} devices, each on a TLS 1.3 connection of its own, post batches of {LINES} lines of {len(TEXT)} bytes for {seconds} s as fast as they are taken (no rate limit), without and with a "
          f"live stream of each device; load (Python) and server on the same machine. A batch is answered when it is durable. Floor: the same batches, written to a file one by one with `fdatasync`.\n")
    with servers.Server() as server:
        devices = [server.provision(f"logger-{n}", "stm32u585") for n in range(DEVICES)]
        people = servers.Client(server)
        for device in devices:
            people.ask("POST", f"/v1/Devices/{device.sid}", "LoggingEnabled=true")
        alone, accepted, streamed, floors = [], [], [], []
        for _ in range(rounds):
            alone.append(measure(server, devices, seconds, False)[0])
            both = measure(server, devices, seconds, True)
            accepted.append(both[0])
            streamed.append(both[1])
            floors.append(floor(server.dir, 2))
    print("| lines per second | | ratio to the floor (median of rounds) |")
    print("|---|---|---|")
    print(f"| accepted | {servers.spread(alone)} | {servers.ratio(alone, floors):.2f} |")
    print(f"| accepted while {DEVICES} follow | {servers.spread(accepted)} | {servers.ratio(accepted, floors):.2f} |")
    print(f"| seen by those who follow | {servers.spread(streamed)} | of what was accepted: {servers.ratio(streamed, accepted):.2f} |")
    print(f"| written and synced | {servers.spread(floors)} | |", flush=True)
