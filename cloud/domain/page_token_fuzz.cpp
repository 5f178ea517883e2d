// SPDX-License-Identifier: Apache-2.0
// Page tokens come back from clients: no text may pass that was not sealed, and none may crash.
#include <cstdlib>
#include <vector>

#include "pages.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using strata::cloud::Cursor;
  static const std::vector<std::uint8_t> kKey(32, 7);
  const strata::cloud::PageTokens tokens(
      kKey,
      strata::cloud::ListKind::kApps,
      strata::AccountSid::FromBytes(std::array<std::uint8_t, 16>{}));
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const std::optional<Cursor> cursor = tokens.Open(text);
  if (cursor && tokens.Seal(*cursor) != text) {
    std::abort();
  }
  return 0;
}
