// SPDX-License-Identifier: Apache-2.0
#include "message_reader.hpp"

#include "bodies_for_test.hpp"

namespace strata::manifest {
namespace {

// The number of fields, or -1 when malformed.
int FieldsIn(const Bytes& bytes, std::uint32_t depth_left = MessageReader::kMaxDepth) {
  MessageReader reader(bytes, depth_left);
  Field field;
  int fields = 0;
  while (reader.Next(field)) {
    ++fields;
  }
  return reader.ok() ? fields : -1;
}

std::uint64_t VarintIn(const Bytes& bytes) {
  MessageReader reader(bytes);
  Field field;
  EXPECT_TRUE(reader.Next(field));
  EXPECT_EQ(field.type, WireType::kVarint);
  return field.varint;
}

TEST(MessageReader, Next_EveryWireType_IsOneField) {
  EXPECT_EQ(FieldsIn({}), 0);
  EXPECT_EQ(FieldsIn({0x08, 0x01}), 1);
  EXPECT_EQ(FieldsIn({0x09, 1, 2, 3, 4, 5, 6, 7, 8}), 1);
  EXPECT_EQ(FieldsIn({0x0a, 0x02, 1, 2}), 1);
  EXPECT_EQ(FieldsIn({0x0d, 1, 2, 3, 4}), 1);
  EXPECT_EQ(FieldsIn({0x0b, 0x08, 0x01, 0x13, 0x14, 0x0c, 0x08, 0x02}), 2);
}

TEST(MessageReader, Next_CutShort_IsMalformed) {
  for (const Bytes& bytes : {Bytes{0x08},
                             Bytes{0x08, 0x80},
                             Bytes{0x80},
                             Bytes{0x09, 1, 2, 3, 4, 5, 6, 7},
                             Bytes{0x0a},
                             Bytes{0x0a, 0x02, 1},
                             Bytes{0x0d, 1, 2, 3},
                             Bytes{0x0b},
                             Bytes{0x0b, 0x08, 0x01}}) {
    EXPECT_EQ(FieldsIn(bytes), -1);
  }
}

TEST(MessageReader, Next_BadTag_IsMalformed) {
  EXPECT_EQ(FieldsIn({0x00}), -1);        // field 0
  EXPECT_EQ(FieldsIn({0x02, 0x00}), -1);  // field 0
  EXPECT_EQ(FieldsIn({0x0e, 0x00}), -1);  // wire type 6
  EXPECT_EQ(FieldsIn({0x0f, 0x00}), -1);  // wire type 7
  EXPECT_EQ(FieldsIn({0x0c}), -1);        // an end without a start
  EXPECT_EQ(FieldsIn({0x0b, 0x14}), -1);  // the end of another group
  EXPECT_EQ(FieldsIn({0x88, 0x80, 0x80, 0x80, 0x80, 0x00, 0x01}), -1);
}

TEST(MessageReader, Next_Varints_LoseUpperBitsAndEndWithinTenBytes) {
  EXPECT_EQ(VarintIn({0x08, 0x96, 0x01}), 150U);
  EXPECT_EQ(VarintIn({0x08, 0x81, 0x80, 0x00}), 1U);
  EXPECT_EQ(VarintIn({0x08, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f}),
            UINT64_MAX);
  EXPECT_EQ(FieldsIn({0x08, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x00}), -1);
}

TEST(MessageReader, Next_LengthBeyondTheMessage_IsMalformed) {
  EXPECT_EQ(FieldsIn({0x0a, 0x03, 1, 2}), -1);
  EXPECT_EQ(FieldsIn({0x0a, 0xff, 0xff, 0xff, 0xff, 0x07}), -1);
  EXPECT_EQ(FieldsIn({0x0a, 0xff, 0xff, 0xff, 0xff, 0xff}), -1);
  EXPECT_EQ(FieldsIn({0x0a, 0x82, 0x80, 0x80, 0x80, 0x00, 1, 2}), 1);
}

TEST(MessageReader, Next_GroupsInGroups_EndAtTheLimit) {
  const auto nested = [](std::size_t depth) {
    Bytes out(depth, 0x0b);
    out.resize(2 * depth, 0x0c);
    return out;
  };
  EXPECT_EQ(FieldsIn(nested(100)), 1);
  EXPECT_EQ(FieldsIn(nested(101)), -1);
  EXPECT_EQ(FieldsIn(nested(2), 2), 1);
  EXPECT_EQ(FieldsIn(nested(3), 2), -1);
  EXPECT_EQ(FieldsIn(Bytes(4096, 0x0b)), -1);
}

}  // namespace
}  // namespace strata::manifest
