// SPDX-License-Identifier: Apache-2.0
#include "audit/audit.hpp"
#include "audit/verify_log.hpp"
#include "support/files.hpp"
#include "support/key_files.hpp"
#include "support/output.hpp"

namespace strata::cli {
namespace {

constexpr std::uint64_t kMaxLogBytes = 1ULL << 30U;

Expected<std::string> ReadLog(const std::string& file) {
  STRATA_TRY_ASSIGN(const std::vector<std::uint8_t> bytes, ReadFile(file, kMaxLogBytes));
  return std::string(bytes.begin(), bytes.end());
}

std::string FingerprintOf(const PublicKey& key) {
  const auto hex = bundle::PublicKeyFingerprint(key).ToHexText();
  return {hex.data(), hex.size()};
}

void SayWhatIsNotProved(const AuditLogFacts& facts,
                        const VerifyAuditOptions& options,
                        const Session& session) {
  if (facts.checkpoints == 0) {
    session.Warn("no checkpoint: whoever wrote this file could have made all of it");
  } else if (options.key.empty()) {
    session.Warn(
        "the key of the checkpoints is the log's own word; compare its fingerprint with "
        "DIR/audit.pub of the cloud, or name that file with --key");
  }
  if (facts.signed_up_to < facts.last) {
    session.Warn("entries behind " + std::to_string(facts.signed_up_to) +
                 " are not signed: they could have been made up, and some be missing at the end");
  }
}

}  // namespace

Outcome RunVerifyAudit(const VerifyAuditOptions& options, Session& session) {
  std::optional<PublicKey> key;
  if (!options.key.empty()) {
    STRATA_TRY_ASSIGN(key, LoadPublicKey(options.key));
  }
  std::vector<KnownCheckpoint> known;
  if (!options.checkpoint.empty()) {
    STRATA_TRY_ASSIGN(const std::string text, ReadLog(options.checkpoint));
    STRATA_TRY_ASSIGN(known, ReadCheckpoints(text));
  }
  STRATA_TRY_ASSIGN(const std::string log, ReadLog(options.file));
  STRATA_TRY_ASSIGN(const AuditLogFacts facts, VerifyAuditLog(log, key, known));
  if (key && facts.checkpoints == 0) {
    return Local(Code::kSignatureInvalid,
                 "there is no checkpoint in it: nothing is signed by the key of --key, so all of "
                 "it could have been made up",
                 "export it again; an export ends with a checkpoint");
  }
  SayWhatIsNotProved(facts, options, session);
  JsonObject record;
  record["accountSid"] = facts.account_sid;
  record["first"] = facts.first;
  record["last"] = facts.last;
  record["checkpoints"] = facts.checkpoints;
  record["signedUpTo"] = facts.signed_up_to;
  record["keyFingerprint"] = facts.key ? Json(FingerprintOf(*facts.key)) : Json(nullptr);
  WriteRecords(session, {record}, "accountSid,first,last,signedUpTo");
  return Done{};
}

void AddVerifyAudit(CLI::App& noun, Session& session) {
  CLI::App& verb = AddVerb(noun,
                           session,
                           "verify",
                           "Prove, without a cloud, that an exported log is whole",
                           "strata audit verify audit.jsonl --key audit.pub "
                           "--checkpoint last-month.jsonl");
  auto options = std::make_shared<VerifyAuditOptions>();
  verb.add_option("FILE", options->file, "What audit export wrote")->required();
  verb.add_option("--key", options->key, "The cloud's audit key, DIR/audit.pub (PEM)");
  verb.add_option("--checkpoint",
                  options->checkpoint,
                  "An earlier export: its checkpoints must be part of this log");
  Bind(verb, session, options, RunVerifyAudit);
}

}  // namespace strata::cli
