# SPDX-License-Identifier: Apache-2.0
"""Our server and its peer nginx for benchmarks: limits off, output to files, the same load for both."""
import base64
import http.client
import json
import os
import pathlib
import re
import signal
import socket
import ssl
import statistics
import subprocess
import time

from world import World

ROOT = pathlib.Path(__file__).resolve().parent.parent
LOAD = ROOT / "build/release/bench/bench_load"
BOUNDARY = "strata-bench-boundary"


class Logged:
    """A program whose output goes to a file: reading a pipe line by line would be part of what is measured."""

    def __init__(self, command, log, env=None):
        self._log = log
        with open(log, "ab") as out:
            self._child = subprocess.Popen([str(part) for part in command], stdin=subprocess.DEVNULL, stdout=out,
                                           stderr=subprocess.STDOUT, env=env)

    @property
    def pid(self):
        return self._child.pid

    def running(self):
        return self._child.poll() is None

    def wait_for(self, pattern, timeout=30.0):
        deadline = time.monotonic() + timeout
        while time.monotonic() < deadline and self.running():
            match = re.search(pattern, self._log.read_text(errors="replace"), re.M)
            if match:
                return match
            time.sleep(0.002)
        raise SystemExit(f"{self._log} does not say {pattern}:\n{self._log.read_text(errors='replace')[-2000:]}")

    def stop(self, how=signal.SIGTERM, timeout=30.0):
        if self.running():
            self._child.send_signal(how)
        return self._child.wait(timeout)

    def memory_bytes(self):
        text = pathlib.Path(f"/proc/{self.pid}/status").read_text()
        return int(re.search(r"^VmRSS:\s+(\d+) kB", text, re.M)[1]) * 1024

    def processor_seconds(self):
        """That it and its children used so far."""
        children = pathlib.Path(f"/proc/{self.pid}/task/{self.pid}/children").read_text().split()
        stats = [pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split() for pid in (self.pid, *children)]
        return sum(int(fields[11]) + int(fields[12]) for fields in stats) / os.sysconf("SC_CLK_TCK")

    def wait_quiet(self):
        """Until it has used no processor time for a second."""
        before = None
        while True:
            used = self.processor_seconds()
            if used == before:
                return
            before = used
            time.sleep(1)


class Server(World):
    """strata-cloud without limits on how often and how much."""

    def __init__(self, *options):
        self.more_options = options  # of strata-cloud serve
        super().__init__()

    def start_cloud(self, init=True):
        if init:
            self.run([self.bin / "strata-cloud", "init", "--data", self.cloud_dir])
        log = self.dir / f"cloud-{time.monotonic_ns()}.log"
        self.cloud = Logged([self.bin / "strata-cloud", "serve", "--data", self.cloud_dir, "--listen", "127.0.0.1:0",
                             "--device-listen", "127.0.0.1:0", "--api-rate", "0", "--upload-rate", "0", "--max-apps", "0",
                             "--max-app-bytes", "0", "--log-rate", "0", "--report-rate", "0", "--receipt-rate", "0", *self.more_options], log, env={**self.program_env, **self.cloud_env})
        match = self.cloud.wait_for(r"^ready (\S+) (\S+)$")
        self.url, self.device_url = match.group(1), match.group(2)
        return self

    def restart(self, how=signal.SIGTERM):
        self.cloud.stop(how)
        self.start_cloud(init=False)

    @property
    def credentials(self):
        """For LOAD: in its environment."""
        account = self.account()
        return {**os.environ, "STRATA_ACCOUNT_SID": account["STRATA_ACCOUNT_SID"], "STRATA_AUTH_TOKEN": account["STRATA_AUTH_TOKEN"]}

    def authorization(self):
        account = self.account()
        pair = f'{account["STRATA_ACCOUNT_SID"]}:{account["STRATA_AUTH_TOKEN"]}'
        return {"Authorization": "Basic " + base64.b64encode(pair.encode()).decode()}

    def people(self):
        tls = ssl.create_default_context(cafile=self.account()["STRATA_CA_FILE"])
        host, port = self.url.split("//")[1].rsplit(":", 1)
        return http.client.HTTPSConnection(host, int(port), context=tls, timeout=120)

    def upload_often(self, zip_path, count):
        body = (f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="File"; filename="a.zip"\r\n\r\n'.encode()
                + zip_path.read_bytes() + f"\r\n--{BOUNDARY}--\r\n".encode())
        headers = {**self.authorization(), "Content-Type": f"multipart/form-data; boundary={BOUNDARY}"}
        connection = self.people()
        for _ in range(count):
            connection.request("POST", "/v1/Apps", body, headers)
            answer = connection.getresponse()
            text = answer.read()
            if answer.status != 201:
                raise SystemExit(f"an upload was refused: {text}")
        connection.close()


