// SPDX-License-Identifier: Apache-2.0
// Desired states that are none: they must be ignored without a request for what they name.
#include <array>

#include "play.hpp"

namespace strata::conformance {
namespace {

/// One length-delimited field of fewer than 128 bytes.
std::string Field(char number, const std::string& value) {
  return std::string{static_cast<char>(number << 3 | 2), static_cast<char>(value.size())} + value;
}

std::string Message(const std::string& sid, const std::string& hash, const std::string& id) {
  return Field(1, sid) + Field(2, hash) + Field(3, id);
}

/// Shows each of `bodies` as the desired state in turn; then a good app must be installed, and no
/// manifest but its own asked for.
bool Ignores(Play& play, const std::vector<std::string>& bodies) {
  const App app = play.Make();
  std::vector<HostileCloud::Hook> hooks;
  for (std::size_t i = 0; i < bodies.size(); ++i) {
    hooks.push_back(Says(Answer(200, "ETag: \"evil-" + std::to_string(i) + "\"\r\n", bodies[i])));
  }
  play.cloud().SetHook(Route::kDesired, play.InTurn(hooks));
  if (!play.Start() || !play.Installs(app)) {
    return false;
  }
  const Seen seen = play.cloud().seen();
  return play.Check(seen.Count(Route::kManifest) == seen.Count(Route::kManifest, app.manifest_hash),
                    "it asked for a manifest that only a broken desired state names");
}

std::string ASid() {
  return "KA" + std::string(32, 'a');
}

bool GarbageDesiredState(Play& play) {
  const std::string hash(32, 'h');
  const std::string id(16, 'i');
  const std::string good = Message(ASid(), hash, id);
  return Ignores(
      play,
      {std::string(40, '\xFF'),
       good.substr(0, good.size() - 5),
       Field(1, ASid()) + "\x12\xFF\xFF\xFF\xFF\x0F",
       std::string("\x0A\x22", 2) + std::string(34, '\0') + Field(2, hash) + Field(3, id)});
}

bool WrongIdSizes(Play& play) {
  const std::string hash(32, 'h');
  return Ignores(play,
                 {Message(ASid(), hash, std::string(15, 'i')),
                  Message(ASid(), hash, std::string(17, 'i')),
                  Message(ASid(), hash, ""),
                  Message(ASid(), std::string(31, 'h'), std::string(16, 'i')),
                  Message(ASid(), "", std::string(16, 'i'))});
}

bool HostileSid(Play& play) {
  const std::string hash(32, 'h');
  const std::string id(16, 'i');
  return Ignores(play,
                 {Message("KA../../../../../../etc/passwd\n\n\n\n", hash, id),
                  Message("UV" + std::string(32, 'a'), hash, id),
                  Message("KA" + std::string(31, 'a'), hash, id),
                  Message("KA" + std::string(32, 'g'), hash, id)});
}

bool HugeDesiredState(Play& play) {
  const std::string good = Message(ASid(), std::string(32, 'h'), std::string(16, 'i'));
  return Ignores(play, {good + std::string(2100 - good.size(), '\0')});
}

constexpr std::array kDesiredCases = {
    Case{{"garbage-desired-state",
          "hostile message",
          "desired states that can't be read name nothing to fetch"},
         GarbageDesiredState},
    Case{{"wrong-id-sizes",
          "hostile message",
          "a deployment id that is not 16 bytes or a hash that is not 32 is refused"},
         WrongIdSizes},
    Case{{"hostile-sid", "hostile message", "an app SID of another shape is refused"}, HostileSid},
    Case{{"huge-desired-state", "huge lengths", "a message of more than 2048 bytes is refused"},
         HugeDesiredState},
};

}  // namespace

std::span<const Case> DesiredCases() {
  return kDesiredCases;
}

}  // namespace strata::conformance
