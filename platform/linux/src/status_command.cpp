// SPDX-License-Identifier: Apache-2.0
#include <chrono>
#include <iostream>
#include <thread>

#include "strata/core/error_text.hpp"
#include "strata/engine/flash_key_store.hpp"
#include "strata/platform/linux/device_directory.hpp"
#include "strata/platform/linux/log.hpp"
#include "strata/platform/psa/psa_crypto.hpp"

#include "commands.hpp"
#include "status_text.hpp"

namespace strata::device {
namespace {

// A device that runs may be writing its journal while it is read here.
constexpr int kTries = 5;
constexpr std::chrono::milliseconds kPause{40};

Expected<engine::Snapshot> ReadStatus(const DeviceDirectory& directory) {
  if (!directory.IsFormatted()) {
    return engine::Snapshot{};
  }
  auto secure = directory.OpenSecureFlash(FileFlash::Access::kReadOnly);
  if (!secure.ok()) {
    return secure.failure();
  }
  platform::PsaCrypto crypto;
  Error error;
  for (int i = 0; i < kTries; ++i) {
    auto snapshot = engine::ReadSnapshot(**secure, crypto);
    const auto position = engine::FlashKeyStore(**secure, crypto).Position();
    if (snapshot.ok() && position.ok()) {
      snapshot->keys_sequence = position->sequence;
      return *snapshot;
    }
    error = snapshot.ok() ? position.error() : snapshot.error();
    std::this_thread::sleep_for(kPause);
  }
  return Failure{error, "the device's journal or key store can't be read: " + Describe(error)};
}

}  // namespace

int Complain(Code code, std::string_view message, int exit_code) {
  std::cerr << "strata-device: error " << static_cast<unsigned>(code) << ' ' << TextOf(code).name
            << ": " << message << '\n';
  return exit_code;
}

int Complain(const Failure& failure) {
  return Complain(failure.error.code, failure.message);
}

int ShowStatus(const StatusOptions& options) {
  const auto directory = DeviceDirectory::Open(options.directory);
  if (!directory.ok()) {
    return Complain(directory.failure());
  }
  if (const Status ready = platform::PsaCrypto::Init(); !ready.ok()) {
    return Complain({ready.error(), Describe(ready.error())});
  }
  const auto snapshot = ReadStatus(*directory);
  if (!snapshot.ok()) {
    return Complain(snapshot.failure());
  }
  std::cout << (options.json ? StatusJson(directory->sid(), *snapshot)
                             : StatusForPeople(directory->sid(), *snapshot));
  std::cout.flush();
  return std::cout.good() ? 0 : Complain(Code::kIo, "can't write to standard output");
}

}  // namespace strata::device
