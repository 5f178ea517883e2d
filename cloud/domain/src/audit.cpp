// SPDX-License-Identifier: Apache-2.0
#include "audit.hpp"

#include <array>
#include <ctime>
#include <vector>

#include "api_errors.hpp"

namespace strata::cloud {
namespace {

std::string DateText(UnixSeconds seconds) {
  const auto time = static_cast<std::time_t>(seconds);
  std::tm parts{};
  gmtime_r(&time, &parts);
  std::array<char, 32> text{};
  const std::size_t length = std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%SZ", &parts);
  return {text.data(), length};
}

std::string HexText(ByteSpan bytes) {
  std::string text(2 * bytes.size(), '\0');
  ToHex(bytes, text);
  return text;
}

/// As RFC 8259 asks and no further: what need not be escaped is not.
void AppendQuoted(std::string& out, std::string_view value) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  constexpr std::string_view kShort = "\"\\\b\f\n\r\t";
  constexpr std::string_view kLetters = "\"\\bfnrt";
  out += '"';
  for (const char c : value) {
    const auto byte = static_cast<unsigned char>(c);
    const std::size_t known = kShort.find(c);
    if (known != std::string_view::npos) {
      out += '\\';
      out += kLetters[known];
      continue;
    }
    if (byte < 0x20) {
      out += "\\u00";
      out += kDigits[byte >> 4U];
      out += kDigits[byte & 15U];
      continue;
    }
    out += c;
  }
  out += '"';
}

std::optional<std::string> OrNull(const std::string& text) {
  return text.empty() ? std::nullopt : std::optional(text);
}

std::string Closed(const std::string& open, std::string_view name, ByteSpan value) {
  return open + ",\"" + std::string(name) + "\":\"" + HexText(value) + "\"}";
}

}  // namespace

void JsonObjectText::Name(std::string_view name) {
  if (text_.size() > 1) {
    text_ += ',';
  }
  AppendQuoted(text_, name);
  text_ += ':';
}

JsonObjectText& JsonObjectText::Add(std::string_view name, std::string_view value) {
  Name(name);
  AppendQuoted(text_, value);
  return *this;
}

JsonObjectText& JsonObjectText::AddOrNull(std::string_view name,
                                          const std::optional<std::string>& value) {
  return value ? Add(name, *value) : AddJson(name, {});
}

JsonObjectText& JsonObjectText::AddNumber(std::string_view name, std::uint64_t value) {
  return AddJson(name, std::to_string(value));
}

JsonObjectText& JsonObjectText::AddFlag(std::string_view name, bool value) {
  return AddJson(name, value ? "true" : "false");
}

JsonObjectText& JsonObjectText::AddJson(std::string_view name, std::string_view json) {
  Name(name);
  text_ += json.empty() ? "null" : json;
  return *this;
}

Digest AuditHash(std::string_view text) {
  std::vector<std::uint8_t> message(kAuditPrefix.begin(), kAuditPrefix.end());
  message.push_back(0);
  message.insert(message.end(), text.begin(), text.end());
  return bundle::Sha256(message);
}

AuditRecord MakeAuditRecord(const AccountSid& account,
                            const std::optional<AuditHead>& previous,
                            const Origin& origin,
                            const AuditEvent& event,
                            UnixSeconds now) {
  AuditRecord record{.account_sid = account,
                     .sequence = previous ? previous->sequence + 1 : 1,
                     .date_created = now,
                     .actor = origin.actor,
                     .action = event.action,
                     .resource = event.resource};
  JsonObjectText text;
  text.AddNumber("sequence", record.sequence)
      .Add("date", DateText(now))
      .Add("account_sid", account.text())
      .Add("actor", origin.actor)
      .AddOrNull("address", OrNull(origin.address))
      .AddOrNull("request", OrNull(origin.request))
      .Add("action", event.action)
      .Add("resource", event.resource)
      .AddJson("before", event.before)
      .AddJson("after", event.after)
      .Add("previous_hash", HexText(previous ? previous->hash.bytes : Digest{}.bytes));
  record.text = text.OpenText();
  record.hash = AuditHash(record.text);
  return record;
}

AuditEntry EntryOf(const AuditRecord& record) {
  return {.sequence = record.sequence, .json = Closed(record.text, "hash", record.hash.bytes)};
}

ApiResult<AuditCheckpointRecord> MakeCheckpoint(const AccountSid& account,
                                                const AuditHead& head,
                                                const bundle::PrivateKey& key,
                                                UnixSeconds now) {
  const auto pem = bundle::PublicKeyToPem(key.public_key());
  if (!pem.ok()) {
    return ServerFailed("audit key", pem.failure().error);
  }
  JsonObjectText text;
  text.AddNumber("checkpoint", head.sequence)
      .Add("date", DateText(now))
      .Add("account_sid", account.text())
      .Add("hash", HexText(head.hash.bytes))
      .Add("public_key", *pem);
  const auto signature = key.Sign(kCheckpointPrefix, AsBytes(text.OpenText()));
  if (!signature.ok()) {
    return ServerFailed("audit key", signature.failure().error);
  }
  return AuditCheckpointRecord{.account_sid = account,
                               .sequence = head.sequence,
                               .date_created = now,
                               .json = Closed(text.OpenText(), "signature", *signature)};
}

}  // namespace strata::cloud
