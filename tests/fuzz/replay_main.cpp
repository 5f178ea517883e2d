// SPDX-License-Identifier: Apache-2.0
// Replays a corpus through a fuzz target as an ordinary test, with any compiler: every file as it
// is, and every truncation of files up to 4 KiB (of larger ones, 64 evenly spaced ones).
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace {

// A copy of exact size, so that the address sanitizer sees a read beyond its end.
void Run(const std::vector<std::uint8_t>& input, std::size_t size) {
  const std::vector<std::uint8_t> copy(input.begin(),
                                       input.begin() + static_cast<std::ptrdiff_t>(size));
  LLVMFuzzerTestOneInput(copy.data(), copy.size());
}

std::size_t Replay(const std::filesystem::path& file) {
  std::ifstream stream(file, std::ios::binary);
  const std::vector<std::uint8_t> input{std::istreambuf_iterator<char>(stream), {}};
  const std::size_t step = input.size() <= 4096 ? 1 : input.size() / 64;
  std::size_t runs = 0;
  for (std::size_t size = 0; size < input.size(); size += step) {
    Run(input, size);
    ++runs;
  }
  Run(input, input.size());
  return runs + 1;
}

}  // namespace

int main(int argc, char** argv) {
  std::size_t files = 0;
  std::size_t runs = 0;
  for (int i = 1; i < argc; ++i) {
    for (const auto& entry : std::filesystem::directory_iterator(argv[i])) {
      runs += Replay(entry.path());
      ++files;
    }
  }
  std::printf("replayed %zu files, %zu inputs\n", files, runs);
  return files > 0 ? 0 : 1;  // an empty corpus proves nothing
}
