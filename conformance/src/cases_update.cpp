// SPDX-License-Identifier: Apache-2.0
// Good updates as controls, and attacks with old or mixed content.
#include <array>

#include "play.hpp"

namespace strata::conformance {
namespace {

bool GoodUpdate(Play& play) {
  return play.Start() && play.Installs(play.Make()) && play.Installs(play.Make());
}

bool EncryptedUpdate(Play& play) {
  return play.Start() && play.Installs(play.Make({.layer_key = &play.trust().keys.layer}));
}

bool RollbackAttack(Play& play) {
  const App newer = play.Make({.security_counter = 7});
  const App older = play.Make({.security_counter = 6});
  return play.Start() && play.Installs(newer) &&
         play.Refuses(older, {Code::kSecurityCounterTooLow}) &&
         play.Installs(play.Make({.security_counter = 7}));
}

bool ReplayedDesiredState(Play& play) {
  const App old_app = play.Make({.security_counter = 1});
  const App new_app = play.Make({.security_counter = 2});
  if (!play.Start()) {
    return false;
  }
  const Offered old_offer = play.cloud().Offer(old_app, May::kConfirm);
  if (!play.Confirms(old_offer) || !play.Installs(new_app)) {
    return false;
  }
  play.cloud().OfferAgain(old_offer);
  const std::uint64_t counter = play.cloud().seen().receipts.back().counter;
  const bool answered = play.Until("a receipt for the replayed deployment", [&](const Seen& seen) {
    return seen.receipts.back().counter > counter;
  });
  if (!answered) {
    return false;
  }
  const wire::ReceiptBody last = play.cloud().seen().receipts.back();
  return play.Check(last.deployment_id == old_offer.id && last.verdict == wire::Verdict::kFailed &&
                        last.error.code == Code::kSecurityCounterTooLow,
                    "the replayed deployment was not refused for its security counter") &&
         play.Installs(play.Make({.security_counter = 2}));
}

bool FreezeAttack(Play& play) {
  constexpr std::size_t kPolls = 4;
  if (!play.Start() || !play.Installs(play.Make())) {
    return false;
  }
  const auto begin = std::chrono::steady_clock::now();
  play.cloud().SetHook(Route::kDesired, [](const Request& request, Connection& connection) {
    const std::string tag = request.Header("if-none-match");
    return !tag.empty() && connection.Write(Answer(304, "ETag: " + tag + "\r\n", ""));
  });
  const App fresh = play.Make();
  play.cloud().WakePolls();
  if (!play.Asks(Route::kDesired, kPolls, "the device asked again after 304")) {
    return false;
  }
  // Ten a second is far more than any device needs; a slow machine only makes it fewer.
  const auto took = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  const auto polls = static_cast<double>(play.cloud().seen().Count(Route::kDesired));
  play.cloud().SetHook(Route::kDesired, {});
  return play.Check(polls <= 20 + took * 10, "it asks in a circle when every answer is 304") &&
         play.Installs(fresh);
}

bool MixAndMatchManifest(Play& play) {
  const App wanted = play.Make();
  const App other = play.Make();
  if (!play.Start()) {
    return false;
  }
  play.cloud().SetHook(Route::kManifest, [other](const Request& request, Connection& connection) {
    HostileCloud::Serve(request, connection, other.manifest);
    return true;
  });
  if (!play.Refuses(wanted, {Code::kManifestHashMismatch})) {
    return false;
  }
  play.cloud().SetHook(Route::kManifest, {});
  return play.StillWorks();
}

bool MixAndMatchLayers(Play& play) {
  const App wanted = play.Make();
  const App other = play.Make();
  if (!play.Start()) {
    return false;
  }
  // Each layer is answered by the other app's layer of the same length.
  play.cloud().SetHook(Route::kLayer,
                       [wanted, other](const Request& request, Connection& connection) {
                         const Digest hash = DestinationOf(request).hash;
                         const auto mine = wanted.layers.find(hash);
                         for (const auto& [digest, bytes] : other.layers) {
                           if (mine != wanted.layers.end() && bytes.size() == mine->second.size()) {
                             HostileCloud::Serve(request, connection, bytes);
                             return true;
                           }
                         }
                         return false;
                       });
  if (!play.Ends(play.cloud().Offer(wanted, May::kFailLate),
                 wire::Verdict::kFailed,
                 {Code::kLayerHashMismatch})) {
    return false;
  }
  play.cloud().SetHook(Route::kLayer, {});
  return play.StillWorks();
}

bool FailedUpdateNotRepeated(Play& play) {
  constexpr std::size_t kPolls = 3;
  const App bad = play.Make({.seal = {.unsigned_manifest = true}});
  if (!play.Start() || !play.Refuses(bad, {Code::kManifestUnsigned})) {
    return false;
  }
  const std::size_t fetched = play.cloud().seen().Count(Route::kManifest, bad.manifest_hash);
  // The same deployment again, as if it were news.
  play.cloud().SetHook(Route::kDesired, [&play](const Request&, Connection& connection) {
    const Offered bad_offer = play.cloud().seen().offered.front();
    const wire::DesiredState state{
        .deployment =
            wire::Deployment{bad_offer.app.sid, bad_offer.app.manifest_hash, bad_offer.id}};
    const std::string tag = std::to_string(play.cloud().seen().requests.size());
    connection.Write(Answer(200, "ETag: \"" + tag + "\"\r\n", EncodeDesired(state)));
    return true;
  });
  play.cloud().WakePolls();
  if (!play.Asks(Route::kDesired, kPolls, "the device asked again after its failure")) {
    return false;
  }
  play.cloud().SetHook(Route::kDesired, {});
  const std::size_t after = play.cloud().seen().Count(Route::kManifest, bad.manifest_hash);
  return play.Check(after == fetched, "it tries a deployment that failed again and again") &&
         play.StillWorks();
}

bool TrialExpired(Play& play) {
  return play.Start() && play.Installs(play.Make()) &&
         play.Ends(play.cloud().Offer(play.Make({.ready_required = true}), May::kRevert),
                   wire::Verdict::kReverted,
                   {Code::kTrialExpired}) &&
         play.StillWorks();
}

bool RetargetedDuringDownload(Play& play) {
  const App first = play.Make();
  const App second = play.Make();
  if (!play.Start()) {
    return false;
  }
  play.cloud().SetHook(Route::kLayer, [first](const Request& request, Connection& connection) {
    return first.layers.contains(DestinationOf(request).hash) &&
           connection.Write(Answer(503, "Retry-After: 1\r\n", ""));
  });
  play.cloud().Offer(first, May::kBeAbandoned);
  return play.Asks(Route::kLayer, 1, "the device asked for a layer") && play.Installs(second);
}

constexpr std::array kUpdateCases = {
    Case{{"good-update", "control", "a signed app is installed, and another one after it"},
         GoodUpdate},
    Case{{"encrypted-update",
          "control",
          "an app encrypted with the device's layer key is installed"},
         EncryptedUpdate},
    Case{{"rollback-attack",
          "rollback",
          "an app with a lower security counter, well signed, is refused with 213"},
         RollbackAttack},
    Case{{"replayed-desired-state",
          "replay",
          "an earlier desired state, byte for byte, does not bring the older app back"},
         ReplayedDesiredState},
    Case{{"freeze-attack",
          "freeze",
          "a cloud that says 304 for ever is asked again, at a bounded pace"},
         FreezeAttack},
    Case{{"mix-and-match-manifest",
          "mix-and-match",
          "another app's signed manifest under this hash is refused with 216"},
         MixAndMatchManifest},
    Case{{"mix-and-match-layers",
          "mix-and-match",
          "layers of another app under these hashes are refused with 300"},
         MixAndMatchLayers},
    Case{{"failed-update-not-repeated",
          "endless retry",
          "a deployment that failed is not tried again until there is a new one"},
         FailedUpdateNotRepeated},
    Case{{"trial-expired",
          "false success",
          "an app that has to say ready and does not is reverted with 502, never confirmed"},
         TrialExpired},
    Case{{"retargeted-during-download",
          "stale instruction",
          "a newer target app is taken while layers of the older one can't be had"},
         RetargetedDuringDownload},
};

}  // namespace

std::span<const Case> UpdateCases() {
  return kUpdateCases;
}

}  // namespace strata::conformance
