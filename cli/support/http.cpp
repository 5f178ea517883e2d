// SPDX-License-Identifier: Apache-2.0
#include "support/http.hpp"

#include <array>
#include <ctime>

#include <curl/curl.h>
#include <strings.h>

#include "support/cloud_url.hpp"
#include "support/text.hpp"

namespace strata::cli {
namespace {

constexpr std::size_t kMaxAnswerBytes = 16ULL * 1024 * 1024;
constexpr long kConnectTimeoutSec = 10;
constexpr long kRequestTimeoutSec = 30;
constexpr long kStalledSec = 60;  // of an upload

struct Answer {
  CURL* handle = nullptr;
  const std::function<bool(std::string_view)>* take = nullptr;  ///< of an answer without end
  bool enough = false;                                          ///< `take` said so
  std::string body;
  std::optional<std::int64_t> server_time;
  std::string request_id;
  std::optional<std::chrono::seconds> retry_after;
  bool too_large = false;
  const StreamWatch* watch = nullptr;  ///< of an answer without end
  std::chrono::steady_clock::time_point last_byte;
  bool silent = false;  ///< for too long

  void Heard() {
    if (watch != nullptr) {
      last_byte = watch->now();
    }
  }
};

std::size_t TakeBody(char* data, std::size_t unit, std::size_t count, void* into) {
  auto* answer = static_cast<Answer*>(into);
  const std::size_t bytes = unit * count;
  answer->Heard();
  long status = 0;
  curl_easy_getinfo(answer->handle, CURLINFO_RESPONSE_CODE, &status);
  if (answer->take != nullptr && status == 200) {
    answer->enough = !(*answer->take)({data, bytes});
    return answer->enough ? 0 : bytes;
  }
  if (answer->body.size() + bytes > kMaxAnswerBytes) {
    answer->too_large = true;
    return 0;
  }
  answer->body.append(data, bytes);
  return bytes;
}

std::optional<std::int64_t> TimeIn(const std::string& text) {
  const std::time_t time = curl_getdate(text.c_str(), nullptr);
  return time < 0 ? std::nullopt : std::optional<std::int64_t>(time);
}

std::size_t TakeHeader(char* data, std::size_t unit, std::size_t count, void* into) {
  const std::string_view line(data, unit * count);
  auto* answer = static_cast<Answer*>(into);
  const auto value = [line](std::string_view name) -> std::optional<std::string> {
    const bool named =
        line.size() > name.size() && strncasecmp(line.data(), name.data(), name.size()) == 0;
    return named ? std::optional(std::string(Trim(line.substr(name.size())))) : std::nullopt;
  };
  if (const auto date = value("date:")) {
    answer->server_time = TimeIn(*date);
  } else if (const auto id = value("twilio-request-id:")) {
    answer->request_id = *id;
  } else if (const auto seconds = value("retry-after:")) {
    const auto wait = ParseNumber(*seconds, "Retry-After");
    answer->retry_after =
        wait.ok() ? std::optional(std::chrono::seconds(wait.value())) : std::nullopt;
  }
  return line.size();
}

/// Of the server's own certificate, the first of its chain.
std::optional<std::int64_t> CertificateEndOf(CURL* handle) {
  curl_certinfo* chain = nullptr;
  if (curl_easy_getinfo(handle, CURLINFO_CERTINFO, &chain) != CURLE_OK || chain == nullptr ||
      chain->num_of_certs < 1) {
    return std::nullopt;
  }
  constexpr std::string_view kEnd = "Expire date:";
  for (const curl_slist* line = chain->certinfo[0]; line != nullptr; line = line->next) {
    const std::string_view text(line->data);
    if (text.starts_with(kEnd)) {
      return TimeIn(std::string(text.substr(kEnd.size())));
    }
  }
  return std::nullopt;
}

int TellProgress(void* upload, curl_off_t, curl_off_t, curl_off_t total, curl_off_t sent) {
  const auto* request = static_cast<const Upload*>(upload);
  if (request->progress && total > 0) {
    request->progress(static_cast<std::uint64_t>(sent), static_cast<std::uint64_t>(total));
  }
  return 0;
}

/// libcurl calls it about once a second, also when nothing comes; not 0 ends the request.
int WatchSilence(void* into, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
  auto* answer = static_cast<Answer*>(into);
  answer->silent = answer->watch->now() - answer->last_byte > answer->watch->longest_silence;
  return answer->silent ? 1 : 0;
}

class HeaderList {
 public:
  HeaderList() = default;
  HeaderList(const HeaderList&) = delete;
  HeaderList& operator=(const HeaderList&) = delete;

