// SPDX-License-Identifier: Apache-2.0
#include "strata/engine/flash_key_store.hpp"

#include <algorithm>
#include <optional>

#include "strata/core/checked.hpp"
#include "strata/core/secure.hpp"
#include "strata/engine/engine.hpp"

#include "byte_io.hpp"
#include "digest_of.hpp"
#include "key_store_format.hpp"

namespace strata::engine {
namespace {

constexpr Error kCorrupt = Fail(Code::kKeyStoreCorrupt, Op::kKeyStore);
constexpr std::size_t kWriteBlockBytes =
    128;  // a multiple of every program unit up to 32 and beyond

Result<KeyId> IdOf(ports::Crypto& crypto, KeyType type, const PublicKey& key) {
  const auto tag = BigEndian(static_cast<std::uint16_t>(type));
  const std::array<ByteSpan, 2> parts = {tag, key};
  STRATA_TRY_ASSIGN(const Digest digest, DigestOf(crypto, parts));
  return KeyIdFromDigest(digest);
}

/// Programs a stream of bytes from `at`, hashing it on the way.
class StoreWriter {
 public:
  StoreWriter(ports::Flash& flash, ports::Crypto& crypto, std::uint32_t at)
      : flash_(flash), hash_(crypto), at_(at) {}

  ~StoreWriter() { SecureZero(block_); }

  StoreWriter(const StoreWriter&) = delete;
  StoreWriter& operator=(const StoreWriter&) = delete;

  Status Start() { return hash_.Start(); }

  Status Put(ByteSpan bytes) {
    STRATA_TRY(hash_.Update(bytes));
    return Emit(bytes);
  }

  Status Finish() {
    STRATA_TRY_ASSIGN(const Digest tag, hash_.Finish());
    STRATA_TRY(Emit(tag.bytes));
    const std::size_t padded = *RoundUp<std::size_t>(used_, flash_.geometry().program_unit_bytes);
    std::fill(block_.begin() + static_cast<std::ptrdiff_t>(used_),
              block_.begin() + static_cast<std::ptrdiff_t>(padded),
              std::uint8_t{0xFF});
    STRATA_TRY(flash_.Program(at_, ByteSpan(block_).first(padded)));
    return flash_.Sync();
  }

 private:
  Status Emit(ByteSpan bytes) {
    while (!bytes.empty()) {
      const std::size_t piece = std::min(bytes.size(), block_.size() - used_);
      std::memcpy(block_.data() + used_, bytes.data(), piece);
      used_ += piece;
      bytes = bytes.subspan(piece);
      if (used_ == block_.size()) {
        STRATA_TRY(flash_.Program(at_, block_));
        at_ += static_cast<std::uint32_t>(block_.size());
        used_ = 0;
      }
    }
    return {};
  }

