// SPDX-License-Identifier: Apache-2.0
#include "strata/platform/linux/device_directory.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <string_view>
#include <vector>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>

#include "strata/core/secure.hpp"
#include "strata/engine/engine.hpp"
#include "strata/engine/flash_key_store.hpp"

#include "device_conf.hpp"
#include "files.hpp"
#include "fleet_conf.hpp"
#include "pem_keys.hpp"

namespace strata::device {
namespace {

// Renamed into place in this order; the last one marks the device as formatted.
constexpr std::array<std::string_view, 3> kFlashNames = {
    "internal.bin", "external.bin", "secure.bin"};

struct Geometries {
  ports::FlashGeometry internal;
  ports::FlashGeometry external;
  ports::FlashGeometry secure;
};

Geometries GeometriesOf(const HardwareProfile& profile) {
  Geometries all;
  all.internal = {.size_bytes = profile.internal_bytes,
                  .program_unit_bytes = profile.internal_program_unit_bytes,
                  .erase_unit_bytes = profile.internal_erase_unit_bytes};
  all.external = {.size_bytes = profile.external_bytes,
                  .program_unit_bytes = profile.external_program_unit_bytes,
                  .erase_unit_bytes = profile.external_erase_unit_bytes};
  // The secure flash is on-die as the internal one, and has its units.
  all.secure = all.internal;
  all.secure.size_bytes = engine::SecureLayout::For(all.internal).size_bytes;
  return all;
}

/// Private keys of a seed, wiped when they are no longer needed.
class Seed {
 public:
  Seed() = default;
  Seed(const Seed&) = delete;
  Seed& operator=(const Seed&) = delete;

  ~Seed() {
    for (PrivateKey& key : layer_keys_) {
      SecureZero(key);
    }
    SecureZero(receiver_);
  }

  Outcome Load(const std::filesystem::path& folder) {
    if (Outcome read = LoadPublic(folder / "signers", signers_); !read.ok()) {
      return read;
    }
    if (Outcome read = LoadPublic(folder / "rotation", rotation_keys_); !read.ok()) {
      return read;
    }
    if (Outcome read = LoadLayerKeys(folder / "layer-keys"); !read.ok()) {
      return read;
    }
    if (Outcome read = LoadFleet(folder); !read.ok()) {
      return read;
    }
    if (signers_.empty()) {
      return Failure{Fail(Code::kNotFound, Op::kKeyStore),
                     (folder / "signers").string() +
                         " holds no manifest signer's public key (*.pem), so no app could ever be "
                         "accepted; provision the device again"};
    }
    return Done{};
  }

  [[nodiscard]] engine::KeySeed view() const {
    return {.signers = signers_,
            .layer_keys = layer_keys_,
            .rotation_keys = rotation_keys_,
            .receiver = has_receiver_ ? std::span<const std::uint8_t>(receiver_)
                                      : std::span<const std::uint8_t>(),
            .position = position_};
  }

 private:
  using Paths = std::vector<std::filesystem::path>;

  static Expected<Paths> PemFiles(const std::filesystem::path& folder) {
    std::error_code error;
    Paths files;
    if (!std::filesystem::exists(folder, error)) {
      return files;
    }
    for (std::filesystem::directory_iterator it(folder, error), end; !error && it != end;
         it.increment(error)) {
      if (it->path().extension() == ".pem") {
        files.push_back(it->path());
      }
    }
    if (error) {
      return FileFailure("list", folder, error.value());
    }
    std::sort(files.begin(), files.end());
    return files;
  }

  static Outcome LoadPublic(const std::filesystem::path& folder, std::vector<PublicKey>& out) {
    auto files = PemFiles(folder);
    if (!files.ok()) {
      return files.failure();
    }
    for (const auto& file : *files) {
      auto key = ReadPublicKeyPem(file);
      if (!key.ok()) {
        return key.failure();
      }
      out.push_back(*key);
    }
    return Done{};
  }

