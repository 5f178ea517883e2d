// SPDX-License-Identifier: Apache-2.0
/// MasterKeys: the Sealer of a real cloud, AES-256-GCM under the newest of one or two master keys.
/// Role: keys in memory and their text form; the file is the program's. Security: the text form
/// and what Open() gives are secret; keys are wiped with the object. Reference:
/// docs/spec/storage.md "Secrets at rest".
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "strata/cloud/domain/sealer.hpp"
#include "strata/core/result.hpp"

namespace strata::cloud::pki {

class MasterKeys final : public Sealer {
 public:
  /// One new key. * kEntropyFailed.
  static Result<std::unique_ptr<MasterKeys>> Generate();
  /// What Text() gave. * kMalformed: nothing else is taken, and not two equal keys.
  static Result<std::unique_ptr<MasterKeys>> Parse(std::string_view text);
  ~MasterKeys() override;

  /// A new key, and behind it the newest of this object. * kEntropyFailed.
  [[nodiscard]] Result<std::unique_ptr<MasterKeys>> Rotated() const;
  /// The newest key alone.
  [[nodiscard]] std::unique_ptr<MasterKeys> NewestOnly() const;
  /// The file's text; secret.
  [[nodiscard]] std::string Text() const;
  /// Newest first, 1 or 2.
  [[nodiscard]] std::vector<std::string> ids() const;

  Result<SealedValue> Seal(ByteSpan context, ByteSpan plain) override;
  Result<std::vector<std::uint8_t>> Open(ByteSpan context, ByteSpan sealed) override;
  [[nodiscard]] std::string newest_key_id() const override;

 private:
  struct Key;
  MasterKeys();

  std::vector<std::unique_ptr<Key>> keys_;
};

}  // namespace strata::cloud::pki
