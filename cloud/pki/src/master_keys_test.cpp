// SPDX-License-Identifier: Apache-2.0
#include "strata/cloud/pki/master_keys.hpp"

#include <algorithm>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace strata::cloud::pki {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

std::unique_ptr<MasterKeys> Make() {
  return std::move(MasterKeys::Generate()).value();
}

std::string Opened(MasterKeys& keys, std::string_view context, ByteSpan sealed) {
  const auto plain = keys.Open(AsBytes(context), sealed);
  return plain.ok() ? std::string(AsText(*plain)) : "refused";
}

TEST(MasterKeys, Sealed_OpensInItsContextOnly) {
  const auto keys = Make();
  for (const std::string& text : {std::string(), std::string("s3cret"), std::string(16'384, 'x')}) {
    const auto sealed = keys->Seal(AsBytes("here"), AsBytes(text));
    ASSERT_TRUE(sealed.ok());
    EXPECT_EQ(sealed->master_key_id, keys->newest_key_id());
    EXPECT_EQ(sealed->bytes.size(), text.size() + 37);
    EXPECT_EQ(Opened(*keys, "here", sealed->bytes), text);
    EXPECT_EQ(Opened(*keys, "there", sealed->bytes), "refused");
    EXPECT_EQ(Opened(*keys, "", sealed->bytes), "refused");
  }
}

TEST(MasterKeys, Sealed_ShowsNothingAndNeverRepeats) {
  const auto keys = Make();
  const auto first = keys->Seal(AsBytes("c"), AsBytes("correct horse"));
  const auto second = keys->Seal(AsBytes("c"), AsBytes("correct horse"));
  EXPECT_THAT(std::string(AsText(first->bytes)), Not(HasSubstr("horse")));
  EXPECT_FALSE(
      std::equal(first->bytes.begin() + 9, first->bytes.begin() + 21, second->bytes.begin() + 9));
}

TEST(MasterKeys, EachBitFlippedOrByteMissing_IsRefused) {
  const auto keys = Make();
  const std::vector<std::uint8_t> sealed = keys->Seal(AsBytes("c"), AsBytes("value"))->bytes;
  for (std::size_t bit = 0; bit < 8 * sealed.size(); ++bit) {
    std::vector<std::uint8_t> changed = sealed;
    changed[bit / 8] = static_cast<std::uint8_t>(changed[bit / 8] ^ (1U << (bit % 8)));
    EXPECT_EQ(Opened(*keys, "c", changed), "refused") << bit;
  }
  for (std::size_t size = 0; size < sealed.size(); ++size) {
    EXPECT_EQ(Opened(*keys, "c", ByteSpan(sealed).first(size)), "refused") << size;
  }
}

TEST(MasterKeys, KeyThatIsNotHeld_IsSaidSo) {
  const auto sealed = Make()->Seal(AsBytes("c"), AsBytes("v"));
  const auto opened = Make()->Open(AsBytes("c"), sealed->bytes);
  EXPECT_EQ(opened.error().code, Code::kKeyInvalid);
}

TEST(MasterKeys, Rotated_OpensOldAndSealsNew) {
  const auto old = Make();
  const auto sealed = old->Seal(AsBytes("c"), AsBytes("v"));
  const auto both = std::move(old->Rotated()).value();
  EXPECT_THAT(both->ids(), ElementsAre(both->newest_key_id(), old->newest_key_id()));
  EXPECT_EQ(Opened(*both, "c", sealed->bytes), "v");
  EXPECT_EQ(both->Seal(AsBytes("c"), AsBytes("v"))->master_key_id, both->newest_key_id());
  EXPECT_THAT(both->NewestOnly()->ids(), ElementsAre(both->newest_key_id()));
  EXPECT_EQ(Opened(*both->NewestOnly(), "c", sealed->bytes), "refused");
}

TEST(MasterKeys, Text_ReadsBackAsTheSameKeys) {
  const auto old = Make();
  const auto both = std::move(old->Rotated()).value();
  const auto read = MasterKeys::Parse(both->Text());
  ASSERT_TRUE(read.ok());
  EXPECT_EQ((*read)->ids(), both->ids());
  EXPECT_EQ((*read)->Text(), both->Text());
  EXPECT_EQ(both->Text().size(), 2U * (21 + 64 + 1));
}

TEST(MasterKeys, Text_AnythingElse_IsMalformed) {
  const std::string text = Make()->Text();
  const std::string zero(64, '0');
  for (const std::string& bad : {std::string(),
                                 text.substr(1),
                                 text.substr(0, text.size() - 1),
                                 text + "\n",
                                 text + text,
                                 text + Make()->Text() + Make()->Text(),
                                 "strata-master-key-v2 " + text.substr(21),
                                 "strata-master-key-v1 " + zero.substr(1) + "g\n"}) {
    EXPECT_EQ(MasterKeys::Parse(bad).error().code, Code::kMalformed) << bad.size();
  }
}

}  // namespace
}  // namespace strata::cloud::pki
