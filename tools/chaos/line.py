# SPDX-License-Identifier: Apache-2.0
"""An assembly line under chaos: a device comes in with a single-use enrolment token, is given target apps, is removed."""
import subprocess
import urllib.parse

FORM = "application/x-www-form-urlencoded"


class Line:
    """One worker's device. `sid`: the device that was promised, None: none; `asked`: an enrolment or a removal that nobody answered."""

    def __init__(self, bed, index):
        self.bed, self.name = bed, f"device-{index}"
        self.sid = None
        self.target_app = None  # SID of the app that the device was promised, "?": nobody knows
        self.token = None       # the last token's text, and below the certificate request that was shown with it
        self.csr = None
        self.asked = None

    def enrol(self):
        """Makes a token and lets the device in with it."""
        status, answer = self.bed.form("POST", "/v1/EnrolmentTokens", Hardware="stm32u585")
        assert status == 201, (status, answer)
        self.token, self.csr = answer["enrolment_tokens"][0]["token"], new_request()
        self.asked = "enrol"
        status, answer = self._show_token()
        assert status == 201, (status, answer)
        self._enrolled(answer)

    def remove(self):
        self.asked = "remove"
        status, answer = self.bed.ask("DELETE", f"/v1/Devices/{self.sid}")
        assert status == 204, (status, answer)
        self.sid = self.target_app = self.asked = None

    def aim(self, app):
        """Gives the device the app of that name, if there is one."""
        before, self.target_app = self.target_app, "?"
        status, answer = self.bed.form("POST", f"/v1/Devices/{self.sid}", TargetApp=app)
        assert status == 200 or (status == 400 and answer["code"] == 20001), (status, answer)
        self.target_app = answer["app"]["target_sid"] if status == 200 else before

    def check(self, devices):
        """`devices`: those of the account. What was promised is there; what nobody answered is asked again, and happens once."""
        named = [device for device in devices if device["unique_name"] == self.name]
        assert len(named) <= 1, f"{self.name} is there {len(named)} times"
        if self.asked == "enrol":
            status, answer = self._show_token()
            assert status == (200 if named else 201), f"{self.name}: {status} {answer}, there: {named}"
            assert not named or answer["sid"] == named[0]["sid"], f"{self.name}: the token let a second device in"
            self._enrolled(answer)
            named = [self._fetch()]
        if self.asked == "remove":
            self.asked = None
            if not named:
                self.sid = self.target_app = None
        assert [device["sid"] for device in named] == ([self.sid] if self.sid else []), f"{self.name}: promised {self.sid}, there: {named}"
        if self.sid is None:
            if self.token is not None:
                status, answer = self._show_token()
                assert (status, answer["code"]) == (403, 65022), f"{self.name}: a used token let a device in again: {status} {answer}"
            return
        found = named[0]["app"]["target_sid"]
        if self.target_app == "?":
            self.target_app = found
        assert found == self.target_app, f"{self.name}: promised the app {self.target_app}, found {found}"
        status, token = self.bed.ask("GET", "/v1/EnrolmentTokens/" + self.token.split(".")[0])
        assert (status, token["device_sid"]) == (200, self.sid), f"{self.name}: {token}"

    def _show_token(self):
        body = urllib.parse.urlencode({"Csr": self.csr, "UniqueName": self.name}).encode()
        return self.bed.ask("POST", "/device/v1/enrolment", body, {"Content-Type": FORM, "Authorization": f"Bearer {self.token}"},
                            at=self.bed.device_url)

    def _enrolled(self, answer):
        self.sid, self.target_app, self.asked = answer["sid"], None, None

    def _fetch(self):
        status, device = self.bed.ask("GET", f"/v1/Devices/{self.sid}")
        assert status == 200, (status, device)
        return device


def new_request():
    """A certificate request for a new key, in PEM; the key is thrown away."""
    made = subprocess.run(["openssl", "req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-noenc", "-subj", "/CN=chaos",
                           "-keyout", "/dev/null"], check=True, capture_output=True)
    return made.stdout.decode()
