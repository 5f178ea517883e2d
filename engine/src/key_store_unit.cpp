// SPDX-License-Identifier: Apache-2.0
#include "key_store_unit.hpp"

#include <algorithm>

#include "strata/core/checked.hpp"
#include "strata/core/secure.hpp"
#include "strata/engine/engine.hpp"

#include "byte_io.hpp"

namespace strata::engine {
namespace {

constexpr std::size_t kReadBlockBytes = 128;

std::array<std::uint8_t, kKeyStoreHeaderBytes> Encode(const StoreHeader& header) {
  std::array<std::uint8_t, kKeyStoreHeaderBytes> bytes{};
  ByteWriter writer(bytes);
  writer.PutU32(kKeyStoreMagic);
  writer.PutU8(kKeyStoreVersion);
  writer.PutU8(header.signers);
  writer.PutU8(header.layer_keys);
  writer.PutU8(header.rotation_keys);
  writer.PutU8(header.receivers);
  writer.PutU8(header.cloud_cas);
  writer.PutU16(0);
  writer.PutU32(header.generation);
  writer.Put(header.position.fleet);
  writer.PutU32(header.position.sequence);
  writer.Put(header.position.last_hash.bytes);
  return bytes;
}

std::optional<StoreHeader> Decode(ByteSpan bytes) {
  ByteReader reader(bytes);
  StoreHeader header;
  const auto magic = reader.Take<std::uint32_t>();
  const auto version = reader.Take<std::uint8_t>();
  header.signers = reader.Take<std::uint8_t>();
  header.layer_keys = reader.Take<std::uint8_t>();
  header.rotation_keys = reader.Take<std::uint8_t>();
  header.receivers = reader.Take<std::uint8_t>();
  header.cloud_cas = reader.Take<std::uint8_t>();
  const auto reserved = reader.Take<std::uint16_t>();
  header.generation = reader.Take<std::uint32_t>();
  reader.Take(header.position.fleet);
  header.position.sequence = reader.Take<std::uint32_t>();
  header.position.last_hash = reader.TakeDigest();
  const auto most = std::max({header.signers, header.layer_keys, header.rotation_keys});
  const bool good = magic == kKeyStoreMagic && version == kKeyStoreVersion && reserved == 0 &&
                    header.signers >= 1 && most <= kMaxKeysOfKind && header.receivers <= 1 &&
                    header.cloud_cas <= kMaxCloudCas;
  return good ? std::optional(header) : std::nullopt;
}

constexpr std::uint32_t Padded(std::uint32_t size, std::uint32_t unit) {
  return (size + unit - 1) / unit * unit;
}

constexpr std::uint32_t BytesBeforeCas(const StoreHeader& header) {
  return kKeyStoreHeaderBytes +
         std::uint32_t{header.signers + std::uint32_t{header.rotation_keys}} *
             kPublicKeyEntryBytes +
         header.layer_keys * kLayerKeyEntryBytes + header.receivers * kPrivateKeyEntryBytes;
}

}  // namespace

std::uint32_t StoreBytes(const StoreHeader& header,
                         std::uint32_t ca_bytes,
                         std::uint32_t program_unit_bytes) {
  const std::uint32_t size =
      BytesBeforeCas(header) + ca_bytes + static_cast<std::uint32_t>(Digest::kBytes);
  return Padded(size, program_unit_bytes) + Padded(kKeyStoreMark.size(), program_unit_bytes);
}

std::uint32_t StoreUnits::StartOf(unsigned unit) const {
  return SecureLayout::For(flash_.geometry()).key_store_start +
         unit * flash_.geometry().erase_unit_bytes;
}

std::optional<std::uint32_t> StoreUnits::SizeOf(const FoundStore& store) {
  std::uint32_t ca_bytes = 0;
  for (unsigned i = 0; i < store.header.cloud_cas; ++i) {
    std::array<std::uint8_t, kCaLengthBytes> length{};
    if (!flash_.Read(store.CasAt() + ca_bytes, length)) {
      return std::nullopt;
    }
    const auto bytes = LoadBigEndian<std::uint16_t>(length);
    if (bytes == 0 || bytes > kMaxCloudCaBytes) {
      return std::nullopt;
    }
    ca_bytes += kCaLengthBytes + bytes;
  }
  const ports::FlashGeometry& geometry = flash_.geometry();
  if (StoreBytes(store.header, ca_bytes, geometry.program_unit_bytes) > geometry.erase_unit_bytes) {
    return std::nullopt;
  }
  return BytesBeforeCas(store.header) + ca_bytes;
}

Result<bool> StoreUnits::DigestMatches(std::uint32_t start, std::uint32_t size) {
  RunningHash hash(crypto_);
  STRATA_TRY(hash.Start());
  std::array<std::uint8_t, kReadBlockBytes> block{};
  for (std::uint32_t done = 0; done < size;) {
    const MutableByteSpan piece =
        MutableByteSpan(block).first(std::min<std::size_t>(block.size(), size - done));
    if (!flash_.Read(start + done, piece)) {
      return false;
    }
    STRATA_TRY(hash.Update(piece));
    done += static_cast<std::uint32_t>(piece.size());
  }
  SecureZero(block);
  STRATA_TRY_ASSIGN(const Digest digest, hash.Finish());
  Digest tag;
  return flash_.Read(start + size, tag.bytes).ok() && tag == digest;
}

Result<std::optional<FoundStore>> StoreUnits::Examine(unsigned unit) {
  std::array<std::uint8_t, kKeyStoreHeaderBytes> head{};
  FoundStore found;
  found.start = StartOf(unit);
  found.unit = unit;
  if (!flash_.Read(found.start, head)) {
    return std::optional<FoundStore>();
  }
  const auto header = Decode(head);
  if (!header) {
    return std::optional<FoundStore>();
  }
  found.header = *header;
  const auto size = SizeOf(found);
  if (!size) {
    return std::optional<FoundStore>();
  }
  STRATA_TRY_ASSIGN(const bool whole, DigestMatches(found.start, *size));
  if (!whole) {
    return std::optional<FoundStore>();
  }
  std::array<std::uint8_t, kKeyStoreMark.size()> mark{};
  const std::uint32_t mark_at =
      found.start + Padded(*size + Digest::kBytes, flash_.geometry().program_unit_bytes);
  found.marked = flash_.Read(mark_at, mark).ok() && mark == kKeyStoreMark;
  return std::optional(found);
}

Result<std::optional<FoundStore>> StoreUnits::Locate() {
  STRATA_TRY_ASSIGN(const std::optional<FoundStore> first, Examine(0));
  STRATA_TRY_ASSIGN(const std::optional<FoundStore> second, Examine(1));
  if (!first || !second) {
    return first ? first : second;
  }
  const bool second_newer = second->header.generation > first->header.generation;
  const auto& newer = second_newer ? second : first;
  const auto& older = second_newer ? first : second;
  return newer->marked ? newer : older;
}

bool StoreUnits::IsErased(unsigned unit) {
  std::array<std::uint8_t, kReadBlockBytes> block{};
  const ports::FlashGeometry& geometry = flash_.geometry();
  for (std::uint32_t at = 0; at < geometry.erase_unit_bytes; at += kReadBlockBytes) {
    if (!flash_.Read(StartOf(unit) + at, block) ||
        std::any_of(block.begin(), block.end(), [&geometry](std::uint8_t byte) {
          return byte != geometry.erased_value;
        })) {
      SecureZero(block);
      return false;
    }
  }
  return true;
}

Status StoreUnits::EraseOther(const FoundStore& store) {
  const unsigned other = 1 - store.unit;
  if (IsErased(other)) {
    return {};
  }
  STRATA_TRY_ASSIGN(const std::optional<FoundStore> again, Examine(store.unit));
  if (!again || again->header.generation != store.header.generation) {
    return Fail(Code::kFlashIo, Op::kKeyStore);
  }
  return Erase(other);
}

Status StoreUnits::Erase(unsigned unit) {
  STRATA_TRY(flash_.Erase(StartOf(unit), flash_.geometry().erase_unit_bytes));
  return flash_.Sync();
}

StoreWriter::StoreWriter(ports::Flash& flash, ports::Crypto& crypto, std::uint32_t at)
    : flash_(flash), hash_(crypto), at_(at) {}

StoreWriter::~StoreWriter() {
  SecureZero(block_);
}

Status StoreWriter::Start(const StoreHeader& header) {
  STRATA_TRY(hash_.Start());
  return Put(Encode(header));
}

Status StoreWriter::Put(ByteSpan bytes) {
  STRATA_TRY(hash_.Update(bytes));
  return Emit(bytes);
}

Status StoreWriter::Copy(std::uint32_t from, std::uint32_t size) {
  Secret<64> piece;
  while (size > 0) {
    const auto bytes =
        MutableByteSpan(piece.bytes()).first(std::min<std::size_t>(size, piece.bytes().size()));
    STRATA_TRY(flash_.Read(from, bytes));
    STRATA_TRY(Put(bytes));
    from += static_cast<std::uint32_t>(bytes.size());
    size -= static_cast<std::uint32_t>(bytes.size());
  }
  return {};
}

Status StoreWriter::Finish() {
  STRATA_TRY_ASSIGN(const Digest tag, hash_.Finish());
  STRATA_TRY(Emit(tag.bytes));
  STRATA_TRY(Flush());
  STRATA_TRY(flash_.Sync());
  STRATA_TRY(Emit(kKeyStoreMark));
  STRATA_TRY(Flush());
  return flash_.Sync();
}

Status StoreWriter::Emit(ByteSpan bytes) {
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

Status StoreWriter::Flush() {
  const std::size_t padded = *RoundUp<std::size_t>(used_, flash_.geometry().program_unit_bytes);
  std::fill(block_.begin() + static_cast<std::ptrdiff_t>(used_),
            block_.begin() + static_cast<std::ptrdiff_t>(padded),
            flash_.geometry().erased_value);
  if (padded > 0) {
    STRATA_TRY(flash_.Program(at_, ByteSpan(block_).first(padded)));
  }
  at_ += static_cast<std::uint32_t>(padded);
  used_ = 0;
  return {};
}

}  // namespace strata::engine
