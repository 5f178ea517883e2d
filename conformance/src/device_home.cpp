// SPDX-License-Identifier: Apache-2.0
#include "device_home.hpp"

#include <ctime>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace strata::conformance {
namespace {

namespace fs = std::filesystem;

bundle::Failure CantWrite(const fs::path& path) {
  return {Fail(Code::kIo, Op::kWriteFile), path.string() + ": can't be written"};
}

bundle::Outcome MakeDirectory(const fs::path& path) {
  if (::mkdir(path.c_str(), 0700) != 0) {
    return CantWrite(path);
  }
  return bundle::Done{};
}

bundle::Outcome WritePrivate(const fs::path& path, std::string_view text) {
  const int fd = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (fd < 0) {
    return CantWrite(path);
  }
  const bool written = ::write(fd, text.data(), text.size()) == static_cast<ssize_t>(text.size());
  if (::close(fd) != 0 || !written) {
    return CantWrite(path);
  }
  return bundle::Done{};
}

bundle::Outcome WritePem(const fs::path& dir,
                         KeyType type,
                         const PublicKey& key,
                         const bundle::Expected<std::string>& pem) {
  if (!pem) {
    return pem.failure();
  }
  return WritePrivate(dir / (bundle::KeyIdText(bundle::KeyIdOf(type, key)) + ".pem"), *pem);
}

/// At the beginning of the fleet's chain of NewKeys messages.
std::string FleetText(const bundle::FleetId& fleet) {
  std::array<char, 2 * sizeof(fleet)> hex{};
  ToHex(fleet, hex);
  return "fleet_id=" + std::string(hex.data(), hex.size()) +
         "\nsequence=0\nlast_hash=" + std::string(Digest::kHexChars, '0') + "\n";
}

bundle::Outcome WriteSeed(const fs::path& seed, const Trust& trust) {
  const Keys& keys = trust.keys;
  for (const char* name : {"", "signers", "layer-keys", "rotation"}) {
    if (auto made = MakeDirectory(*name == '\0' ? seed : seed / name); !made) {
      return made;
    }
  }
  if (auto written = WritePrivate(seed / "fleet.conf", FleetText(trust.fleet)); !written) {
    return written;
  }
  const PublicKey& signer = keys.signer.public_key();
  const PublicKey& rotation = keys.rotation.public_key();
  if (auto written = WritePem(
          seed / "signers", KeyType::kManifestSigner, signer, bundle::PublicKeyToPem(signer));
      !written) {
    return written;
  }
  if (auto written = WritePem(
          seed / "rotation", KeyType::kRotation, rotation, bundle::PublicKeyToPem(rotation));
      !written) {
    return written;
  }
  return WritePem(
      seed / "layer-keys", KeyType::kLayer, keys.layer.public_key(), keys.layer.ToPem());
}

bundle::Failure NoTrust(const Error& error) {
  return bundle::MakeFailure(error.code, error.op, "making certificates");
}

}  // namespace

Result<cloud::pki::Credential> ServerFor(const cloud::pki::Credential& ca) {
  const std::array<std::string, 1> names = {"127.0.0.1"};
  return cloud::pki::IssueServer(ca, names, std::time(nullptr));
}

bundle::Expected<Trust> Trust::Make() {
  const std::int64_t now = std::time(nullptr);
  auto keys = Keys::Make();
  if (!keys) {
    return keys.failure();
  }
  const DeviceSid sid = DeviceSid::FromBytes(RandomId());
  const auto server_ca = cloud::pki::MakeCa(cloud::pki::CaUse::kServer, now);
  const auto device_ca = cloud::pki::MakeCa(cloud::pki::CaUse::kDevices, now);
  if (!server_ca.ok() || !device_ca.ok()) {
    return NoTrust(Fail(Code::kCryptoFailed, Op::kSign));
  }
  const auto server = ServerFor(*server_ca);
  const auto device = cloud::pki::IssueDevice(*device_ca, sid, keys->identity.public_key(), now);
  if (!server.ok() || !device.ok()) {
    return NoTrust(server.ok() ? device.error() : server.error());
  }
  return Trust{std::move(*keys), sid, RandomId(), *server_ca, *device_ca, *server, *device};
}

bundle::Outcome WriteDeviceHome(const fs::path& dir,
                                const Trust& trust,
                                const std::string& device_url,
                                std::string_view hardware) {
  const auto identity = trust.keys.identity.ToPem();
  if (!identity) {
    return identity.failure();
  }
  const std::string conf = "version=1\nsid=" + std::string(trust.sid.text()) +
                           "\ndevice_url=" + device_url + "\nhardware=" + std::string(hardware) +
                           "\ndevelopment=no\n";
  const std::array<std::pair<const char*, std::string_view>, 4> files = {
      {{"device.conf", conf},
       {"identity.pem", *identity},
       {"identity.crt", trust.device_certificate},
       {"ca.pem", trust.server_ca.certificate_pem}}};
  if (auto made = MakeDirectory(dir); !made) {
    return made;
  }
  for (const auto& [name, text] : files) {
    if (auto written = WritePrivate(dir / name, text); !written) {
      return written;
    }
  }
  return WriteSeed(dir / "seed", trust);
}

}  // namespace strata::conformance