  Outcome LoadLayerKeys(const std::filesystem::path& folder) {
    auto files = PemFiles(folder);
    if (!files.ok()) {
      return files.failure();
    }
    // Growing would leave unwiped copies behind.
    layer_keys_.reserve(files->size());
    for (const auto& file : *files) {
      layer_keys_.emplace_back();
      if (auto read = ReadPrivateKeyPem(file, layer_keys_.back()); !read.ok()) {
        return read.failure();
      }
    }
    return Done{};
  }

  /// Both files are optional: without them the device's keys never change.
  Outcome LoadFleet(const std::filesystem::path& folder) {
    std::error_code error;
    if (const auto file = folder / "receiver.pem"; std::filesystem::exists(file, error)) {
      if (auto read = ReadPrivateKeyPem(file, receiver_); !read.ok()) {
        return read.failure();
      }
      has_receiver_ = true;
    }
    const auto file = folder / "fleet.conf";
    if (!std::filesystem::exists(file, error)) {
      return Done{};
    }
    const auto text = ReadSmallFile(file, kMaxConfBytes);
    if (!text.ok()) {
      return text.failure();
    }
    const auto position = ParseFleetConf(*text);
    if (!position.ok()) {
      return position.failure();
    }
    position_ = *position;
    return Done{};
  }

