// SPDX-License-Identifier: Apache-2.0
/// TestWorld: a Service over a real SQLite file and real blobs in a temporary directory, with two
/// accounts, and what tests need to make bundles, devices and receipts. Keys are made at run time.
#pragma once

#include <atomic>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "strata/cloud/blobs/file_blobs.hpp"
#include "strata/cloud/domain/fake_clock.hpp"
#include "strata/cloud/domain/fake_random.hpp"
#include "strata/cloud/domain/service.hpp"
#include "strata/cloud/domain/signals.hpp"
#include "strata/cloud/domain/store.hpp"
#include "strata/cloud/pki/master_keys.hpp"
#include "strata/cloud/store/sqlite_store.hpp"
#include "strata/format/bundle/create.hpp"
#include "strata/format/bundle/keys.hpp"
#include "strata/format/wire/wire.hpp"

namespace strata::cloud {

inline constexpr SettingKind kConfig = SettingKind::kConfig;
inline constexpr SettingKind kSecret = SettingKind::kSecret;

class MockSignals final : public Signals {
 public:
  void DesiredStateChanged(const DeviceSid& device) override {
    const std::lock_guard lock(mutex_);
    woken_.push_back(device);
  }

  void KeysChanged(const AccountSid& account) override {
    const std::lock_guard lock(mutex_);
    keys_.push_back(account);
  }

  void LogsArrived(const DeviceSid& device) override {
    const std::lock_guard lock(mutex_);
    logs_.push_back(device);
  }

  void EventsArrived(const AccountSid& account) override {
    const std::lock_guard lock(mutex_);
    events_.push_back(account);
  }

  std::vector<AccountSid> TakeEvents() {
    const std::lock_guard lock(mutex_);
    return std::exchange(events_, {});
  }

  void AccessChanged(const AccountSid& account) override {
    const std::lock_guard lock(mutex_);
    access_.push_back(account);
  }

  std::vector<DeviceSid> TakeLogs() {
    const std::lock_guard lock(mutex_);
    return std::exchange(logs_, {});
  }

  std::vector<AccountSid> TakeAccess() {
    const std::lock_guard lock(mutex_);
    return std::exchange(access_, {});
  }

  std::vector<DeviceSid> Take() {
    const std::lock_guard lock(mutex_);
    return std::exchange(woken_, {});
  }

  std::vector<AccountSid> TakeKeys() {
    const std::lock_guard lock(mutex_);
    return std::exchange(keys_, {});
  }

 private:
  std::mutex mutex_;
  std::vector<DeviceSid> woken_;
  std::vector<AccountSid> keys_;
  std::vector<DeviceSid> logs_;
  std::vector<AccountSid> events_;
  std::vector<AccountSid> access_;
};

/// The real blobs with a disk of chosen size, and a switch that makes every call fail.
class TestBlobs final : public Blobs {
 public:
  explicit TestBlobs(std::unique_ptr<Blobs> real) : real_(std::move(real)) {}

  Result<std::unique_ptr<Writer>> Create() override {
    if (--calls_until_failure == 0) {
      return Fail(Code::kIo);
    }
    return real_->Create();
  }

  Result<std::optional<Info>> Find(const Digest& digest) override {
    if (--calls_until_failure == 0) {
      return Fail(Code::kIo);
    }
    return real_->Find(digest);
  }

  Status Remove(const Digest& digest) override { return real_->Remove(digest); }

  Result<std::vector<Digest>> List(std::uint8_t first) override {
    if (--calls_until_failure == 0) {
      return Fail(Code::kIo);
    }
    return real_->List(first);
  }

  Result<std::int64_t> WrittenAt(const Digest& digest) override { return real_->WrittenAt(digest); }

  Status Touch(const Digest& digest) override { return real_->Touch(digest); }

  Result<Condition> Check(const Digest& digest) override {
    if (--calls_until_failure == 0) {
      return Fail(Code::kIo);
    }
    return real_->Check(digest);
  }

  Status Quarantine(const Digest& digest) override { return real_->Quarantine(digest); }

  Result<std::vector<Digest>> Quarantined() override { return real_->Quarantined(); }

  Result<Space> FreeSpace() override { return space; }

  Status Probe() override { return healthy ? real_->Probe() : Fail(Code::kIo); }

  Space space{.free_bytes = 50, .total_bytes = 100};
  std::atomic<int> calls_until_failure{0};
  bool healthy = true;

 private:
  std::unique_ptr<Blobs> real_;
};

/// The real store, of which one transaction can be told to fail, before or at its end.
class TestStore final : public Store {
 public:
  explicit TestStore(std::unique_ptr<Store> real) : real_(std::move(real)) {}