  ~HeaderList() { curl_slist_free_all(list_); }

  void Add(const std::string& line) {
    if (curl_slist* longer = curl_slist_append(list_, line.c_str()); longer != nullptr) {
      list_ = longer;
    }
  }

  [[nodiscard]] curl_slist* get() const { return list_; }

 private:
  curl_slist* list_ = nullptr;
};

std::string FormBody(const Fields& form) {
  std::string body;
  for (const auto& [name, value] : form) {
    body += (body.empty() ? "" : "&") + PercentEncode(name) + "=" + PercentEncode(value);
  }
  return body;
}

class CurlClient final : public HttpClient {
 public:
  CurlClient(CURL* handle, Connection connection, CloudUrl parts, StreamWatch watch)
      : handle_(handle, curl_easy_cleanup),
        connection_(std::move(connection)),
        parts_(std::move(parts)),
        watch_(std::move(watch)) {}

  Expected<HttpResponse> Send(const HttpRequest& request) override {
    return Exchange(request, nullptr);
  }

  Expected<HttpResponse> Stream(const HttpRequest& request,
                                const std::function<bool(std::string_view)>& take) override {
    return Exchange(request, &take);
  }

 private:
  template <typename Value>
  void Set(CURLoption option, Value value) {
    curl_easy_setopt(handle_.get(), option, value);
  }

  Expected<HttpResponse> Exchange(const HttpRequest& request,
                                  const std::function<bool(std::string_view)>* take);
  void SetConnection(const HttpRequest& request, bool endless);
  void Watch(Answer& answer);
  [[nodiscard]] Problem ProblemOf(CURLcode code, const char* text) const;
  [[nodiscard]] std::string StepForOtherScheme(CURLcode code, std::string_view why) const;
  curl_mime* BuildMime(const Upload& upload);

