// SPDX-License-Identifier: Apache-2.0
/// Entries of the audit log: their text, their hash, their checkpoints. Role: makes them; who
/// writes them into which transaction is Service's business. Security: an entry holds no secret;
/// what people chose stands in it escaped. Reference: docs/spec/audit.md.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "strata/cloud/domain/api_error.hpp"
#include "strata/cloud/domain/resources.hpp"
#include "strata/cloud/domain/store.hpp"
#include "strata/format/bundle/keys.hpp"

namespace strata::cloud {

inline constexpr std::string_view kAuditPrefix = "strata-audit-v1";
inline constexpr std::string_view kCheckpointPrefix = "strata-audit-checkpoint-v1";

/// A JSON object in the one form that the log knows: no white space, members as they are added.
class JsonObjectText {
 public:
  JsonObjectText& Add(std::string_view name, std::string_view value);
  JsonObjectText& AddOrNull(std::string_view name, const std::optional<std::string>& value);
  JsonObjectText& AddNumber(std::string_view name, std::uint64_t value);
  JsonObjectText& AddFlag(std::string_view name, bool value);
  /// `json` is a value already; empty: null.
  JsonObjectText& AddJson(std::string_view name, std::string_view json);

  /// Closed.
  [[nodiscard]] std::string Text() const { return text_ + '}'; }

  /// Without the closing brace: what a hash or signature that follows covers.
  [[nodiscard]] const std::string& OpenText() const { return text_; }

 private:
  void Name(std::string_view name);
  std::string text_ = "{";
};

/// What happened. `before` and `after` are objects of audit_views.hpp; empty: there was none, or
/// there is none.
struct AuditEvent {
  std::string action{};  ///< "app.create"
  std::string resource{};
  std::string before{};
  std::string after{};
};

/// SHA-256(kAuditPrefix ‖ NUL ‖ text)
Digest AuditHash(std::string_view text);

/// The entry behind `previous`.
AuditRecord MakeAuditRecord(const AccountSid& account,
                            const std::optional<AuditHead>& previous,
                            const Origin& origin,
                            const AuditEvent& event,
                            UnixSeconds now);

/// The record as people see it.
AuditEntry EntryOf(const AuditRecord& record);

/// * 500/20500: the key can't sign.
ApiResult<AuditCheckpointRecord> MakeCheckpoint(const AccountSid& account,
                                                const AuditHead& head,
                                                const bundle::PrivateKey& key,
                                                UnixSeconds now);

}  // namespace strata::cloud
