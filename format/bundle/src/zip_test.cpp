// SPDX-License-Identifier: Apache-2.0
#include "zip.hpp"

#include <zip.h>

#include "bundles_for_test.hpp"
#include "zip_format.hpp"

namespace strata::bundle {
namespace {

std::string LayerName(const Bytes& bytes) {
  const auto text = Sha256(bytes).ToHexText();
  return {text.data(), text.size()};
}

PackedEntry Packed(const std::string& name, const Bytes& bytes) {
  return std::move(PackEntry(name, bytes)).value();
}

PackedEntry Stored(const std::string& name, const Bytes& bytes) {
  PackedEntry entry = Packed(name, bytes);
  entry.method = ZipMethod::kStored;
  entry.data = bytes;
  return entry;
}

Bytes Written(const std::vector<PackedEntry>& entries) {
  return std::move(WriteZip(entries)).value();
}

// Reads all entries; the first failure's code.
Code CodeOfZip(const Bytes& zip) {
  const auto source = MemorySource(zip);
  const auto entries = ReadZipDirectory(*source);
  if (!entries) {
    return entries.failure().error.code;
  }
  for (const ZipEntry& entry : *entries) {
    std::uint64_t total = 0;
    const Outcome outcome = ReadZipEntry(*source, entry, [&](ByteSpan piece) -> Outcome {
      total += piece.size();
      EXPECT_LE(total, entry.uncompressed_bytes);
      return Done{};
    });
    if (!outcome) {
      return outcome.failure().error.code;
    }
  }
  return Code::kOk;
}

class ZipAttack : public testing::Test {
 protected:
  void Put16(std::size_t at, std::uint16_t value) {
    zip_[at] = static_cast<std::uint8_t>(value);
    zip_[at + 1] = static_cast<std::uint8_t>(value >> 8);
  }

  void Put32(std::size_t at, std::uint32_t value) {
    Put16(at, static_cast<std::uint16_t>(value));
    Put16(at + 2, static_cast<std::uint16_t>(value >> 16));
  }

  [[nodiscard]] std::size_t End() const { return zip_.size() - kEndRecordBytes; }

  [[nodiscard]] std::size_t Directory() const {
    return FieldReader(ByteSpan(zip_).subspan(End() + 16)).U32();
  }

