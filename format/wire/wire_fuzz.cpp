// SPDX-License-Identifier: Apache-2.0
// Every decoder of device–cloud messages: what decodes is encoded again, within its limit and with
// the same meaning.
#include <array>
#include <cstdlib>
#include <vector>

#include "strata/format/wire/wire.hpp"

namespace {

using strata::ByteSpan;
namespace wire = strata::wire;

void Require(bool condition) {
  if (!condition) {
    std::abort();
  }
}

using Buffer = std::array<std::uint8_t, wire::kMaxMessageBytes>;

template <typename Value>
ByteSpan Encoded(const Value& value, Buffer& buffer) {
  const auto size = wire::Encode(value, buffer);
  Require(size.ok());
  return ByteSpan(buffer).first(*size);
}

// Decoding and encoding once more must change nothing: encoding is deterministic.
template <typename Decoder>
void RoundTrip(ByteSpan in, Decoder decode) {
  const auto first = decode(in);
  if (!first.ok()) {
    return;
  }
  Buffer once{};
  Buffer twice{};
  const ByteSpan bytes = Encoded(*first, once);
  const auto second = decode(bytes);
  Require(second.ok());
  Require(strata::Equal(bytes, Encoded(*second, twice)));
  if constexpr (requires { *first == *second; }) {
    Require(*first == *second);
  }
}

void RoundTripReceipt(ByteSpan in) {
  std::array<std::uint8_t, wire::kMaxReceiptBodyBytes> storage{};
  std::array<std::uint8_t, wire::kMaxReceiptBodyBytes> other{};
  const auto first = wire::DecodeReceipt(in, storage);
  if (!first.ok()) {
    return;
  }
  Buffer buffer{};
  const auto second = wire::DecodeReceipt(Encoded(*first, buffer), other);
  Require(second.ok());
  Require(strata::Equal(first->body, second->body) && first->signature == second->signature);
  RoundTrip(first->body, wire::DecodeReceiptBody);
}

void RoundTripSettings(ByteSpan in) {
  const auto first = wire::DecodeSettingsAnswer(in);
  if (!first.ok()) {
    return;
  }
  for (std::size_t i = 0; i < first->count; ++i) {
    const ByteSpan value = first->items[i].value;
    Require(value.empty() ||
            (value.data() >= in.data() && value.data() + value.size() <= in.data() + in.size()));
  }
  std::vector<std::uint8_t> buffer(wire::kMaxSettingsAnswerBytes);
  const auto size = wire::Encode(*first, buffer);
  Require(size.ok());
  const auto second = wire::DecodeSettingsAnswer(ByteSpan(buffer).first(*size));
  Require(second.ok() && second->count == first->count);
  for (std::size_t i = 0; i < first->count; ++i) {
    Require(second->items[i].status == first->items[i].status);
    Require(strata::Equal(second->items[i].value, first->items[i].value));
  }
}

void RoundTripLogs(ByteSpan in) {
  const auto first = wire::DecodeLogBatch(in);
  if (!first.ok()) {
    return;
  }
  std::vector<std::uint8_t> buffer(wire::kMaxLogBatchBytes);
  const auto size = wire::Encode(*first, buffer);
  Require(size.ok());
  const auto second = wire::DecodeLogBatch(ByteSpan(buffer).first(*size));
  Require(second.ok() && second->count == first->count && second->dropped == first->dropped);
  for (std::size_t i = 0; i < first->count; ++i) {
    const wire::LogLine& line = first->lines[i];
    Require(line.text.empty() || (line.text.data() >= in.data() &&
                                  line.text.data() + line.text.size() <= in.data() + in.size()));
    Require(second->lines[i].kind == line.kind && second->lines[i].age_ms == line.age_ms);
    Require(strata::Equal(second->lines[i].text, line.text));
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const ByteSpan in(data, size);
  RoundTrip(in, wire::DecodeDesiredState);
  RoundTrip(in, wire::DecodeReport);
  RoundTrip(in, wire::DecodeReceiptBody);
  RoundTripReceipt(in);
  RoundTrip(in, wire::DecodeSettingsRequest);
  RoundTripSettings(in);
  RoundTripLogs(in);
  return 0;
}
