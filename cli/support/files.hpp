// SPDX-License-Identifier: Apache-2.0
/// Files for the CLI: whole-file reads with a limit, writes that are there completely or not at
/// all, secrets that are wiped. Role: bytes and modes; knows no formats. Durability: when a write
/// returns OK the file survives power loss; otherwise nothing of it is left.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <sys/types.h>

#include "strata/format/bundle/reader.hpp"

#include "support/outcome.hpp"

namespace strata::cli {

inline constexpr std::uint64_t kMaxImageFileBytes = 256ULL * 1024 * 1024;
inline constexpr std::uint64_t kMaxTextFileBytes = 64ULL * 1024;
inline constexpr mode_t kPrivateFile = 0600;
inline constexpr mode_t kPrivateDirectory = 0700;
inline constexpr mode_t kPublicFile = 0644;

/// Text that is wiped at the end: a private key's PEM, a token.
class SecretText {
 public:
  SecretText() = default;

  explicit SecretText(std::string text) : text_(std::move(text)) {}

  SecretText(SecretText&& other) noexcept : text_(std::move(other.text_)) { other.Wipe(); }

  SecretText& operator=(SecretText&& other) noexcept;
  SecretText(const SecretText&) = delete;
  SecretText& operator=(const SecretText&) = delete;

  ~SecretText() { Wipe(); }

  [[nodiscard]] std::string_view view() const { return text_; }

 private:
  void Wipe();
  std::string text_;
};

/// All bytes of a regular file. * kNotFound. * kPermission. * kIo: also for what is no regular
/// file.
/// * kTooLarge: more than `limit_bytes`.
Expected<std::vector<std::uint8_t>> ReadFile(const std::filesystem::path& file,
                                             std::uint64_t limit_bytes);

/// As ReadFile, for text of at most kMaxTextFileBytes.
Expected<std::string> ReadTextFile(const std::filesystem::path& file);

/// As ReadTextFile, wiped when it goes.
Expected<SecretText> ReadSecretFile(const std::filesystem::path& file);

enum class Overwrite { kRefuse, kReplace };

/// What of WriteFile's errors can be told before there are bytes to write.
Outcome CheckPlace(const std::filesystem::path& file, Overwrite overwrite);

/// Writes a temporary file beside `file`, syncs it and moves it into place; readers see the old
/// bytes or the new.
/// * kAlreadyExists: with kRefuse, also when another process was faster. * kInvalidArgument: `file`
/// is something else than a regular file. * kNotFound, kPermission, kIo. After a failure `file` is
/// as it was.
Outcome WriteFile(const std::filesystem::path& file,
                  std::string_view bytes,
                  mode_t mode,
                  Overwrite overwrite);

/// Makes `directory` and missing parents with mode 0700; tightens the mode of `directory` itself.
/// * kPermission, kIo.
Outcome MakePrivateDirectory(const std::filesystem::path& directory);

/// Random access to a regular file, for bundle::BundleReader. Errors as ReadFile, and
/// kBundleTooLarge.
Expected<std::unique_ptr<bundle::ByteSource>> OpenBundleFile(const std::filesystem::path& file);

/// The Problem for `error_number` (errno) at `file`.
Problem FileProblem(int error_number, const std::filesystem::path& file, std::string_view doing);

}  // namespace strata::cli
