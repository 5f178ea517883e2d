# SPDX-License-Identifier: Apache-2.0
"""Resident memory of the cloud over 24 simulated hours of churn: its clock goes an hour ahead after each round of work."""
import os
import ssl
import time

import servers

HOURS, REQUESTS = 24, 400
ROUND_SEC = 11  # the longest pause between two looks of the job thread, and a little more: every job runs in every hour


class Churned(servers.Server):
    def start_cloud(self, init=True):
        if not self.cloud_env:
            self.moved = self.movable_clock()
        return super().start_cloud(init)


def connect_and_go(server, device):
    """A TLS connection that ends without a word."""
    tls = ssl.create_default_context(cafile=server.account()["STRATA_CA_FILE"])
    tls.load_cert_chain(device.dir / "identity.crt", device.dir / "identity.pem")
    host, port = server.device_url.split("//")[1].rsplit(":", 1)
    with servers.socket.create_connection((host, int(port))) as plain, tls.wrap_socket(plain, server_hostname=host):
        pass


def an_hour(server, bundle, devices, requests):
    """What people and devices do: apps come and go, targets change, settings, lists, logs, polls, connections that break off."""
    people = servers.Client(server)
    sid = server.strata_json("apps", "create", bundle, f"app-{time.monotonic_ns()}")["sid"]
    boards = [servers.Client(server, device) for device in devices]
    for number in range(requests):
        device, board = devices[number % len(devices)], boards[number % len(devices)]
        people.ask("POST", f"/v1/Devices/{device.sid}", f"LoggingEnabled=true&Tags=t{number % 7}")
        people.ask("GET", "/v1/Devices?PageSize=100")
        board.ask("POST", "/device/v1/logs", b"\x12\x0a\x08\x01\x10\x00\x1a\x04line", "application/x-protobuf")
        people.ask("POST", "/v1/Configs", f"Key=k{number}&Value={'x' * 500}")
        people.ask("DELETE", f"/v1/Configs/k{number}")
        if number % 8 == 0:
            connect_and_go(server, device)
    for device in devices:
        people.ask("POST", f"/v1/Devices/{device.sid}", f"TargetApp={sid}")
    for client in (people, *boards):
        client.close()
    return sid


def bench(hours=HOURS, requests=REQUESTS):
    print("\n## Memory over 24 simulated hours of churn\n")
    print(f"{hours} times: an upload, a new target app for 10 devices, {requests * 5} requests (devices changed and listed, log batches, configs made and deleted), {requests // 8} connections that break off, "
          "old apps deleted; then the server's clock goes an hour ahead (a preloaded library) and every job runs. Resident memory (VmRSS) once it is quiet.\n")
    with Churned() as server:
        image, bundle = server.dir / "image.bin", server.dir / "bundle.zip"
        devices = [server.provision(f"d-{n}", "stm32u585") for n in range(10)]
        memory, apps = [], []
        for hour in range(hours):
            image.write_bytes(os.urandom(300_000))
            bundle.unlink(missing_ok=True)
            server.strata("bundle", "create", image, bundle)
            apps.append(an_hour(server, bundle, devices, requests))
            if len(apps) > 2:
                server.strata("apps", "remove", "--sid", apps.pop(0))
            server.moved.jump_to((hour + 1) / 24)
            time.sleep(ROUND_SEC)
            memory.append(server.cloud.memory_bytes())
        descriptors = len(os.listdir(f"/proc/{server.cloud.pid}/fd"))
    quarter = max(1, hours // 4)
    print("| after hour | " + " | ".join(str(h + 1) for h in range(0, hours, quarter)) + f" | {hours} |")
    print("|---|" + "---|" * (len(range(0, hours, quarter)) + 1))
    print("| MB | " + " | ".join(f"{memory[h] / 1e6:.1f}" for h in range(0, hours, quarter)) + f" | {memory[-1] / 1e6:.1f} |")
    first, last = memory[quarter - 1:2 * quarter], memory[-quarter:]
    print(f"\nGrowth, mean of the last quarter to mean of the second: {sum(last) / len(last) / (sum(first) / len(first)):.3f}. Descriptors at the end: {descriptors}.", flush=True)
