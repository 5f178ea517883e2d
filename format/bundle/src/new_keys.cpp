// SPDX-License-Identifier: Apache-2.0
#include "strata/format/bundle/new_keys.hpp"

#include <algorithm>
#include <span>
#include <string>
#include <utility>

#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/wire_format_lite.h>
#include <strata_protobuf/bundle.pb.h>

#include "protobuf.hpp"
#include "try.hpp"

namespace strata::bundle {
namespace {

// Namespace ::bundle is the original's protobuf package.
namespace pb = ::bundle;
using google::protobuf::internal::WireFormatLite;

Failure Malformed(const std::string& why) {
  return {Error{Code::kNewKeysMalformed, Op::kNewKeys, 0},
          "the message with new keys can't be read: " + why};
}

constexpr std::uint32_t Tag(int number, WireFormatLite::WireType type) {
  return WireFormatLite::MakeTag(number, type);
}

constexpr auto kVarint = WireFormatLite::WIRETYPE_VARINT;
constexpr auto kBytes = WireFormatLite::WIRETYPE_LENGTH_DELIMITED;

constexpr std::array kEnvelopeSingles = {Tag(1, kVarint), Tag(2, kBytes), Tag(3, kBytes)};
constexpr std::array kBodySingles = {Tag(100, kVarint), Tag(101, kBytes), Tag(102, kBytes)};
constexpr std::array kWrappedSingles = kEnvelopeSingles;
constexpr std::uint32_t kWrappedTag = Tag(4, kBytes);

/// libprotobuf silently keeps the last of several; `bytes` are known to be a message. `nested`, not
/// 0, is the tag of messages to look into.
bool HasTwice(ByteSpan bytes, std::span<const std::uint32_t> singles, std::uint32_t nested) {
  google::protobuf::io::CodedInputStream in(bytes.data(), static_cast<int>(bytes.size()));
  std::vector<std::uint32_t> seen;
  while (const std::uint32_t tag = in.ReadTag()) {
    const bool single = std::find(singles.begin(), singles.end(), tag) != singles.end();
    if (single && std::find(seen.begin(), seen.end(), tag) != seen.end()) {
      return true;
    }
    if (single) {
      seen.push_back(tag);
    }
    std::string inner;
    if (nested != 0 && tag == nested) {
      if (!WireFormatLite::ReadBytes(&in, &inner) || HasTwice(AsBytes(inner), kWrappedSingles, 0)) {
        return true;
      }
    } else if (!WireFormatLite::SkipField(&in, tag)) {
      return true;
    }
  }
  return false;
}

Expected<PublicKey> PointFrom(const std::string& bytes, const char* name) {
  PublicKey key{};
  if (bytes.size() == key.size()) {
    std::copy(bytes.begin(), bytes.end(), key.begin());
  }
  if (bytes.size() != key.size() || key[0] != 0x04 || !IsOnCurve(key)) {
    return Malformed(std::string(name) + " is not an uncompressed P-256 point");
  }
  return key;
}

Expected<WrappedLayerKey> WrappedFrom(const pb::HpkeCiphertext& in) {
  WrappedLayerKey out;
  out.receiver = static_cast<KeyId>(in.receiver_id());
  BUNDLE_TRY_ASSIGN(out.sender_pub, PointFrom(in.sender_pub(), "a layer key's sender_pub"));
  if (in.ciphertext().size() != out.ciphertext.size()) {
    return Malformed("a layer key's ciphertext is not 48 bytes");
  }
  std::copy(in.ciphertext().begin(), in.ciphertext().end(), out.ciphertext.begin());
  return out;
}

Outcome CheckCounts(const pb::NewKeysBody& in) {
  const auto over = [](int count, std::size_t limit) {
    return static_cast<std::size_t>(count) > limit;
  };
  if (over(in.delete_manifest_signers_size(), kMaxChangedSigners)) {
    return Malformed("it deletes more than 8 signers");
  }
  if (over(in.delete_layer_decrypters_size(), kMaxDeletedLayerKeys)) {
    return Malformed("it deletes more than 8 layer keys");
  }
  if (over(in.add_manifest_signers_size(), kMaxChangedSigners)) {
    return Malformed("it adds more than 8 signers");
  }
  if (over(in.add_layer_decrypters_size(), kMaxWrappedLayerKeys)) {
    return Malformed("it adds more than 16 layer keys");
  }
  if (over(in.cloud_cas_size(), kMaxCloudCas)) {
    return Malformed("it names more than 2 cloud CAs");
  }
  return Done{};
}

Outcome PlaceFrom(const pb::NewKeysBody& in, NewKeysBody& body) {
  body.sequence = in.sequence();
  if (!in.previous_hash().empty()) {
    body.previous_hash = Digest::FromBytes(AsBytes(in.previous_hash()));
    if (!body.previous_hash) {
      return Malformed("previous_hash is not 32 bytes");
    }
  }
  if (in.fleet_id().size() != body.fleet.size()) {
    return Malformed("fleet_id is not 16 bytes");
  }
  std::copy(in.fleet_id().begin(), in.fleet_id().end(), body.fleet.begin());
  return Done{};
}

}  // namespace

Expected<SealedNewKeys> ParseNewKeys(ByteSpan bytes) {
  if (bytes.size() > kMaxNewKeysBytes) {
    return Malformed("it is larger than 4096 bytes");
  }
  pb::NewKeys envelope;
  if (!Decode(bytes, envelope)) {
    return Malformed("it is not a protobuf message");
  }
  if (HasTwice(bytes, kEnvelopeSingles, 0)) {
    return Malformed("a field of its envelope stands twice");
  }
  SealedNewKeys message;
  message.signer = static_cast<KeyId>(envelope.signer_id());
  message.body = Vector(envelope.body());
  if (message.signer == KeyId::kNone || message.body.empty()) {
    return Malformed("signer or body is missing");
  }
  if (envelope.signature().size() != message.signature.size()) {
    return Malformed("its signature is not 64 bytes");
  }
  std::copy(envelope.signature().begin(), envelope.signature().end(), message.signature.begin());
  return message;
}

std::vector<std::uint8_t> SerializeNewKeys(const SealedNewKeys& message) {
  pb::NewKeys envelope;
  envelope.set_signer_id(static_cast<std::uint64_t>(message.signer));
  envelope.set_body(Text(message.body));
  envelope.set_signature(Text(message.signature));
  return Encode(envelope);
}

Outcome VerifyNewKeys(const SealedNewKeys& message, const PublicKey& rotation_key) {
  if (message.signer != KeyIdOf(KeyType::kRotation, rotation_key)) {
    return Failure{Error{Code::kRotationKeyUnknown, Op::kVerify, 0},
                   "the message was signed with another key, " + KeyIdText(message.signer)};
  }
  if (!VerifySignature(rotation_key, kNewKeysPrefix, message.body, message.signature)) {
    return Failure{Error{Code::kSignatureInvalid, Op::kVerify, 0},
                   "the signature of the message with new keys does not match its body"};
  }
  return Done{};
}

Expected<NewKeysBody> ParseNewKeysBody(ByteSpan bytes) {
  pb::NewKeysBody in;
  if (bytes.size() > kMaxNewKeysBytes || !Decode(bytes, in)) {
    return Malformed("its body is not a protobuf message");
  }
  if (HasTwice(bytes, kBodySingles, kWrappedTag)) {
    return Malformed("a field of its body stands twice");
  }
  BUNDLE_TRY(CheckCounts(in));
  NewKeysBody body;
  for (const std::uint64_t id : in.delete_manifest_signers()) {
    body.delete_signers.push_back(static_cast<KeyId>(id));
  }
  for (const std::uint64_t id : in.delete_layer_decrypters()) {
    body.delete_layer_keys.push_back(static_cast<KeyId>(id));
  }
  for (const std::string& bytes_of_key : in.add_manifest_signers()) {
    BUNDLE_TRY_ASSIGN(const PublicKey key, PointFrom(bytes_of_key, "an added signer"));
    body.add_signers.push_back(key);
  }
  for (const auto& entry : in.add_layer_decrypters()) {
    BUNDLE_TRY_ASSIGN(const WrappedLayerKey wrapped, WrappedFrom(entry));
    body.add_layer_keys.push_back(wrapped);
  }
  BUNDLE_TRY(PlaceFrom(in, body));
  for (const std::string& ca : in.cloud_cas()) {
    if (ca.empty() || ca.size() > kMaxCloudCaBytes) {
      return Malformed("a cloud CA is empty or larger than 1024 bytes");
    }
    body.cloud_cas.push_back(Vector(ca));
  }
  return body;
}

std::vector<std::uint8_t> SerializeNewKeysBody(const NewKeysBody& body) {
  pb::NewKeysBody out;
  for (const KeyId id : body.delete_signers) {
    out.add_delete_manifest_signers(static_cast<std::uint64_t>(id));
  }
  for (const KeyId id : body.delete_layer_keys) {
    out.add_delete_layer_decrypters(static_cast<std::uint64_t>(id));
  }
  for (const PublicKey& key : body.add_signers) {
    out.add_add_manifest_signers(Text(key));
  }
  for (const WrappedLayerKey& key : body.add_layer_keys) {
    auto* entry = out.add_add_layer_decrypters();
    entry->set_receiver_id(static_cast<std::uint64_t>(key.receiver));
    entry->set_sender_pub(Text(key.sender_pub));
    entry->set_ciphertext(Text(key.ciphertext));
  }
  out.set_sequence(body.sequence);
  if (body.previous_hash) {
    out.set_previous_hash(Text(body.previous_hash->bytes));
  }
  out.set_fleet_id(Text(body.fleet));
  for (const auto& ca : body.cloud_cas) {
    out.add_cloud_cas(Text(ca));
  }
  return Encode(out);
}

Expected<std::vector<std::uint8_t>> SignNewKeys(const NewKeysBody& body,
                                                const PrivateKey& rotation_key) {
  SealedNewKeys message;
  message.signer = KeyIdOf(KeyType::kRotation, rotation_key.public_key());
  message.body = SerializeNewKeysBody(body);
  BUNDLE_TRY(ParseNewKeysBody(message.body));
  BUNDLE_TRY_ASSIGN(message.signature, rotation_key.Sign(kNewKeysPrefix, message.body));
  std::vector<std::uint8_t> bytes = SerializeNewKeys(message);
  if (bytes.size() > kMaxNewKeysBytes) {
    return Failure{Error{Code::kNewKeysMalformed, Op::kNewKeys, 0},
                   "the changes together take more than 4096 bytes; make two messages of them"};
  }
  return bytes;
}

Outcome CheckFollows(const NewKeysBody& body, const ChainHead& head) {
  if (body.fleet != head.fleet) {
    return MakeFailure(Code::kNewKeysOtherFleet, Op::kNewKeys);
  }
  const std::optional<Digest> expected =
      head.sequence == 0 ? std::nullopt : std::optional(head.last_hash);
  if (head.sequence == UINT32_MAX || body.sequence != head.sequence + 1) {
    return Failure{Error{Code::kNewKeysOutOfOrder, Op::kNewKeys, body.sequence},
                   "the message is number " + std::to_string(body.sequence) +
                       ", the chain stands at " + std::to_string(head.sequence)};
  }
  if (body.previous_hash != expected) {
    return Failure{
        Error{Code::kNewKeysOutOfOrder, Op::kNewKeys, body.sequence},
        "the message was made behind another message number " + std::to_string(head.sequence)};
  }
  return Done{};
}

}  // namespace strata::bundle
