// SPDX-License-Identifier: Apache-2.0
// The first byte chooses how the body is cut; parts and bytes must not depend on it.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "multipart.hpp"

namespace {

using strata::cloud::http::MultipartParser;

class Transcript final : public strata::cloud::http::MultipartSink {
 public:
  bool OnPart(std::string_view name) override {
    text += "[" + std::string(name) + "]";
    return true;
  }

  bool OnData(std::string_view piece) override {
    text += piece;
    return true;
  }

  bool OnPartEnd() override {
    text += "]";
    return true;
  }

  std::string text;
};

std::string Parse(std::string_view body, std::size_t piece_bytes) {
  Transcript transcript;
  MultipartParser parser("b", transcript);
  auto state = MultipartParser::State::kMore;
  for (std::size_t at = 0; at < body.size() && state == MultipartParser::State::kMore;
       at += piece_bytes) {
    state = parser.Feed(body.substr(at, piece_bytes));
  }
  return state == MultipartParser::State::kMalformed ? "malformed" : transcript.text;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 1) {
    return 0;
  }
  const std::string_view body(reinterpret_cast<const char*>(data) + 1, size - 1);
  strata::cloud::http::BoundaryOf(body);
  if (Parse(body, size) != Parse(body, std::size_t{data[0]} + 1)) {
    std::abort();
  }
  return 0;
}
