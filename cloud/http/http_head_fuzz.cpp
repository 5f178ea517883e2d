// SPDX-License-Identifier: Apache-2.0
// A whole request as it comes from the network: framing, target, form, credentials.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "external_url.hpp"
#include "form.hpp"
#include "request_reader.hpp"
#include "router.hpp"
#include "site.hpp"
#include "target.hpp"

namespace {

namespace http = strata::cloud::http;

void ReadBody(http::RequestReader& reader, std::string_view rest) {
  std::string body;
  std::size_t used = 0;
  reader.PutBody(rest, used, [&](std::string_view piece) {
    body += piece;
    return body.size() < 1000;
  });
  if (used > rest.size()) {
    std::abort();
  }
  const auto form = http::Form::Parse(body);
  if (form.ok() && form->Get("TargetApp").ok()) {
    static_cast<void>(form->GetBool("Development", false));
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  http::RequestReader reader;
  std::size_t used = 0;
  if (reader.PutHead(text, used) != http::RequestReader::State::kDone) {
    return 0;
  }
  http::Request request;
  if (!reader.TakeHead(request)) {
    return 0;
  }
  if (auto segments = http::SplitPath(request.path)) {
    http::DropJsonSuffix(*segments);
    http::FindRoute(http::AppRoutes(), request.method, *segments);
  }
  http::BaseUrl(request, true, true, "https://cloud.test");
  if (const std::string* const authorization = request.Find("Authorization")) {
    http::ParseBasic(*authorization);
  }
  ReadBody(reader, text.substr(used));
  return 0;
}
