// SPDX-License-Identifier: Apache-2.0
#include "audit/verify_log.hpp"

#include <algorithm>
#include <map>

#include <boost/json.hpp>

#include "strata/core/hex.hpp"
#include "strata/format/bundle/keys.hpp"

namespace strata::cli {
namespace {

constexpr std::string_view kEntryPrefix = "strata-audit-v1";
constexpr std::string_view kSignaturePrefix = "strata-audit-checkpoint-v1";
constexpr std::string_view kNext =
    "compare it with an export made earlier, and with what the cloud exports now";

/// A line and where it stands, for messages.
struct Line {
  std::size_t number = 0;
  std::string_view text;
};

Problem Broken(const Line& line, const std::string& what) {
  return Local(
      Code::kMalformed, "line " + std::to_string(line.number) + ": " + what, std::string(kNext));
}

std::vector<Line> LinesOf(std::string_view text) {
  std::vector<Line> lines;
  std::size_t number = 0;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    lines.push_back({++number, text.substr(0, end)});
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lines;
}

/// The members of one line. Unlike elsewhere a field that is missing is no small matter.
struct Members {
  boost::json::object object;

  [[nodiscard]] std::optional<std::string> Text(std::string_view name) const {
    const auto* const value = object.if_contains(name);
    if (value == nullptr || !value->is_string()) {
      return std::nullopt;
    }
    return std::string(value->get_string().data(), value->get_string().size());
  }

  [[nodiscard]] std::optional<std::uint64_t> Number(std::string_view name) const {
    const auto* const value = object.if_contains(name);
    if (value == nullptr || !value->is_int64() || value->get_int64() < 1) {
      return std::nullopt;
    }
    return static_cast<std::uint64_t>(value->get_int64());
  }

  [[nodiscard]] std::optional<Digest> Hash(std::string_view name) const {
    Digest digest;
    const std::optional<std::string> text = Text(name);
    return text && FromHex(*text, digest.bytes) ? std::optional(digest) : std::nullopt;
  }
};

Expected<Members> Parse(const Line& line) {
  if (line.text.size() > kMaxAuditLineBytes) {
    return Broken(line, "it is too long");
  }
  boost::json::error_code error;
  boost::json::value value = boost::json::parse({line.text.data(), line.text.size()}, error);
  if (error || !value.is_object()) {
    return Broken(line, "it is no JSON object");
  }
  return Members{std::move(value.get_object())};
}

/// What stands before the last member, which must be `name` with exactly `out.size()` bytes in hex.
std::optional<std::string_view> TextBefore(std::string_view line,
                                           std::string_view name,
                                           MutableByteSpan out) {
  const std::string start = ",\"" + std::string(name) + "\":\"";
  const std::size_t tail = start.size() + 2 * out.size() + 2;
  if (line.size() <= tail || !line.ends_with("\"}")) {
    return std::nullopt;
  }
  const std::string_view end = line.substr(line.size() - tail);
  const bool whole =
      end.starts_with(start) && FromHex(end.substr(start.size(), 2 * out.size()), out);
  return whole ? std::optional(line.substr(0, line.size() - tail)) : std::nullopt;
}

std::vector<std::uint8_t> Covered(std::string_view text) {
  std::vector<std::uint8_t> message(kEntryPrefix.begin(), kEntryPrefix.end());
  message.push_back(0);
  message.insert(message.end(), text.begin(), text.end());
  return message;
}

Expected<KnownCheckpoint> ReadCheckpoint(const Line& line, const Members& members) {
  Signature signature{};
  const auto text = TextBefore(line.text, "signature", signature);
  const auto sequence = members.Number("checkpoint");
  const auto account = members.Text("account_sid");
  const auto hash = members.Hash("hash");
  const auto pem = members.Text("public_key");
  if (!text || !sequence || !account || !hash || !pem) {
    return Broken(line, "it is no checkpoint");
  }
  const auto key = bundle::PublicKeyFromPem(*pem);
  if (!key.ok()) {
    return Broken(line, "the checkpoint's key is none");
  }
  if (!bundle::VerifySignature(*key, kSignaturePrefix, AsBytes(*text), signature)) {
    return Local(Code::kSignatureInvalid,
                 "line " + std::to_string(line.number) + ": the checkpoint's signature is wrong",
                 std::string(kNext));
  }
  return KnownCheckpoint{*account, *sequence, *hash, *key};
}

class Verifier {
 public:
  Verifier(const std::optional<PublicKey>& key, const std::vector<KnownCheckpoint>& known)
      : key_(key), known_(known) {}

  Outcome Take(const Line& line) {
    STRATA_TRY_ASSIGN(const Members members, Parse(line));
    if (!members.object.contains("checkpoint")) {
      return TakeEntry(line, members);
    }
    STRATA_TRY_ASSIGN(const KnownCheckpoint checkpoint, ReadCheckpoint(line, members));
    return TakeCheckpoint(line, checkpoint);
  }

  Expected<AuditLogFacts> Finish() {
    if (!last_) {
      return Local(Code::kMalformed, "it holds no audit log", "export it with strata audit export");
    }
    for (const KnownCheckpoint& known : known_) {
      STRATA_TRY(CheckKnown(known));
    }
    facts_.last = *last_;
    return facts_;
  }

