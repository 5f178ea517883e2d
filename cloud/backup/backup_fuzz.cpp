// SPDX-License-Identifier: Apache-2.0
// A file that claims to be a backup. The seal would stop nearly every input, so it is put on here:
// the records behind it are what is fuzzed; the raw input is tried as well.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <vector>

#include "strata/cloud/backup/archive.hpp"

namespace {

using namespace strata;                 // NOLINT(google-build-using-namespace)
using namespace strata::cloud::backup;  // NOLINT(google-build-using-namespace)

class MemorySink final : public Sink {
 public:
  Status Write(ByteSpan bytes) override {
    all.insert(all.end(), bytes.begin(), bytes.end());
    return {};
  }

  std::vector<std::uint8_t> all;
};

class MemorySource final : public Source {
 public:
  explicit MemorySource(ByteSpan bytes) : left_(bytes) {}

  Result<std::size_t> Read(MutableByteSpan out) override {
    const std::size_t got = std::min(out.size(), left_.size());
    std::copy_n(left_.begin(), got, out.begin());
    left_ = left_.subspan(got);
    return got;
  }

 private:
  ByteSpan left_;
};

void Unpack(ByteSpan bytes) {
  MemorySource source(bytes);
  auto reader = ArchiveReader::Begin(source, "");
  while (reader.ok()) {
    const auto file = (*reader)->Next();
    if (!file.ok() || !file->has_value()) {
      return;
    }
    if (!IsArchivePath((*file)->path) || (*file)->path.find("..") == 0) {
      std::abort();
    }
    if (!(*reader)->Read(**file, [](ByteSpan) -> Status { return {}; }).ok()) {
      return;
    }
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Unpack({data, size});
  MemorySink sink;
  auto writer = SealedWriter::Begin(sink, "");
  if (writer.ok() && (*writer)->Write({data, size}).ok() && (*writer)->End().ok()) {
    Unpack(sink.all);
  }
  return 0;
}
