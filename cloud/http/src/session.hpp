// SPDX-License-Identifier: Apache-2.0
/// Session: the requests of one connection, one after the other.
/// Role: framing, limits, order of checks (who → where → how large → body → handler), answers.
/// Decides nothing else. Context: lives on one loop; calls that block run on the worker pool
/// meanwhile.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "strata/cloud/http/server.hpp"

#include "async.hpp"
#include "external_url.hpp"
#include "message.hpp"
#include "metrics.hpp"
#include "request_reader.hpp"
#include "site.hpp"
#include "stream.hpp"
#include "unsent_bodies.hpp"
#include "upload.hpp"

namespace strata::cloud::http {

/// What the sessions of one listener share; outlives them.
struct ListenerContext {
  const Site* site = nullptr;
  SSL_CTX* tls = nullptr;  ///< nullptr: plain
  WaitingPolls* polls = nullptr;
  asio::thread_pool* workers = nullptr;
  const HttpLimits* limits = nullptr;
  std::string temp_dir;
  std::string url;  ///< base of addresses in answers to requests that name no host
  LogSink log;
  ListenerMetrics* metrics = nullptr;
  UnsentBodies* unsent = nullptr;
};

/// Who sits at the other end.
struct Peer {
  Cidr::Address address{};
  bool proxy = false;  ///< a trusted one: its X-Forwarded-* are believed
};

class Session {
 public:
  /// `stopping` is the loop's own and outlives the session.
  Session(Socket socket, const ListenerContext& context, const Peer& peer, const bool& stopping);

  ~Session() { context_.metrics->Disconnected(); }

  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  /// Until the connection has ended.
  Task<> Run();

  /// The loop stops: an idle connection ends now, a busy one after its answer.
  void OnStop();

  /// Ends at once, whatever is going on.
  void Interrupt() { stream_.Interrupt(); }

 private:
  enum class HeadEnd : std::uint8_t { kRead, kClosed, kTimedOut, kBad, kTooLarge };

  /// One request and its answer. false: the connection is to end.
  Task<bool> ServeOne();
  Task<HeadEnd> ReadHead(RequestReader& reader);
  /// Moves the head into `request`; nothing when it is as it must be.
  [[nodiscard]] std::optional<ApiError> TakeHead(HeadEnd end,
                                                 RequestReader& reader,
                                                 Request& request) const;
  /// Receives something into buffer_.
  Task<bool> ReadMore();

  /// Everything from admission to the handler's answer. Nothing: `poll` says what to wait for, or
  /// the client is gone.
  Task<std::optional<Response>> Answer(Request& request, RequestReader& reader, const Route*& poll);

  // These give a refusal, or nothing when the body is as it must be (or the client is gone: gone_).
  Task<std::optional<Response>> PrepareBody(Request& request, RequestReader& reader, BodyKind kind);
  Task<std::optional<Response>> ReadSmall(Request& request,
                                          RequestReader& reader,
                                          std::size_t limit);
  Task<std::optional<Response>> ReadUpload(Request& request,
                                           RequestReader& reader,
                                           std::uint64_t file_limit);
  [[nodiscard]] std::optional<ApiError> CheckUpload(const Request& request,
                                                    const RequestReader& reader,
                                                    std::uint64_t file_limit) const;

  Task<std::optional<Response>> Poll(Request& request, const Route& route);

  struct Following;
  /// Counts the stream of `response`, which it gives back, or refuses it.
  Task<Response> OpenStream(const Request& request, const Route& route, Response response);
  /// Behind the head: sends events until the client goes, is too slow or may no longer.
  Task<bool> Follow(const Request& request, EventStream& stream);
  Task<ApiResult<std::string>> NextEvents(const Request& request, EventStream& stream);

  Task<> SendContinue();
  /// Why no more of the body came: 408, or nothing and gone_.
  std::optional<Response> BodyMissing(const Request& request);
  Task<> DropSmallBody(RequestReader& reader);

  // On a worker: they block. A handler that throws is a 500.
  Admission AdmitHere(Request& request) const;
  [[nodiscard]] Response RunHere(const Request& request, const Route& route) const;

  // The same, from the loop.
  Task<Admission> Admit(Request& request);
  Task<Response> RunHandler(Request& request, const Route& route);

  Task<bool> Send(const Request& request, Response& response, bool keep_alive);
  Task<bool> SendFile(std::string_view head, int fd, const FileBody& file);
  [[nodiscard]] Response Refusal(const Request& request, ApiError error) const;

  Stream stream_;
  const ListenerContext& context_;
  Peer peer_;
  const bool& stopping_;
  bool idle_ = false;
  bool first_ = true;
  bool gone_ = false;            ///< nothing can be sent any more
  bool waited_ = false;          ///< the request in progress is a poll that was held back
  bool wants_continue_ = false;  ///< the client waits for 100 before its body
  std::string buffer_;           ///< received, not yet consumed
  std::uint64_t sent_bytes_ = 0;
  std::unique_ptr<UploadReceiver> upload_;  ///< of the request in progress
  std::shared_ptr<Following> following_;    ///< of the live stream in progress
};

}  // namespace strata::cloud::http