class Client:
    """One connection that stays, to people's listener or to the devices'."""

    def __init__(self, server, device=None):
        tls = ssl.create_default_context(cafile=server.account()["STRATA_CA_FILE"])
        if device:
            tls.load_cert_chain(device.dir / "identity.crt", device.dir / "identity.pem")
        host, port = (server.device_url if device else server.url).split("//")[1].rsplit(":", 1)
        self._connection = http.client.HTTPSConnection(host, int(port), context=tls, timeout=120)
        self._headers = {} if device else server.authorization()

    def ask(self, method, path, body=None, content="application/x-www-form-urlencoded"):
        headers = {**self._headers, **({"Content-Type": content} if body is not None else {})}
        self._connection.request(method, path, body, headers)
        answer = self._connection.getresponse()
        text = answer.read()
        if answer.status >= 300:
            raise SystemExit(f"{method} {path}: {answer.status} {text[:300]}")
        return text

    def close(self):
        self._connection.close()


def percentile(values, share):
    return sorted(values)[min(len(values) - 1, int(len(values) * share))]


class Nginx:
    """Serves the files below `root` over TLS with the cloud's own certificate, to its devices only when `devices`."""

    def __init__(self, server, root, devices):
        directory = server.dir / f"nginx-{time.monotonic_ns()}"
        directory.mkdir()
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        with socket.create_server(("127.0.0.1", 0)) as free:
            plain_port = free.getsockname()[1]
        pki = server.cloud_dir / "pki"
        clients = f"ssl_client_certificate {pki}/device-ca.pem; ssl_verify_client on;" if devices else ""
        temporary = " ".join(f"{kind}_temp_path {directory}/{kind};" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
        config = directory / "nginx.conf"
        config.write_text(f"""
{'user root;' if os.geteuid() == 0 else ''}
worker_processes auto;
daemon off;
pid {directory}/pid;
error_log {directory}/error.log;
events {{ worker_connections 4096; }}
http {{
  sendfile on;
  tcp_nopush on;
  keepalive_requests 100000000;
  access_log {directory}/access.log;
  default_type application/octet-stream;
  {temporary}
  root {root};
  server {{
    listen 127.0.0.1:{port} ssl;
    ssl_certificate {pki}/server.pem;
    ssl_certificate_key {pki}/server.key;
    {clients}
  }}
  server {{ listen 127.0.0.1:{plain_port}; }}
}}
""")
        self.url, self.plain_url = f"https://127.0.0.1:{port}", f"http://127.0.0.1:{plain_port}"
        self.process = Logged(["nginx", "-p", directory, "-c", config, "-e", directory / "error.log"], directory / "output.log")
        deadline = time.monotonic() + 10
        while True:
            try:
                socket.create_connection(("127.0.0.1", port)).close()
                return
            except OSError:
                if not self.process.running() or time.monotonic() > deadline:
                    raise SystemExit(f"nginx does not start: {(directory / 'output.log').read_text()}")
                time.sleep(0.05)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.stop(signal.SIGQUIT)


def load(*arguments, env=None):
    """What bench_load measured."""
    done = subprocess.run([LOAD, *(str(part) for part in arguments)], capture_output=True, text=True, env=env)
    if done.returncode != 0:
        raise SystemExit(f"bench_load {' '.join(map(str, arguments))}: {done.stderr}")
    return json.loads(done.stdout)


def spread(values, digits=0):
    return f"{statistics.median(values):,.{digits}f} [{min(values):,.{digits}f}–{max(values):,.{digits}f}]".replace(",", " ")


def ratio(ours, peers):
    return statistics.median(a / b for a, b in zip(ours, peers))
