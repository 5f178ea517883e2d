// SPDX-License-Identifier: Apache-2.0
// A whole request as it comes from the network: framing, target, form, credentials.
#include <algorithm>
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

/// The same bytes in pieces, as a connection keeps them: what waits for more stays small.
void ReadInPieces(std::string_view text) {
  constexpr std::uint32_t kLimit = 64;
  const std::size_t piece = 1 + text.size() % 13;
  http::RequestReader reader(kLimit);
  std::string buffer;
  bool in_head = true;
  for (; !text.empty(); text.remove_prefix(std::min(piece, text.size()))) {
    buffer += text.substr(0, piece);
    std::size_t used = 0;
    const http::RequestReader::State state =
        in_head ? reader.PutHead(buffer, used)
                : reader.PutBody(buffer, used, [](std::string_view) { return true; });
    buffer.erase(0, used);
    if (in_head && state == http::RequestReader::State::kDone) {
      in_head = false;
    } else if (state != http::RequestReader::State::kMore) {
      return;
    } else if (buffer.size() > kLimit) {
      std::abort();
    }
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  ReadInPieces(text);
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
