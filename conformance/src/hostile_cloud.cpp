// SPDX-License-Identifier: Apache-2.0
#include "hostile_cloud.hpp"

#include <algorithm>

namespace strata::conformance {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kGlance{50};
constexpr unsigned kDefaultWaitSec = 50;
constexpr unsigned kMaxWaitSec = 300;

std::string HexOf(const Digest& hash) {
  const auto text = hash.ToHexText();
  return {text.data(), text.size()};
}

/// "wait=N" of Prefer; no wait without it (RFC 7240).
std::chrono::seconds WaitOf(const Request& request) {
  const std::string prefer = request.Header("prefer");
  if (!prefer.starts_with("wait")) {
    return std::chrono::seconds(0);
  }
  unsigned wait = kDefaultWaitSec;
  if (prefer.starts_with("wait=")) {
    wait = 0;
    for (const char c : prefer.substr(5, 4)) {
      wait = c >= '0' && c <= '9' ? wait * 10 + static_cast<unsigned>(c - '0') : wait;
    }
  }
  return std::chrono::seconds(std::min(wait, kMaxWaitSec));
}

std::string DesiredAnswer(const std::string& body, const std::string& etag) {
  return Answer(200, "Content-Type: application/x-protobuf\r\nETag: " + etag + "\r\n", body);
}

}  // namespace

std::string Answer(int status, const std::string& headers, std::string_view body) {
  std::string out = "HTTP/1.1 " + std::to_string(status) + " Words\r\n" + headers;
  if (status != 204 && status != 304) {
    out += LengthHeader(body.size());
  }
  return out + "\r\n" + std::string(body);
}

std::string RangeHeader(const Piece& piece, std::uint64_t size) {
  return "Content-Range: bytes " + std::to_string(piece.first) + "-" + std::to_string(piece.last) +
         "/" + std::to_string(size) + "\r\n";
}

std::string LengthHeader(std::uint64_t length) {
  return "Content-Length: " + std::to_string(length) + "\r\n";
}

std::string EncodeDesired(const wire::DesiredState& state) {
  std::array<std::uint8_t, wire::kMaxDesiredStateBytes> bytes{};
  const auto size = wire::Encode(state, bytes);
  return size.ok() ? std::string(AsText(ByteSpan(bytes).first(*size))) : std::string();
}

std::size_t Seen::Count(Route route) const {
  return static_cast<std::size_t>(
      std::count_if(requests.begin(), requests.end(), [route](const RequestSeen& request) {
        return request.route == route;
      }));
}

std::size_t Seen::Count(Route route, const Digest& hash) const {
  return static_cast<std::size_t>(
      std::count_if(requests.begin(), requests.end(), [&](const RequestSeen& request) {
        return request.route == route && request.hash == hash;
      }));
}

std::size_t Seen::Receipts(const wire::DeploymentId& id) const {
  return static_cast<std::size_t>(
      std::count_if(receipts.begin(), receipts.end(), [&id](const wire::ReceiptBody& receipt) {
        return receipt.deployment_id == id;
      }));
}

Result<std::unique_ptr<HostileCloud>> HostileCloud::Start(const Trust& trust) {
  std::unique_ptr<HostileCloud> cloud(new HostileCloud(trust));
  auto server = TlsServer::Start(
      TlsTerms{.server = trust.server},
      [raw = cloud.get()](const std::optional<Request>& request, Connection& connection) {
        raw->Handle(request, connection);
      });
  if (!server.ok()) {
    return server.error();
  }
  cloud->server_ = std::move(server).value();
  return cloud;
}

std::string HostileCloud::url() const {
  return "https://127.0.0.1:" + std::to_string(server_->port());
}

Offered HostileCloud::Offer(const App& app, May may) {
  const Offered offer{app, RandomId(), may};
  {
    const std::lock_guard lock(mutex_);
    seen_.offered.push_back(offer);
  }
  OfferAgain(offer);
  return offer;
}

void HostileCloud::OfferAgain(const Offered& offer) {
  std::string body;
  {
    const std::lock_guard lock(mutex_);
    deployment_ = wire::Deployment{offer.app.sid, offer.app.manifest_hash, offer.id};
    body = EncodeDesired({.deployment = deployment_, .keys_sequence = keys_sequence_});
  }
  SetDesired(std::move(body));
}

void HostileCloud::SetNewKeys(std::uint32_t sequence, Bytes message) {
  std::string body;
  {
    const std::lock_guard lock(mutex_);
    keys_sequence_ = sequence;
    new_keys_["/device/v1/keys/" + std::to_string(sequence)] = std::move(message);
    body = EncodeDesired({.deployment = deployment_, .keys_sequence = keys_sequence_});
  }
  SetDesired(std::move(body));
}