  Status Read(const ReadBody& body) override {
    if (damaged) {
      return Fail(Code::kMalformed);
    }
    return --calls_until_failure == 0 ? Status(failure) : real_->Read(body);
  }

  Status Write(const WriteBody& body) override {
    if (const auto before = before_write) {
      before();
    }
    ++writes;
    if (--calls_until_failure != 0) {
      return real_->Write(body);
    }
    return real_->Write([&](StoreTransaction& transaction) -> Status {
      STRATA_TRY(body(transaction));
      return failure;
    });
  }

  Status Probe() override {
    ++probes;
    if (damaged) {
      return Fail(Code::kMalformed);
    }
    return healthy ? real_->Probe() : Fail(Code::kIo);
  }

  Status CheckPart(const std::function<bool()>& go_on) override {
    return damaged ? Fail(Code::kMalformed) : real_->CheckPart(go_on);
  }

  bool damaged = false;
  std::atomic<int> calls_until_failure{0};
  std::atomic<int> writes{0};
  std::atomic<int> probes{0};
  std::function<void()> before_write;  ///< called on the way into each Write()
  Error failure = Fail(Code::kIo);
  bool healthy = true;

 private:
  std::unique_ptr<Store> real_;
};

struct BundleOptions {
  const bundle::PrivateKey* signing_key = nullptr;
  bool encrypted = false;
  std::string app_version = "1.0";
  std::uint8_t fill = 0x11;
  std::string_view hardware = "stm32u585";
  std::uint32_t layer_bytes = 8192;
  std::size_t image_bytes = 20'000;
};

class TestWorld {
 public:
  TestWorld();
  ~TestWorld();
  TestWorld(const TestWorld&) = delete;
  TestWorld& operator=(const TestWorld&) = delete;

  [[nodiscard]] static bundle::CreatedBundle MakeBundle(const BundleOptions& options);

  /// A bundle signed with the world's registered key.
  [[nodiscard]] bundle::CreatedBundle SignedBundle(std::uint8_t fill = 0x11) const;

  /// Writes `zip` into a new file and uploads it.
  ApiResult<CreatedApp> UploadZip(const Account& account,
                                  ByteSpan zip,
                                  std::optional<std::string> unique_name = std::nullopt,
                                  std::optional<std::string> idempotency_key = std::nullopt);
  App MakeApp(std::uint8_t fill = 0x11, std::optional<std::string> unique_name = std::nullopt);

  struct TestDevice {
    Device resource;
    DeviceIdentity identity;
    bundle::PrivateKey key;
  };

  TestDevice MakeDevice(std::optional<std::string> unique_name = std::nullopt);
  Device Deploy(const TestDevice& device, const App& app);
  Device Fetch(const TestDevice& device);

  [[nodiscard]] std::size_t BlobCount() const;

  std::string dir;
  FakeClock clock;
  FakeRandom random;
  MockSignals signals;
  std::unique_ptr<TestStore> store;
  std::unique_ptr<TestBlobs> blobs;
  std::unique_ptr<pki::MasterKeys> sealer = std::move(pki::MasterKeys::Generate()).value();
  std::unique_ptr<Service> service;
  std::optional<Account> account;
  std::string token;
  std::optional<Account> stranger;  ///< another account
  bundle::PrivateKey signing_key;
  bundle::PrivateKey audit_key = std::move(bundle::PrivateKey::Generate()).value();

 private:
  std::atomic<int> next_upload_{0};
};

/// A zip with stored entries in the given order: for manifests and layers that no tool would make.
std::vector<std::uint8_t> WriteStoredZip(
    const std::vector<std::pair<std::string, std::vector<std::uint8_t>>>& entries);

/// A bundle of one layer in clear, changed by `edit` before it is signed with `key`.
std::vector<std::uint8_t> HandMadeBundle(
    const bundle::PrivateKey& key,
    const std::function<void(bundle::AppBody&)>& edit,
    const std::function<void(bundle::SealedManifest&)>& edit_signed = [](bundle::SealedManifest&) {
    });

/// What a device would say now about its current deployment.
wire::ReceiptBody ReceiptFor(const Device& device, std::uint64_t counter, wire::Verdict verdict);
std::vector<std::uint8_t> SignReceipt(const wire::ReceiptBody& body, const bundle::PrivateKey& key);
std::vector<std::uint8_t> EncodeReport(const wire::Report& report);

/// The refusal's status and code, e.g. (400, 20001); (200, 0) when there was none.
template <typename T>
std::pair<int, int> Refusal(const ApiResult<T>& result) {
  return result.ok() ? std::pair(200, 0) : std::pair(result.error().status, result.error().code);
}

}  // namespace strata::cloud
