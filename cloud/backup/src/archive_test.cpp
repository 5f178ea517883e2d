// SPDX-License-Identifier: Apache-2.0
#include "strata/cloud/backup/archive.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace strata::cloud::backup {
namespace {

class MemorySink final : public Sink {
 public:
  Status Write(ByteSpan bytes) override {
    if (--until_failure == 0) {
      return Fail(Code::kIo);
    }
    all.insert(all.end(), bytes.begin(), bytes.end());
    return {};
  }

  std::vector<std::uint8_t> all;
  int until_failure = 0;
};

class MemorySource final : public Source {
 public:
  explicit MemorySource(std::vector<std::uint8_t> bytes) : bytes_(std::move(bytes)) {}

  Result<std::size_t> Read(MutableByteSpan out) override {
    const std::size_t got = std::min(out.size(), bytes_.size() - at_);
    std::copy_n(bytes_.begin() + static_cast<std::ptrdiff_t>(at_), got, out.begin());
    at_ += got;
    return got;
  }

 private:
  std::vector<std::uint8_t> bytes_;
  std::size_t at_ = 0;
};

using Files = std::vector<std::pair<std::string, std::vector<std::uint8_t>>>;

const Files kFiles = {{"strata.db", std::vector<std::uint8_t>(kChunkBytes + 5, 0x42)},
                      {"pki/server.key", {1, 2, 3}},
                      {"empty.env", {}}};

Status Pack(const Files& files, std::string_view passphrase, MemorySink& sink) {
  STRATA_TRY_ASSIGN(const auto writer, ArchiveWriter::Begin(sink, passphrase));
  for (const auto& [path, bytes] : files) {
    MemorySource source(bytes);
    STRATA_TRY(writer->Add({path, bytes.size()}, source));
  }
  return writer->End();
}

Result<Files> Unpack(const std::vector<std::uint8_t>& bytes, std::string_view passphrase) {
  MemorySource source(bytes);
  STRATA_TRY_ASSIGN(const auto reader, ArchiveReader::Begin(source, passphrase));
  Files files;
  while (true) {
    STRATA_TRY_ASSIGN(const auto file, reader->Next());
    if (!file) {
      return files;
    }
    auto& content = files.emplace_back(file->path, std::vector<std::uint8_t>()).second;
    STRATA_TRY(reader->Read(*file, [&content](ByteSpan piece) -> Status {
      content.insert(content.end(), piece.begin(), piece.end());
      return {};
    }));
  }
}

TEST(Archive, WithAndWithoutPassphrase_GivesBackWhatItTook) {
  for (const char* passphrase : {"", "correct horse"}) {
    MemorySink sink;
    ASSERT_TRUE(Pack(kFiles, passphrase, sink).ok());
    const auto files = Unpack(sink.all, passphrase);
    ASSERT_TRUE(files.ok());
    EXPECT_EQ(*files, kFiles);
  }
}

TEST(Archive, SealedText_HoldsNothingReadable) {
  MemorySink sink;
  ASSERT_TRUE(
      Pack({{"secret-name", {'h', 'u', 's', 'h', '-', 'h', 'u', 's', 'h'}}}, "p", sink).ok());
  const std::string text(sink.all.begin(), sink.all.end());
  EXPECT_EQ(text.find("hush-hush"), std::string::npos);
  EXPECT_EQ(text.find("secret-name"), std::string::npos);
  MemorySink again;
  ASSERT_TRUE(
      Pack({{"secret-name", {'h', 'u', 's', 'h', '-', 'h', 'u', 's', 'h'}}}, "p", again).ok());
  EXPECT_NE(sink.all, again.all) << "a new salt, so a new key, each time";
}

TEST(Archive, WrongPassphrase_IsRefused) {
  MemorySink sealed;
  ASSERT_TRUE(Pack(kFiles, "right", sealed).ok());
  EXPECT_EQ(Unpack(sealed.all, "wrong").error().code, Code::kCryptoFailed);
  EXPECT_EQ(Unpack(sealed.all, "").error().code, Code::kKeyInvalid);
  MemorySink open;
  ASSERT_TRUE(Pack(kFiles, "", open).ok());
  EXPECT_EQ(Unpack(open.all, "any").error().code, Code::kKeyInvalid);
}

TEST(Archive, AnyByteChangedOrCutOrAdded_IsRefused) {
  const Files small = {{"page.key", {1, 2, 3}}, {"ca.pem", {4}}};
  MemorySink sink;
  ASSERT_TRUE(Pack(small, "", sink).ok());
  ASSERT_TRUE(Unpack(sink.all, "").ok());
  for (std::size_t at = 0; at < sink.all.size(); ++at) {
    auto changed = sink.all;
    changed[at] ^= 0x01;
    EXPECT_FALSE(Unpack(changed, "").ok()) << at;
    EXPECT_FALSE(
        Unpack({sink.all.begin(), sink.all.begin() + static_cast<std::ptrdiff_t>(at)}, "").ok())
        << at;
  }
  auto longer = sink.all;
  longer.push_back(0);
  EXPECT_FALSE(Unpack(longer, "").ok());
}

TEST(Archive, ChunksSwappedOrDropped_AreRefused) {
  const Files large = {{"strata.db", std::vector<std::uint8_t>(3 * kChunkBytes, 7)}};
  MemorySink sink;
  ASSERT_TRUE(Pack(large, "", sink).ok());
  constexpr std::ptrdiff_t kSealed = 4 + kChunkBytes + 16;
  const auto first = sink.all.begin() + static_cast<std::ptrdiff_t>(kHeaderBytes);
  auto swapped = sink.all;
  std::rotate(swapped.begin() + static_cast<std::ptrdiff_t>(kHeaderBytes),
              swapped.begin() + static_cast<std::ptrdiff_t>(kHeaderBytes) + kSealed,
              swapped.begin() + static_cast<std::ptrdiff_t>(kHeaderBytes) + 2 * kSealed);
  EXPECT_EQ(Unpack(swapped, "").error().code, Code::kCryptoFailed);
  std::vector<std::uint8_t> dropped(sink.all.begin(), first);
  dropped.insert(dropped.end(), first + kSealed, sink.all.end());
  EXPECT_EQ(Unpack(dropped, "").error().code, Code::kCryptoFailed);
}

TEST(Archive, EachWriteFailing_IsToldNotSwallowed) {
  for (int call = 1;; ++call) {
    MemorySink sink;
    sink.until_failure = call;
    const Status packed = Pack({{"a", {1}}}, "", sink);
    if (sink.until_failure > 0) {
      EXPECT_TRUE(packed.ok());
      EXPECT_GE(call, 4);
      return;
    }
    EXPECT_EQ(packed.error().code, Code::kIo);
  }
}

TEST(Archive, Paths_StayInTheDirectory) {
  const std::string hex(62, 'a');
  for (const std::string& good : {std::string("strata.db"),
                                  std::string("pki/server-ca.key"),
                                  "AC" + std::string(32, '0') + ".env",
                                  "blobs/0f/" + hex}) {
    EXPECT_TRUE(IsArchivePath(good)) << good;
  }
  for (const std::string& bad : {std::string(),
                                 std::string(".."),
                                 std::string("../strata.db"),
                                 std::string("/etc/passwd"),
                                 std::string("pki/../x"),
                                 std::string("pki/"),
                                 std::string(".hidden"),
                                 std::string("a/b"),
                                 std::string("a\nb"),
                                 "blobs/0F/" + hex,
                                 "blobs/0f/" + hex + "a",
                                 std::string(300, 'a')}) {
    EXPECT_FALSE(IsArchivePath(bad)) << bad;
  }
  EXPECT_TRUE(LayerOf("blobs/0f/" + hex).has_value());
  EXPECT_FALSE(LayerOf("strata.db").has_value());
}

TEST(Archive, PathThatLeadsOut_IsNeitherWrittenNorGivenOut) {
  MemorySink sink;
  EXPECT_EQ(Pack({{"../x", {}}}, "", sink).error().code, Code::kInvalidArgument);
}

}  // namespace
}  // namespace strata::cloud::backup