void HostileCloud::SetDesired(std::string body) {
  const std::lock_guard lock(mutex_);
  desired_ = std::move(body);
  // The same state has the same tag, also when it comes back.
  etag_ = "\"" + HexOf(bundle::Sha256(AsBytes(desired_))).substr(0, 16) + "\"";
  changed_.notify_all();
}

void HostileCloud::WakePolls() {
  const std::lock_guard lock(mutex_);
  ++wakes_;
  changed_.notify_all();
}

void HostileCloud::SetHook(Route route, Hook hook) {
  const std::lock_guard lock(mutex_);
  hooks_[route] = std::move(hook);
}

bool HostileCloud::Wait(const std::function<bool(const Seen&)>& wanted,
                        const std::function<bool()>& give_up) {
  std::unique_lock lock(mutex_);
  while (!wanted(seen_)) {
    if (give_up()) {
      return false;
    }
    changed_.wait_for(lock, kGlance);
  }
  return true;
}

Seen HostileCloud::seen() {
  const std::lock_guard lock(mutex_);
  return seen_;
}

void HostileCloud::Violation(std::string what) {
  const bool known =
      std::find(seen_.violations.begin(), seen_.violations.end(), what) != seen_.violations.end();
  if (!known) {
    seen_.violations.push_back(std::move(what));
  }
}

void HostileCloud::Handle(const std::optional<Request>& request, Connection& connection) {
  if (!request) {
    const std::lock_guard lock(mutex_);
    Violation("a request that is not HTTP/1.1 with a Content-Length");
    changed_.notify_all();
    return;
  }
  const Destination destination = DestinationOf(*request);
  Hook hook;
  {
    const std::lock_guard lock(mutex_);
    Note(*request, destination, connection);
    const auto found = hooks_.find(destination.route);
    hook = found == hooks_.end() ? Hook() : found->second;
    changed_.notify_all();
  }
  if (hook && hook(*request, connection)) {
    return;
  }
  switch (destination.route) {
    case Route::kDesired:
      AnswerDesired(*request, connection);
      return;
    case Route::kManifest:
    case Route::kLayer:
      AnswerContent(*request, destination.hash, connection);
      return;
    case Route::kReport:
    case Route::kReceipt:
      connection.Write(Answer(204, "", ""));
      return;
    case Route::kKeys:
      AnswerNewKeys(*request, connection);
      return;
    case Route::kCertificate:
    case Route::kUnknown:
      connection.Write(Answer(404, "", ""));
      return;
  }
}

void HostileCloud::Note(const Request& request,
                        const Destination& destination,
                        const Connection& connection) {
  const auto own = bundle::PublicKeyFingerprint(trust_.keys.identity.public_key());
  if (connection.client() != own && !allow_anonymous_) {
    Violation(connection.client() ? "a client certificate that is not the device's"
                                  : "a request without a client certificate");
  }
  RequestSeen seen{.route = destination.route,
                   .hash = destination.hash,
                   .range = std::nullopt,
                   .if_none_match = request.Header("if-none-match")};
  if (const std::string range = request.Header("range"); !range.empty()) {
    seen.range = ParseRange(range);
    if (!seen.range) {
      Violation("a Range that is not bytes=a-b or bytes=a-: " + range);
    }
  }
  seen_.requests.push_back(seen);
  if (destination.route == Route::kUnknown) {
    Violation("a request that the device API does not have: " + request.method + " " +
              request.path.substr(0, 100));
  }
  if (destination.route == Route::kReport) {
    NoteReport(request);
  }
  if (destination.route == Route::kReceipt) {
    NoteReceipt(request);
  }
  if (destination.route != Route::kLayer) {
    return;
  }
  const bool may_ask =
      std::any_of(seen_.offered.begin(), seen_.offered.end(), [&destination](const Offered& offer) {
        return offer.may != May::kFail && offer.app.layers.contains(destination.hash);
      });
  if (!may_ask) {
    Violation("asked for layer " + HexOf(destination.hash) +
              ", which no manifest names that may be accepted");
  }
}

void HostileCloud::NoteReport(const Request& request) {
  const ByteSpan body = AsBytes(request.body);
  const auto report = wire::DecodeReport(body);
  if (!report.ok() || body.size() > wire::kMaxMessageBytes) {
    Violation("a report that can't be read");
    return;
  }
  seen_.reports.push_back(*report);
}

void HostileCloud::NoteReceipt(const Request& request) {
  ReceiptSeen receipt =
      ReadReceipt(AsBytes(request.body), trust_.sid, trust_.keys.identity.public_key());
  if (!receipt.problem.empty()) {
    Violation(std::move(receipt.problem));
    return;
  }
  JudgeReceipt(*receipt.body);
  seen_.receipts.push_back(*receipt.body);
}