  Bytes layer_ = Pattern(300);
  Bytes manifest_ = Pattern(40, 2);
  Bytes zip_ = Written({Packed(LayerName(layer_), layer_), Packed("manifest", manifest_)});
};

TEST_F(ZipAttack, Untouched_IsReadInOrder) {
  const auto source = MemorySource(zip_);
  const auto entries = ReadZipDirectory(*source);
  ASSERT_TRUE(entries);
  ASSERT_EQ(entries->size(), 2U);
  EXPECT_EQ((*entries)[0].name, LayerName(layer_));
  EXPECT_EQ((*entries)[1].name, "manifest");
  EXPECT_EQ(CodeOfZip(zip_), Code::kOk);
}

TEST_F(ZipAttack, StoredEntries_AreReadToo) {
  EXPECT_EQ(CodeOfZip(Written({Stored(LayerName(layer_), layer_)})), Code::kOk);
  PackedEntry lying = Stored(LayerName(layer_), layer_);
  lying.uncompressed_bytes += 1;
  EXPECT_EQ(CodeOfZip(Written({lying})), Code::kZipMalformed);
}

TEST_F(ZipAttack, EveryTruncationAndExtension_IsMalformed) {
  const Bytes whole = zip_;
  for (std::size_t size = 0; size < whole.size(); ++size) {
    EXPECT_EQ(CodeOfZip({whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size)}),
              Code::kZipMalformed)
        << size;
  }
  Bytes trailing = whole;
  trailing.push_back(0);
  EXPECT_EQ(CodeOfZip(trailing), Code::kZipMalformed);
  Bytes leading = whole;
  leading.insert(leading.begin(), 0);
  EXPECT_EQ(CodeOfZip(leading), Code::kZipMalformed);
}

TEST_F(ZipAttack, Names_OtherThanABundles_AreUnexpected) {
  for (const std::string name :
       {"../manifest",
        "/manifest",
        "dir/",
        "Manifest",
        "manifest ",
        "",
        "a",
        "ABCDEFABCDEFABCDEFABCDEFABCDEFABCDEFABCDEFABCDEFABCDEFABCDEFABCD"}) {
    EXPECT_EQ(CodeOfZip(Written({Packed(name, layer_)})), Code::kZipEntryUnexpected) << name;
  }
  EXPECT_EQ(CodeOfZip(Written({Packed(std::string("manifest\0x", 10), layer_)})),
            Code::kZipEntryUnexpected);
}

TEST_F(ZipAttack, RepeatedName_IsUnexpected) {
  EXPECT_EQ(CodeOfZip(Written({Packed("manifest", layer_), Packed("manifest", manifest_)})),
            Code::kZipEntryUnexpected);
}

TEST_F(ZipAttack, NameInMessage_CarriesNoControlCharacters) {
  const Bytes zip = Written({Packed("\x1b[31mred\n", layer_)});
  const auto source = MemorySource(zip);
  const auto entries = ReadZipDirectory(*source);
  ASSERT_FALSE(entries);
  EXPECT_EQ(entries.failure().message.find('\x1b'), std::string::npos);
  EXPECT_EQ(entries.failure().message.find('\n'), std::string::npos);
}

TEST_F(ZipAttack, CommentDisksAndCounts_AreMalformed) {
  const Bytes whole = zip_;
  const std::size_t end = End();
  for (const std::size_t at : {end + 4, end + 6, end + 8, end + 10, end + 20}) {
    zip_ = whole;
    Put16(at, 1);
    EXPECT_EQ(CodeOfZip(zip_), Code::kZipMalformed) << at - end;
    Put16(at, 0xFFFF);
    EXPECT_EQ(CodeOfZip(zip_), Code::kZipMalformed) << at - end;
  }
}

TEST_F(ZipAttack, FlagsMethodsAndVersions_ThatChangeTheMeaning_AreMalformed) {
  const Bytes whole = zip_;
  const std::size_t directory = Directory();
  const auto with = [&](std::size_t local, std::uint16_t value) {
    zip_ = whole;
    Put16(local, value);
    Put16(directory + local + 2, value);
    return CodeOfZip(zip_);
  };
  EXPECT_EQ(with(6, 0x0001), Code::kZipMalformed) << "encrypted";
  EXPECT_EQ(with(6, 0x0008), Code::kZipMalformed) << "data descriptor";
  EXPECT_EQ(with(6, 0x2000), Code::kZipMalformed) << "masked headers";
  EXPECT_EQ(with(6, 0x0800), Code::kOk) << "UTF-8 names";
  EXPECT_EQ(with(4, 45), Code::kZipMalformed) << "zip64";
  EXPECT_EQ(with(8, 12), Code::kZipMalformed) << "bzip2";
  EXPECT_EQ(with(8, 0), Code::kZipMalformed) << "stored with two lengths";
}

TEST_F(ZipAttack, LocalAndDirectory_ThatDiffer_AreMalformed) {
  const Bytes whole = zip_;
  for (const std::size_t at : {8U, 14U, 18U, 22U, 26U, 30U}) {
    zip_ = whole;
    zip_[at] ^= 1;
    EXPECT_NE(CodeOfZip(zip_), Code::kOk) << at;
  }
}

TEST_F(ZipAttack, LyingSizesAndCrcs_InBothHeaders_AreMalformed) {
  const Bytes whole = zip_;
  const std::size_t directory = Directory();
  const auto with = [&](std::size_t local, std::uint32_t value) {
    zip_ = whole;
    Put32(local, value);
    Put32(directory + local + 2, value);
    return CodeOfZip(zip_);
  };
  EXPECT_EQ(with(14, 0x12345678), Code::kZipMalformed) << "CRC";
  for (const std::uint32_t lie : {0U, 299U, 301U, 0xFFFFFFFEU, 0xFFFFFFFFU}) {
    EXPECT_EQ(with(22, lie), Code::kZipMalformed) << "uncompressed " << lie;
  }
  const std::uint32_t packed = FieldReader(ByteSpan(whole).subspan(18)).U32();
  for (const std::uint32_t lie : {0U, packed - 1, packed + 1, 0xFFFFFFFEU, 0xFFFFFFFFU}) {
    EXPECT_EQ(with(18, lie), Code::kZipMalformed) << "compressed " << lie;
  }
}

TEST_F(ZipAttack, OverlappingOrHiddenBytes_AreMalformed) {
  const std::size_t directory = Directory();
  const std::size_t second = directory + kCentralHeaderBytes + Digest::kHexChars;
  const std::uint32_t second_offset = FieldReader(ByteSpan(zip_).subspan(second + 42)).U32();
  const Bytes whole = zip_;
  for (const std::uint32_t offset : {0U, 1U, second_offset - 1, second_offset + 1, 0xFFFFFFFFU}) {
    zip_ = whole;
    Put32(second + 42, offset);
    EXPECT_EQ(CodeOfZip(zip_), Code::kZipMalformed) << offset;
  }
  // A gap between the last entry and the directory, with every offset in the end record right.
  zip_ = whole;
  zip_.insert(zip_.begin() + static_cast<std::ptrdiff_t>(directory), 5, 0);
  Put32(End() + 16, static_cast<std::uint32_t>(directory + 5));
  EXPECT_EQ(CodeOfZip(zip_), Code::kZipMalformed);
}

TEST_F(ZipAttack, Bomb_IsStoppedAtTheClaimedLength) {
  PackedEntry bomb = Packed(LayerName(layer_), Bytes(50'000'000, 0));
  ASSERT_LT(bomb.data.size(), 100'000U);
  bomb.uncompressed_bytes = 1000;
  EXPECT_EQ(CodeOfZip(Written({bomb})), Code::kZipMalformed);
}

TEST_F(ZipAttack, DataBehindTheDeflateEnd_IsMalformed) {
  PackedEntry longer = Packed(LayerName(layer_), layer_);
  longer.data.push_back(0);
  EXPECT_EQ(CodeOfZip(Written({longer})), Code::kZipMalformed);
  PackedEntry cut = Packed(LayerName(layer_), layer_);
  cut.data.pop_back();
  EXPECT_EQ(CodeOfZip(Written({cut})), Code::kZipMalformed);
}

TEST_F(ZipAttack, MoreThan33Entries_AreMalformed) {
  std::vector<PackedEntry> entries;
  for (std::uint32_t i = 0; i < 33; ++i) {
    const Bytes bytes = Pattern(10, i);
    entries.push_back(Packed(LayerName(bytes), bytes));
  }
  EXPECT_EQ(CodeOfZip(Written(entries)), Code::kOk);
  entries.push_back(Packed("manifest", manifest_));
  EXPECT_EQ(CodeOfZip(Written(entries)), Code::kZipMalformed);
}

TEST_F(ZipAttack, ExtraFields_HarmlessOnesPass_MeaningfulOnesDoNot) {
  const auto with_extra = [this](std::uint16_t id, std::uint16_t claimed) {
    const Bytes extra = {static_cast<std::uint8_t>(id),
                         static_cast<std::uint8_t>(id >> 8),
                         static_cast<std::uint8_t>(claimed),
                         0,
                         1,
                         2};
    zip_ = Written({Packed("manifest", manifest_)});
    const std::size_t directory = Directory();
    const std::size_t name_end = directory + kCentralHeaderBytes + 8;
    zip_.insert(zip_.begin() + static_cast<std::ptrdiff_t>(name_end), extra.begin(), extra.end());
    Put16(directory + 30, 6);
    Put32(End() + 12, static_cast<std::uint32_t>(End() - directory));
    return CodeOfZip(zip_);
  };
  EXPECT_EQ(with_extra(0x5455, 2), Code::kOk) << "time stamp";
  EXPECT_EQ(with_extra(0x5455, 3), Code::kZipMalformed) << "runs over its end";
  EXPECT_EQ(with_extra(0x0001, 2), Code::kZipMalformed) << "zip64";
  EXPECT_EQ(with_extra(0x7075, 2), Code::kZipMalformed) << "another name";
  EXPECT_EQ(with_extra(0x9901, 2), Code::kZipMalformed) << "AES";
}

TEST(WriteZip, MoreThanTheLimit_IsTooLarge) {
  PackedEntry entry = Stored("manifest", {});
  const std::size_t around = kLocalHeaderBytes + kCentralHeaderBytes + kEndRecordBytes + 2 * 8;
  entry.data.resize(kMaxBundleBytes - around);
  entry.uncompressed_bytes = static_cast<std::uint32_t>(entry.data.size());
  EXPECT_EQ(Written({entry}).size(), kMaxBundleBytes);
  entry.data.push_back(0);
  EXPECT_EQ(CodeOf(WriteZip({entry})), Code::kBundleTooLarge);
}

TEST(WriteZip, AnyEntries_AreConsistentForLibzip) {
  const Bytes layer = Pattern(100'000);
  const Bytes manifest = Pattern(10);
  const Bytes zip = Written({Packed(LayerName(layer), layer), Packed("manifest", manifest)});
  zip_error_t error;
  zip_error_init(&error);
  zip_source_t* source = zip_source_buffer_create(zip.data(), zip.size(), 0, &error);
  zip_t* archive = zip_open_from_source(source, ZIP_CHECKCONS | ZIP_RDONLY, &error);
  ASSERT_NE(archive, nullptr) << zip_error_strerror(&error);
  ASSERT_EQ(zip_get_num_entries(archive, 0), 2);
  EXPECT_EQ(zip_get_name(archive, 0, 0), LayerName(layer));
  EXPECT_STREQ(zip_get_name(archive, 1, 0), "manifest");
  Bytes read(layer.size());
  zip_file_t* file = zip_fopen_index(archive, 0, 0);
  ASSERT_NE(file, nullptr);
  EXPECT_EQ(zip_fread(file, read.data(), read.size()), static_cast<zip_int64_t>(read.size()));
  EXPECT_EQ(read, layer);
  zip_fclose(file);
  zip_discard(archive);
}

}  // namespace
}  // namespace strata::bundle
