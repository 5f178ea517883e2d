// SPDX-License-Identifier: Apache-2.0
/// Reader of exported audit logs. Role: text in, what it proves out; opens no file. It shares no
/// code with the cloud that wrote the log. Security: the text is an attacker's until this returned
/// OK. Reference: docs/spec/audit.md.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "strata/core/digest.hpp"
#include "strata/core/keys.hpp"

#include "support/outcome.hpp"

namespace strata::cli {

inline constexpr std::size_t kMaxAuditLineBytes = 256 * 1024;

struct AuditLogFacts {
  std::string account_sid;
  std::uint64_t first = 0;  ///< sequence; 0: it has no entry
  std::uint64_t last = 0;
  std::uint64_t checkpoints = 0;
  std::uint64_t signed_up_to = 0;  ///< 0: no checkpoint
  std::optional<PublicKey> key{};  ///< that signed the checkpoints
};

/// A checkpoint whose signature was checked.
struct KnownCheckpoint {
  std::string account_sid;
  std::uint64_t sequence = 0;
  Digest hash{};
  PublicKey key{};
};

/// The checkpoints among the lines of `text`; other lines are passed over.
/// * kMalformed: there is none, or one is not well-formed. * kSignatureInvalid.
Expected<std::vector<KnownCheckpoint>> ReadCheckpoints(std::string_view text);

/// Whether `text` is one account's log without a gap: each entry's hash is right and names the one
/// before, the first is entry 1 or follows the checkpoint in front of it, and each checkpoint names
/// the entry in front of it. `key` nullopt: all checkpoints are signed by the same key, whichever.
/// `known`: further checkpoints, of which each that is not older than the log must name an entry of
/// it.
/// * kMalformed: something was changed, removed, inserted, reordered or cut off; the message says
/// in which line. * kSignatureInvalid: a checkpoint's signature, or its key is another than `key`.
Expected<AuditLogFacts> VerifyAuditLog(std::string_view text,
                                       const std::optional<PublicKey>& key,
                                       const std::vector<KnownCheckpoint>& known);

}  // namespace strata::cli
