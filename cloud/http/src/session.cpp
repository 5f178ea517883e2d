// SPDX-License-Identifier: Apache-2.0
#include "session.hpp"

#include <algorithm>
#include <array>
#include <exception>
#include <optional>
#include <span>
#include <string_view>
#include <utility>

#include <fcntl.h>
#include <openssl/rand.h>
#include <unistd.h>

#include "strata/core/hex.hpp"

#include "access_log.hpp"
#include "json.hpp"
#include "response_head.hpp"

namespace strata::cloud::http {
namespace {

constexpr std::size_t kReadBytes = 16 * 1024;
constexpr std::size_t kFilePieceBytes = 16 * 1024;

std::string NewRequestId() {
  std::array<std::uint8_t, 16> bytes{};
  RAND_bytes(bytes.data(), static_cast<int>(bytes.size()));  // a name, not a secret
  std::string id = "RQ" + std::string(2 * bytes.size(), '0');
  ToHex(bytes, std::span(id).subspan(2));
  return id;
}

bool HasBody(int status) {
  return status != 204 && status != 304;
}

class OpenFile {
 public:
  explicit OpenFile(const std::string& path) : fd_(open(path.c_str(), O_RDONLY | O_CLOEXEC)) {}

  ~OpenFile() {
    if (fd_ >= 0) {
      close(fd_);
    }
  }

  OpenFile(const OpenFile&) = delete;
  OpenFile& operator=(const OpenFile&) = delete;

  [[nodiscard]] int fd() const { return fd_; }

