// SPDX-License-Identifier: Apache-2.0
/// Archive: the files of a cloud's data directory as records in a sealed stream. Role: names, sizes
/// and contents, in order; opens no file itself. Security: names read are an attacker's; only such
/// as a data directory has are given out. Reference: docs/spec/backup.md.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "strata/cloud/backup/sealed_stream.hpp"
#include "strata/core/digest.hpp"

namespace strata::cloud::backup {

struct ArchivedFile {
  std::string path;  ///< below the data directory: "strata.db", "pki/server.key", "blobs/ab/cd…"
  std::uint64_t size_bytes = 0;
};

/// Whether `path` is of the form that archives hold: no way out of the directory, nothing hidden.
bool IsArchivePath(std::string_view path);

/// The digest that a layer's path stands for; nullopt: it is no layer's.
std::optional<Digest> LayerOf(std::string_view path);

class ArchiveWriter {
 public:
  /// * as SealedWriter::Begin.
  static Result<std::unique_ptr<ArchiveWriter>> Begin(Sink& sink, std::string_view passphrase);

  /// Takes `file.size_bytes` from `source`. * kInvalidArgument: the path has not the form.
  /// * kMalformed: `source` holds fewer. * kIo. * kCryptoFailed.
  Status Add(const ArchivedFile& file, Source& source);
  Status End();

 private:
  ArchiveWriter() = default;
  std::unique_ptr<SealedWriter> stream_;
  std::uint64_t files_ = 0;
};

class ArchiveReader {
 public:
  using Take = std::function<Status(ByteSpan piece)>;

  /// * as SealedReader::Begin.
  static Result<std::unique_ptr<ArchiveReader>> Begin(Source& source, std::string_view passphrase);

  /// The next file; nullopt: that was all, and the archive is whole. All of the file before must
  /// have been read. * kMalformed. * as SealedReader::Read.
  Result<std::optional<ArchivedFile>> Next();
  /// Hands the file's bytes over, piece by piece. * what `take` fails with. * as
  /// SealedReader::Read.
  Status Read(const ArchivedFile& file, const Take& take);

 private:
  ArchiveReader() = default;
  std::unique_ptr<SealedReader> stream_;
  std::uint64_t files_ = 0;
};

/// SHA-256 of what passes.
class Hasher {
 public:
  Hasher();
  ~Hasher();
  Hasher(const Hasher&) = delete;
  Hasher& operator=(const Hasher&) = delete;
  void Take(ByteSpan piece);
  Digest Finish();

 private:
  struct Context;
  std::unique_ptr<Context> context_;
};

}  // namespace strata::cloud::backup
