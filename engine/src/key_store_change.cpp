// SPDX-License-Identifier: Apache-2.0
#include "key_store_change.hpp"

#include <algorithm>

#include "byte_io.hpp"
#include "hpke_open.hpp"

namespace strata::engine {
namespace {

constexpr Error kCorrupt = Fail(Code::kKeyStoreCorrupt, Op::kKeyStore);
constexpr Error kFull = Fail(Code::kKeyStoreFull, Op::kKeyStore);
constexpr std::string_view kInfoLabel = "strata-layer-decrypter-v1";
constexpr std::size_t kInfoBytes = 25 + 1 + 16 + 4 + 8;

bool Contains(std::span<const KeyId> ids, KeyId id) {
  return std::find(ids.begin(), ids.end(), id) != ids.end();
}

template <typename Mask>
bool Has(Mask mask, std::size_t bit) {
  return (mask >> bit & 1U) != 0;
}

template <typename Mask>
void Set(Mask& mask, std::size_t bit) {
  mask = static_cast<Mask>(mask | 1U << bit);
}

template <typename Mask>
unsigned Count(Mask mask) {
  return static_cast<unsigned>(__builtin_popcount(mask));
}

std::array<std::uint8_t, kInfoBytes> InfoFor(const FleetId& fleet,
                                             std::uint32_t sequence,
                                             KeyId receiver) {
  std::array<std::uint8_t, kInfoBytes> info{};
  ByteWriter writer(info);
  writer.Put(AsBytes(kInfoLabel));
  writer.PutU8(0);
  writer.Put(fleet);
  writer.PutU32(sequence);
  writer.PutU64(static_cast<std::uint64_t>(receiver));
  return info;
}

}  // namespace

Result<KeyId> KeyIdOf(ports::Crypto& crypto, KeyType type, ByteSpan key) {
  const auto tag = BigEndian(static_cast<std::uint16_t>(type));
  const std::array<ByteSpan, 2> parts = {tag, key};
  STRATA_TRY_ASSIGN(const Digest digest, DigestOf(crypto, parts));
  return KeyIdFromDigest(digest);
}

bool KeyStoreChange::IsNeeded(KeyId id) const {
  return !needed_ || Contains(*needed_, id);
}

Result<KeyId> KeyStoreChange::HeldLayerKey(std::uint32_t index) {
  PublicKey key{};
  if (!flash_.Read(old_.LayerKeyAt(index) + 1 + std::uint32_t{kPrivateKeyBytes}, key)) {
    return kCorrupt;
  }
  return KeyIdOf(crypto_, KeyType::kLayer, key);
}

Status KeyStoreChange::LoadReceiver() {
  receiver_id_ = KeyId::kNone;
  if (old_.header.receivers == 0) {
    return {};
  }
  if (!flash_.Read(old_.ReceiverAt() + std::uint32_t{kPrivateKeyBytes}, receiver_)) {
    return kCorrupt;
  }
  STRATA_TRY_ASSIGN(receiver_id_, KeyIdOf(crypto_, KeyType::kReceiver, receiver_));
  return {};
}

Status KeyStoreChange::Plan() {
  header_ = old_.header;
  header_.generation = old_.header.generation + 1;
  header_.position.sequence = change_.sequence;
  header_.position.last_hash = change_.body_hash;
  STRATA_TRY(LoadReceiver());
  STRATA_TRY(PlanAddedLayerKeys());
  STRATA_TRY(PlanSigners());
  STRATA_TRY(PlanHeldLayerKeys());
  const unsigned signers = Count(keep_signers_) + Count(add_signers_);
  const unsigned layer_keys = Count(keep_layer_keys_) + Count(add_layer_keys_);
  if (signers == 0) {
    return Fail(Code::kLastSigner, Op::kKeyStore);
  }
  if (signers > kMaxKeysOfKind || layer_keys > kMaxKeysOfKind || too_many_layer_keys_) {
    return kFull;
  }
  header_.signers = static_cast<std::uint8_t>(signers);
  header_.layer_keys = static_cast<std::uint8_t>(layer_keys);
  return PlanCas();
}

// Deletions come before additions, so a signer that is deleted and added stays.
Status KeyStoreChange::PlanSigners() {
  for (std::size_t i = 0; i < change_.add_signers.size(); ++i) {
    const auto before = change_.add_signers.first(i);
    const bool again = std::any_of(before.begin(), before.end(), [&](ByteSpan key) {
      return Equal(key, change_.add_signers[i]);
    });
    if (!again) {
      Set(add_signers_, i);
    }
  }
  for (std::uint32_t i = 0; i < old_.header.signers; ++i) {
    PublicKey key{};
    if (!flash_.Read(old_.SignerAt(i), key)) {
      return kCorrupt;
    }
    STRATA_TRY_ASSIGN(const KeyId id, KeyIdOf(crypto_, KeyType::kManifestSigner, key));
    if (Contains(change_.delete_signers, id)) {
      continue;
    }
    Set(keep_signers_, i);
    for (std::size_t j = 0; j < change_.add_signers.size(); ++j) {
      if (Equal(key, change_.add_signers[j])) {
        add_signers_ = static_cast<std::uint8_t>(add_signers_ & ~(1U << j));
      }
    }
  }
  return {};
}

Status KeyStoreChange::PlanAddedLayerKeys() {
  std::array<KeyId, kMaxKeysOfKind> fresh{};
  std::size_t fresh_count = 0;
  for (std::size_t i = 0; i < change_.add_layer_keys.size(); ++i) {
    const WrappedLayerKey& wrapped = change_.add_layer_keys[i];
    if (receiver_id_ == KeyId::kNone || wrapped.receiver != receiver_id_) {
      continue;
    }
    Secret<kPrivateKeyBytes> scalar;
    PublicKey key{};
    STRATA_TRY(Unwrap(wrapped, scalar, key));
    STRATA_TRY_ASSIGN(const KeyId id, KeyIdOf(crypto_, KeyType::kLayer, key));
    bool held = Contains(std::span(fresh).first(fresh_count), id);
    for (std::uint32_t j = 0; j < old_.header.layer_keys && !held; ++j) {
      STRATA_TRY_ASSIGN(const KeyId old_id, HeldLayerKey(j));
      held = old_id == id;
      if (held) {
        Set(added_again_, j);
      }
    }
    if (held) {
      continue;
    }
    if (fresh_count == fresh.size()) {
      too_many_layer_keys_ = true;  // said when all have opened
      continue;
    }
    fresh[fresh_count++] = id;
    Set(add_layer_keys_, i);
  }
  return {};
}

Status KeyStoreChange::PlanHeldLayerKeys() {
  for (std::uint32_t i = 0; i < old_.header.layer_keys; ++i) {
    std::uint8_t flags = 0;
    if (!flash_.Read(old_.LayerKeyAt(i), MutableByteSpan(&flags, 1))) {
      return kCorrupt;
    }
    STRATA_TRY_ASSIGN(const KeyId id, HeldLayerKey(i));
    const bool gone = (flags & kRetiredFlag) != 0 || Contains(change_.delete_layer_keys, id);
    if (!gone || Has(added_again_, i)) {
      Set(keep_layer_keys_, i);
    } else if (IsNeeded(id)) {
      Set(keep_layer_keys_, i);
      Set(retired_layer_keys_, i);
    }
  }
  return {};
}

Status KeyStoreChange::PlanCas() {
  old_ca_bytes_ = 0;
  for (unsigned i = 0; i < old_.header.cloud_cas; ++i) {
    std::array<std::uint8_t, kCaLengthBytes> length{};
    if (!flash_.Read(old_.CasAt() + old_ca_bytes_, length)) {
      return kCorrupt;
    }
    old_ca_bytes_ += kCaLengthBytes + LoadBigEndian<std::uint16_t>(length);
  }
  std::uint32_t ca_bytes = old_ca_bytes_;
  if (!change_.cloud_cas.empty()) {
    header_.cloud_cas = static_cast<std::uint8_t>(change_.cloud_cas.size());
    ca_bytes = 0;
    for (const ByteSpan ca : change_.cloud_cas) {
      ca_bytes += kCaLengthBytes + static_cast<std::uint32_t>(ca.size());
    }
  }
  const ports::FlashGeometry& geometry = flash_.geometry();
  return StoreBytes(header_, ca_bytes, geometry.program_unit_bytes) <= geometry.erase_unit_bytes
             ? Status()
             : Status(kFull);
}

Status KeyStoreChange::Unwrap(const WrappedLayerKey& wrapped,
                              Secret<kPrivateKeyBytes>& scalar,
                              PublicKey& key) {
  constexpr Error kDoesNotOpen = Fail(Code::kLayerDecryptFailed, Op::kNewKeys);
  PublicKey sender{};
  if (wrapped.sender_pub.size() != sender.size() ||
      wrapped.ciphertext.size() != WrappedLayerKey::kCiphertextBytes) {
    return kDoesNotOpen;
  }
  std::copy(wrapped.sender_pub.begin(), wrapped.sender_pub.end(), sender.begin());
  Secret<32> dh;
  {
    Secret<kPrivateKeyBytes> own;
    if (!flash_.Read(old_.ReceiverAt(), own.bytes())) {
      return kCorrupt;
    }
    if (const Status agreed = crypto_.Ecdh(own.bytes(), sender, dh.bytes()); !agreed) {
      return agreed.error().code == Code::kKeyInvalid ? kDoesNotOpen : agreed.error();
    }
  }
  const auto info = InfoFor(old_.header.position.fleet, change_.sequence, receiver_id_);
  HpkeOpener opener(crypto_);
  STRATA_TRY(opener.SetupWith(dh.bytes(), receiver_, sender, info));
  STRATA_TRY(opener.OpenNext({}, wrapped.ciphertext, scalar.bytes()));
  const Status is_key = crypto_.PublicOf(scalar.bytes(), key);
  return !is_key && is_key.error().code == Code::kKeyInvalid ? Status(kDoesNotOpen) : is_key;
}

Status KeyStoreChange::Write(StoreWriter& writer) {
  for (std::uint32_t i = 0; i < old_.header.signers; ++i) {
    if (Has(keep_signers_, i)) {
      STRATA_TRY(writer.Copy(old_.SignerAt(i), kPublicKeyEntryBytes));
    }
  }
  for (std::size_t i = 0; i < change_.add_signers.size(); ++i) {
    if (Has(add_signers_, i)) {
      STRATA_TRY(writer.Put(change_.add_signers[i]));
    }
  }
  STRATA_TRY(WriteLayerKeys(writer));
  STRATA_TRY(writer.Copy(old_.RotationKeyAt(0), old_.header.rotation_keys * kPublicKeyEntryBytes));
  STRATA_TRY(writer.Copy(old_.ReceiverAt(), old_.header.receivers * kPrivateKeyEntryBytes));
  return WriteCas(writer);
}

Status KeyStoreChange::WriteLayerKeys(StoreWriter& writer) {
  for (std::uint32_t i = 0; i < old_.header.layer_keys; ++i) {
    if (!Has(keep_layer_keys_, i)) {
      continue;
    }
    const std::uint8_t flags = Has(retired_layer_keys_, i) ? kRetiredFlag : 0;
    STRATA_TRY(writer.Put(ByteSpan(&flags, 1)));
    STRATA_TRY(writer.Copy(old_.LayerKeyAt(i) + 1, kPrivateKeyEntryBytes));
  }
  for (std::size_t i = 0; i < change_.add_layer_keys.size(); ++i) {
    if (!Has(add_layer_keys_, i)) {
      continue;
    }
    Secret<kPrivateKeyBytes> scalar;
    PublicKey key{};
    STRATA_TRY(Unwrap(change_.add_layer_keys[i], scalar, key));
    const std::uint8_t flags = 0;
    STRATA_TRY(writer.Put(ByteSpan(&flags, 1)));
    STRATA_TRY(writer.Put(scalar.bytes()));
    STRATA_TRY(writer.Put(key));
  }
  return {};
}

Status KeyStoreChange::WriteCas(StoreWriter& writer) {
  if (change_.cloud_cas.empty()) {
    return writer.Copy(old_.CasAt(), old_ca_bytes_);
  }
  for (const ByteSpan ca : change_.cloud_cas) {
    STRATA_TRY(writer.Put(BigEndian(static_cast<std::uint16_t>(ca.size()))));
    STRATA_TRY(writer.Put(ca));
  }
  return {};
}

}  // namespace strata::engine
