// SPDX-License-Identifier: Apache-2.0
// Another machine's answer, on its way to the terminal: never a crash, never a control character
// but line feeds and tabs.
#include <cstdint>
#include <cstdlib>
#include <sstream>

#include "support/output.hpp"

namespace {

using strata::cli::Api;
using strata::cli::Context;
using strata::cli::Expected;
using strata::cli::HttpClient;
using strata::cli::HttpRequest;
using strata::cli::HttpResponse;

class OneAnswer final : public HttpClient {
 public:
  explicit OneAnswer(HttpResponse answer) : answer_(std::move(answer)) {}

  Expected<HttpResponse> Send(const HttpRequest&) override { return answer_; }

  Expected<HttpResponse> Stream(const HttpRequest&,
                                const std::function<bool(std::string_view)>& take) override {
    if (answer_.status == 200) {
      static_cast<void>(take(answer_.body));
    }
    return answer_;
  }

 private:
  HttpResponse answer_;
};

void MustBePlain(const std::string& text) {
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if ((byte < 0x20 && c != '\n' && c != '\t') || byte == 0x7F) {
      std::abort();
    }
  }
}

void Show(const char* format, int status, const std::string& body) {
  std::istringstream in;
  std::ostringstream out;
  std::ostringstream err;
  Context context{.in = in,
                  .out = out,
                  .err = err,
                  .env = strata::cli::Environment({}),
                  .make_client = {},
                  .sleep = {},
                  .now = {}};
  strata::cli::Session session(context);
  session.common.format = format;
  Api api(std::make_unique<OneAnswer>(HttpResponse{status, body}));
  const auto apps = api.List("/v1/Apps", "apps", {});
  if (apps.ok()) {
    strata::cli::WriteResources(session, apps.value(), "sid,uniqueName,dateCreated,app");
    if (session.common.OutputFormat() != strata::cli::Format::kJson) {
      MustBePlain(out.str());
    }
  } else {
    strata::cli::WriteProblem(session, apps.error());
  }
  std::string last_id;
  const auto followed =
      api.Follow("/v1/Events/Stream", last_id, [](const strata::cli::JsonObject&) { return true; });
  if (!followed.ok()) {
    strata::cli::WriteProblem(session, followed.error());
  }
  MustBePlain(err.str());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string body(reinterpret_cast<const char*>(data), size);
  for (const char* format : {"columns", "tsv", "json"}) {
    Show(format, 200, body);
    Show(format, 400, body);
  }
  return 0;
}
