// SPDX-License-Identifier: Apache-2.0
// Boots the engine over any journal: never a crash, never an app that was not measured (the
// simulated app panics). Input: a byte 0 and raw bytes of both erase units, or a byte 1 and records
// {type, length, payload} that are given right headers and tags, so that the fuzzer gets past them.
#include <algorithm>
#include <cstdint>
#include <cstdlib>

#include "strata/platform/psa/psa_crypto.hpp"
#include "strata/sim/scenario.hpp"
#include "strata/sim/sim_cloud.hpp"

#include "src/journal.hpp"

namespace {

using strata::ByteSpan;
using namespace strata;

constexpr int kSteps = 300;

class NoIdentity final : public ports::Identity {
 public:
  [[nodiscard]] const DeviceSid& sid() const override { return sid_; }

  Result<Signature> Sign(std::span<const ByteSpan>) override { return Signature{}; }

 private:
  DeviceSid sid_ = DeviceSid::FromBytes(std::array<std::uint8_t, 16>{});
};

class NoKeys final : public ports::RotatingKeyStore {
 public:
  Result<PublicKey> FindSigner(KeyId) override { return Fail(Code::kSignerUnknown); }

  Result<PublicKey> FindLayerKey(KeyId) override { return Fail(Code::kDecryptionKeyMissing); }

  Status LayerKeyAgreement(KeyId, const PublicKey&, std::span<std::uint8_t, 32>) override {
    return Fail(Code::kDecryptionKeyMissing);
  }

  Result<PublicKey> FindRotationKey(KeyId) override { return Fail(Code::kRotationKeyUnknown); }

  Result<bool> IsRetired(KeyId) override { return Fail(Code::kDecryptionKeyMissing); }

  Result<ChainPosition> Position() override { return ChainPosition{}; }

  Status Apply(const KeyChange&, const ports::NeededLayerKeys&) override {
    return Fail(Code::kKeyStoreCorrupt);
  }

  Status Tidy(const ports::NeededLayerKeys&) override { return {}; }

  Result<std::size_t> ReadCloudCa(std::uint32_t, MutableByteSpan) override {
    return std::size_t{0};
  }
};

class NoCloud final : public ports::Cloud {
 public:
  Result<std::size_t> TakeDesired(MutableByteSpan) override { return std::size_t{0}; }

  void SetConnected(bool) override {}

  void RefreshDesired() override {}

  Result<std::size_t> FetchManifest(const Digest&, MutableByteSpan) override {
    return Fail(Code::kNotFound);
  }

  Result<std::size_t> FetchNewKeys(std::uint32_t, MutableByteSpan) override {
    return Fail(Code::kNotFound);
  }

  Result<std::size_t> FetchLayer(const Digest&,
                                 std::uint32_t,
                                 std::uint32_t,
                                 MutableByteSpan) override {
    return Fail(Code::kNotFound);
  }

  Status SendReport(ByteSpan) override { return Fail(Code::kCloudUnreachable); }

  Status SendReceipt(ByteSpan) override { return Fail(Code::kCloudUnreachable); }
};

class NoWatcher final : public engine::Observer {
  void OnStateChange(engine::State, engine::State, const Error&) override {}
};

void WriteRaw(sim::SimFlash& flash, std::uint32_t start, ByteSpan bytes) {
  const std::size_t size =
      std::min<std::size_t>(bytes.size(), std::size_t{2} * flash.geometry().erase_unit_bytes);
  std::vector<std::uint8_t> padded(bytes.begin(),
                                   bytes.begin() + static_cast<std::ptrdiff_t>(size));
  const std::size_t unit = flash.geometry().program_unit_bytes;
  padded.resize((padded.size() + unit - 1) / unit * unit, 0xFF);
  static_cast<void>(flash.Program(start, padded).ok());
}

void WriteRecords(sim::SimFlash& flash,
                  ports::Crypto& crypto,
                  std::uint32_t start,
                  ByteSpan bytes) {
  std::array<std::uint8_t, engine::kMaxSnapshotRecordBytes> record{};
  std::uint32_t at = 0;
  for (std::uint16_t index = 0; bytes.size() >= 3; ++index) {
    const engine::RecordHeader header{static_cast<engine::RecordType>(bytes[0]), 1, index, 0};
    const std::size_t wanted = static_cast<std::size_t>(bytes[1]) * 256 + bytes[2];
    const ByteSpan payload = bytes.subspan(3, std::min(wanted, bytes.size() - 3));
    const auto size =
        engine::EncodeRecord(crypto, header, payload, flash.geometry().program_unit_bytes, record);
    if (!size.ok() || at + *size > flash.geometry().erase_unit_bytes) {
      return;
    }
    static_cast<void>(flash.Program(start + at, ByteSpan(record).first(*size)).ok());
    at += static_cast<std::uint32_t>(*size);
    bytes = bytes.subspan(3 + payload.size());
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const bool kReady = platform::PsaCrypto::Init().ok();
  if (!kReady || size == 0) {
    return 0;
  }
  const HardwareProfile& profile = *sim::FindSimProfile("stm32");
  sim::Power power;
  const ports::FlashGeometry on_die{4 * profile.internal_erase_unit_bytes,
                                    profile.internal_program_unit_bytes,
                                    profile.internal_erase_unit_bytes};
  sim::SimFlash secure("secure", on_die, power);
  sim::SimFlash internal("internal", {profile.internal_bytes, 16, 8192}, power);
  sim::SimFlash external("external", {profile.external_bytes, 16, 4096}, power);
  platform::PsaCrypto crypto;
  const std::uint32_t start = engine::SecureLayout::For(on_die).journal_start;
  if (data[0] % 2 == 0) {
    WriteRaw(secure, start, {data + 1, size - 1});
  } else {
    WriteRecords(secure, crypto, start, {data + 1, size - 1});
  }
  sim::SimClock clock;
  sim::SimEntropy entropy(1);
  sim::SimApp app(clock, []() -> sim::AppScript { std::abort(); });
  NoCloud cloud;
  NoKeys keys;
  NoIdentity identity;
  NoWatcher watcher;
  engine::Engine engine(profile,
                        {.internal = internal,
                         .external = external,
                         .secure = secure,
                         .crypto = crypto,
                         .entropy = entropy,
                         .clock = clock,
                         .app = app,
                         .cloud = cloud,
                         .keys = keys,
                         .identity = identity,
                         .observer = watcher});
  if (!engine.Boot().ok()) {
    return 0;
  }
  for (int i = 0; i < kSteps; ++i) {
    const engine::Activity activity = engine.Step();
    clock.Advance(activity.more_work ? 0 : std::max<std::uint32_t>(1, activity.wait_ms));
  }
  static_cast<void>(engine::ReadSnapshot(secure, crypto).ok());
  return 0;
}
