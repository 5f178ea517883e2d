// SPDX-License-Identifier: Apache-2.0
#include "strata/engine/flash_key_store.hpp"

#include <algorithm>

#include "key_store_change.hpp"

namespace strata::engine {
namespace {

constexpr Error kCorrupt = Fail(Code::kKeyStoreCorrupt, Op::kKeyStore);

Result<FoundStore> Current(ports::Flash& flash, ports::Crypto& crypto) {
  StoreUnits units(flash, crypto);
  STRATA_TRY_ASSIGN(const std::optional<FoundStore> found, units.Locate());
  if (!found) {
    return kCorrupt;
  }
  return *found;
}

/// Writes a whole store beside `old` and erases that. `body(StoreWriter&)` → Status puts everything
/// behind the header.
template <typename Body>
Status Replace(ports::Flash& flash,
               ports::Crypto& crypto,
               const std::optional<FoundStore>& old,
               const StoreHeader& header,
               Body body) {
  StoreUnits units(flash, crypto);
  const unsigned unit = old ? 1 - old->unit : 0;
  const auto write = [&]() -> Status {
    STRATA_TRY(units.Erase(unit));
    StoreWriter writer(flash, crypto, units.StartOf(unit));
    STRATA_TRY(writer.Start(header));
    STRATA_TRY(body(writer));
    STRATA_TRY(writer.Finish());
    STRATA_TRY_ASSIGN(const std::optional<FoundStore> written, units.Examine(unit));
    const bool whole =
        written && written->marked && written->header.generation == header.generation;
    return whole ? Status() : Fail(Code::kFlashIo, Op::kKeyStore);
  };
  if (const Status written = write(); !written) {
    // It may read as a whole store nevertheless, and must not become one later.
    units.Erase(unit).IgnoreError();
    return written;
  }
  if (old) {
    // The former private keys must not stay readable. If that fails now, Tidy() does it.
    units.Erase(old->unit).IgnoreError();
  }
  return {};
}

/// Where the public half of entry `index` stands.
std::uint32_t PublicAt(const FoundStore& store, KeyType type, std::uint32_t index) {
  switch (type) {
    case KeyType::kLayer:
      return store.LayerKeyAt(index) + 1 + std::uint32_t{kPrivateKeyBytes};
    case KeyType::kRotation:
      return store.RotationKeyAt(index);
    default:
      return store.SignerAt(index);
  }
}

struct Hit {
  PublicKey key{};
  std::uint32_t at = 0;  ///< of the entry
};

/// * `missing`: no such key.
Result<Hit> Search(
    ports::Flash& flash, ports::Crypto& crypto, KeyType type, KeyId id, Code missing) {
  STRATA_TRY_ASSIGN(const FoundStore store, Current(flash, crypto));
  const std::uint32_t count = type == KeyType::kLayer      ? store.header.layer_keys
                              : type == KeyType::kRotation ? store.header.rotation_keys
                                                           : store.header.signers;
  for (std::uint32_t i = 0; i < count; ++i) {
    Hit hit;
    if (!flash.Read(PublicAt(store, type, i), hit.key)) {
      return kCorrupt;
    }
    STRATA_TRY_ASSIGN(const KeyId candidate, KeyIdOf(crypto, type, hit.key));
    if (candidate == id) {
      hit.at = type == KeyType::kLayer ? store.LayerKeyAt(i) : PublicAt(store, type, i);
      return hit;
    }
  }
  return Fail(missing, Op::kKeyStore);
}

Status PutSeed(StoreWriter& writer, ports::Crypto& crypto, const KeySeed& seed) {
  const auto put_private = [&](std::span<const std::uint8_t, kPrivateKeyBytes> scalar) -> Status {
    PublicKey key{};
    STRATA_TRY(crypto.PublicOf(scalar, key));
    STRATA_TRY(writer.Put(scalar));
    return writer.Put(key);
  };
  for (const PublicKey& key : seed.signers) {
    STRATA_TRY(writer.Put(key));
  }
  for (const auto& scalar : seed.layer_keys) {
    const std::uint8_t flags = 0;
    STRATA_TRY(writer.Put(ByteSpan(&flags, 1)));
    STRATA_TRY(put_private(scalar));
  }
  for (const PublicKey& key : seed.rotation_keys) {
    STRATA_TRY(writer.Put(key));
  }
  return seed.receiver.empty() ? Status() : put_private(seed.receiver.first<kPrivateKeyBytes>());
}

// Before the flash is touched.
Status CheckPrivateKeys(ports::Crypto& crypto, const KeySeed& seed) {
  PublicKey key{};
  for (const auto& scalar : seed.layer_keys) {
    STRATA_TRY(crypto.PublicOf(scalar, key));
  }
  return seed.receiver.empty() ? Status()
                               : crypto.PublicOf(seed.receiver.first<kPrivateKeyBytes>(), key);
}

}  // namespace

Status FlashKeyStore::Format(const KeySeed& seed) {
  if (seed.signers.empty() ||
      (!seed.receiver.empty() && seed.receiver.size() != kPrivateKeyBytes)) {
    return Fail(Code::kInvalidArgument, Op::kKeyStore);
  }
  const std::size_t most =
      std::max({seed.signers.size(), seed.layer_keys.size(), seed.rotation_keys.size()});
  if (most > kMaxKeysOfKind) {
    return Fail(Code::kKeyStoreFull, Op::kKeyStore, static_cast<std::uint32_t>(most));
  }
  STRATA_TRY(CheckPrivateKeys(crypto_, seed));
  STRATA_TRY_ASSIGN(const std::optional<FoundStore> old, StoreUnits(secure_, crypto_).Locate());
  const StoreHeader header{.signers = static_cast<std::uint8_t>(seed.signers.size()),
                           .layer_keys = static_cast<std::uint8_t>(seed.layer_keys.size()),
                           .rotation_keys = static_cast<std::uint8_t>(seed.rotation_keys.size()),
                           .receivers = static_cast<std::uint8_t>(seed.receiver.empty() ? 0 : 1),
                           .cloud_cas = 0,
                           .generation = old ? old->header.generation + 1 : 1,
                           .position = seed.position};
  const ports::FlashGeometry& geometry = secure_.geometry();
  if (StoreBytes(header, 0, geometry.program_unit_bytes) > geometry.erase_unit_bytes) {
    return Fail(Code::kKeyStoreFull, Op::kKeyStore, static_cast<std::uint32_t>(most));
  }
  return Replace(secure_, crypto_, old, header, [&](StoreWriter& writer) {
    return PutSeed(writer, crypto_, seed);
  });
}

Status FlashKeyStore::Apply(const KeyChange& change, const ports::NeededLayerKeys& needed) {
  STRATA_TRY_ASSIGN(const FoundStore old, Current(secure_, crypto_));
  KeyStoreChange work(secure_, crypto_, old, change, needed);
  STRATA_TRY(work.Plan());
  return Replace(secure_, crypto_, old, work.header(), [&work](StoreWriter& writer) {
    return work.Write(writer);
  });
}

Status FlashKeyStore::Tidy(const ports::NeededLayerKeys& needed) {
  STRATA_TRY_ASSIGN(const FoundStore store, Current(secure_, crypto_));
  STRATA_TRY(StoreUnits(secure_, crypto_).EraseOther(store));
  const KeyChange none{.sequence = store.header.position.sequence,
                       .body_hash = store.header.position.last_hash};
  KeyStoreChange work(secure_, crypto_, store, none, needed);
  STRATA_TRY(work.Plan());
  if (work.header().layer_keys == store.header.layer_keys) {
    return {};
  }
  return Replace(secure_, crypto_, store, work.header(), [&work](StoreWriter& writer) {
    return work.Write(writer);
  });
}

Result<bool> FlashKeyStore::IsFormatted() {
  STRATA_TRY_ASSIGN(const std::optional<FoundStore> found, StoreUnits(secure_, crypto_).Locate());
  return found.has_value();
}

Result<PublicKey> FlashKeyStore::FindSigner(KeyId id) {
  STRATA_TRY_ASSIGN(const Hit hit,
                    Search(secure_, crypto_, KeyType::kManifestSigner, id, Code::kSignerUnknown));
  return hit.key;
}

Result<PublicKey> FlashKeyStore::FindRotationKey(KeyId id) {
  STRATA_TRY_ASSIGN(const Hit hit,
                    Search(secure_, crypto_, KeyType::kRotation, id, Code::kRotationKeyUnknown));
  return hit.key;
}

Result<PublicKey> FlashKeyStore::FindLayerKey(KeyId id) {
  STRATA_TRY_ASSIGN(const Hit hit,
                    Search(secure_, crypto_, KeyType::kLayer, id, Code::kDecryptionKeyMissing));
  return hit.key;
}

Result<bool> FlashKeyStore::IsRetired(KeyId layer_key) {
  STRATA_TRY_ASSIGN(
      const Hit hit,
      Search(secure_, crypto_, KeyType::kLayer, layer_key, Code::kDecryptionKeyMissing));
  std::uint8_t flags = 0;
  if (!secure_.Read(hit.at, MutableByteSpan(&flags, 1))) {
    return kCorrupt;
  }
  return (flags & kRetiredFlag) != 0;
}

Status FlashKeyStore::LayerKeyAgreement(KeyId id,
                                        const PublicKey& peer,
                                        std::span<std::uint8_t, 32> out) {
  STRATA_TRY_ASSIGN(const Hit hit,
                    Search(secure_, crypto_, KeyType::kLayer, id, Code::kDecryptionKeyMissing));
  Secret<kPrivateKeyBytes> scalar;
  if (!secure_.Read(hit.at + 1, scalar.bytes())) {
    return kCorrupt;
  }
  return crypto_.Ecdh(scalar.bytes(), peer, out);
}

Result<ChainPosition> FlashKeyStore::Position() {
  STRATA_TRY_ASSIGN(const FoundStore store, Current(secure_, crypto_));
  return store.header.position;
}

Result<std::size_t> FlashKeyStore::ReadCloudCa(std::uint32_t position, MutableByteSpan out) {
  STRATA_TRY_ASSIGN(const FoundStore store, Current(secure_, crypto_));
  std::uint32_t at = store.CasAt();
  for (std::uint32_t i = 0; i < store.header.cloud_cas; ++i) {
    std::array<std::uint8_t, kCaLengthBytes> length{};
    if (!secure_.Read(at, length)) {
      return kCorrupt;
    }
    const auto bytes = LoadBigEndian<std::uint16_t>(length);
    at += kCaLengthBytes;
    if (i == position) {
      if (bytes > out.size() || !secure_.Read(at, out.first(bytes))) {
        return kCorrupt;
      }
      return std::size_t{bytes};
    }
    at += bytes;
  }
  return std::size_t{0};
}

}  // namespace strata::engine