  std::vector<PublicKey> signers_;
  std::vector<PrivateKey> layer_keys_;
  std::vector<PublicKey> rotation_keys_;
  PrivateKey receiver_{};
  bool has_receiver_ = false;
  ChainPosition position_{};
};

std::filesystem::path Fresh(const std::filesystem::path& folder, std::string_view name) {
  return folder / (std::string(name) + ".new");
}

Outcome WriteKeyStore(const std::filesystem::path& secure_file,
                      const ports::FlashGeometry& geometry,
                      const engine::KeySeed& seed,
                      ports::Crypto& crypto) {
  auto secure = FileFlash::Open(secure_file, geometry, FileFlash::Access::kReadWrite);
  if (!secure.ok()) {
    return secure.failure();
  }
  engine::FlashKeyStore store(**secure, crypto);
  Status written = store.Format(seed);
  if (written.ok()) {
    written = (*secure)->Sync();
  }
  if (!written.ok()) {
    return Failure{written.error(),
                   "the keys in seed/ can't be stored (at most 8 of a kind, each a P-256 key); "
                   "provision the device again"};
  }
  return Done{};
}

}  // namespace

Expected<DeviceDirectory> DeviceDirectory::Open(const std::filesystem::path& path) {
  auto text = ReadSmallFile(path / "device.conf", kMaxConfBytes);
  if (!text.ok() && text.failure().error.code == Code::kNotFound) {
    return Failure{text.failure().error,
                   path.string() +
                       " is no device directory (it has no device.conf); make one with: "
                       "strata devices provision --out DIR"};
  }
  if (!text.ok()) {
    return text.failure();
  }
  const auto conf = ParseDeviceConf(*text);
  if (!conf.ok()) {
    return conf.failure();
  }
  std::error_code error;
  std::filesystem::path absolute = std::filesystem::absolute(path, error);
  if (error) {
    return FileFailure("find", path, error.value());
  }
  DeviceDirectory directory(std::move(absolute), conf->sid);
  directory.device_url_ = conf->device_url;
  directory.profile_ = conf->profile;
  directory.development_ = conf->development;
  return directory;
}

Expected<UniqueFd> DeviceDirectory::Lock() const {
  const std::filesystem::path file = path_ / "lock";
  UniqueFd fd(::open(file.c_str(), O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600));
  if (!fd.valid()) {
    return FileFailure("open", file, errno);
  }
  if (::flock(fd.get(), LOCK_EX | LOCK_NB) == 0) {
    return fd;
  }
  if (errno == EWOULDBLOCK) {
    return Failure{Fail(Code::kAlreadyExists, Op::kBoot),
                   "another strata-device runs in " + path_.string() + "; stop it first"};
  }
  return FileFailure("lock", file, errno);
}

bool DeviceDirectory::IsFormatted() const {
  std::error_code ignored;
  return std::filesystem::exists(path_ / "flash" / kFlashNames.back(), ignored);
}

Outcome DeviceDirectory::Format(ports::Crypto& crypto) const {
  Seed seed;
  if (Outcome loaded = seed.Load(path_ / "seed"); !loaded.ok()) {
    return loaded;
  }
  const std::filesystem::path folder = path_ / "flash";
  if (::mkdir(folder.c_str(), 0700) != 0 && errno != EEXIST) {
    return FileFailure("create", folder, errno);
  }
  if (Outcome synced = SyncFolder(path_); !synced.ok()) {
    return synced;
  }
  const Geometries all = GeometriesOf(*profile_);
  const std::array<std::uint32_t, 3> sizes = {
      all.internal.size_bytes, all.external.size_bytes, all.secure.size_bytes};
  for (std::size_t i = 0; i < kFlashNames.size(); ++i) {
    if (Outcome made = FileFlash::WriteErased(Fresh(folder, kFlashNames[i]), sizes[i]);
        !made.ok()) {
      return made;
    }
  }
  const auto secure_file = Fresh(folder, kFlashNames.back());
  if (Outcome keyed = WriteKeyStore(secure_file, all.secure, seed.view(), crypto); !keyed.ok()) {
    return keyed;
  }
  for (const std::string_view name : kFlashNames) {
    if (Outcome placed = RenameDurably(Fresh(folder, name), folder / name); !placed.ok()) {
      return placed;
    }
  }
  return Done{};
}

Expected<std::unique_ptr<FileFlash>> DeviceDirectory::OpenSecureFlash(
    FileFlash::Access access) const {
  const std::filesystem::path file = path_ / "flash" / kFlashNames.back();

  struct stat info {};

  if (::stat(file.c_str(), &info) == 0 && (info.st_mode & (S_IRWXG | S_IRWXO)) != 0) {
    return Failure{Fail(Code::kPermission, Op::kKeyStore),
                   file.string() + " holds private keys and is open to others; run: chmod 600 " +
                       file.string()};
  }
  return FileFlash::Open(file, GeometriesOf(*profile_).secure, access);
}

Expected<FlashFiles> DeviceDirectory::OpenFlash(FileFlash::Access access) const {
  const Geometries all = GeometriesOf(*profile_);
  auto internal = FileFlash::Open(InternalFlashFile(), all.internal, access);
  if (!internal.ok()) {
    return internal.failure();
  }
  auto external = FileFlash::Open(path_ / "flash" / kFlashNames[1], all.external, access);
  if (!external.ok()) {
    return external.failure();
  }
  auto secure = OpenSecureFlash(access);
  if (!secure.ok()) {
    return secure.failure();
  }
  return FlashFiles{
      std::move(internal).value(), std::move(external).value(), std::move(secure).value()};
}

Outcome DeviceDirectory::LoadIdentity(std::span<std::uint8_t, 32> identity_key) const {
  PrivateKey key{};
  auto own = ReadPrivateKeyPem(IdentityKeyFile(), key);
  std::copy(key.begin(), key.end(), identity_key.begin());
  SecureZero(key);
  if (!own.ok()) {
    return own.failure();
  }
  auto certified = ReadCertificateKeyPem(IdentityCertificateFile());
  if (!certified.ok()) {
    return certified.failure();
  }
  if (*own != *certified) {
    return Failure{Fail(Code::kKeyInvalid, Op::kReadFile),
                   IdentityCertificateFile().string() +
                       " is not the certificate of identity.pem; provision the device again"};
  }
  if (auto ca = ReadCertificateKeyPem(CaFile()); !ca.ok()) {
    return ca.failure();
  }
  return Done{};
}

}  // namespace strata::device
