// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <limits>
#include <optional>
#include <string>

#include "extents.hpp"
#include "try.hpp"

namespace strata::bundle {
namespace {

constexpr std::uint8_t kData = 0x00;
constexpr std::uint8_t kEndOfFile = 0x01;
constexpr std::uint8_t kSegmentBase = 0x02;
constexpr std::uint8_t kSegmentStart = 0x03;
constexpr std::uint8_t kLinearBase = 0x04;
constexpr std::uint8_t kLinearStart = 0x05;

constexpr std::uint32_t kSegmentBytes = 0x10000;
constexpr std::size_t kOverheadBytes = 5;  // count, address (2), type, checksum

struct Record {
  std::uint8_t type = 0;
  std::uint16_t address = 0;
  ByteSpan data;
};

std::optional<std::uint8_t> Nibble(std::uint8_t c) {
  if (c >= '0' && c <= '9') {
    return static_cast<std::uint8_t>(c - '0');
  }
  const auto lower = static_cast<std::uint8_t>(c | 0x20);
  if (lower >= 'a' && lower <= 'f') {
    return static_cast<std::uint8_t>(lower - 'a' + 10);
  }
  return std::nullopt;
}

// The bytes of one line behind its colon, or nothing; `buffer` holds them.
std::optional<ByteSpan> DecodeLine(ByteSpan line, std::array<std::uint8_t, 260>& buffer) {
  if (line.size() % 2 != 0 || line.size() / 2 < kOverheadBytes || line.size() / 2 > buffer.size()) {
    return std::nullopt;
  }
  std::uint8_t sum = 0;
  for (std::size_t i = 0; i < line.size() / 2; ++i) {
    const auto high = Nibble(line[2 * i]);
    const auto low = Nibble(line[2 * i + 1]);
    if (!high || !low) {
      return std::nullopt;
    }
    buffer[i] = static_cast<std::uint8_t>(*high << 4 | *low);
    sum = static_cast<std::uint8_t>(sum + buffer[i]);
  }
  const ByteSpan bytes = ByteSpan(buffer).first(line.size() / 2);
  if (sum != 0 || bytes.size() != bytes[0] + kOverheadBytes) {
    return std::nullopt;
  }
  return bytes;
}

class HexReader {
 public:
  Outcome Take(ByteSpan line) {
    ++line_number_;
    while (!line.empty() && (line.back() == '\r' || line.back() == ' ' || line.back() == '\t')) {
      line = line.first(line.size() - 1);
    }
    if (line.empty()) {
      return Done{};
    }
    if (ended_) {
      return Malformed("something follows the end record");
    }
    std::array<std::uint8_t, 260> buffer{};
    const auto bytes = line[0] == ':' ? DecodeLine(line.subspan(1), buffer) : std::nullopt;
    if (!bytes) {
      return Malformed("not a record with a right length and checksum");
    }
    return Apply({(*bytes)[3],
                  LoadBigEndian<std::uint16_t>(bytes->subspan(1)),
                  bytes->subspan(4, (*bytes)[0])});
  }

  Expected<Extents> Finish() {
    if (!ended_) {
      return Malformed("the end record is missing");
    }
    out_.bytes = out_.decoded;
    return std::move(out_);
  }

 private:
  Failure Malformed(const std::string& why) const {
    return {Error{Code::kImageMalformed, Op::kParse, line_number_},
            "the Intel HEX file is malformed, line " + std::to_string(line_number_) + ": " + why};
  }

  Outcome Apply(const Record& record) {
    switch (record.type) {
      case kData:
        return Store(record);
      case kEndOfFile:
        ended_ = true;
        return Expect(record, 0);
      case kSegmentBase:
      case kLinearBase:
        BUNDLE_TRY(Expect(record, 2));
        base_ = std::uint32_t{LoadBigEndian<std::uint16_t>(record.data)}
                << (record.type == kSegmentBase ? 4 : 16);
        return Done{};
      case kSegmentStart:
      case kLinearStart:
        return Expect(record, 4);  // where to begin execution: the vector table says that
      default:
        return Malformed("unknown record type");
    }
  }

  Outcome Expect(const Record& record, std::size_t length) const {
    return record.data.size() == length ? Outcome(Done{}) : Malformed("a record's length is wrong");
  }

  Outcome Store(const Record& record) {
    if (record.data.empty()) {
      return Done{};
    }
    const std::uint64_t address = std::uint64_t{base_} + record.address;
    // The two kinds of base wrap differently at 64 KiB; no linker makes such records.
    if (record.address + record.data.size() > kSegmentBytes ||
        address + record.data.size() - 1 > std::numeric_limits<std::uint32_t>::max()) {
      return Malformed("a record runs over the end of its segment");
    }
    if (!out_.list.empty() && out_.list.back().address + out_.list.back().size == address) {
      out_.list.back().size += record.data.size();
    } else {
      out_.list.push_back({address, out_.decoded.size(), record.data.size()});
    }
    out_.decoded.insert(out_.decoded.end(), record.data.begin(), record.data.end());
    return Done{};
  }

  Extents out_;
  std::uint32_t base_ = 0;
  std::uint32_t line_number_ = 0;
  bool ended_ = false;
};

}  // namespace

Expected<Extents> ReadIntelHex(ByteSpan file) {
  HexReader reader;
  while (!file.empty()) {
    std::size_t length = 0;
    while (length < file.size() && file[length] != '\n') {
      ++length;
    }
    BUNDLE_TRY(reader.Take(file.first(length)));
    file = file.subspan(std::min(file.size(), length + 1));
  }
  return reader.Finish();
}

}  // namespace strata::bundle
