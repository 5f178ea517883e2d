// SPDX-License-Identifier: Apache-2.0
// Layers that arrive wrong, in pieces or not at all.
#include <algorithm>
#include <array>

#include "play.hpp"

namespace strata::conformance {
namespace {

constexpr std::size_t kCut = 40'000;

/// The app's longest layer.
const std::pair<const Digest, Bytes>& LongestOf(const App& app) {
  return *std::max_element(app.layers.begin(), app.layers.end(), [](const auto& a, const auto& b) {
    return a.second.size() < b.second.size();
  });
}

/// The right answer, cut off where byte `until` of the content would come; false when the request
/// lies before or behind that, so a device that asks for small pieces meets the cut too.
bool ServeUntil(const Request& request,
                Connection& connection,
                ByteSpan bytes,
                std::uint64_t until) {
  const auto piece = PieceOf(request, bytes.size());
  if (!piece || piece->first >= until || piece->last < until) {
    return false;
  }
  const bool ranged = ParseRange(request.Header("range")).has_value();
  connection.Write((ranged ? "HTTP/1.1 206 Words\r\n" + RangeHeader(*piece, bytes.size())
                           : std::string("HTTP/1.1 200 Words\r\n")) +
                   LengthHeader(piece->size()) + "\r\n");
  connection.Write(AsText(bytes.subspan(piece->first, until - piece->first)));
  return true;
}

/// Cuts the longest layer of `app` at each of `cuts`, once each, in turn.
HostileCloud::Hook CutAt(Play& play, const App& app, const std::vector<std::uint64_t>& cuts) {
  const auto& [digest, bytes] = LongestOf(app);
  std::vector<HostileCloud::Hook> hooks;
  for (const std::uint64_t cut : cuts) {
    hooks.push_back([&play, cut, hash = digest, content = bytes](const Request& request,
                                                                 Connection& connection) {
      if (DestinationOf(request).hash != hash || !ServeUntil(request, connection, content, cut)) {
        return false;
      }
      play.cloud().NoteDelivery(hash, {PieceOf(request, content.size())->first, cut - 1});
      connection.Cut();
      return true;
    });
  }
  return play.InTurn(std::move(hooks));
}

/// Every request for the longest layer after its first one began behind its start.
bool Resumed(Play& play, const App& app) {
  const Digest hash = LongestOf(app).first;
  std::size_t from_start = 0;
  for (const RequestSeen& request : play.cloud().seen().requests) {
    const bool at_start = !request.range || request.range->first == 0;
    from_start += request.route == Route::kLayer && request.hash == hash && at_start ? 1 : 0;
  }
  return play.Check(from_start == 1, "it began the layer again from its first byte");
}

bool WrongLayerHash(Play& play) {
  const App app = play.Make();
  if (!play.Start()) {
    return false;
  }
  const auto& [digest, bytes] = LongestOf(app);
  Bytes damaged = bytes;
  damaged[damaged.size() / 2] ^= 0x80;
  play.cloud().SetHook(Route::kLayer,
                       [hash = digest, damaged](const Request& request, Connection& connection) {
                         if (DestinationOf(request).hash != hash) {
                           return false;
                         }
                         HostileCloud::Serve(request, connection, damaged);
                         return true;
                       });
  if (!play.Ends(play.cloud().Offer(app, May::kFailLate),
                 wire::Verdict::kFailed,
                 {Code::kLayerHashMismatch})) {
    return false;
  }
  play.cloud().SetHook(Route::kLayer, {});
  return play.StillWorks();
}

bool LayerDamagedOnce(Play& play) {
  const App app = play.Make();
  const auto& [digest, bytes] = LongestOf(app);
  Bytes damaged = bytes;
  damaged.front() ^= 0x01;
  const auto evil = [hash = digest, damaged](const Request& request, Connection& connection) {
    const auto piece = PieceOf(request, damaged.size());
    if (DestinationOf(request).hash != hash || !piece || piece->first != 0) {
      return false;
    }
    HostileCloud::Serve(request, connection, damaged);
    return true;
  };
  play.cloud().SetHook(Route::kLayer, play.First(1, evil));
  return play.Start() && play.Installs(app);
}

bool TruncatedBody(Play& play) {
  const App app = play.Make();
  play.cloud().SetHook(Route::kLayer, CutAt(play, app, {kCut}));
  return play.Start() && play.Installs(app) && Resumed(play, app);
}

bool TornBodies(Play& play) {
  const App app = play.Make();
  play.cloud().SetHook(Route::kLayer, CutAt(play, app, {4'099, 20'011, 33'013, 50'021, 65'535}));
  return play.Start() && play.Installs(app) && Resumed(play, app);
}

bool KilledDuringDownload(Play& play) {
  const App app = play.Make();
  play.cloud().SetHook(Route::kLayer, CutAt(play, app, {kCut}));
  if (!play.Start()) {
    return false;
  }
  const Digest hash = LongestOf(app).first;
  const Offered offer = play.cloud().Offer(app, May::kConfirm);
  // That it asks on says that it kept what came before.
  const auto asked_on = [&hash](const Seen& seen) {
    return std::any_of(
        seen.requests.begin(), seen.requests.end(), [&hash](const RequestSeen& request) {
          return request.route == Route::kLayer && request.hash == hash && request.range &&
                 request.range->first > kCut / 2;
        });
  };
  return play.Until("the device asked for the rest of the layer", asked_on) && play.Kill() &&
         play.Start() && play.Confirms(offer) && Resumed(play, app);
}

bool LayerWithheld(Play& play) {
  const App app = play.Make();
  if (!play.Start()) {
    return false;
  }
  play.cloud().SetHook(Route::kLayer, play.First(2, Says(Answer(404, "", ""))));
  const std::size_t polls = play.cloud().seen().Count(Route::kDesired);
  const Offered offer = play.cloud().Offer(app, May::kConfirm);
  const bool refused = play.Until("the device asked for a layer",
                                  [](const Seen& seen) { return seen.Count(Route::kLayer) > 0; });
  return refused &&
         play.Until("the device read the desired state again after 404",
                    [polls](const Seen& seen) { return seen.Count(Route::kDesired) > polls; }) &&
         play.Confirms(offer);
}

bool EndlessLayer(Play& play) {
  // A manifest of the original's tools says no sizes: only the placement bounds the download.
  const App app = play.Make({.edit = [](bundle::AppBody& body) {
    for (bundle::Layer& layer : body.layers) {
      layer.plaintext_bytes = layer.fetch_bytes = 0;
    }
  }});
  if (!play.Start()) {
    return false;
  }
  constexpr std::uint64_t kComplete = std::uint64_t{1} << 40;
  const auto sent = std::make_shared<std::atomic<std::uint64_t>>(0);
  play.cloud().SetHook(Route::kLayer, [sent](const Request& request, Connection& connection) {
    const Piece piece = PieceOf(request, kComplete).value_or(Piece{});
    const bool ranged = ParseRange(request.Header("range")).has_value();
    bool there = connection.Write((ranged ? "HTTP/1.1 206 Words\r\n" + RangeHeader(piece, kComplete)
                                          : std::string("HTTP/1.1 200 Words\r\n")) +
                                  LengthHeader(piece.size()) + "\r\n");
    const std::string noise(16 * 1024, 'x');
    for (std::uint64_t left = piece.size(); there && left > 0;) {
      const auto part = static_cast<std::size_t>(std::min<std::uint64_t>(noise.size(), left));
      there = connection.Write(std::string_view(noise).substr(0, part));
      *sent += part;
      left -= part;
    }
    return true;
  });
  if (!play.Ends(play.cloud().Offer(app, May::kFailLate),
                 wire::Verdict::kFailed,
                 {Code::kLayerTooLong, Code::kLayerHashMismatch})) {
    return false;
  }
  play.cloud().SetHook(Route::kLayer, {});
  // Three tries of each placement, read ahead once more and what lay in buffers.
  return play.Check(*sent < std::uint64_t{64} * 1024 * 1024, "it took endless data") &&
         play.StillWorks();
}

constexpr std::array kLayerCases = {
    Case{{"wrong-layer-hash",
          "tampering",
          "a layer with one bit flipped is refused with 300 after bounded tries"},
         WrongLayerHash},
    Case{{"layer-damaged-once",
          "tampering",
          "a layer that arrives damaged once is fetched again and installed"},
         LayerDamagedOnce},
    Case{{"truncated-body",
          "truncation",
          "a body cut short is continued by Range, never begun again"},
         TruncatedBody},
    Case{{"torn-bodies", "truncation", "a layer torn five times arrives whole, by Range"},
         TornBodies},
    Case{{"killed-during-download",
          "power cut",
          "a device killed within a layer goes on within that layer"},
         KilledDuringDownload},
    Case{{"layer-withheld",
          "withholding",
          "after 404 for a layer the device reads the desired state again and fails nothing"},
         LayerWithheld},
    Case{{"endless-layer",
          "endless data",
          "a layer without a signed size and without an end is refused at its placement's size"},
         EndlessLayer},
};

}  // namespace

std::span<const Case> LayerCases() {
  return kLayerCases;
}

}  // namespace strata::conformance
