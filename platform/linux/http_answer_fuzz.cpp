// SPDX-License-Identifier: Apache-2.0
// Headers of a cloud's answer: what is accepted satisfies what the device builds on it.
#include <cstdlib>
#include <string_view>

#include "http_answer.hpp"

namespace {

void Require(bool condition) {
  if (!condition) {
    std::abort();
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace strata::device;  // NOLINT(google-build-using-namespace): one function
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (const auto range = ParseContentRange(text)) {
    Require(range->first <= range->last && range->last < range->complete);
    const RangeRequest request{.offset = 16, .count = 4096, .total = 0};
    Require(!Answers(*range, request) || range->last - range->first < request.count);
  }
  for (const char c : UsableEtag(text)) {
    Require(c > ' ' && c <= '~');
  }
  if (const auto value = HeaderValue(text, "etag")) {
    Require(value->size() < text.size());
  }
  return 0;
}
