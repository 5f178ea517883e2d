// SPDX-License-Identifier: Apache-2.0
#include "strata/cloud/pki/pki_dir.hpp"

#include <cerrno>
#include <string_view>
#include <vector>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace strata::cloud::pki {
namespace {

constexpr std::size_t kMaxFileBytes = 64 * 1024;

class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}

  ~Descriptor() {
    if (fd_ >= 0) {
      close(fd_);
    }
  }

  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;

  [[nodiscard]] int get() const { return fd_; }

 private:
  int fd_;
};

Status SyncDirectory(const std::string& path) {
  const Descriptor directory(open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (directory.get() < 0 || fsync(directory.get()) != 0) {
    return Fail(Code::kIo, Op::kWriteFile, static_cast<std::uint32_t>(errno));
  }
  return {};
}

Status WriteFile(const std::string& path, std::string_view text) {
  const std::string beside = path + ".new";
  const Descriptor file(
      open(beside.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600));
  std::size_t written = 0;
  while (file.get() >= 0 && written < text.size()) {
    const ssize_t step = write(file.get(), text.data() + written, text.size() - written);
    if (step < 0 && errno == EINTR) {
      continue;
    }
    if (step <= 0) {
      break;
    }
    written += static_cast<std::size_t>(step);
  }
  if (file.get() < 0 || written != text.size() || fsync(file.get()) != 0 ||
      rename(beside.c_str(), path.c_str()) != 0) {
    return Fail(Code::kIo, Op::kWriteFile, static_cast<std::uint32_t>(errno));
  }
  return {};
}

Result<std::string> ReadFile(const std::string& path) {
  const Descriptor file(open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (file.get() < 0) {
    return Fail(errno == ENOENT ? Code::kNotFound : Code::kIo,
                Op::kReadFile,
                static_cast<std::uint32_t>(errno));
  }
  std::string text;
  char piece[4096];
  while (text.size() <= kMaxFileBytes) {
    const ssize_t step = read(file.get(), piece, sizeof(piece));
    if (step == 0) {
      return text;
    }
    if (step < 0) {
      return Fail(Code::kIo, Op::kReadFile, static_cast<std::uint32_t>(errno));
    }
    text.append(piece, static_cast<std::size_t>(step));
  }
  return Fail(Code::kMalformed, Op::kReadFile);
}

Status WriteCredential(const std::string& stem, const Credential& credential) {
  STRATA_TRY(WriteFile(stem + ".key", credential.key_pem));
  return WriteFile(stem + ".pem", credential.certificate_pem);
}

Result<Credential> ReadCredential(const std::string& stem) {
  Credential credential;
  STRATA_TRY_ASSIGN(credential.certificate_pem, ReadFile(stem + ".pem"));
  STRATA_TRY_ASSIGN(credential.key_pem, ReadFile(stem + ".key"));
  return credential;
}

std::vector<std::string> Lines(std::string_view text) {
  std::vector<std::string> lines;
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    lines.emplace_back(text.substr(0, end));
    text = end == std::string_view::npos ? std::string_view() : text.substr(end + 1);
  }
  return lines;
}

std::string Joined(std::span<const std::string> names) {
  std::string lines;
  for (const std::string& name : names) {
    lines += name + "\n";
  }
  return lines;
}

/// By its time, its key and its issuer.
bool IsUsable(const Credential& server, const std::string& ca_pem, std::int64_t now) {
  const auto begins = NotBefore(server.certificate_pem);
  const auto ends = NotAfter(server.certificate_pem);
  return begins.ok() && ends.ok() && *begins <= now && *ends - now > kRenewBeforeSeconds &&
         Matches(server) && IsIssuedBy(server.certificate_pem, ca_pem);
}

}  // namespace