  std::unique_ptr<CURL, void (*)(CURL*)> handle_;
  Connection connection_;
  CloudUrl parts_;
  StreamWatch watch_;
};

void CurlClient::SetConnection(const HttpRequest& request, bool endless) {
  curl_easy_reset(handle_.get());
  Set(CURLOPT_URL, (connection_.url + request.path).c_str());
  Set(CURLOPT_PATH_AS_IS, 1L);  // else a name of dots would make it another resource's path
  Set(CURLOPT_PROTOCOLS_STR, parts_.scheme.c_str());
  Set(CURLOPT_FOLLOWLOCATION, 0L);
  Set(CURLOPT_NOSIGNAL, 1L);
  Set(CURLOPT_CONNECTTIMEOUT, kConnectTimeoutSec);
  Set(CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
  Set(CURLOPT_USERAGENT, "strata/" STRATA_VERSION);
  if (!connection_.user.empty()) {
    Set(CURLOPT_HTTPAUTH, static_cast<long>(CURLAUTH_BASIC));
    Set(CURLOPT_USERNAME, connection_.user.c_str());
    Set(CURLOPT_PASSWORD, connection_.password.c_str());
  }
  if (!connection_.ca_file.empty()) {
    Set(CURLOPT_CAINFO, connection_.ca_file.c_str());
    Set(CURLOPT_CAPATH, static_cast<const char*>(nullptr));
  }
  if (IsLoopback(parts_.host)) {
    Set(CURLOPT_NOPROXY, "*");
  }
  if (request.upload) {
    Set(CURLOPT_LOW_SPEED_LIMIT, 1L);
    Set(CURLOPT_LOW_SPEED_TIME, kStalledSec);
  } else if (!endless) {
    Set(CURLOPT_TIMEOUT, kRequestTimeoutSec);
  }
}

void CurlClient::Watch(Answer& answer) {
  answer.watch = &watch_;
  answer.Heard();
  Set(CURLOPT_NOPROGRESS, 0L);
  Set(CURLOPT_XFERINFOFUNCTION, WatchSilence);
  Set(CURLOPT_XFERINFODATA, &answer);
}

curl_mime* CurlClient::BuildMime(const Upload& upload) {
  curl_mime* mime = curl_mime_init(handle_.get());
  curl_mimepart* file = curl_mime_addpart(mime);
  curl_mime_name(file, "File");
  if (upload.content) {
    curl_mime_data(file, upload.content->data(), upload.content->size());
    curl_mime_filename(file, "file");
  } else {
    curl_mime_filedata(file, upload.file.c_str());
  }
  curl_mime_type(file, "application/octet-stream");
  for (const auto& [name, value] : upload.fields) {
    curl_mimepart* part = curl_mime_addpart(mime);
    curl_mime_name(part, name.c_str());
    curl_mime_data(part, value.data(), value.size());
  }
  return mime;
}

/// What to do when the port seems to speak TLS and we don't, or the other way round; else empty.
std::string CurlClient::StepForOtherScheme(CURLcode code, std::string_view why) const {
  const std::string rest = connection_.url.substr(connection_.url.find(':'));
  if (parts_.scheme == "https") {
    const bool no_tls = code == CURLE_SSL_CONNECT_ERROR &&
                        (why.find("wrong version number") != std::string_view::npos ||
                         why.find("packet length too long") != std::string_view::npos);
    return no_tls ? "that port does not speak TLS: look whether the port is right; the URL of a "
                    "cloud that runs with --plain-http is http" +
                        rest
                  : "";
  }
  const bool no_http = code == CURLE_RECV_ERROR || code == CURLE_SEND_ERROR ||
                       code == CURLE_GOT_NOTHING || code == CURLE_WEIRD_SERVER_REPLY ||
                       code == CURLE_UNSUPPORTED_PROTOCOL;  // an answer without a head
  return no_http ? "that port does not speak plain HTTP, or the server went away: use the first "
                   "URL that strata-cloud serve prints, most likely https" +
                       rest
                 : "";
}

Problem CurlClient::ProblemOf(CURLcode code, const char* text) const {
  const std::string why = *text != '\0' ? std::string(text) : curl_easy_strerror(code);
  const std::string message = connection_.url + ": " + std::string(Trim(why));
  if (code == CURLE_OPERATION_TIMEDOUT) {
    return Local(Code::kTimeout, message);
  }
  if (code == CURLE_PEER_FAILED_VERIFICATION) {
    return Local(Code::kCloudUnreachable, message, StepForCertificate(why, parts_.host));
  }
  if (code == CURLE_SSL_CACERT_BADFILE) {
    return Local(Code::kIo, connection_.ca_file + ": can't be read as a CA file");
  }
  return Local(Code::kCloudUnreachable, message, StepForOtherScheme(code, why));
}

Expected<HttpResponse> CurlClient::Exchange(const HttpRequest& request,
                                            const std::function<bool(std::string_view)>* take) {
  SetConnection(request, take != nullptr);
  Answer answer{.handle = handle_.get(),
                .take = take,
                .body = {},
                .server_time = {},
                .request_id = {},
                .retry_after = {},
                .last_byte = {}};
  std::array<char, CURL_ERROR_SIZE> error_text{};
  Set(CURLOPT_ERRORBUFFER, error_text.data());
  Set(CURLOPT_WRITEFUNCTION, TakeBody);
  Set(CURLOPT_WRITEDATA, &answer);
  Set(CURLOPT_HEADERFUNCTION, TakeHeader);
  Set(CURLOPT_HEADERDATA, &answer);
  Set(CURLOPT_CERTINFO, 1L);
  HeaderList headers;
  headers.Add(take == nullptr ? "Accept: application/json" : "Accept: text/event-stream");
  for (const auto& [name, value] : request.headers) {
    headers.Add(name + ": " + value);
  }
  Set(CURLOPT_HTTPHEADER, headers.get());
  std::unique_ptr<curl_mime, void (*)(curl_mime*)> mime(nullptr, curl_mime_free);
  const std::string body = FormBody(request.form);
  if (request.upload) {
    mime.reset(BuildMime(*request.upload));
    Set(CURLOPT_MIMEPOST, mime.get());
    Set(CURLOPT_NOPROGRESS, 0L);
    Set(CURLOPT_XFERINFOFUNCTION, TellProgress);
    Set(CURLOPT_XFERINFODATA, &*request.upload);
  } else if (request.method == "POST") {
    Set(CURLOPT_POST, 1L);
    Set(CURLOPT_POSTFIELDSIZE, static_cast<long>(body.size()));
    Set(CURLOPT_POSTFIELDS, body.c_str());
  } else if (request.method != "GET") {
    Set(CURLOPT_CUSTOMREQUEST, request.method.c_str());
  }
  if (take != nullptr) {
    Watch(answer);
  }
  const CURLcode code = curl_easy_perform(handle_.get());
  if (answer.too_large) {
    return Local(Code::kTooLarge, connection_.url + ": the answer is larger than 16 MiB");
  }
  if (answer.silent) {
    return Local(Code::kTimeout,
                 connection_.url + ": no byte came for " +
                     std::to_string(watch_.longest_silence.count()) + " s");
  }
  if (code != CURLE_OK && !answer.enough) {
    return ProblemOf(code, error_text.data());
  }
  long status = 0;
  curl_easy_getinfo(handle_.get(), CURLINFO_RESPONSE_CODE, &status);
  return HttpResponse{static_cast<int>(status),
                      std::move(answer.body),
                      answer.server_time,
                      CertificateEndOf(handle_.get()),
                      std::move(answer.request_id),
                      answer.retry_after};
}

}  // namespace

std::string StepForCertificate(std::string_view why, const std::string& host) {
  const auto says = [why](std::string_view words) {
    return why.find(words) != std::string_view::npos;
  };
  if (says("subject name") || says("does not match")) {
    return "use a name that is in the cloud's certificate, or have one made for all its names: "
           "strata-cloud ca reissue --hostname " +
           host;
  }
  if (says("expired") || says("not yet valid")) {
    return "look whether this machine's clock is right; strata-cloud renews its own certificate "
           "while it runs";
  }
  return "sign in again with strata login --env DIR/account.env, or name the cloud's CA in "
         "STRATA_CA_FILE";
}

Expected<std::unique_ptr<HttpClient>> MakeCurlClient(const Connection& connection) {
  return MakeWatchedCurlClient(connection, {});
}

Expected<std::unique_ptr<HttpClient>> MakeWatchedCurlClient(const Connection& connection,
                                                            StreamWatch watch) {
  STRATA_TRY_ASSIGN(CloudUrl parts, ParseCloudUrl(connection.url));
  Connection checked = connection;
  STRATA_TRY_ASSIGN(checked.url, CheckCloudUrl(connection.url));
  static const CURLcode started = curl_global_init(CURL_GLOBAL_DEFAULT);
  CURL* handle = started == CURLE_OK ? curl_easy_init() : nullptr;
  if (handle == nullptr) {
    return Local(Code::kInternal, "libcurl can't be started");
  }
  std::unique_ptr<HttpClient> client =
      std::make_unique<CurlClient>(handle, std::move(checked), std::move(parts), std::move(watch));
  return client;
}

}  // namespace strata::cli