void HostileCloud::JudgeReceipt(const wire::ReceiptBody& receipt) {
  if (!seen_.receipts.empty()) {
    const wire::ReceiptBody& last = seen_.receipts.back();
    const bool repeats = receipt.counter == last.counter && receipt.verdict == last.verdict &&
                         receipt.deployment_id == last.deployment_id;
    if (!repeats && receipt.counter <= last.counter) {
      Violation("a receipt whose counter is not above the last one's");
    }
  }
  const Offered* const offer = Find(receipt.deployment_id);
  if (offer == nullptr) {
    Violation("a receipt for a deployment that was never offered");
    return;
  }
  if (const std::string problem = ProblemWith(receipt, offer->app); !problem.empty()) {
    Violation("a receipt that " + problem);
  }
  if (receipt.verdict != wire::Verdict::kConfirmed) {
    return;
  }
  if (offer->may != May::kConfirm) {
    Violation("confirmed an app that it had to refuse");
  } else if (!Delivered(offer->app)) {
    Violation("confirmed an app whose layers it never got whole in answers to use");
  }
}

const Offered* HostileCloud::Find(const wire::DeploymentId& id) const {
  const auto found = std::find_if(seen_.offered.begin(),
                                  seen_.offered.end(),
                                  [&id](const Offered& offer) { return offer.id == id; });
  return found == seen_.offered.end() ? nullptr : &*found;
}

void HostileCloud::AnswerDesired(const Request& request, Connection& connection) {
  const auto end = std::chrono::steady_clock::now() + WaitOf(request);
  const std::string known = request.Header("if-none-match");
  std::unique_lock lock(mutex_);
  const std::uint64_t wakes = wakes_;
  while (known == etag_ && wakes == wakes_ && std::chrono::steady_clock::now() < end) {
    changed_.wait_for(lock, kGlance);
    lock.unlock();
    const bool gone = connection.WaitGone(milliseconds(0)) || !connection.open();
    lock.lock();
    if (gone) {
      return;
    }
  }
  const std::string answer =
      known == etag_ ? Answer(304, "ETag: " + etag_ + "\r\n", "") : DesiredAnswer(desired_, etag_);
  lock.unlock();
  connection.Write(answer);
}

std::optional<Bytes> HostileCloud::ContentOf(const Digest& hash) {
  const std::lock_guard lock(mutex_);
  for (const Offered& offer : seen_.offered) {
    if (offer.app.manifest_hash == hash) {
      return offer.app.manifest;
    }
    if (const auto found = offer.app.layers.find(hash); found != offer.app.layers.end()) {
      return found->second;
    }
  }
  return std::nullopt;
}

void HostileCloud::AnswerContent(const Request& request,
                                 const Digest& hash,
                                 Connection& connection) {
  const auto bytes = ContentOf(hash);
  if (!bytes) {
    connection.Write(Answer(404, "", ""));
    return;
  }
  if (const auto piece = PieceOf(request, bytes->size())) {
    NoteDelivery(hash, *piece);
  }
  Serve(request, connection, *bytes);
}

void HostileCloud::AnswerNewKeys(const Request& request, Connection& connection) {
  std::optional<Bytes> message;
  {
    const std::lock_guard lock(mutex_);
    if (const auto found = new_keys_.find(request.path); found != new_keys_.end()) {
      message = found->second;
    }
  }
  connection.Write(message ? Answer(200, "", AsText(*message)) : Answer(404, "", ""));
}

void HostileCloud::NoteDelivery(const Digest& hash, const Piece& piece) {
  const std::lock_guard lock(mutex_);
  std::vector<bool>& there = delivered_[hash];
  there.resize(std::max<std::size_t>(there.size(), piece.last + 1));
  std::fill_n(there.begin() + static_cast<std::ptrdiff_t>(piece.first), piece.size(), true);
}

bool HostileCloud::Delivered(const App& app) const {
  return std::all_of(app.layers.begin(), app.layers.end(), [this](const auto& layer) {
    const auto found = delivered_.find(layer.first);
    return found != delivered_.end() &&
           static_cast<std::size_t>(std::count(found->second.begin(), found->second.end(), true)) ==
               layer.second.size();
  });
}

void HostileCloud::Serve(const Request& request, Connection& connection, ByteSpan bytes) {
  const auto piece = PieceOf(request, bytes.size());
  if (!piece) {
    connection.Write(
        Answer(416, "Content-Range: bytes */" + std::to_string(bytes.size()) + "\r\n", ""));
    return;
  }
  const std::string_view part = AsText(bytes.subspan(piece->first, piece->size()));
  const bool ranged = ParseRange(request.Header("range")).has_value();
  connection.Write(ranged ? Answer(206, RangeHeader(*piece, bytes.size()), part)
                          : Answer(200, "Accept-Ranges: bytes\r\n", part));
}

}  // namespace strata::conformance