Result<PkiDir> PkiDir::Create(const std::string& path,
                              std::span<const std::string> names,
                              std::int64_t now) {
  PkiDir made;
  STRATA_TRY_ASSIGN(const Credential server_ca, MakeCa(CaUse::kServer, now));
  STRATA_TRY_ASSIGN(made.device_ca_, MakeCa(CaUse::kDevices, now));
  STRATA_TRY_ASSIGN(made.server_, IssueServer(server_ca, names, now));
  made.server_ca_pem_ = server_ca.certificate_pem;
  if (mkdir(path.c_str(), 0700) != 0) {
    return Fail(errno == EEXIST ? Code::kAlreadyExists : Code::kIo,
                Op::kWriteFile,
                static_cast<std::uint32_t>(errno));
  }
  STRATA_TRY(WriteCredential(path + "/server-ca", server_ca));
  STRATA_TRY(WriteCredential(path + "/device-ca", made.device_ca_));
  STRATA_TRY(WriteFile(path + "/server.names", Joined(names)));
  STRATA_TRY(WriteCredential(path + "/server", made.server_));
  STRATA_TRY(SyncDirectory(path));
  return made;
}

Result<PkiDir> PkiDir::Open(const std::string& path, std::int64_t now) {
  PkiDir opened;
  STRATA_TRY_ASSIGN(const Credential server_ca, ReadCredential(path + "/server-ca"));
  STRATA_TRY_ASSIGN(opened.device_ca_, ReadCredential(path + "/device-ca"));
  STRATA_TRY_ASSIGN(opened.server_, ReadCredential(path + "/server"));
  STRATA_TRY(NotAfter(opened.server_.certificate_pem));
  opened.server_ca_pem_ = server_ca.certificate_pem;
  // Key and certificate are two files: a crash between their renames is repaired here.
  if (!Matches(server_ca)) {
    return Fail(Code::kMalformed, Op::kReadFile);  // SwitchServerCa() was interrupted
  }
  const std::string asked = path + "/server.reissue";
  if (access(asked.c_str(), F_OK) != 0 && IsUsable(opened.server_, opened.server_ca_pem_, now)) {
    return opened;
  }
  STRATA_TRY_ASSIGN(const std::string names, ReadFile(path + "/server.names"));
  STRATA_TRY_ASSIGN(opened.server_, IssueServer(server_ca, Lines(names), now));
  STRATA_TRY(WriteCredential(path + "/server", opened.server_));
  STRATA_TRY(SyncDirectory(path));
  unlink(asked.c_str());  // interrupted before it, the next Open() issues one more: no harm
  return opened;
}

Status PkiDir::RequestReissue(const std::string& path, std::span<const std::string> names) {
  if (!names.empty()) {
    STRATA_TRY_ASSIGN(const Credential server_ca, ReadCredential(path + "/server-ca"));
    STRATA_TRY(IssueServer(server_ca, names, 0));  // by which bad names are found
    STRATA_TRY(WriteFile(path + "/server.names", Joined(names)));
  }
  STRATA_TRY(WriteFile(path + "/server.reissue", ""));
  return SyncDirectory(path);
}

Result<std::string> PkiDir::PrepareServerCa(const std::string& path, std::int64_t now) {
  const std::string next = path + "/server-ca.next";
  STRATA_TRY(ReadFile(path + "/server-ca.pem"));
  if (const auto made = ReadCredential(next); made.ok() && Matches(*made)) {
    return made->certificate_pem;
  }
  STRATA_TRY_ASSIGN(const Credential made, MakeCa(CaUse::kServer, now));
  STRATA_TRY(WriteCredential(next, made));
  STRATA_TRY(SyncDirectory(path));
  return made.certificate_pem;
}

Result<std::string> PkiDir::SwitchServerCa(const std::string& path) {
  const std::string next = path + "/server-ca.next";
  STRATA_TRY_ASSIGN(const Credential made, ReadCredential(next));
  if (!Matches(made)) {
    return Fail(Code::kNotFound, Op::kReadFile);
  }
  STRATA_TRY(WriteCredential(path + "/server-ca", made));
  STRATA_TRY(SyncDirectory(path));
  if (unlink((next + ".pem").c_str()) != 0 || unlink((next + ".key").c_str()) != 0) {
    return Fail(Code::kIo, Op::kWriteFile, static_cast<std::uint32_t>(errno));
  }
  STRATA_TRY(SyncDirectory(path));
  return made.certificate_pem;
}

}  // namespace strata::cloud::pki
