// SPDX-License-Identifier: Apache-2.0
// Answers that break HTTP, lie about lengths and ranges, or never end. The device must neither die
// nor believe them; when the cloud is good again the update must succeed.
#include <algorithm>
#include <array>

#include "play.hpp"

namespace strata::conformance {
namespace {

using Hook = HostileCloud::Hook;
using std::chrono::milliseconds;

constexpr std::uint64_t kTooMuch = std::uint64_t{64} * 1024 * 1024;
constexpr std::chrono::seconds kLongest{600};

/// The common course: evil on `route`, and the update succeeds once it is over.
bool Overcomes(Play& play, Route route, Hook evil) {
  play.cloud().SetHook(route, std::move(evil));
  return play.Start() && play.StillWorks();
}

/// What to say instead of Content-Range and Content-Length.
using About = std::function<std::string(const Piece&, std::uint64_t size)>;

/// 206 with the right bytes of a layer of `app`, described by `about`, and `more` bytes behind
/// them.
Hook LayerAnswer(const App& app, About about, std::size_t more = 0) {
  return [layers = app.layers, about = std::move(about), more](const Request& request,
                                                               Connection& connection) {
    const auto found = layers.find(DestinationOf(request).hash);
    if (found == layers.end() || request.Header("range").empty()) {
      return false;
    }
    const ByteSpan bytes = found->second;
    const auto piece = PieceOf(request, bytes.size());
    if (!piece) {
      return false;
    }
    connection.Write("HTTP/1.1 206 Words\r\n" + about(*piece, bytes.size()) + "\r\n");
    connection.Write(AsText(bytes.subspan(piece->first, piece->size())));
    connection.Write(std::string(more, 'x'));
    connection.Cut();
    return true;
  };
}

bool OverLongBody(Play& play) {
  constexpr std::size_t kMore = 1000;
  const App app = play.Make();
  const About announced = [](const Piece& piece, std::uint64_t size) {
    return RangeHeader(piece, size) + LengthHeader(piece.size() + kMore);
  };
  const About silent = [](const Piece& piece, std::uint64_t size) {
    return RangeHeader(piece, size) + "Connection: close\r\n";
  };
  play.cloud().SetHook(
      Route::kLayer,
      play.InTurn({LayerAnswer(app, announced, kMore), LayerAnswer(app, silent, kMore)}));
  return play.Start() && play.Installs(app);
}

bool WrongRange(Play& play) {
  const App app = play.Make();
  const About shifted = [](const Piece& piece, std::uint64_t size) {
    return RangeHeader({piece.first + 16, piece.last + 16}, size + 16) + LengthHeader(piece.size());
  };
  const About other_size = [](const Piece& piece, std::uint64_t size) {
    return RangeHeader(piece, size + 1) + LengthHeader(piece.size());
  };
  const About shorter = [](const Piece& piece, std::uint64_t size) {
    return RangeHeader({piece.first, piece.last - 100}, size) + LengthHeader(piece.size());
  };
  play.cloud().SetHook(
      Route::kLayer,
      play.InTurn(
          {LayerAnswer(app, shifted), LayerAnswer(app, other_size), LayerAnswer(app, shorter)}));
  return play.Start() && play.Installs(app);
}

bool GarbageRange(Play& play) {
  const App app = play.Make();
  const auto saying = [&app](std::string value) {
    return LayerAnswer(app, [value = std::move(value)](const Piece& piece, std::uint64_t) {
      return value + LengthHeader(piece.size());
    });
  };
  play.cloud().SetHook(
      Route::kLayer,
      play.InTurn({saying(""),
                   saying("Content-Range: bytes 18446744073709551615-18446744073709551616/*\r\n"),
                   saying("Content-Range: furlongs -5--1/0x10\r\n")}));
  return play.Start() && play.Installs(app);
}

/// The first half of what was asked of a layer's beginning; whole layers where its rest is asked
/// for.
Hook HalfThenWhole(Play& play, const App& app) {
  const auto halved = std::make_shared<std::atomic<bool>>(false);
  return [&play, halved, layers = app.layers](const Request& request, Connection& connection) {
    const auto found = layers.find(DestinationOf(request).hash);
    if (found == layers.end() || request.Header("range").empty()) {
      return false;
    }
    const std::string_view bytes = AsText(found->second);
    const auto piece = PieceOf(request, bytes.size());
    if (!piece || (piece->first == 0 && halved->exchange(true))) {
      return false;
    }
    if (piece->first > 0) {
      // RFC 9110 allows it; a device may cut out what it needs.
      play.cloud().NoteDelivery(found->first, {0, bytes.size() - 1});
      connection.Write(Answer(200, "", bytes));
      return true;
    }
    const std::uint64_t half = (piece->size() + 1) / 2;
    play.cloud().NoteDelivery(found->first, {0, half - 1});
    connection.Write("HTTP/1.1 206 Words\r\n" + RangeHeader(*piece, bytes.size()) +
                     LengthHeader(piece->size()) + "\r\n");
    connection.Write(bytes.substr(0, half));
    connection.Cut();
    return true;
  };
}

bool IgnoredRange(Play& play) {
  const App app = play.Make();
  play.cloud().SetHook(Route::kLayer, HalfThenWhole(play, app));
  const Offered offer = play.cloud().Offer(app, May::kConfirm);
  const auto asked_rest = [](const Seen& seen) {
    const auto rest =
        std::count_if(seen.requests.begin(), seen.requests.end(), [](const RequestSeen& request) {
          return request.route == Route::kLayer && request.range && request.range->first > 0;
        });
    return rest >= 2 || !seen.receipts.empty();
  };
  if (!play.Start() || !play.Until("the device asked for the rest of a layer", asked_rest)) {
    return false;
  }
  play.cloud().SetHook(Route::kLayer, {});
  return play.Confirms(offer);
}

bool UnaskedPartial(Play& play) {
  const App wanted = play.Make();
  const App trap = play.Make();
  const wire::DesiredState state{.deployment =
                                     wire::Deployment{trap.sid, trap.manifest_hash, RandomId()}};
  const std::string body = EncodeDesired(state);
  const std::string about = RangeHeader({0, body.size() - 1}, body.size());
  play.cloud().SetHook(Route::kDesired,
                       play.InTurn({Says(Answer(206, about + "ETag: \"trap\"\r\n", body)),
                                    Says(Answer(206, about + "ETag: \"trap\"\r\n", body))}));
  play.cloud().SetHook(Route::kManifest, play.First(1, [](const Request&, Connection& connection) {
    const std::string piece(100, 'x');
    return connection.Write(Answer(206, RangeHeader({0, piece.size() - 1}, 4000), piece));
  }));
  return play.Start() && play.Installs(wanted) &&
         play.Check(play.cloud().seen().Count(Route::kManifest, trap.manifest_hash) == 0,
                    "it believed a desired state that came as 206");
}

bool HugeContentLength(Play& play) {
  const std::string huge = "HTTP/1.1 200 Words\r\nETag: \"x\"\r\nContent-Length: ";
  const std::string chunks =
      "HTTP/1.1 200 Words\r\nTransfer-Encoding: chunked\r\n\r\nFFFFFFFFFFFFFFFF0\r\nxx";
  play.cloud().SetHook(
      Route::kDesired,
      play.First(1, Says(huge + "1099511627776\r\n\r\n" + std::string(5000, 'x'), true)));
  play.cloud().SetHook(
      Route::kManifest,
      play.InTurn({Says(huge + "1099511627776\r\n\r\n" + std::string(5000, 'x'), true),
                   Says(huge + "184467440737095516160\r\n\r\nxx", true)}));
  play.cloud().SetHook(Route::kLayer, play.First(1, Says(chunks, true)));
  return play.Start() && play.StillWorks();
}

/// The device must hang up before it took `kTooMuch`.
bool HangsUp(Play& play, Route route, std::string head, std::string piece) {
  const auto taken = std::make_shared<std::atomic<bool>>(false);
  return Overcomes(play,
                   route,
                   play.First(1, Endless(std::move(head), std::move(piece), kTooMuch, taken))) &&
         play.Check(!*taken, "it took 64 MiB of an answer that does not end");
}

bool EndlessDesired(Play& play) {
  return HangsUp(play,
                 Route::kDesired,
                 "HTTP/1.1 200 Words\r\nETag: \"x\"\r\n\r\n",
                 std::string(16 * 1024, 'x'));
}

bool EndlessManifest(Play& play) {
  return HangsUp(play, Route::kManifest, "HTTP/1.1 200 Words\r\n\r\n", std::string(16 * 1024, 'x'));
}

bool EndlessHeaders(Play& play) {
  std::string piece;
  while (piece.size() < 16 * 1024) {
    piece += "X-More: " + std::string(200, 'x') + "\r\n";
  }
  return HangsUp(play, Route::kManifest, "HTTP/1.1 200 Words\r\n", piece);
}

bool EndlessInterim(Play& play) {
  std::string piece;
  while (piece.size() < 16 * 1024) {
    piece += "HTTP/1.1 102 Processing\r\n\r\n";
  }
  return HangsUp(play, Route::kManifest, piece, piece);
}

bool EndlessError(Play& play) {
  return HangsUp(play, Route::kReport, "HTTP/1.1 500 Words\r\n\r\n", std::string(16 * 1024, 'x'));
}

Hook DripsHeaders() {
  return [](const Request&, Connection& connection) {
    std::string head = "HTTP/1.1 200 Words\r\nContent-Length: 10\r\nX-Slow: ";
    head += std::string(100'000, 'x');
    connection.Drip(head, milliseconds(200));
    connection.Cut();
    return true;
  };
}

bool SlowLorisHeaders(Play& play) {
  return Overcomes(play, Route::kManifest, play.First(1, DripsHeaders()));
}

bool SlowLorisBody(Play& play) {
  const App app = play.Make();
  const auto stall = [layers = app.layers](const Request& request, Connection& connection) {
    const auto found = layers.find(DestinationOf(request).hash);
    const std::uint64_t size = found == layers.end() ? 0 : found->second.size();
    const auto piece = PieceOf(request, size);
    if (!piece) {
      return false;
    }
    connection.Write("HTTP/1.1 206 Words\r\n" + RangeHeader(*piece, size) +
                     LengthHeader(piece->size()) + "\r\n");
    connection.WaitGone(kLongest);
    return true;
  };
  play.cloud().SetHook(Route::kLayer, play.First(1, stall));
  return play.Start() && play.Installs(app);
}

bool SlowLorisReceipt(Play& play) {
  return Overcomes(play,
                   Route::kReceipt,
                   play.First(1,
                              [](const Request&, Connection& connection) {
                                connection.Write("HTTP/1.1 20");
                                connection.WaitGone(kLongest);
                                return true;
                              })) &&
         play.StillWorks();
}

bool GarbageHeaders(Play& play) {
  const std::string nul("HTTP/1.1 200 W\0\r\nContent-Length: 3\r\nA\0B: c\r\n\r\nabc", 49);
  play.cloud().SetHook(Route::kDesired,
                       play.InTurn({Says("\x16\x03\x01 hello, this is no HTTP\r\n\r\n", true),
                                    Says("HTTP/9.9 200 Words\r\nETag: \"x\"\r\n\r\n", true)}));
  play.cloud().SetHook(
      Route::kManifest,
      play.InTurn(
          {Says(nul, true),
           Says("HTTP/1.1 99999 Words\r\nContent-Length: -1\r\nno colon here\r\n\r\n", true)}));
  return play.Start() && play.StillWorks();
}

bool ServerErrors(Play& play) {
  const Hook busy = play.First(1, Says(Answer(503, "Retry-After: 100000\r\n", "busy")));
  play.cloud().SetHook(Route::kDesired, busy);
  play.cloud().SetHook(Route::kManifest, play.First(1, Says(Answer(500, "", "{}"))));
  play.cloud().SetHook(Route::kLayer,
                       play.First(1, Says(Answer(429, "Retry-After: 100000\r\n", ""))));
  return play.Start() && play.StillWorks();
}

constexpr std::array kHttpCases = {
    Case{{"over-long-body",
          "endless data",
          "a body longer than its range, announced or not, is not used"},
         OverLongBody},
    Case{{"wrong-range",
          "wrong range",
          "bytes of another range, size or length than asked are not used"},
         WrongRange},
    Case{{"garbage-range",
          "wrong range",
          "206 with a missing, overflowing or senseless Content-Range is not used"},
         GarbageRange},
    Case{{"ignored-range",
          "wrong range",
          "200 with the whole layer, where its rest was asked for, is not spliced"},
         IgnoredRange},
    Case{{"unasked-partial",
          "wrong range",
          "206 to a request without a range is neither a desired state nor a manifest"},
         UnaskedPartial},
    Case{{"huge-content-length",
          "huge lengths",
          "lengths of 2^40, beyond 2^64 and endless chunks reserve nothing and end nothing"},
         HugeContentLength},
    Case{{"endless-desired", "endless data", "an endless desired state is broken off"},
         EndlessDesired},
    Case{{"endless-manifest", "endless data", "an endless manifest is broken off"},
         EndlessManifest},
    Case{{"endless-headers", "endless data", "endless headers are broken off"}, EndlessHeaders},
    Case{{"endless-interim", "endless data", "endless interim answers are broken off"},
         EndlessInterim},
    Case{{"endless-error", "endless data", "an endless body of an error is broken off"},
         EndlessError},
    Case{{"slow-loris-headers",
          "slow retrieval",
          "headers that drip byte by byte are given up and the request is made again"},
         SlowLorisHeaders},
    Case{
        {"slow-loris-body", "slow retrieval", "a body that stalls is given up and asked for again"},
        SlowLorisBody},
    Case{{"slow-loris-receipt",
          "slow retrieval",
          "an acknowledgement that never ends does not hold up the next update"},
         SlowLorisReceipt},
    Case{{"garbage-headers", "hostile answer", "answers that are no HTTP are survived"},
         GarbageHeaders},
    Case{{"server-errors",
          "denial of service",
          "500, 503 and 429 are waited out, without waiting for ever"},
         ServerErrors},
};

}  // namespace

std::span<const Case> HttpCases() {
  return kHttpCases;
}

}  // namespace strata::conformance
