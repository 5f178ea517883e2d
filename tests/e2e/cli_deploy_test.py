# SPDX-License-Identifier: Apache-2.0
"""`strata deploy` and `strata apps prune` with a real cloud and a real device."""
import json
import unittest

from world import World

W = None


def setUpModule():
    global W
    W = World()


def tearDownModule():
    W.close()


def make_project(name, example):
    """A CMake project whose build takes no compiler: it puts the finished example where a build would."""
    project = W.dir / name
    project.mkdir()
    (project / "CMakeLists.txt").write_text(
        "cmake_minimum_required(VERSION 3.20)\nproject(demo NONE)\n"
        f"add_custom_target(app ALL COMMAND ${{CMAKE_COMMAND}} -E make_directory App\n"
        f"  COMMAND ${{CMAKE_COMMAND}} -E copy {(W.examples / example).resolve()}.elf App/{name}.elf)\n")
    return project


class Deploy(unittest.TestCase):
    def test_project_is_built_bundled_uploaded_assigned_and_confirmed(self):
        board = W.board("deploy-board")
        project = make_project("My-Project", "blink-v1")
        trial = ("--trial-ready", "--trial-window", "2")
        done = W.strata("deploy", project, "--device-sid", "deploy-board", "--genkeys", *trial, "-o", "json")
        result = json.loads(done.stdout)[0]
        self.assertEqual(result["updateStatus"], "up-to-date")
        self.assertEqual(W.device_app(board)["reported_sid"], result["appSid"])
        bundle = project.resolve() / "build/App/My-Project.zip"
        self.assertEqual(result["bundle"], str(bundle))
        order = [done.stderr.index(line) for line in (
            "Bundling My-Project...", f"Uploading {bundle}...", f"Assigning app {result['appSid']} to device {board.sid}...")]
        self.assertEqual(order, sorted(order))
        self.assertTrue((project / "build/debug_auth_prv_key.pem").exists())
        # The original's words: only build; then only deploy what was built.
        built = W.strata("microvisor:deploy", project, "--build", "--hardware", "mps2-an505", *trial)
        self.assertEqual(built.stdout.splitlines(), ["Bundle", str(bundle)])
        again = W.strata("microvisor:deploy", project, "--devicesid", board.sid, "--deploy", "--output", "text", *trial)
        self.assertIn("Assigning app", again.stderr)
        self.assertNotEqual(W.device_app(board)["reported_sid"], result["appSid"])
        self.assertEqual(W.inspect(bundle)["hardwareType"], "mps2-an505")
        board.stop()

    def test_unknown_device_is_said_before_anything_is_built(self):
        project = make_project("never-built", "blink-v1")
        done = W.strata("deploy", project, "--device-sid", "nobody", check=False)
        self.assertEqual(done.returncode, 20, done.stderr)
        self.assertFalse((project / "build").exists())


class Prune(unittest.TestCase):
    def test_old_apps_go_and_newest_and_deployed_ones_stay(self):
        board = W.provision("prune-board")
        bundle = W.bundle("blink-v1")
        sids = [W.upload(bundle, f"prune-{i}") for i in range(4)]
        W.strata("devices", "update", "--sid", board.sid, "--target-app", sids[1])
        planned = W.strata_list("apps", "prune", "--older-than", "0s", "--dry-run")
        self.assertEqual(W.strata_json("apps", "fetch", "--sid", sids[0])["sid"], sids[0])
        results = {app["sid"]: app for app in planned}
        self.assertEqual([results[sid]["result"] for sid in sids], ["would be removed", "deployed", "would be removed", "newest"])
        self.assertEqual(results[sids[1]]["devices"], [board.sid])
        self.assertEqual(W.strata("apps", "prune", "--older-than", "24h").stderr, "No results\n")
        W.strata("apps", "prune", "--older-than", "0s")
        left = {app["sid"] for app in W.strata_list("apps", "list", "--no-limit")}
        self.assertEqual(left & set(sids), {sids[1], sids[3]})


if __name__ == "__main__":
    unittest.main()
