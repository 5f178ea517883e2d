// SPDX-License-Identifier: Apache-2.0
#include "strata/platform/linux/file_flash.hpp"

#include <sys/stat.h>

#include "strata/engine/ports/testing/flash_contract_test.hpp"

#include "temp_dir.hpp"

namespace strata::device {
namespace {

constexpr ports::FlashGeometry kGeometry = {
    .size_bytes = 64 * 1024, .program_unit_bytes = 16, .erase_unit_bytes = 8 * 1024};

class FileFlashRig final : public ports::testing::FlashRig {
 public:
  FileFlashRig() {
    EXPECT_TRUE(FileFlash::Create(path_, kGeometry.size_bytes).ok());
    Reopen();
  }

  ports::Flash& flash() override { return *flash_; }

  void Reopen() override {
    flash_.reset();
    auto opened = FileFlash::Open(path_, kGeometry, FileFlash::Access::kReadWrite);
    ASSERT_TRUE(opened.ok());
    flash_ = std::move(opened).value();
  }

 private:
  TempDir dir_;
  std::filesystem::path path_ = dir_.path() / "medium.bin";
  std::unique_ptr<FileFlash> flash_;
};

std::unique_ptr<ports::testing::FlashRig> MakeRig() {
  return std::make_unique<FileFlashRig>();
}

TEST(FileFlash, Create_LeavesOnePrivateFileFullOfOnes) {
  const TempDir dir;
  ASSERT_TRUE(FileFlash::Create(dir.path() / "a.bin", 100'000).ok());

  struct stat info {};

  ASSERT_EQ(::stat((dir.path() / "a.bin").c_str(), &info), 0);
  EXPECT_EQ(info.st_size, 100'000);
  EXPECT_EQ(info.st_mode & 0777U, 0600U);
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(dir.path()), {}), 1);
}

TEST(FileFlash, Open_OfWrongSize_IsRefusedWithTheFileNamed) {
  const TempDir dir;
  ASSERT_TRUE(FileFlash::Create(dir.path() / "a.bin", kGeometry.size_bytes - 1).ok());
  const auto opened =
      FileFlash::Open(dir.path() / "a.bin", kGeometry, FileFlash::Access::kReadWrite);
  ASSERT_FALSE(opened.ok());
  EXPECT_EQ(opened.failure().error.code, Code::kMalformed);
  EXPECT_NE(opened.failure().message.find("a.bin"), std::string::npos);
}

TEST(FileFlash, Open_OfMissingFileOrLink_IsRefused) {
  const TempDir dir;
  EXPECT_EQ(FileFlash::Open(dir.path() / "no.bin", kGeometry, FileFlash::Access::kReadOnly)
                .failure()
                .error.code,
            Code::kNotFound);
  ASSERT_TRUE(FileFlash::Create(dir.path() / "a.bin", kGeometry.size_bytes).ok());
  std::filesystem::create_symlink(dir.path() / "a.bin", dir.path() / "link.bin");
  EXPECT_FALSE(
      FileFlash::Open(dir.path() / "link.bin", kGeometry, FileFlash::Access::kReadOnly).ok());
}

TEST(FileFlash, ReadOnly_ProgramAndErase_AreRefused) {
  const TempDir dir;
  ASSERT_TRUE(FileFlash::Create(dir.path() / "a.bin", kGeometry.size_bytes).ok());
  auto opened = FileFlash::Open(dir.path() / "a.bin", kGeometry, FileFlash::Access::kReadOnly);
  ASSERT_TRUE(opened.ok());
  const std::array<std::uint8_t, 16> data{};
  EXPECT_EQ((*opened)->Program(0, data).error().code, Code::kFlashIo);
  EXPECT_EQ((*opened)->Erase(0, kGeometry.erase_unit_bytes).error().code, Code::kFlashIo);
}

}  // namespace
}  // namespace strata::device

namespace strata::ports::testing {
INSTANTIATE_TEST_SUITE_P(FileFlash, FlashContract, ::testing::Values(&device::MakeRig));
}
