// SPDX-License-Identifier: Apache-2.0
#include "strata/cloud/backup/sealed_stream.hpp"

#include <algorithm>

#include <openssl/evp.h>
#include <openssl/rand.h>

namespace strata::cloud::backup {
namespace {

constexpr std::string_view kMagic = "STRATA-BACKUP-1\n";
constexpr std::string_view kOpenKeyPrefix("strata-backup-v1\0", 17);
constexpr std::uint8_t kOpen = 0;
constexpr std::uint8_t kPassphrase = 1;
constexpr std::size_t kSaltBytes = 16;
constexpr std::size_t kTagBytes = 16;
constexpr std::uint32_t kLastFlag = 0x80000000U;
// RFC 7914: 32 MiB and about 0.1 s for each guess.
constexpr std::uint64_t kScryptN = 1U << 15U;
constexpr std::uint64_t kScryptR = 8;
constexpr std::uint64_t kScryptP = 1;
constexpr std::uint64_t kScryptMaxBytes = 64U << 20U;

static_assert(kMagic.size() + 1 + kSaltBytes == kHeaderBytes);

using CipherPtr = std::unique_ptr<EVP_CIPHER_CTX, decltype(&EVP_CIPHER_CTX_free)>;

ByteSpan SaltOf(const std::array<std::uint8_t, kHeaderBytes>& header) {
  return ByteSpan(header).last(kSaltBytes);
}

Status DeriveKey(const std::array<std::uint8_t, kHeaderBytes>& header,
                 std::string_view passphrase,
                 Secret<32>& key) {
  const ByteSpan salt = SaltOf(header);
  if (passphrase.empty()) {
    std::vector<std::uint8_t> input(kOpenKeyPrefix.begin(), kOpenKeyPrefix.end());
    input.insert(input.end(), salt.begin(), salt.end());
    const int hashed =
        EVP_Digest(input.data(), input.size(), key.bytes().data(), nullptr, EVP_sha256(), nullptr);
    return hashed == 1 ? Status{} : Fail(Code::kCryptoFailed);
  }
  const int derived = EVP_PBE_scrypt(passphrase.data(),
                                     passphrase.size(),
                                     salt.data(),
                                     salt.size(),
                                     kScryptN,
                                     kScryptR,
                                     kScryptP,
                                     kScryptMaxBytes,
                                     key.bytes().data(),
                                     key.bytes().size());
  return derived == 1 ? Status{} : Fail(Code::kCryptoFailed);
}

std::array<std::uint8_t, 12> NonceOf(std::uint64_t index) {
  std::array<std::uint8_t, 12> nonce{};
  for (std::size_t i = 0; i < 8; ++i) {
    nonce.at(11 - i) = static_cast<std::uint8_t>(index >> (8 * i));
  }
  return nonce;
}

std::array<std::uint8_t, 4> LengthBytes(std::uint32_t length) {
  return {static_cast<std::uint8_t>(length >> 24U),
          static_cast<std::uint8_t>(length >> 16U),
          static_cast<std::uint8_t>(length >> 8U),
          static_cast<std::uint8_t>(length)};
}

/// Ready for the chunk's text, its additional data taken in; nullptr: it failed.
CipherPtr BeginChunk(bool seal,
                     const Secret<32>& key,
                     std::uint64_t index,
                     const std::array<std::uint8_t, kHeaderBytes>& header,
                     ByteSpan length) {
  CipherPtr context(EVP_CIPHER_CTX_new(), &EVP_CIPHER_CTX_free);
  const auto nonce = NonceOf(index);
  int ignored = 0;
  const bool ready =
      context != nullptr &&
      EVP_CipherInit_ex(context.get(),
                        EVP_aes_256_gcm(),
                        nullptr,
                        key.bytes().data(),
                        nonce.data(),
                        seal ? 1 : 0) == 1 &&
      EVP_CipherUpdate(
          context.get(), nullptr, &ignored, header.data(), static_cast<int>(header.size())) == 1 &&
      EVP_CipherUpdate(
          context.get(), nullptr, &ignored, length.data(), static_cast<int>(length.size())) == 1;
  return ready ? std::move(context) : CipherPtr(nullptr, &EVP_CIPHER_CTX_free);
}

}  // namespace

Result<std::unique_ptr<SealedWriter>> SealedWriter::Begin(Sink& sink, std::string_view passphrase) {
  std::unique_ptr<SealedWriter> writer(new SealedWriter(sink));
  std::copy(kMagic.begin(), kMagic.end(), writer->header_.begin());
  writer->header_.at(kMagic.size()) = passphrase.empty() ? kOpen : kPassphrase;
  if (RAND_bytes(writer->header_.data() + kMagic.size() + 1, kSaltBytes) != 1) {
    return Fail(Code::kEntropyFailed);
  }
  STRATA_TRY(DeriveKey(writer->header_, passphrase, writer->key_));
  STRATA_TRY(sink.Write(writer->header_));
  return writer;
}

Status SealedWriter::Write(ByteSpan bytes) {
  while (!bytes.empty()) {
    if (pending_.size() == kChunkBytes) {
      STRATA_TRY(Seal(false));
    }
    const std::size_t taken = std::min(bytes.size(), kChunkBytes - pending_.size());
    pending_.insert(
        pending_.end(), bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(taken));
    bytes = bytes.subspan(taken);
  }
  return {};
}

Status SealedWriter::End() {
  return Seal(true);
}

Status SealedWriter::Seal(bool last) {
  const auto length =
      LengthBytes(static_cast<std::uint32_t>(pending_.size()) | (last ? kLastFlag : 0));
  const CipherPtr context = BeginChunk(true, key_, index_++, header_, length);
  std::vector<std::uint8_t> sealed(pending_.size());
  std::array<std::uint8_t, kTagBytes> tag{};
  int written = 0;
  const bool ok =
      context != nullptr &&
      EVP_CipherUpdate(context.get(),
                       sealed.data(),
                       &written,
                       pending_.data(),
                       static_cast<int>(pending_.size())) == 1 &&
      EVP_CipherFinal_ex(context.get(), tag.data(), &written) == 1 &&
      EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_GCM_GET_TAG, kTagBytes, tag.data()) == 1;
  SecureZero(pending_);
  pending_.clear();
  if (!ok) {
    return Fail(Code::kCryptoFailed);
  }
  STRATA_TRY(sink_.Write(length));
  STRATA_TRY(sink_.Write(sealed));
  return sink_.Write(tag);
}