 private:
  Outcome TakeAccount(const Line& line, const std::string& account) {
    if (facts_.account_sid.empty()) {
      facts_.account_sid = account;
    }
    return facts_.account_sid == account ? Outcome(Done{})
                                         : Broken(line, "it is of another account");
  }

  Outcome TakeEntry(const Line& line, const Members& members) {
    Digest stated;
    const auto text = TextBefore(line.text, "hash", stated.bytes);
    const auto sequence = members.Number("sequence");
    const auto previous = members.Hash("previous_hash");
    const auto account = members.Text("account_sid");
    if (!text || !sequence || !previous || !account) {
      return Broken(line, "it is no entry of an audit log");
    }
    STRATA_TRY(TakeAccount(line, *account));
    if (bundle::Sha256(Covered(*text)) != stated) {
      return Broken(line, "entry " + std::to_string(*sequence) + " was changed");
    }
    const std::uint64_t expected = last_.value_or(0) + 1;
    if (*sequence != expected) {
      return Broken(line,
                    "here entry " + std::to_string(expected) + " should stand, not " +
                        std::to_string(*sequence));
    }
    if (*previous != last_hash_) {
      return Broken(
          line, "entry " + std::to_string(*sequence) + " does not follow what stands before it");
    }
    facts_.first = facts_.first == 0 ? *sequence : facts_.first;
    last_ = *sequence;
    last_hash_ = stated;
    Remember();
    return Done{};
  }

  Outcome TakeCheckpoint(const Line& line, const KnownCheckpoint& checkpoint) {
    STRATA_TRY(TakeAccount(line, checkpoint.account_sid));
    STRATA_TRY(TakeKey("line " + std::to_string(line.number), checkpoint.key));
    if (!last_) {
      last_ = checkpoint.sequence;
      last_hash_ = checkpoint.hash;
      Remember();
    }
    if (checkpoint.sequence != *last_ || checkpoint.hash != last_hash_) {
      return Broken(line,
                    "the checkpoint names entry " + std::to_string(checkpoint.sequence) +
                        ", which is not what stands before it");
    }
    facts_.signed_up_to = checkpoint.sequence;
    ++facts_.checkpoints;
    return Done{};
  }

  Outcome TakeKey(const std::string& where, const PublicKey& key) {
    const std::optional<PublicKey>& wanted = key_ ? key_ : facts_.key;
    if (wanted && *wanted != key) {
      return Local(Code::kSignatureInvalid,
                   where + ": the checkpoint is signed by another key",
                   "name the cloud's audit key with --key");
    }
    facts_.key = key;
    return Done{};
  }

  /// The hashes that known checkpoints will be compared with.
  void Remember() {
    for (const KnownCheckpoint& known : known_) {
      if (known.sequence == *last_) {
        remembered_[*last_] = last_hash_;
      }
    }
  }

  Outcome CheckKnown(const KnownCheckpoint& known) {
    const std::string name = "the known checkpoint of entry " + std::to_string(known.sequence);
    STRATA_TRY(TakeKey(name, known.key));
    if (known.account_sid != facts_.account_sid) {
      return Local(Code::kMalformed, name + " is of another account", std::string(kNext));
    }
    if (known.sequence > *last_) {
      return Local(Code::kMalformed,
                   "the log ends with entry " + std::to_string(*last_) + ", before " + name +
                       ": its end was cut off",
                   std::string(kNext));
    }
    const auto found = remembered_.find(known.sequence);
    const bool older = found == remembered_.end();  // pruned: the log begins behind it
    if (!older && found->second != known.hash) {
      return Local(
          Code::kMalformed, name + " names another entry than the log's", std::string(kNext));
    }
    return Done{};
  }

  const std::optional<PublicKey>& key_;
  const std::vector<KnownCheckpoint>& known_;
  AuditLogFacts facts_;
  std::optional<std::uint64_t> last_;
  Digest last_hash_{};
  std::map<std::uint64_t, Digest> remembered_;
};

}  // namespace

Expected<std::vector<KnownCheckpoint>> ReadCheckpoints(std::string_view text) {
  std::vector<KnownCheckpoint> found;
  for (const Line& line : LinesOf(text)) {
    STRATA_TRY_ASSIGN(const Members members, Parse(line));
    if (members.object.contains("checkpoint")) {
      STRATA_TRY_ASSIGN(KnownCheckpoint checkpoint, ReadCheckpoint(line, members));
      found.push_back(std::move(checkpoint));
    }
  }
  if (found.empty()) {
    return Local(Code::kMalformed, "it holds no checkpoint", "export the log again and keep it");
  }
  return found;
}

Expected<AuditLogFacts> VerifyAuditLog(std::string_view text,
                                       const std::optional<PublicKey>& key,
                                       const std::vector<KnownCheckpoint>& known) {
  Verifier verifier(key, known);
  for (const Line& line : LinesOf(text)) {
    STRATA_TRY(verifier.Take(line));
  }
  return verifier.Finish();
}

}  // namespace strata::cli
