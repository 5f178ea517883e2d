// SPDX-License-Identifier: Apache-2.0
// Configs and secrets. Values are large, so the answer is read and written item by item, without a
// copy of its own.
#include <algorithm>

#include <pb_decode.h>
#include <pb_encode.h>

#include "strata/format/wire/wire.hpp"

#include "source_stream.hpp"
#include "strata_nanopb/wire.pb.h"

namespace strata::wire {
namespace {

constexpr Error kMalformed = Fail(Code::kMalformed, Op::kParse);
constexpr Error kInvalid = Fail(Code::kInvalidArgument);

bool ReadName(const strata_wire_SettingName& message, SettingName& out) {
  constexpr std::size_t kRoom = sizeof(message.key);
  const char* const end = std::find(message.key, message.key + kRoom, '\0');
  // The whole buffer counts: a NUL inside the text must not hide what follows it.
  const bool whole = std::all_of(end, message.key + kRoom, [](char c) { return c == '\0'; });
  const auto key = SettingKey::Parse({message.key, static_cast<std::size_t>(end - message.key)});
  if (!whole || !key) {
    return false;
  }
  out.key = *key;
  return ReadEnum(message.kind, 2, out.kind) && ReadEnum(message.scope, 2, out.scope);
}

bool IsValid(const SettingItem& item) {
  const auto status = static_cast<std::uint32_t>(item.status);
  const bool fits = item.value.size() <= kMaxSettingBytes;
  return status >= 1 && status <= 3 && fits &&
         (item.status == SettingStatus::kOk || item.value.empty());
}

bool WriteItems(pb_ostream_t* stream, const pb_field_t* field, void* const* arg) {
  const auto* const answer = static_cast<const SettingsAnswer*>(*arg);
  for (std::size_t i = 0; i < answer->count; ++i) {
    ByteSpan value = answer->items[i].value;
    strata_wire_SettingItem item{};
    item.status = static_cast<strata_wire_SettingStatus>(answer->items[i].status);
    item.value.funcs.encode = WriteSpan;
    item.value.arg = &value;
    if (!pb_encode_tag_for_field(stream, field) ||
        !pb_encode_submessage(stream, &strata_wire_SettingItem_msg, &item)) {
      return false;
    }
  }
  return true;
}

bool ReadItem(pb_istream_t* stream, const pb_field_t*, void** arg) {
  auto* const answer = static_cast<SettingsAnswer*>(*arg);
  if (answer->count == kMaxSettings || !IsFromSource(*stream)) {
    return false;
  }
  SettingItem& out = answer->items[answer->count++];
  strata_wire_SettingItem item{};
  item.value.funcs.decode = ReadSpan;
  item.value.arg = &out.value;
  return pb_decode(stream, &strata_wire_SettingItem_msg, &item) &&
         ReadEnum(item.status, 3, out.status) && IsValid(out);
}

}  // namespace

std::optional<SettingKey> SettingKey::Parse(std::string_view text) {
  const bool printable =
      std::all_of(text.begin(), text.end(), [](char c) { return c >= 0x20 && c < 0x7F; });
  if (text.empty() || text.size() > kMaxSettingKeyChars || !printable) {
    return std::nullopt;
  }
  SettingKey key;
  std::copy(text.begin(), text.end(), key.text_.begin());
  key.size_ = static_cast<std::uint8_t>(text.size());
  return key;
}

Result<std::size_t> Encode(const SettingsRequest& request, MutableByteSpan out) {
  if (out.size() < kMaxSettingsRequestBytes) {
    return Fail(Code::kTooLarge);
  }
  if (request.count < 1 || request.count > kMaxSettings) {
    return kInvalid;
  }
  strata_wire_SettingsRequest message{};
  message.names_count = static_cast<pb_size_t>(request.count);
  for (std::size_t i = 0; i < request.count; ++i) {
    const SettingName& name = request.names[i];
    if (name.key.text().empty()) {
      return kInvalid;
    }
    message.names[i].kind = static_cast<strata_wire_SettingKind>(name.kind);
    message.names[i].scope = static_cast<strata_wire_SettingScope>(name.scope);
    std::copy(name.key.text().begin(), name.key.text().end(), message.names[i].key);
  }
  pb_ostream_t stream = pb_ostream_from_buffer(out.data(), kMaxSettingsRequestBytes);
  if (!pb_encode(&stream, &strata_wire_SettingsRequest_msg, &message)) {
    return Fail(Code::kTooLarge);
  }
  return stream.bytes_written;
}

Result<std::size_t> Encode(const SettingsAnswer& answer, MutableByteSpan out) {
  const bool counted = answer.count >= 1 && answer.count <= kMaxSettings;
  if (!counted ||
      !std::all_of(answer.items.begin(), answer.items.begin() + answer.count, IsValid)) {
    return kInvalid;
  }
  SettingsAnswer items = answer;
  strata_wire_SettingsAnswer message{};
  message.items.funcs.encode = WriteItems;
  message.items.arg = &items;
  pb_ostream_t stream = pb_ostream_from_buffer(out.data(), out.size());
  if (!pb_encode(&stream, &strata_wire_SettingsAnswer_msg, &message)) {
    return Fail(Code::kTooLarge);
  }
  return stream.bytes_written;
}

Result<SettingsRequest> DecodeSettingsRequest(ByteSpan in) {
  if (in.size() > kMaxMessageBytes) {
    return kMalformed;
  }
  strata_wire_SettingsRequest message{};
  pb_istream_t stream = pb_istream_from_buffer(in.data(), in.size());
  if (!pb_decode(&stream, &strata_wire_SettingsRequest_msg, &message) || message.names_count < 1) {
    return kMalformed;
  }
  SettingsRequest request{.names = {}, .count = message.names_count};
  for (std::size_t i = 0; i < request.count; ++i) {
    if (!ReadName(message.names[i], request.names[i])) {
      return kMalformed;
    }
  }
  return request;
}

Result<SettingsAnswer> DecodeSettingsAnswer(ByteSpan in) {
  if (in.size() > kMaxSettingsAnswerBytes) {
    return kMalformed;
  }
  SettingsAnswer answer;
  Source source{in.data()};
  pb_istream_t stream = OpenSource(source, in.size());
  strata_wire_SettingsAnswer message{};
  message.items.funcs.decode = ReadItem;
  message.items.arg = &answer;
  if (!pb_decode(&stream, &strata_wire_SettingsAnswer_msg, &message) || answer.count < 1) {
    return kMalformed;
  }
  return answer;
}

}  // namespace strata::wire
