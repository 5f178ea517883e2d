// SPDX-License-Identifier: Apache-2.0
/// PartsCloud: the Cloud port over a folder that holds an app's manifest and layers as files named
/// by their SHA-256. Role: lets the engine install an app without a network. It knows no zip; who
/// fills the folder does (docs/spec/device-directory.md "Installing the first app"). Security: as
/// with every cloud the engine checks each byte; nothing here is believed.
#pragma once

#include <filesystem>

#include "strata/engine/ports/cloud.hpp"
#include "strata/format/wire/wire.hpp"

namespace strata::device {

class PartsCloud final : public ports::Cloud {
 public:
  PartsCloud(std::filesystem::path folder, const wire::DesiredState& desired)
      : folder_(std::move(folder)), desired_(desired) {}

  Result<std::size_t> TakeDesired(MutableByteSpan out) override;
  void SetConnected(bool connected) override;
  void RefreshDesired() override;
  Result<std::size_t> FetchManifest(const Digest& hash, MutableByteSpan out) override;
  /// * kNotFound: there are none.
  Result<std::size_t> FetchNewKeys(std::uint32_t sequence, MutableByteSpan out) override;
  Result<std::size_t> FetchLayer(const Digest& hash,
                                 std::uint32_t offset,
                                 std::uint32_t total_bytes,
                                 MutableByteSpan out) override;
  Status SendReport(ByteSpan report) override;
  /// * kCloudUnreachable: it waits for the true cloud.
  Status SendReceipt(ByteSpan receipt) override;

 private:
  [[nodiscard]] std::filesystem::path FileOf(const Digest& hash) const;

  std::filesystem::path folder_;
  wire::DesiredState desired_;
  bool told_ = false;
};

}  // namespace strata::device
