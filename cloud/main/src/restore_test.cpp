// SPDX-License-Identifier: Apache-2.0
// Backups that are sound as files and wrong inside.
#include <array>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "strata/cloud/backup/archive.hpp"

namespace strata::cloud {
namespace {

class FileOut final : public backup::Sink {
 public:
  explicit FileOut(const std::string& path) : file_(path, std::ios::binary) {}

  Status Write(ByteSpan piece) override {
    file_.write(reinterpret_cast<const char*>(piece.data()),
                static_cast<std::streamsize>(piece.size()));
    return {};
  }

 private:
  std::ofstream file_;
};

class Bytes final : public backup::Source {
 public:
  explicit Bytes(ByteSpan bytes) : left_(bytes) {}

  Result<std::size_t> Read(MutableByteSpan out) override {
    const std::size_t got = std::min(out.size(), left_.size());
    std::copy_n(left_.begin(), got, out.begin());
    left_ = left_.subspan(got);
    return got;
  }

 private:
  ByteSpan left_;
};

class Restore : public testing::Test {
 protected:
  Restore() {
    std::string name = (std::filesystem::temp_directory_path() / "strata-restore-XXXXXX").string();
    dir_ = ::mkdtemp(name.data()) == nullptr ? std::string() : name;
  }

  ~Restore() override { std::filesystem::remove_all(dir_); }

  /// What the program says about a backup with that one file.
  std::string RestoreOf(const std::string& path, const std::vector<std::uint8_t>& bytes) {
    const std::string backup = dir_ + "/made.backup";
    {
      FileOut out(backup);
      const auto writer = backup::ArchiveWriter::Begin(out, "");
      Bytes source(bytes);
      EXPECT_TRUE((*writer)->Add({path, bytes.size()}, source).ok());
      EXPECT_TRUE((*writer)->End().ok());
    }
    const std::string command = std::string(STRATA_CLOUD_PROGRAM) + " restore --from " + backup +
                                " --data " + dir_ + "/new 2>&1";
    std::FILE* const pipe = ::popen(command.c_str(), "r");
    std::array<char, 4096> text{};
    const std::size_t size = std::fread(text.data(), 1, text.size(), pipe);
    EXPECT_NE(::pclose(pipe), 0);
    EXPECT_FALSE(std::filesystem::exists(dir_ + "/new")) << "nothing is left";
    EXPECT_FALSE(std::filesystem::exists(dir_ + "/new.restoring"));
    return {text.data(), size};
  }

  std::string dir_;
};

TEST_F(Restore, LayerThatIsNotWhatItsNameSays_IsRefused) {
  const std::vector<std::uint8_t> layer = {'l', 'a', 'y', 'e', 'r'};
  backup::Hasher hasher;
  hasher.Take(layer);
  const auto hex = hasher.Finish().ToHexText();
  const std::string name(hex.data(), hex.size());
  const std::string path = "blobs/" + name.substr(0, 2) + "/" + name.substr(2);
  EXPECT_NE(RestoreOf(path, {'l', 'a', 'y', 'e', 'R'}).find("not what its name says"),
            std::string::npos);
  EXPECT_NE(RestoreOf(path, layer).find("there is no strata.db"), std::string::npos);
}

}  // namespace
}  // namespace strata::cloud
