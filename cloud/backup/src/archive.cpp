// SPDX-License-Identifier: Apache-2.0
#include "strata/cloud/backup/archive.hpp"

#include <algorithm>
#include <vector>

#include <openssl/evp.h>

#include "strata/core/hex.hpp"

namespace strata::cloud::backup {
namespace {

constexpr std::uint8_t kEnd = 0;
constexpr std::uint8_t kFile = 1;
constexpr std::size_t kMaxPathChars = 255;
constexpr std::size_t kPieceBytes = 256U * 1024;
constexpr std::string_view kBlobs = "blobs/";

template <std::size_t kSize>
std::array<std::uint8_t, kSize> Bytes(std::uint64_t number) {
  std::array<std::uint8_t, kSize> out{};
  for (std::size_t i = 0; i < kSize; ++i) {
    out.at(kSize - 1 - i) = static_cast<std::uint8_t>(number >> (8 * i));
  }
  return out;
}

std::uint64_t NumberOf(ByteSpan bytes) {
  std::uint64_t number = 0;
  for (const std::uint8_t byte : bytes) {
    number = number << 8U | byte;
  }
  return number;
}

bool IsName(std::string_view name) {
  const auto plain = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
           c == '-' || c == '_';
  };
  return !name.empty() && name.front() != '.' && std::all_of(name.begin(), name.end(), plain);
}

}  // namespace

std::optional<Digest> LayerOf(std::string_view path) {
  constexpr std::size_t kChars = kBlobs.size() + 2 + 1 + 62;
  if (path.size() != kChars || !path.starts_with(kBlobs) || path[kBlobs.size() + 2] != '/') {
    return std::nullopt;
  }
  const std::string hex =
      std::string(path.substr(kBlobs.size(), 2)) + std::string(path.substr(kBlobs.size() + 3));
  return Digest::FromHexText(hex);
}

bool IsArchivePath(std::string_view path) {
  if (path.size() > kMaxPathChars) {
    return false;
  }
  if (path.starts_with(kBlobs)) {
    return LayerOf(path).has_value();
  }
  constexpr std::string_view kPki = "pki/";
  return IsName(path.starts_with(kPki) ? path.substr(kPki.size()) : path);
}

Result<std::unique_ptr<ArchiveWriter>> ArchiveWriter::Begin(Sink& sink,
                                                            std::string_view passphrase) {
  std::unique_ptr<ArchiveWriter> writer(new ArchiveWriter);
  STRATA_TRY_ASSIGN(writer->stream_, SealedWriter::Begin(sink, passphrase));
  return writer;
}

Status ArchiveWriter::Add(const ArchivedFile& file, Source& source) {
  if (!IsArchivePath(file.path)) {
    return Fail(Code::kInvalidArgument);
  }
  const std::array<std::uint8_t, 2> head = {kFile, static_cast<std::uint8_t>(file.path.size())};
  STRATA_TRY(stream_->Write(head));
  STRATA_TRY(stream_->Write(AsBytes(file.path)));
  STRATA_TRY(stream_->Write(Bytes<8>(file.size_bytes)));
  std::vector<std::uint8_t> piece(
      static_cast<std::size_t>(std::min<std::uint64_t>(kPieceBytes, file.size_bytes)));
  for (std::uint64_t left = file.size_bytes; left > 0;) {
    const auto wanted = MutableByteSpan(piece).first(
        static_cast<std::size_t>(std::min<std::uint64_t>(left, piece.size())));
    STRATA_TRY_ASSIGN(const std::size_t got, source.Read(wanted));
    if (got != wanted.size()) {
      return Fail(Code::kMalformed);
    }
    STRATA_TRY(stream_->Write(wanted));
    left -= got;
  }
  ++files_;
  return {};
}

Status ArchiveWriter::End() {
  const std::array<std::uint8_t, 1> end = {kEnd};
  STRATA_TRY(stream_->Write(end));
  STRATA_TRY(stream_->Write(Bytes<8>(files_)));
  return stream_->End();
}

Result<std::unique_ptr<ArchiveReader>> ArchiveReader::Begin(Source& source,
                                                            std::string_view passphrase) {
  std::unique_ptr<ArchiveReader> reader(new ArchiveReader);
  STRATA_TRY_ASSIGN(reader->stream_, SealedReader::Begin(source, passphrase));
  return reader;
}

Result<std::optional<ArchivedFile>> ArchiveReader::Next() {
  std::array<std::uint8_t, 1> byte{};
  std::array<std::uint8_t, 8> number{};
  STRATA_TRY(stream_->Read(byte));
  if (byte[0] == kEnd) {
    STRATA_TRY(stream_->Read(number));
    STRATA_TRY(stream_->ExpectEnd());
    return NumberOf(number) == files_ ? Result<std::optional<ArchivedFile>>(std::nullopt)
                                      : Fail(Code::kMalformed);
  }
  if (byte[0] != kFile) {
    return Fail(Code::kMalformed);
  }
  STRATA_TRY(stream_->Read(byte));
  std::vector<std::uint8_t> path(byte[0]);
  STRATA_TRY(stream_->Read(path));
  STRATA_TRY(stream_->Read(number));
  ArchivedFile file{.path = std::string(AsText(path)), .size_bytes = NumberOf(number)};
  if (!IsArchivePath(file.path)) {
    return Fail(Code::kMalformed);
  }
  ++files_;
  return std::optional<ArchivedFile>(std::move(file));
}

Status ArchiveReader::Read(const ArchivedFile& file, const Take& take) {
  std::vector<std::uint8_t> piece(
      static_cast<std::size_t>(std::min<std::uint64_t>(kPieceBytes, file.size_bytes)));
  for (std::uint64_t left = file.size_bytes; left > 0;) {
    const auto wanted = MutableByteSpan(piece).first(
        static_cast<std::size_t>(std::min<std::uint64_t>(left, piece.size())));
    STRATA_TRY(stream_->Read(wanted));
    STRATA_TRY(take(wanted));
    left -= wanted.size();
  }
  SecureZero(piece);
  return {};
}

struct Hasher::Context {
  EVP_MD_CTX* md = EVP_MD_CTX_new();
};

Hasher::Hasher() : context_(std::make_unique<Context>()) {
  EVP_DigestInit_ex(context_->md, EVP_sha256(), nullptr);
}

Hasher::~Hasher() {
  EVP_MD_CTX_free(context_->md);
}

void Hasher::Take(ByteSpan piece) {
  EVP_DigestUpdate(context_->md, piece.data(), piece.size());
}

Digest Hasher::Finish() {
  Digest digest;
  EVP_DigestFinal_ex(context_->md, digest.bytes.data(), nullptr);
  return digest;
}

}  // namespace strata::cloud::backup
