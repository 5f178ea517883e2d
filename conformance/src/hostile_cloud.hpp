// SPDX-License-Identifier: Apache-2.0
/// HostileCloud: the device API of docs/spec/wire.md for one device, well-behaved by itself, evil
/// where a case hooks into it; and the record of everything the device showed. Role: answers and
/// remembers. What has to be wrong in every case (a receipt that does not verify, a layer nobody
/// may ask for, …) it notes as a violation; all else is judged by the case (play.hpp). Context:
/// hooks are called from the server's threads, several at a time.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "device_home.hpp"
#include "receipt_check.hpp"
#include "tls_server.hpp"

namespace strata::conformance {

/// How an offered app may end.
enum class May : std::uint8_t {
  kConfirm,      ///< confirmed, nothing else
  kFail,         ///< refused before any layer is asked for
  kFailLate,     ///< refused after layers were asked for
  kRevert,       ///< started and reverted
  kBeAbandoned,  ///< no receipt at all
};

struct Offered {
  App app;
  wire::DeploymentId id{};
  May may = May::kConfirm;
};

struct RequestSeen {
  Route route = Route::kUnknown;
  Digest hash{};
  std::optional<ByteRange> range;
  std::string if_none_match;
};

/// Everything seen so far. `offered` only grows and its elements stay where they are.
struct Seen {
  std::vector<RequestSeen> requests;
  std::vector<wire::ReceiptBody> receipts;  ///< those that verify, as they came, repetitions too
  std::vector<wire::Report> reports;
  std::vector<std::string> violations;
  std::deque<Offered> offered;

  [[nodiscard]] std::size_t Count(Route route) const;
  [[nodiscard]] std::size_t Count(Route route, const Digest& hash) const;
  [[nodiscard]] std::size_t Receipts(const wire::DeploymentId& id) const;
};

class HostileCloud {
 public:
  /// True: the hook answered. False: the cloud answers as it should.
  using Hook = std::function<bool(const Request& request, Connection& connection)>;

  /// `trust` outlives the cloud. * as TlsServer::Start.
  static Result<std::unique_ptr<HostileCloud>> Start(const Trust& trust);

  ~HostileCloud() { server_->Stop(); }

  [[nodiscard]] TlsServer& server() { return *server_; }

  [[nodiscard]] std::string url() const;

  /// Makes `app` the target app under a new deployment id.
  Offered Offer(const App& app, May may);

  /// The desired state of an earlier offer again, byte for byte and with its ETag.
  void OfferAgain(const Offered& offer);

  /// The NewKeys message of `sequence`, which the desired state names as the newest from now on.
  void SetNewKeys(std::uint32_t sequence, Bytes message);

  /// What GET /desired answers from now on. Waiting polls are told.
  void SetDesired(std::string body);

  /// Polls that wait are answered now, 304, so that hooks meet the next ones.
  void WakePolls();

  /// Replaces the hook of a route; an empty one ends the evil.
  void SetHook(Route route, Hook hook);

  /// Requests without a client certificate are no violation from now on.
  void AllowAnonymous() { allow_anonymous_ = true; }

  /// Waits until `wanted` holds; looks anew at each event and from time to time, `give_up` too.
  /// * false: `give_up` said so first.
  bool Wait(const std::function<bool(const Seen&)>& wanted, const std::function<bool()>& give_up);

  /// A copy of what was seen.
  [[nodiscard]] Seen seen();

  /// A hook sent these bytes of a layer in a way that the device may use them. Only what came so
  /// can be confirmed.
  void NoteDelivery(const Digest& hash, const Piece& piece);

  /// Answers a GET of a layer or manifest as docs/spec/wire.md says, `bytes` being its content.
  static void Serve(const Request& request, Connection& connection, ByteSpan bytes);

 private:
  explicit HostileCloud(const Trust& trust) : trust_(trust) {}

  void Handle(const std::optional<Request>& request, Connection& connection);
  void Note(const Request& request, const Destination& destination, const Connection& connection);
  void NoteReport(const Request& request);
  void NoteReceipt(const Request& request);
  void JudgeReceipt(const wire::ReceiptBody& receipt);
  void Violation(std::string what);
  void AnswerDesired(const Request& request, Connection& connection);
  void AnswerNewKeys(const Request& request, Connection& connection);
  void AnswerContent(const Request& request, const Digest& hash, Connection& connection);
  [[nodiscard]] bool Delivered(const App& app) const;
  [[nodiscard]] std::optional<Bytes> ContentOf(const Digest& hash);
  [[nodiscard]] const Offered* Find(const wire::DeploymentId& id) const;

  const Trust& trust_;
  std::unique_ptr<TlsServer> server_;
  std::atomic<bool> allow_anonymous_{false};
  std::mutex mutex_;
  std::condition_variable changed_;
  Seen seen_;
  std::string desired_;
  std::optional<wire::Deployment> deployment_;
  std::uint32_t keys_sequence_ = 0;
  std::map<std::string, Bytes> new_keys_;  ///< by path
  std::uint64_t wakes_ = 0;
  std::string etag_ = "\"0\"";  ///< of "never targeted"
  std::map<Route, Hook> hooks_;
  std::map<Digest, std::vector<bool>> delivered_;  ///< by byte
};

/// A whole answer with its Content-Length; `headers` each ended by CR LF.
[[nodiscard]] std::string Answer(int status, const std::string& headers, std::string_view body);

/// The headers of that name, ended by CR LF.
[[nodiscard]] std::string RangeHeader(const Piece& piece, std::uint64_t size);
[[nodiscard]] std::string LengthHeader(std::uint64_t length);

/// The encoded message.
[[nodiscard]] std::string EncodeDesired(const wire::DesiredState& state);

}  // namespace strata::conformance
