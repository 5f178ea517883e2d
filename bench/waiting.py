# SPDX-License-Identifier: Apache-2.0
"""Resident memory of the cloud: idle, and for each of 10 000 devices that wait for their next desired state over TLS."""
import subprocess

import servers

DEVICES = 10_000


def holding(server, identities, count):
    """Resident bytes while `count` devices wait."""
    child = subprocess.Popen([servers.LOAD, "polls", "--url", server.device_url, "--identities", identities, "--count", str(count)],
                             stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    line = child.stdout.readline()
    if line != f"waiting {count}\n":
        raise SystemExit(f"bench_load polls: {line}")
    server.cloud.wait_quiet()
    memory = server.cloud.memory_bytes()
    child.stdin.close()
    if child.wait() != 0:
        raise SystemExit("bench_load polls: not all waited at once")
    return memory


def bench(devices=DEVICES):
    print("\n## Memory of waiting devices\n")
    print(f"{devices} devices, each with a certificate and a TLS 1.3 connection of its own, in `GET /device/v1/desired` with `Prefer: wait=300`; resident memory (VmRSS) of "
          "`strata-cloud` once it is quiet.\n")
    with servers.Server() as server:
        identities = server.dir / "identities"
        identities.mkdir(0o700)
        subprocess.run([servers.LOAD, "provision", "--url", server.url, "--identities", identities, "--count", str(devices)], check=True,
                       env=server.credentials)
        server.restart()
        server.cloud.wait_quiet()
        idle = server.cloud.memory_bytes()
        rows = []
        for count in (devices // 10, devices):
            server.restart()
            rows.append((count, holding(server, identities, count)))
    print("| waiting | resident | for each |")
    print("|---|---|---|")
    print(f"| 0 | {idle / 1e6:.1f} MB | |")
    for count, memory in rows:
        goal = " (goal ≤ 18 kB)" if count == devices else ""
        print(f"| {count} | {memory / 1e6:.1f} MB | {(memory - idle) / count / 1e3:.1f} kB{goal} |", flush=True)