 private:
  int fd_;
};

/// What goes out from `sent` on, of the head and then the file, into `piece`; empty: the file is
/// shorter than it was.
std::string_view NextPiece(std::string_view head,
                           int fd,
                           const FileBody& file,
                           std::uint64_t sent,
                           std::span<char> piece) {
  const std::string_view begin = head.substr(std::min<std::uint64_t>(sent, head.size()));
  const std::size_t filled = begin.copy(piece.data(), piece.size());
  const std::uint64_t at = sent + filled - head.size();  // in the body
  const std::size_t wanted = std::min<std::uint64_t>(piece.size() - filled, file.length_bytes - at);
  const ssize_t got =
      pread(fd, piece.data() + filled, wanted, static_cast<off_t>(file.offset_bytes + at));
  if (got < 0 || (got == 0 && wanted > 0)) {
    return {};
  }
  return {piece.data(), filled + static_cast<std::size_t>(got)};
}

}  // namespace

Session::Session(Socket socket,
                 const ListenerContext& context,
                 const Peer& peer,
                 const bool& stopping)
    : stream_(std::move(socket), context.tls), context_(context), peer_(peer), stopping_(stopping) {
  context_.metrics->Connected();
}

void Session::OnStop() {
  if (idle_) {
    Interrupt();
  }
}

Task<> Session::Run() {
  stream_.SetDeadline(context_.limits->handshake);
  if (!co_await stream_.Handshake()) {
    co_return;
  }
  bool more = true;
  while (more) {
    more = co_await ServeOne();
  }
  const bool answered = !gone_;
  co_await stream_.Close(answered ? context_.limits->drain : std::chrono::milliseconds(0));
}

Task<bool> Session::ReadMore() {
  const std::size_t had = buffer_.size();
  buffer_.resize(had + kReadBytes);
  const std::size_t got = co_await stream_.Read(buffer_.data() + had, kReadBytes);
  buffer_.resize(had + got);
  co_return got > 0;
}

Task<Session::HeadEnd> Session::ReadHead(RequestReader& reader) {
  if (buffer_.empty()) {
    std::string().swap(buffer_);  // an idle connection keeps no memory
    idle_ = true;
    stream_.SetDeadline(first_ ? context_.limits->header : context_.limits->idle);
    const bool readable = !stopping_ && co_await stream_.WaitReadable();
    idle_ = false;
    if (!readable) {
      co_return HeadEnd::kClosed;
    }
  }
  first_ = false;
  stream_.SetDeadline(context_.limits->header);
  while (true) {
    std::size_t used = 0;
    const RequestReader::State state = reader.PutHead(buffer_, used);
    buffer_.erase(0, used);
    if (state == RequestReader::State::kDone) {
      co_return HeadEnd::kRead;
    }
    if (state != RequestReader::State::kMore) {
      co_return state == RequestReader::State::kTooLarge ? HeadEnd::kTooLarge : HeadEnd::kBad;
    }
    const bool received = co_await ReadMore();
    if (!received) {
      const bool late = stream_.timed_out() && !buffer_.empty();
      co_return late ? HeadEnd::kTimedOut : HeadEnd::kClosed;
    }
  }
}

Response Session::Refusal(const Request& request, ApiError error) const {
  return ErrorResponse(error, request.base_url);
}

std::optional<ApiError> Session::TakeHead(HeadEnd end,
                                          RequestReader& reader,
                                          Request& request) const {
  switch (end) {
    case HeadEnd::kTimedOut:
      return ApiError{408, 20408, "the request did not arrive in time"};
    case HeadEnd::kTooLarge:
      return ApiError{431,
                      20431,
                      "the headers are larger than " +
                          std::to_string(context_.limits->header_bytes) + " bytes"};
    case HeadEnd::kRead:
      if (reader.TakeHead(request)) {
        return std::nullopt;
      }
      break;
    case HeadEnd::kBad:
    case HeadEnd::kClosed:
      break;
  }
  return ApiError{400, 20001, "the request is not well-formed HTTP/1.1"};
}

Task<bool> Session::ServeOne() {
  std::optional<RequestReader> reader(context_.limits->header_bytes);
  Request request;
  request.id = NewRequestId();
  const HeadEnd end = co_await ReadHead(*reader);
  if (end == HeadEnd::kClosed) {
    gone_ = true;
    co_return false;
  }
  const auto started = SteadyClock::now();
  waited_ = false;
  wants_continue_ = end == HeadEnd::kRead && reader->expects_continue() && reader->has_body();
  const std::optional<ApiError> bad_head = TakeHead(end, *reader, request);
  request.base_url = BaseUrl(request, context_.tls != nullptr, peer_.proxy, context_.url);
  request.address = ClientAddress(request, peer_.address, peer_.proxy);
  request.client = stream_.client();
  request.client_key = stream_.client_key();
  bool keep_alive = !bad_head && reader->keep_alive();
  std::optional<Response> response;
  if (bad_head) {
    response = Refusal(request, *bad_head);
  } else {
    const Route* poll = nullptr;
    response = co_await Answer(request, *reader, poll);
    keep_alive = keep_alive && !reader->has_body();
    if (poll != nullptr) {
      reader.reset();  // thousands wait at once
      response = co_await Poll(request, *poll);
    }
  }
  upload_.reset();
  if (!response) {
    gone_ = true;
    co_return false;
  }
  keep_alive = keep_alive && !response->close && !stopping_;
  const bool sent = co_await Send(request, *response, keep_alive);
  const auto took =
      std::chrono::duration_cast<std::chrono::milliseconds>(SteadyClock::now() - started);
  LogAccess(context_.log, request, {response->status, sent_bytes_, took.count()});
  context_.metrics->Answered(response->status, sent_bytes_, took, !waited_);
  following_.reset();
  gone_ = !sent;
  co_return (sent && keep_alive);
}

Admission Session::AdmitHere(Request& request) const {
  try {
    return context_.site->Admit(request);
  } catch (const std::exception& failure) {
    LogFailure(context_.log, request, failure.what());
    return {nullptr, Refusal(request, {500, 20500, "the server failed"})};
  }
}

Response Session::RunHere(const Request& request, const Route& route) const {
  try {
    return context_.site->Run(route, request);
  } catch (const std::exception& failure) {
    LogFailure(context_.log, request, failure.what());
    return Refusal(request, {500, 20500, "the server failed"});
  }
}

Task<Admission> Session::Admit(Request& request) {
  Admission admission;
  co_await OnWorkers(*context_.workers, [&] { admission = AdmitHere(request); });
  co_return admission;
}

Task<Response> Session::RunHandler(Request& request, const Route& route) {
  Response response;
  co_await OnWorkers(*context_.workers, [&] { response = RunHere(request, route); });
  co_return response;
}

Task<std::optional<Response>> Session::Answer(Request& request,
                                              RequestReader& reader,
                                              const Route*& poll) {
  Admission admission;
  std::optional<Response> response;
  co_await OnWorkers(*context_.workers, [&] {
    admission = AdmitHere(request);
    // Most requests have nothing to wait for: one way to the workers and back instead of two.
    const Route* const route = admission.refusal ? nullptr : admission.route;
    const bool whole = !reader.has_body() && route != nullptr && route->body == BodyKind::kNone;
    if (whole && !route->poll) {
      response = RunHere(request, *route);
    }
  });
  if (response && response->stream) {
    response = co_await OpenStream(request, *admission.route, *std::move(response));
  }
  if (response) {
    co_return response;
  }
  if (admission.refusal) {
    co_await DropSmallBody(reader);
    co_return std::move(admission.refusal);
  }
  response = co_await PrepareBody(request, reader, admission.route->body);
  if (response || gone_) {
    co_return response;
  }
  if (admission.route->poll) {
    poll = admission.route;
    co_return std::nullopt;
  }
  response = co_await RunHandler(request, *admission.route);
  if (response->stream) {
    response = co_await OpenStream(request, *admission.route, *std::move(response));
  }
  co_return response;
}

Task<bool> Session::Send(const Request& request, Response& response, bool keep_alive) {
  sent_bytes_ = 0;
  // What changed something is always told.
  std::optional<UnsentBodies::Hold> held;
  if (request.method == "GET" && request.account &&
      response.body.size() >= UnsentBodies::kCountedFrom &&
      !context_.unsent->Take(request.account->sid, response.body.size(), held)) {
    response = Refusal(request,
                       {.status = 429,
                        .code = 20429,
                        .message = "this account has too many long answers that it did not read "
                                   "yet; read them first",
                        .retry_after_sec = 1});
  }
  const OpenFile file(response.file ? response.file->path : std::string());
  if (response.file && file.fd() < 0) {
    response = Refusal(request, NotFound(request));
  }
  context_.site->Dress(request, response);
  response.Set("Twilio-Request-Id", request.id);
  response.Set("X-Content-Type-Options", "nosniff");
  const bool cacheable =
      std::any_of(response.headers.begin(), response.headers.end(), [](const Header& header) {
        return header.name == "Cache-Control";
      });
  if (!cacheable) {
    response.Set("Cache-Control", "no-store");
  }
  response.Set("Connection", keep_alive ? "keep-alive" : "close");
  const std::uint64_t length = response.file ? response.file->length_bytes : response.body.size();
  const bool counted = HasBody(response.status) && !response.stream;
  std::string text =
      ResponseHead(response, counted ? std::optional<std::uint64_t>(length) : std::nullopt);
  if (request.method == "HEAD" || !HasBody(response.status)) {
    response.body.clear();
    response.file.reset();
  }
  const bool joined = response.body.size() <= kReadBytes;
  if (joined) {
    text += response.body;
  }
  if (response.file) {
    co_return co_await SendFile(text, file.fd(), *response.file);
  }
  stream_.SetDeadline(context_.limits->write);
  const bool head_sent = co_await stream_.Write(text);
  const bool sent = head_sent && (joined || co_await stream_.Write(response.body));
  sent_bytes_ = sent ? response.body.size() : 0;
  if (sent && response.stream) {
    co_return co_await Follow(request, *response.stream);
  }
  co_return sent;
}

Task<bool> Session::SendFile(std::string_view head, int fd, const FileBody& file) {
  // One piece for all sessions of a loop stays in the processor's cache, and who waits for a slow
  // client holds no memory: what it could not send is read again.
  static thread_local std::array<char, kFilePieceBytes> piece;
  const std::uint64_t total = head.size() + file.length_bytes;
  std::uint64_t sent = 0;
  stream_.Gather(true);
  stream_.SetDeadline(context_.limits->write);
  while (sent < total) {
    std::string_view left = NextPiece(head, fd, file, sent, piece);
    bool blocked = false;
    if (left.empty()) {
      co_return false;  // the client sees an answer that is too short
    }
    while (!left.empty() && !blocked) {
      const std::optional<std::size_t> taken = stream_.TryWrite(left);
      if (!taken) {
        co_return false;
      }
      left.remove_prefix(*taken);
      sent += *taken;
      sent_bytes_ = sent - std::min<std::uint64_t>(sent, head.size());
      blocked = *taken == 0;
    }
    if (blocked) {
      stream_.SetDeadline(context_.limits->write);
      if (!co_await stream_.WaitWritable()) {
        co_return false;
      }
    }
  }
  stream_.Gather(false);
  co_return true;
}

}  // namespace strata::cloud::http
