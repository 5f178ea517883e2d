// SPDX-License-Identifier: Apache-2.0
// A file that claims to be an audit log: never a crash; and what verifies still does when it is
// read as known checkpoints of itself.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "audit/verify_log.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto facts = strata::cli::VerifyAuditLog(text, std::nullopt, {});
  const auto known = strata::cli::ReadCheckpoints(text);
  if (facts.ok() && facts.value().checkpoints > 0) {
    const bool same =
        known.ok() && strata::cli::VerifyAuditLog(text, facts.value().key, known.value()).ok();
    if (!same) {
      std::abort();
    }
  }
  return 0;
}
