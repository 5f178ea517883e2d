// SPDX-License-Identifier: Apache-2.0
// A device's request: what is accepted keeps the promises that the hostile cloud builds on.
#include <cstdlib>
#include <string_view>

#include "http_request.hpp"

namespace {

void Require(bool condition) {
  if (!condition) {
    std::abort();
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace strata::conformance;  // NOLINT(google-build-using-namespace): one function
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (const auto request = ParseRequestHead(text)) {
    Require(!request->method.empty() && !request->path.empty());
    for (const auto& [name, value] : request->headers) {
      Require(!name.empty() && name.find(':') == std::string::npos);
      Require(value.find('\n') == std::string::npos);
    }
    const auto length = BodyLength(*request);
    Require(!length || *length <= kMaxBodyBytes);
    const Destination destination = DestinationOf(*request);
    Require(destination.route != Route::kLayer || request->path.size() == 18 + 64);
    static_cast<void>(ParseRange(request->Header("range")));
  }
  if (const auto range = ParseRange(text)) {
    Require(!range->last || range->first <= *range->last);
  }
  return 0;
}
