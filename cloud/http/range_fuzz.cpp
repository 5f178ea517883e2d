// SPDX-License-Identifier: Apache-2.0
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "range.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  namespace http = strata::cloud::http;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  for (const std::uint64_t length : {0ULL, 1ULL, 1000ULL, 18'446'744'073'709'551'615ULL}) {
    const http::ByteRange range = http::ParseRange(text, length);
    const bool inside = range.length_bytes > 0 && range.offset_bytes < length &&
                        range.length_bytes <= length - range.offset_bytes;
    if (range.kind == http::RangeKind::kPart && !inside) {
      std::abort();
    }
  }
  if (http::ParseWait(text).value_or(0) > http::kMaxWaitSeconds) {
    std::abort();
  }
  return 0;
}
