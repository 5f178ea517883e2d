// SPDX-License-Identifier: Apache-2.0
#include "parts_cloud.hpp"

#include <cerrno>
#include <string>

#include <fcntl.h>
#include <unistd.h>

#include "strata/platform/linux/unique_fd.hpp"

namespace strata::device {
namespace {

/// Up to out.size() bytes of the file from `offset`; 0: it ends there.
Result<std::size_t> ReadPart(const std::filesystem::path& file,
                             std::uint32_t offset,
                             MutableByteSpan out,
                             Op op) {
  const UniqueFd fd(::open(file.c_str(), O_RDONLY | O_CLOEXEC));
  if (fd.get() < 0) {
    return Fail(Code::kNotFound, op);
  }
  std::size_t filled = 0;
  while (filled < out.size()) {
    const ssize_t got = ::pread(fd.get(),
                                out.data() + filled,
                                out.size() - filled,
                                static_cast<off_t>(offset) + static_cast<off_t>(filled));
    if (got < 0 && errno == EINTR) {
      continue;
    }
    if (got < 0) {
      return Fail(Code::kIo, op);
    }
    if (got == 0) {
      break;
    }
    filled += static_cast<std::size_t>(got);
  }
  return filled;
}

}  // namespace

std::filesystem::path PartsCloud::FileOf(const Digest& hash) const {
  const auto hex = hash.ToHexText();
  return folder_ / std::string(hex.data(), hex.size());
}

Result<std::size_t> PartsCloud::TakeDesired(MutableByteSpan out) {
  if (told_) {
    return std::size_t{0};
  }
  told_ = true;
  return wire::Encode(desired_, out);
}

void PartsCloud::SetConnected(bool connected) {
  told_ = told_ && !connected;
}

void PartsCloud::RefreshDesired() {
  told_ = false;
}

Result<std::size_t> PartsCloud::FetchManifest(const Digest& hash, MutableByteSpan out) {
  STRATA_TRY_ASSIGN(const std::size_t size, ReadPart(FileOf(hash), 0, out, Op::kFetchManifest));
  std::uint8_t more = 0;
  STRATA_TRY_ASSIGN(const std::size_t behind,
                    ReadPart(FileOf(hash),
                             static_cast<std::uint32_t>(size),
                             MutableByteSpan(&more, 1),
                             Op::kFetchManifest));
  if (behind != 0) {
    return Fail(Code::kManifestTooLarge, Op::kFetchManifest);
  }
  return size;
}

Result<std::size_t> PartsCloud::FetchNewKeys(std::uint32_t, MutableByteSpan) {
  return Fail(Code::kNotFound);
}

Result<std::size_t> PartsCloud::FetchLayer(const Digest& hash,
                                           std::uint32_t offset,
                                           std::uint32_t,
                                           MutableByteSpan out) {
  STRATA_TRY_ASSIGN(const std::size_t size, ReadPart(FileOf(hash), offset, out, Op::kFetchLayer));
  if (size == 0) {
    return Fail(Code::kLayerTooShort, Op::kFetchLayer);
  }
  return size;
}

Status PartsCloud::SendReport(ByteSpan) {
  return {};
}

Status PartsCloud::SendReceipt(ByteSpan) {
  return Fail(Code::kCloudUnreachable);
}

}  // namespace strata::device