Result<std::unique_ptr<SealedReader>> SealedReader::Begin(Source& source,
                                                          std::string_view passphrase) {
  std::unique_ptr<SealedReader> reader(new SealedReader(source));
  STRATA_TRY(reader->Fill(reader->header_));
  const std::string_view magic = AsText(reader->header_).substr(0, kMagic.size());
  if (magic != kMagic) {
    const bool later = magic.starts_with(kMagic.substr(0, kMagic.size() - 2));
    return Fail(later ? Code::kUnsupported : Code::kMalformed);
  }
  const std::uint8_t protection = reader->header_.at(kMagic.size());
  if (protection > kPassphrase) {
    return Fail(Code::kUnsupported);
  }
  if ((protection == kPassphrase) == passphrase.empty()) {
    return Fail(Code::kKeyInvalid);
  }
  STRATA_TRY(DeriveKey(reader->header_, passphrase, reader->key_));
  return reader;
}

Status SealedReader::Fill(MutableByteSpan out) {
  STRATA_TRY_ASSIGN(const std::size_t got, source_.Read(out));
  return got == out.size() ? Status{} : Fail(Code::kMalformed);
}

Status SealedReader::Open() {
  std::array<std::uint8_t, 4> length{};
  STRATA_TRY(Fill(length));
  const std::uint32_t word = std::uint32_t{length[0]} << 24U | std::uint32_t{length[1]} << 16U |
                             std::uint32_t{length[2]} << 8U | length[3];
  const std::uint32_t size = word & ~kLastFlag;
  if (size > kChunkBytes) {
    return Fail(Code::kMalformed);
  }
  std::vector<std::uint8_t> sealed(size);
  std::array<std::uint8_t, kTagBytes> tag{};
  STRATA_TRY(Fill(sealed));
  STRATA_TRY(Fill(tag));
  const CipherPtr context = BeginChunk(false, key_, index_++, header_, length);
  chunk_.assign(size, 0);
  used_ = 0;
  int written = 0;
  std::array<std::uint8_t, kTagBytes> rest{};
  const bool ok =
      context != nullptr &&
      EVP_CipherUpdate(
          context.get(), chunk_.data(), &written, sealed.data(), static_cast<int>(size)) == 1 &&
      EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_GCM_SET_TAG, kTagBytes, tag.data()) == 1 &&
      EVP_CipherFinal_ex(context.get(), rest.data(), &written) == 1;
  if (!ok) {
    SecureZero(chunk_);
    chunk_.clear();
    return Fail(Code::kCryptoFailed);
  }
  last_ = (word & kLastFlag) != 0;
  return {};
}

Status SealedReader::Read(MutableByteSpan out) {
  while (!out.empty()) {
    if (used_ == chunk_.size()) {
      if (last_) {
        return Fail(Code::kMalformed);
      }
      STRATA_TRY(Open());
      continue;
    }
    const std::size_t taken = std::min(out.size(), chunk_.size() - used_);
    std::copy_n(chunk_.begin() + static_cast<std::ptrdiff_t>(used_), taken, out.begin());
    used_ += taken;
    out = out.subspan(taken);
  }
  return {};
}

Status SealedReader::ExpectEnd() {
  while (!last_ && used_ == chunk_.size()) {
    STRATA_TRY(Open());
  }
  std::array<std::uint8_t, 1> more{};
  STRATA_TRY_ASSIGN(const std::size_t got, source_.Read(more));
  return last_ && used_ == chunk_.size() && got == 0 ? Status{} : Fail(Code::kMalformed);
}

}  // namespace strata::cloud::backup
