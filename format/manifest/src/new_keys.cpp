// SPDX-License-Identifier: Apache-2.0
#include "strata/format/manifest/new_keys.hpp"

#include <cstring>

#include "message_reader.hpp"

namespace strata::manifest {
namespace {

constexpr Error kMalformed = Fail(Code::kNewKeysMalformed, Op::kNewKeys);

/// A field that may stand once: libprotobuf takes the last of several, a signed order must not
/// leave that to the reader.
template <typename T>
class Once {
 public:
  [[nodiscard]] bool Take(const T& value) {
    const bool first = !taken_;
    taken_ = true;
    value_ = value;
    return first;
  }

  [[nodiscard]] const T& value() const { return value_; }

 private:
  T value_{};
  bool taken_ = false;
};

bool IsPoint(ByteSpan bytes) {
  return bytes.size() == sizeof(PublicKey) && bytes[0] == 0x04;
}

// Numbers of a repeated field come one by one or packed.
template <std::size_t kMax>
bool TakeIds(const Field& field, ShortList<KeyId, kMax>& out) {
  if (field.type == WireType::kVarint) {
    return out.Add(static_cast<KeyId>(field.varint));
  }
  ByteSpan packed = field.bytes;
  while (!packed.empty()) {
    std::uint64_t id = 0;
    if (!TakePackedVarint(packed, id) || !out.Add(static_cast<KeyId>(id))) {
      return false;
    }
  }
  return true;
}

bool TakeWrapped(MessageReader reader, NewKeys& out) {
  Once<std::uint64_t> receiver;
  Once<ByteSpan> sender;
  Once<ByteSpan> ciphertext;
  Field field;
  while (reader.Next(field)) {
    if ((field.IsVarint(1) && !receiver.Take(field.varint)) ||
        (field.IsBytes(2) && !sender.Take(field.bytes)) ||
        (field.IsBytes(3) && !ciphertext.Take(field.bytes))) {
      return false;
    }
  }
  return reader.ok() && IsPoint(sender.value()) &&
         ciphertext.value().size() == WrappedLayerKey::kCiphertextBytes &&
         out.add_layer_keys.Add(
             {static_cast<KeyId>(receiver.value()), sender.value(), ciphertext.value()});
}

struct Place {
  Once<std::uint32_t> sequence;
  Once<ByteSpan> previous_hash;
  Once<ByteSpan> fleet;
};

bool TakeBytes(const MessageReader& reader, const Field& field, NewKeys& out, Place& place) {
  switch (field.number) {
    case 1:
      return TakeIds(field, out.delete_signers);
    case 2:
      return TakeIds(field, out.delete_layer_keys);
    case 3:
      return IsPoint(field.bytes) && out.add_signers.Add(field.bytes);
    case 4:
      return TakeWrapped(reader.Nested(field), out);
    case 101:
      return place.previous_hash.Take(field.bytes);
    case 102:
      return place.fleet.Take(field.bytes);
    case 103:
      return !field.bytes.empty() && field.bytes.size() <= kMaxCloudCaBytes &&
             out.cloud_cas.Add(field.bytes);
    default:
      return true;
  }
}

bool TakeNumber(const Field& field, NewKeys& out, Place& place) {
  switch (field.number) {
    case 1:
      return TakeIds(field, out.delete_signers);
    case 2:
      return TakeIds(field, out.delete_layer_keys);
    case 100:
      return place.sequence.Take(field.Uint32());
    default:
      return true;
  }
}

bool Settle(const Place& place, NewKeys& out) {
  out.sequence = place.sequence.value();
  const ByteSpan previous = place.previous_hash.value();
  out.previous_hash = Digest::FromBytes(previous);
  if (!previous.empty() && !out.previous_hash) {
    return false;
  }
  if (place.fleet.value().size() != out.fleet.size()) {
    return false;
  }
  std::memcpy(out.fleet.data(), place.fleet.value().data(), out.fleet.size());
  return true;
}

}  // namespace

Result<UnverifiedNewKeys> ParseNewKeysEnvelope(ByteSpan bytes) {
  if (bytes.size() > kMaxNewKeysBytes) {
    return kMalformed;
  }
  Once<std::uint64_t> signer;
  Once<ByteSpan> body;
  Once<ByteSpan> signature;
  MessageReader reader(bytes);
  Field field;
  while (reader.Next(field)) {
    if ((field.IsVarint(1) && !signer.Take(field.varint)) ||
        (field.IsBytes(2) && !body.Take(field.bytes)) ||
        (field.IsBytes(3) && !signature.Take(field.bytes))) {
      return kMalformed;
    }
  }
  if (!reader.ok() || signer.value() == 0 || body.value().empty() ||
      signature.value().size() != sizeof(Signature)) {
    return kMalformed;
  }
  UnverifiedNewKeys message;
  message.signer_ = static_cast<KeyId>(signer.value());
  message.body_ = body.value();
  std::memcpy(message.signature_.data(), signature.value().data(), sizeof(Signature));
  return message;
}

Status Decode(const VerifiedNewKeys& message, NewKeys& out) {
  out = NewKeys();
  Place place;
  MessageReader reader(message.body());
  Field field;
  while (reader.Next(field)) {
    const bool taken = field.type == WireType::kBytes    ? TakeBytes(reader, field, out, place)
                       : field.type == WireType::kVarint ? TakeNumber(field, out, place)
                                                         : true;
    if (!taken) {
      return kMalformed;
    }
  }
  return reader.ok() && Settle(place, out) ? Status() : Status(kMalformed);
}

}  // namespace strata::manifest
