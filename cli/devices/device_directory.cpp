// SPDX-License-Identifier: Apache-2.0
#include "devices/device_directory.hpp"

#include <cerrno>
#include <cstdio>
#include <cstdlib>

#include <fcntl.h>
#include <unistd.h>

#include "support/text.hpp"

namespace strata::cli {
namespace {

namespace fs = std::filesystem;

Outcome WritePems(const fs::path& directory, const std::vector<NamedPem>& pems) {
  STRATA_TRY(MakePrivateDirectory(directory));
  for (const NamedPem& pem : pems) {
    STRATA_TRY(WriteFile(
        directory / (pem.name + ".pem"), pem.pem.view(), kPrivateFile, Overwrite::kReplace));
  }
  return Done{};
}

std::string ConfText(const DeviceDirectory& content) {
  return "version=1\nsid=" + content.sid + "\ndevice_url=" + content.device_url +
         "\nhardware=" + content.hardware +
         "\ndevelopment=" + (content.development ? "yes" : "no") + "\n";
}

std::string FleetText(const bundle::ChainHead& head) {
  return "fleet_id=" + HexText(head.fleet) + "\nsequence=" + std::to_string(head.sequence) +
         "\nlast_hash=" + HexText(head.last_hash.bytes) + "\n";
}

void SyncDirectory(const fs::path& directory) {
  const int fd = ::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd >= 0) {
    ::fsync(fd);
    ::close(fd);
  }
}

fs::path WithoutFinalSlash(const fs::path& path) {
  const fs::path clean = path.lexically_normal();
  return clean.has_filename() ? clean : clean.parent_path();
}

}  // namespace

Expected<DirectoryWriter> DirectoryWriter::Begin(const fs::path& out) {
  const fs::path target_path = WithoutFinalSlash(out);
  std::error_code error;
  if (fs::exists(fs::symlink_status(target_path, error))) {
    return Local(Code::kAlreadyExists, out.string() + ": exists already", "name a new directory");
  }
  const fs::path parent = target_path.has_parent_path() ? target_path.parent_path() : fs::path(".");
  std::string name = (parent / ("." + target_path.filename().string() + ".XXXXXX")).string();
  if (::mkdtemp(name.data()) == nullptr) {
    return FileProblem(errno, out, "can't be made");
  }
  return DirectoryWriter(target_path, name);
}

DirectoryWriter::DirectoryWriter(DirectoryWriter&& other) noexcept
    : out_(std::move(other.out_)), temporary_(std::move(other.temporary_)) {
  other.temporary_.clear();
}

DirectoryWriter::~DirectoryWriter() {
  if (!temporary_.empty()) {
    std::error_code error;
    fs::remove_all(temporary_, error);
  }
}

Outcome DirectoryWriter::Fill(const DeviceDirectory& content) {
  const auto write = [this](const char* name, std::string_view text) {
    return WriteFile(temporary_ / name, text, kPrivateFile, Overwrite::kReplace);
  };
  STRATA_TRY(write("identity.pem", content.identity.view()));
  STRATA_TRY(write("identity.crt", content.certificate));
  STRATA_TRY(write("ca.pem", content.ca_certificate));
  STRATA_TRY(WritePems(temporary_ / "seed" / "signers", content.signers));
  STRATA_TRY(WritePems(temporary_ / "seed" / "layer-keys", content.layer_keys));
  STRATA_TRY(WritePems(temporary_ / "seed" / "rotation", content.rotation_keys));
  if (content.receiver) {
    STRATA_TRY(write("seed/receiver.pem", content.receiver->view()));
  }
  if (content.fleet) {
    STRATA_TRY(write("seed/fleet.conf", FleetText(*content.fleet)));
  }
  return write("device.conf", ConfText(content));
}

Outcome DirectoryWriter::Place() {
  if (::renameat2(AT_FDCWD, temporary_.c_str(), AT_FDCWD, out_.c_str(), RENAME_NOREPLACE) != 0) {
    return FileProblem(errno, out_, "can't be put into place");
  }
  temporary_.clear();
  SyncDirectory(out_.has_parent_path() ? out_.parent_path() : fs::path("."));
  return Done{};
}

}  // namespace strata::cli
