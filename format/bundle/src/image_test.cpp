// SPDX-License-Identifier: Apache-2.0
#include <iomanip>
#include <sstream>

#include "bundles_for_test.hpp"
#include "zip_format.hpp"

namespace strata::bundle {
namespace {

constexpr std::uint32_t kBase = 0x08000000;

struct Segment {
  std::uint32_t type;
  std::uint32_t physical_address;
  Bytes bytes;
  std::uint32_t memory_bytes;
};

Bytes MakeElf(const std::vector<Segment>& segments, std::uint16_t machine = 40) {
  Bytes out = {0x7F, 'E', 'L', 'F', 1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0};
  FieldWriter fields(out);
  fields.U16(2);
  fields.U16(machine);
  for (const std::uint32_t word : {1U, kBase + 1, 52U, 0U, 0x05000400U}) {
    fields.U32(word);
  }
  for (const std::size_t half : {std::size_t{52},
                                 std::size_t{32},
                                 segments.size(),
                                 std::size_t{40},
                                 std::size_t{0},
                                 std::size_t{0}}) {
    fields.U16(static_cast<std::uint16_t>(half));
  }
  std::size_t offset = 52 + 32 * segments.size();
  for (const Segment& segment : segments) {
    const auto size = static_cast<std::uint32_t>(segment.bytes.size());
    for (const std::uint32_t word : {segment.type,
                                     static_cast<std::uint32_t>(offset),
                                     0x20000000U,
                                     segment.physical_address,
                                     size,
                                     segment.memory_bytes,
                                     5U,
                                     4U}) {
      fields.U32(word);
    }
    offset += size;
  }
  for (const Segment& segment : segments) {
    fields.Bytes(segment.bytes);
  }
  return out;
}

std::string Line(std::uint8_t type, std::uint16_t address, const Bytes& data) {
  Bytes record = {static_cast<std::uint8_t>(data.size()),
                  static_cast<std::uint8_t>(address >> 8),
                  static_cast<std::uint8_t>(address),
                  type};
  record.insert(record.end(), data.begin(), data.end());
  std::uint8_t sum = 0;
  for (const std::uint8_t byte : record) {
    sum = static_cast<std::uint8_t>(sum + byte);
  }
  record.push_back(static_cast<std::uint8_t>(-sum));
  std::ostringstream out;
  out << ':' << std::uppercase << std::hex << std::setfill('0');
  for (const std::uint8_t byte : record) {
    out << std::setw(2) << int{byte};
  }
  out << "\r\n";
  return out.str();
}

const std::string kHexEnd = ":00000001FF\r\n";
const std::string kHexBase = Line(4, 0, {0x08, 0x00});

Code HexCode(const std::string& text) {
  return CodeOf(ReadImage(AsBytes(text), Profile()));
}

Code ElfCode(const std::vector<Segment>& segments) {
  return CodeOf(ReadImage(MakeElf(segments), Profile()));
}

TEST(ReadImage, Raw_IsTakenAsItIs) {
  const Bytes file = Pattern(1000);
  const auto image = ReadImage(file, Profile());
  ASSERT_TRUE(image);
  EXPECT_EQ(image->start_bytes, 0U);
  EXPECT_EQ(image->bytes, file);
}

TEST(ReadImage, Raw_TrailingErasedBytes_AreKept) {
  EXPECT_EQ(ReadImage(Bytes(64, 0xFF), Profile())->bytes, Bytes(64, 0xFF));
}

TEST(ReadImage, Raw_SizeLimits_AreTheMedium) {
  EXPECT_EQ(CodeOf(ReadImage({}, Profile())), Code::kImageEmpty);
  EXPECT_EQ(CodeOf(ReadImage(Bytes(0x100000, 1), Profile())), Code::kOk);
  EXPECT_EQ(CodeOf(ReadImage(Bytes(0x100001, 1), Profile())), Code::kImageTooLarge);
}

TEST(ReadImage, Archives_AreNotTakenForRawImages) {
  EXPECT_EQ(HexCode("PK\003\004rest"), Code::kImageMalformed);
  EXPECT_EQ(HexCode("!<arch>\nrest"), Code::kImageMalformed);
}

TEST(ReadImage, Elf_SegmentsByPhysicalAddress_GapsErased) {
  const Bytes code = Pattern(10, 1);
  const Bytes data = Pattern(6, 2);
  const auto image = ReadImage(MakeElf({{1, kBase + 0x20, data, 100},
                                        {1, kBase, code, 10},
                                        {1, 0x20000000, {}, 4096},
                                        {0x70000001, 0, Pattern(8), 8}}),
                               Profile());
  ASSERT_TRUE(image) << image.failure().message;
  Bytes expected(0x26, 0xFF);
  std::copy(code.begin(), code.end(), expected.begin());
  std::copy(data.begin(), data.end(), expected.begin() + 0x20);
  EXPECT_EQ(image->start_bytes, 0U);
  EXPECT_EQ(image->bytes, expected);
}

TEST(ReadImage, Elf_StartingInsideAnEraseUnit_BeginsOnTheUnit) {
  const auto image = ReadImage(MakeElf({{1, kBase + 0x4100, {1, 2}, 2}}), Profile());
  ASSERT_TRUE(image);
  EXPECT_EQ(image->start_bytes, 0x4000U);
  EXPECT_EQ(image->bytes.size(), 0x102U);
  EXPECT_EQ(image->bytes[0xFF], 0xFF);
  EXPECT_EQ(image->bytes[0x100], 1);
}

TEST(ReadImage, Elf_ThatIsBrokenOrForeign_IsRefused) {
  const Segment good{1, kBase, {1, 2, 3, 4}, 4};
  EXPECT_EQ(ElfCode({good}), Code::kOk);
  EXPECT_EQ(ElfCode({}), Code::kImageMalformed);
  EXPECT_EQ(ElfCode({{1, kBase, {}, 4}}), Code::kImageEmpty);
  EXPECT_EQ(ElfCode({good, {1, kBase + 3, {1}, 1}}), Code::kImageMalformed) << "overlap";
  EXPECT_EQ(ElfCode({{1, kBase - 1, {1, 2}, 2}}), Code::kImageMalformed) << "below the flash";
  EXPECT_EQ(ElfCode({{1, kBase + 0x100000, {1}, 1}}), Code::kImageMalformed) << "behind it";
  EXPECT_EQ(ElfCode({{1, kBase + 0xFFFFF, {1, 2}, 2}}), Code::kImageTooLarge);
  EXPECT_EQ(ElfCode({{1, kBase, {1, 2}, 1}}), Code::kImageMalformed) << "file > memory size";
  EXPECT_EQ(CodeOf(ReadImage(MakeElf({good}, 62), Profile())), Code::kImageMalformed) << "x86";
  const Bytes file = MakeElf({good});
  for (std::size_t size = 4; size < file.size(); ++size) {
    EXPECT_EQ(CodeOf(ReadImage(ByteSpan(file).first(size), Profile())), Code::kImageMalformed);
  }
  Bytes wide = file;
  wide[4] = 2;
  EXPECT_EQ(CodeOf(ReadImage(wide, Profile())), Code::kImageMalformed) << "64 bit";
}

TEST(ReadImage, Elf_RebasedByTheProfile) {
  const auto image = ReadImage(MakeElf({{1, 0x00200000, {1, 2}, 2}}), Profile("mps2-an505"));
  ASSERT_TRUE(image);
  EXPECT_EQ(image->bytes, (Bytes{1, 2}));
  EXPECT_EQ(ElfCode({{1, 0x00200000, {1, 2}, 2}}), Code::kImageMalformed);
}

TEST(ReadImage, Hex_AllRecordTypes_AreRead) {
  const std::string text = kHexBase + Line(0, 0x0000, {1, 2, 3}) + Line(0, 0x0003, {4}) +
                           Line(0, 0x0010, {5}) + Line(3, 0, {0, 0, 0, 0}) +
                           Line(5, 0, {8, 0, 0, 1}) + kHexEnd + "\n";
  const auto image = ReadImage(AsBytes(text), Profile());
  ASSERT_TRUE(image) << image.failure().message;
  Bytes expected(17, 0xFF);
  std::copy_n(Bytes{1, 2, 3, 4}.begin(), 4, expected.begin());
  expected[16] = 5;
  EXPECT_EQ(image->bytes, expected);
}

TEST(ReadImage, Hex_SegmentBase_CountsInParagraphs) {
  const std::string text = Line(2, 0, {0x10, 0x00}) + Line(0, 2, {7}) + kHexEnd;
  const auto image = ReadImage(AsBytes(text), Profile("large"));
  ASSERT_TRUE(image) << image.failure().message;
  EXPECT_EQ(image->start_bytes, 0x10000U);
  EXPECT_EQ(image->bytes, (Bytes{0xFF, 0xFF, 7}));
}

TEST(ReadImage, Hex_ThatIsBroken_IsRefused) {
  const std::string data = Line(0, 0, {1, 2, 3});
  EXPECT_EQ(HexCode(kHexBase + data + kHexEnd), Code::kOk);
  EXPECT_EQ(HexCode(kHexBase + data), Code::kImageMalformed) << "no end";
  EXPECT_EQ(HexCode(kHexBase + data + kHexEnd + data), Code::kImageMalformed) << "after the end";
  EXPECT_EQ(HexCode(kHexBase + data + data + kHexEnd), Code::kImageMalformed) << "overlap";
  EXPECT_EQ(HexCode(data + kHexEnd), Code::kImageMalformed) << "address 0 is not flash";
  EXPECT_EQ(HexCode(kHexBase + kHexEnd), Code::kImageEmpty);
  EXPECT_EQ(HexCode(kHexBase + Line(6, 0, {1}) + kHexEnd), Code::kImageMalformed) << "type";
  EXPECT_EQ(HexCode(kHexBase + Line(4, 0, {1}) + kHexEnd), Code::kImageMalformed) << "length";
  EXPECT_EQ(HexCode(kHexBase + Line(0, 0xFFFF, {1, 2}) + kHexEnd), Code::kImageMalformed);
  EXPECT_EQ(HexCode(Line(4, 0, {0xFF, 0xFF}) + Line(0, 0, {1}) + kHexEnd), Code::kImageMalformed);
  EXPECT_EQ(HexCode(kHexBase + "garbage\n" + kHexEnd), Code::kImageMalformed);
  std::string checksum = kHexBase + data + kHexEnd;
  checksum[kHexBase.size() + 10] = '7';
  EXPECT_EQ(HexCode(checksum), Code::kImageMalformed) << "checksum";
}

TEST(ReadImage, TextThatOnlyBeginsWithAColon_IsRaw) {
  EXPECT_EQ(ReadImage(AsBytes(":not hex at all"), Profile())->bytes.size(), 15U);
}

}  // namespace
}  // namespace strata::bundle
