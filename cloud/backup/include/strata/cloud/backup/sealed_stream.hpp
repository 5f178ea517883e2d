// SPDX-License-Identifier: Apache-2.0
/// SealedStream: bytes of any length as AES-256-GCM chunks, under a passphrase or under none. Role:
/// secrecy and wholeness; knows nothing of what the bytes are. Under a passphrase nobody without it
/// reads or changes a byte unnoticed, not even the order or the end; under none only accidents are
/// noticed. Context: single caller, blocks on its pipe. Security: what is read is an attacker's
/// until Read() gave it. Reference: docs/spec/backup.md.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "strata/core/bytes.hpp"
#include "strata/core/result.hpp"
#include "strata/core/secure.hpp"

namespace strata::cloud::backup {

inline constexpr std::size_t kChunkBytes = 1U << 20U;
inline constexpr std::size_t kHeaderBytes = 16 + 1 + 16;

/// Where sealed bytes go.
class Sink {
 public:
  virtual ~Sink() = default;
  Sink() = default;
  Sink(const Sink&) = delete;
  Sink& operator=(const Sink&) = delete;
  /// All of it. * kIo.
  virtual Status Write(ByteSpan bytes) = 0;
};

/// Where sealed bytes come from.
class Source {
 public:
  virtual ~Source() = default;
  Source() = default;
  Source(const Source&) = delete;
  Source& operator=(const Source&) = delete;
  /// Fills `out`, less only at the end; 0: the end. * kIo.
  virtual Result<std::size_t> Read(MutableByteSpan out) = 0;
};

class SealedWriter {
 public:
  /// Writes the header. `sink` outlives it. An empty passphrase: none. * kEntropyFailed.
  /// * kCryptoFailed. * kIo.
  static Result<std::unique_ptr<SealedWriter>> Begin(Sink& sink, std::string_view passphrase);

  /// * kIo. * kCryptoFailed.
  Status Write(ByteSpan bytes);
  /// The last chunk; nothing is written behind it. Without it the stream is not whole.
  Status End();

 private:
  explicit SealedWriter(Sink& sink) : sink_(sink) {}

  Status Seal(bool last);

  Sink& sink_;
  std::array<std::uint8_t, kHeaderBytes> header_{};
  Secret<32> key_;
  std::uint64_t index_ = 0;
  std::vector<std::uint8_t> pending_;
};

class SealedReader {
 public:
  /// Reads the header. `source` outlives it. * kMalformed: no such stream. * kUnsupported: of a
  /// later version. * kKeyInvalid: it wants a passphrase and none is given, or the other way round.
  static Result<std::unique_ptr<SealedReader>> Begin(Source& source, std::string_view passphrase);

  /// Fills `out`. * kMalformed: the stream ends before, is cut, or goes on behind its end.
  /// * kCryptoFailed: wrong passphrase, or something was changed. * kIo.
  Status Read(MutableByteSpan out);
  /// Nothing is left. * as Read().
  Status ExpectEnd();

 private:
  explicit SealedReader(Source& source) : source_(source) {}

  /// The next chunk into chunk_.
  Status Open();
  Status Fill(MutableByteSpan out);

  Source& source_;
  std::array<std::uint8_t, kHeaderBytes> header_{};
  Secret<32> key_;
  std::uint64_t index_ = 0;
  bool last_ = false;
  std::vector<std::uint8_t> chunk_;
  std::size_t used_ = 0;
};

}  // namespace strata::cloud::backup