  ports::Flash& flash_;
  RunningHash hash_;
  std::uint32_t at_;
  std::array<std::uint8_t, kWriteBlockBytes> block_{};
  std::size_t used_ = 0;
};

/// A whole store that was found.
struct Found {
  std::uint32_t keys_at = 0;
  std::uint32_t generation = 0;
  std::uint8_t signers = 0;
  std::uint8_t layer_keys = 0;
  unsigned unit = 0;
};

std::uint32_t UnitStart(const ports::Flash& flash, unsigned unit) {
  return SecureLayout::For(flash.geometry()).key_store_start +
         unit * flash.geometry().erase_unit_bytes;
}

Result<std::optional<Found>> Examine(ports::Flash& flash, ports::Crypto& crypto, unsigned unit) {
  std::array<std::uint8_t, kKeyStoreHeaderBytes> head{};
  const std::uint32_t start = UnitStart(flash, unit);
  if (!flash.Read(start, head)) {
    return std::optional<Found>();
  }
  ByteReader reader(head);
  const auto magic = reader.Take<std::uint32_t>();
  Found found;
  const auto version = reader.Take<std::uint8_t>();
  found.signers = reader.Take<std::uint8_t>();
  found.layer_keys = reader.Take<std::uint8_t>();
  const auto rotation = reader.Take<std::uint8_t>();
  found.generation = reader.Take<std::uint32_t>();
  found.unit = unit;
  found.keys_at = start + kKeyStoreHeaderBytes;
  if (magic != kKeyStoreMagic || version != kKeyStoreVersion ||
      std::max({found.signers, found.layer_keys, rotation}) > kMaxKeysOfKind) {
    return std::optional<Found>();
  }
  const std::size_t size = KeyStoreBytes(found.signers, found.layer_keys, rotation);
  if (size + Digest::kBytes > flash.geometry().erase_unit_bytes) {
    return std::optional<Found>();
  }
  RunningHash hash(crypto);
  STRATA_TRY(hash.Start());
  std::array<std::uint8_t, kWriteBlockBytes> block{};
  for (std::size_t done = 0; done < size;) {
    const MutableByteSpan piece = MutableByteSpan(block).first(std::min(block.size(), size - done));
    if (!flash.Read(start + static_cast<std::uint32_t>(done), piece)) {
      return std::optional<Found>();
    }
    STRATA_TRY(hash.Update(piece));
    done += piece.size();
  }
  SecureZero(block);
  STRATA_TRY_ASSIGN(const Digest digest, hash.Finish());
  Digest tag;
  if (!flash.Read(start + static_cast<std::uint32_t>(size), tag.bytes) || tag != digest) {
    return std::optional<Found>();
  }
  return std::optional(found);
}

Result<std::optional<Found>> Locate(ports::Flash& flash, ports::Crypto& crypto) {
  STRATA_TRY_ASSIGN(std::optional<Found> first, Examine(flash, crypto, 0));
  STRATA_TRY_ASSIGN(std::optional<Found> second, Examine(flash, crypto, 1));
  if (!first || (second && second->generation > first->generation)) {
    return second;
  }
  return first;
}

Result<std::optional<PublicKey>> Search(
    ports::Flash& flash, ports::Crypto& crypto, KeyType type, KeyId id, std::uint32_t& entry_at) {
  STRATA_TRY_ASSIGN(const std::optional<Found> found, Locate(flash, crypto));
  if (!found) {
    return kCorrupt;
  }
  const bool layer = type == KeyType::kLayer;
  const std::uint32_t stride = layer ? kLayerKeyEntryBytes : kPublicKeyEntryBytes;
  const std::uint32_t count = layer ? found->layer_keys : found->signers;
  entry_at = found->keys_at + (layer ? found->signers * kPublicKeyEntryBytes : 0U);
  for (std::uint32_t i = 0; i < count; ++i, entry_at += stride) {
    PublicKey key{};
    const std::uint32_t public_at = layer ? entry_at + std::uint32_t{kPrivateKeyBytes} : entry_at;
    if (!flash.Read(public_at, key)) {
      return kCorrupt;
    }
    STRATA_TRY_ASSIGN(const KeyId candidate, IdOf(crypto, type, key));
    if (candidate == id) {
      return std::optional(key);
    }
  }
  return std::optional<PublicKey>();
}

Status PutKeys(StoreWriter& writer,
               ports::Crypto& crypto,
               const KeySeed& seed,
               std::uint32_t generation) {
  std::array<std::uint8_t, kKeyStoreHeaderBytes> head{};
  ByteWriter header(head);
  header.PutU32(kKeyStoreMagic);
  header.PutU8(kKeyStoreVersion);
  header.PutU8(static_cast<std::uint8_t>(seed.signers.size()));
  header.PutU8(static_cast<std::uint8_t>(seed.layer_keys.size()));
  header.PutU8(static_cast<std::uint8_t>(seed.rotation_keys.size()));
  header.PutU32(generation);
  STRATA_TRY(writer.Start());
  STRATA_TRY(writer.Put(head));
  for (const PublicKey& key : seed.signers) {
    STRATA_TRY(writer.Put(key));
  }
  for (const auto& scalar : seed.layer_keys) {
    PublicKey key{};
    STRATA_TRY(crypto.PublicOf(scalar, key));
    STRATA_TRY(writer.Put(scalar));
    STRATA_TRY(writer.Put(key));
  }
  for (const PublicKey& key : seed.rotation_keys) {
    STRATA_TRY(writer.Put(key));
  }
  return writer.Finish();
}

}  // namespace

Status FlashKeyStore::Format(const KeySeed& seed) {
  if (seed.signers.empty()) {
    return Fail(Code::kInvalidArgument, Op::kKeyStore);
  }
  const std::size_t most =
      std::max({seed.signers.size(), seed.layer_keys.size(), seed.rotation_keys.size()});
  const std::uint32_t unit_bytes = secure_.geometry().erase_unit_bytes;
  if (most > kMaxKeysOfKind ||
      KeyStoreBytes(seed.signers.size(), seed.layer_keys.size(), seed.rotation_keys.size()) +
              Digest::kBytes >
          unit_bytes) {
    return Fail(Code::kKeyStoreFull, Op::kKeyStore);
  }
  // Checked before the flash is touched.
  for (const auto& scalar : seed.layer_keys) {
    PublicKey key{};
    STRATA_TRY(crypto_.PublicOf(scalar, key));
  }
  STRATA_TRY_ASSIGN(const std::optional<Found> old, Locate(secure_, crypto_));
  const unsigned unit = old ? 1 - old->unit : 0;
  STRATA_TRY(secure_.Erase(UnitStart(secure_, unit), unit_bytes));
  StoreWriter writer(secure_, crypto_, UnitStart(secure_, unit));
  STRATA_TRY(PutKeys(writer, crypto_, seed, old ? old->generation + 1 : 1));
  if (old) {
    // The former private keys must not stay readable.
    STRATA_TRY(secure_.Erase(UnitStart(secure_, old->unit), unit_bytes));
  }
  return secure_.Sync();
}

Result<bool> FlashKeyStore::IsFormatted() {
  STRATA_TRY_ASSIGN(const std::optional<Found> found, Locate(secure_, crypto_));
  return found.has_value();
}

Result<PublicKey> FlashKeyStore::FindSigner(KeyId id) {
  std::uint32_t at = 0;
  STRATA_TRY_ASSIGN(const std::optional<PublicKey> key,
                    Search(secure_, crypto_, KeyType::kManifestSigner, id, at));
  if (!key) {
    return Fail(Code::kSignerUnknown, Op::kKeyStore);
  }
  return *key;
}

Result<PublicKey> FlashKeyStore::FindLayerKey(KeyId id) {
  std::uint32_t at = 0;
  STRATA_TRY_ASSIGN(const std::optional<PublicKey> key,
                    Search(secure_, crypto_, KeyType::kLayer, id, at));
  if (!key) {
    return Fail(Code::kDecryptionKeyMissing, Op::kKeyStore);
  }
  return *key;
}

Status FlashKeyStore::LayerKeyAgreement(KeyId id,
                                        const PublicKey& peer,
                                        std::span<std::uint8_t, 32> out) {
  std::uint32_t at = 0;
  STRATA_TRY_ASSIGN(const std::optional<PublicKey> key,
                    Search(secure_, crypto_, KeyType::kLayer, id, at));
  if (!key) {
    return Fail(Code::kDecryptionKeyMissing, Op::kKeyStore);
  }
  Secret<kPrivateKeyBytes> scalar;
  if (!secure_.Read(at, scalar.bytes())) {
    return kCorrupt;
  }
  return crypto_.Ecdh(scalar.bytes(), peer, out);
}

}  // namespace strata::engine
