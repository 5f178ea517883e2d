// SPDX-License-Identifier: Apache-2.0
#include "settings.hpp"

#include <fstream>
#include <iterator>
#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "world_test.hpp"

namespace strata::cloud {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

class Settings : public testing::Test {
 protected:
  ApiResult<Setting> Create(const SettingPlace& place,
                            std::string_view key,
                            std::string_view value = "v") {
    return service().CreateSetting(account(), place, key, value);
  }

  /// The value of a secret as a device would get it; "refused" when it does not open.
  std::string Reveal(const SettingScope& scope, std::string_view key, Sealer& sealer) {
    std::string value = "missing";
    EXPECT_TRUE(world_.store
                    ->Read([&](StoreView& view) -> Status {
                      STRATA_TRY_ASSIGN(const auto record, view.FindSetting(scope, key));
                      if (record) {
                        const auto plain =
                            sealer.Open(SecretContext(*record), record->sealed.bytes);
                        value = plain.ok() ? std::string(AsText(*plain)) : "refused";
                      }
                      return {};
                    })
                    .ok());
    return value;
  }

  std::string Reveal(std::string_view key) {
    return Reveal({.account = account().sid, .kind = kSecret}, key, *world_.sealer);
  }

  /// Everything that lies in the database's files.
  [[nodiscard]] std::string DatabaseBytes() const {
    std::string all;
    for (const auto& entry : std::filesystem::directory_iterator(world_.dir)) {
      if (entry.path().filename().string().starts_with("strata.db")) {
        std::ifstream file(entry.path(), std::ios::binary);
        all.append(std::istreambuf_iterator<char>(file), {});
      }
    }
    return all;
  }

  Service& service() { return *world_.service; }

  const Account& account() { return *world_.account; }

  TestWorld world_;
  TestWorld::TestDevice device_ = world_.MakeDevice("kitchen");
  const SettingPlace all_places_[4] = {
      {kConfig, std::nullopt}, {kSecret, std::nullopt}, {kConfig, "kitchen"}, {kSecret, "kitchen"}};
};

TEST_F(Settings, EachPlaceIsAStoreOfItsOwn) {
  for (const SettingPlace& place : all_places_) {
    const auto made = Create(place, "wifi");
    ASSERT_TRUE(made.ok()) << made.error().message;
    EXPECT_EQ(made->kind, place.kind);
    EXPECT_EQ(made->device_sid.has_value(), place.device.has_value());
    EXPECT_EQ(Refusal(Create(place, "wifi")), std::pair(409, 20409));
    EXPECT_TRUE(Create(place, "WIFI").ok()) << "keys are case-sensitive";
  }
  ASSERT_TRUE(service().DeleteSetting(account(), all_places_[0], "wifi").ok());
  EXPECT_EQ(Refusal(service().FetchSetting(account(), all_places_[0], "wifi")),
            std::pair(404, 20404));
  for (const SettingPlace& place : std::span(all_places_).subspan(1)) {
    EXPECT_TRUE(service().FetchSetting(account(), place, "wifi").ok());
  }
}

TEST_F(Settings, Update_ChangesValueAndDateAlone) {
  for (const SettingPlace& place : all_places_) {
    const auto made = Create(place, "k", "old");
    world_.clock.Advance(10);
    const auto updated = service().UpdateSetting(account(), place, "k", "new");
    ASSERT_TRUE(updated.ok());
    EXPECT_EQ(updated->date_updated, made->date_updated + 10);
    const auto fetched = service().FetchSetting(account(), place, "k");
    EXPECT_EQ(fetched->date_updated, updated->date_updated);
    EXPECT_EQ(fetched->date_created, made->date_created);
    EXPECT_EQ(fetched->value, place.kind == kConfig ? "new" : "") << "a secret's is never read";
    EXPECT_EQ(Refusal(service().UpdateSetting(account(), place, "other", "v")),
              std::pair(404, 20404));
    EXPECT_EQ(Refusal(service().DeleteSetting(account(), place, "other")), std::pair(404, 20404));
  }
  EXPECT_EQ(Reveal("k"), "new");
}

TEST_F(Settings, Key_RulesOfBothScopes) {
  const SettingPlace mine{kConfig, std::nullopt};
  const SettingPlace devices{kConfig, "kitchen"};
  std::string umlauts;
  for (int i = 0; i < 100; ++i) {
    umlauts += "\xC3\xBC";
  }
  for (const std::string& key : {std::string("a/b"),
                                 std::string(100, 'k'),
                                 std::string("x.json"),
                                 std::string(" "),
                                 std::string(".json"),
                                 std::string("...")}) {
    EXPECT_TRUE(Create(mine, key).ok()) << key;
    EXPECT_TRUE(Create(devices, key).ok()) << key;
  }
  EXPECT_TRUE(Create(mine, umlauts).ok()) << "characters are counted, not bytes";
  EXPECT_EQ(Refusal(Create(devices, "\xC3\xBC")), std::pair(400, 20001));
  for (const std::string& key : {std::string(),
                                 std::string(101, 'k'),
                                 std::string("."),
                                 std::string(".."),
                                 std::string("a\nb"),
                                 std::string("\xff"),
                                 umlauts + "k",
                                 std::string("a\0b", 3)}) {
    EXPECT_EQ(Refusal(Create(mine, key)), std::pair(400, 20001)) << key;
    EXPECT_EQ(Refusal(Create(devices, key)), std::pair(400, 20001)) << key;
    EXPECT_EQ(Refusal(service().FetchSetting(account(), mine, key)), std::pair(404, 20404));
  }
}

TEST_F(Settings, Value_Rules) {
  std::string longest;
  for (int i = 0; i < 4096; ++i) {
    longest += "\xE2\x82\xAC";
  }
  int next = 0;
  for (const std::string& value : {std::string(), std::string("a\r\nb\t"), longest}) {
    for (const SettingPlace& place : all_places_) {
      EXPECT_TRUE(Create(place, std::to_string(next++), value).ok()) << value.size();
    }
  }
  EXPECT_EQ(service().FetchSetting(account(), all_places_[0], "8")->value, longest);
  EXPECT_EQ(Reveal("9"), longest);
  EXPECT_EQ(Reveal("1"), "");
  for (const std::string& value :
       {longest + "x", std::string("a\0b", 3), std::string("\xC3"), std::string("\xED\xA0\x80")}) {
    const auto refused = Create(all_places_[1], "bad", value);
    EXPECT_EQ(Refusal(refused), std::pair(400, 20001));
    EXPECT_THAT(refused.error().message, Not(HasSubstr(value)));
    EXPECT_EQ(Refusal(service().UpdateSetting(account(), all_places_[1], "1", value)),
              std::pair(400, 20001));
  }
}

TEST_F(Settings, Place_HoldsAtMost256) {
  for (int i = 0; i < 256; ++i) {
    ASSERT_TRUE(Create(all_places_[3], std::to_string(i)).ok());
  }
  EXPECT_EQ(Refusal(Create(all_places_[3], "one more")), std::pair(400, 65020));
  EXPECT_TRUE(Create(all_places_[2], "one more").ok()) << "the other store";
  EXPECT_TRUE(service().UpdateSetting(account(), all_places_[3], "7", "v").ok());
  ASSERT_TRUE(service().DeleteSetting(account(), all_places_[3], "7").ok());
  EXPECT_TRUE(Create(all_places_[3], "one more").ok());
}

TEST_F(Settings, Lists_PageTheirOwnPlaceNewestFirst) {
  for (const char* key : {"a", "b", "c"}) {
    ASSERT_TRUE(Create(all_places_[0], key).ok());
    ASSERT_TRUE(Create(all_places_[2], key).ok());
  }
  const auto keys = [](const PageOf<Setting>& page) {
    std::vector<std::string> all;
    for (const Setting& setting : page.items) {
      all.push_back(setting.key);
    }
    return all;
  };
  const auto first = service().ListSettings(account(), all_places_[2], {.page_size = 2});
  ASSERT_TRUE(first.ok());
  EXPECT_THAT(keys(*first), ElementsAre("c", "b"));
  const PageRequest next{.page_size = 2, .page = 1, .page_token = first->next_token};
  EXPECT_THAT(keys(*service().ListSettings(account(), all_places_[2], next)), ElementsAre("a"));
  EXPECT_EQ(Refusal(service().ListSettings(account(), all_places_[0], next)), std::pair(400, 20002))
      << "a token of one place is none of another";
  EXPECT_TRUE(service().ListSettings(account(), all_places_[1], {})->items.empty());
}

TEST_F(Settings, OfAnotherAccount_DoNotExist) {
  const Account& stranger = *world_.stranger;
  for (const SettingPlace& place : all_places_) {
    ASSERT_TRUE(Create(place, "k").ok());
    EXPECT_EQ(Refusal(service().FetchSetting(stranger, place, "k")), std::pair(404, 20404));
    EXPECT_EQ(Refusal(service().UpdateSetting(stranger, place, "k", "v")), std::pair(404, 20404));
    EXPECT_EQ(Refusal(service().DeleteSetting(stranger, place, "k")), std::pair(404, 20404));
    const auto listed = service().ListSettings(stranger, place, {});
    EXPECT_TRUE(place.device ? !listed.ok() : listed->items.empty());
    const auto made = service().CreateSetting(stranger, place, "k", "theirs");
    EXPECT_EQ(made.ok(), !place.device.has_value());
  }
  EXPECT_EQ(Reveal("k"), "v");
}

TEST_F(Settings, Secrets_LieSealed) {
  for (const SettingPlace& place : {all_places_[1], all_places_[3]}) {
    ASSERT_TRUE(Create(place, "k", "correct-horse-1").ok());
    ASSERT_TRUE(service().UpdateSetting(account(), place, "k", "correct-horse-2").ok());
  }
  ASSERT_TRUE(Create(all_places_[0], "k", "battery-staple").ok());
  const std::string bytes = DatabaseBytes();
  EXPECT_NE(bytes.find("battery-staple"), std::string::npos) << "the control";
  EXPECT_EQ(bytes.find("correct-horse"), std::string::npos);
}

TEST_F(Settings, SecretInAnotherRow_DoesNotOpen) {
  ASSERT_TRUE(Create(all_places_[1], "a", "one").ok());
  ASSERT_TRUE(Create(all_places_[1], "b", "two").ok());
  ASSERT_TRUE(Create(all_places_[3], "a", "three").ok());
  std::vector<SettingRecord> records;
  ASSERT_TRUE(world_.store
                  ->Read([&](StoreView& view) -> Status {
                    STRATA_TRY_ASSIGN(records, view.SecretsBehind(std::nullopt, 10));
                    return {};
                  })
                  .ok());
  ASSERT_EQ(records.size(), 3U);
  std::vector<SettingRecord> places = records;
  places.push_back(records[0]);
  places.back().version = 2;
  places.push_back(records[0]);
  places.back().setting.account_sid = world_.stranger->sid;
  for (std::size_t i = 0; i < records.size(); ++i) {
    for (std::size_t j = 0; j < places.size(); ++j) {
      EXPECT_EQ(world_.sealer->Open(SecretContext(places[j]), records[i].sealed.bytes).ok(), i == j)
          << i << " in " << j;
    }
  }
}

TEST_F(Settings, ResealSecrets_CutAtEachCall_LosesNothingAndEnds) {
  constexpr int kSecrets = 103;  // more than one batch
  for (int i = 0; i < kSecrets; ++i) {
    ASSERT_TRUE(
        Create(all_places_[i % 2 == 0 ? 1 : 3], std::to_string(i), "v" + std::to_string(i)).ok());
  }
  ASSERT_TRUE(service().AdoptMasterKey().ok());
  const auto reveal = [&](int i, Sealer& sealer) {
    SettingScope scope{.account = account().sid, .kind = kSecret};
    if (i % 2 != 0) {
      scope.device = device_.resource.sid;
    }
    return Reveal(scope, std::to_string(i), sealer);
  };
  const std::string old_id = world_.sealer->newest_key_id();
  const auto both = std::move(world_.sealer->Rotated()).value();
  Service rotating({.store = world_.store.get(), .clock = &world_.clock, .sealer = both.get()}, {});
  int cuts = 0;
  std::uint64_t sealed = 0;
  for (bool done = false; !done; ++cuts) {
    ASSERT_LT(cuts, 20);
    world_.store->calls_until_failure = cuts + 1;
    const auto result = rotating.ResealSecrets();
    world_.store->calls_until_failure = 0;
    done = result.ok();
    sealed = done ? *result : 0;
    for (int i = 0; i < kSecrets; ++i) {
      ASSERT_EQ(reveal(i, *both), "v" + std::to_string(i)) << "cut " << cuts;
    }
  }
  EXPECT_EQ(cuts, 5) << "adopting, two batches, forgetting; then the whole";
  EXPECT_LT(sealed, static_cast<std::uint64_t>(kSecrets)) << "the last goes on where it was cut";
  EXPECT_EQ(reveal(0, *both->NewestOnly()), "v0");
  EXPECT_EQ(reveal(102, *world_.sealer), "refused");
  std::vector<std::string> ids;
  ASSERT_TRUE(world_.store
                  ->Read([&](StoreView& view) -> Status {
                    STRATA_TRY_ASSIGN(ids, view.MasterKeyIds());
                    return {};
                  })
                  .ok());
  EXPECT_THAT(ids, ElementsAre(both->newest_key_id()));
  EXPECT_NE(ids.front(), old_id);
}

TEST_F(Settings, ResealSecrets_OneThatDoesNotOpen_IsNamedAndNothingForgotten) {
  ASSERT_TRUE(Create(all_places_[1], "lost", "v").ok());
  const auto other = std::move(pki::MasterKeys::Generate()).value();
  Service rotating({.store = world_.store.get(), .clock = &world_.clock, .sealer = other.get()},
                   {});
  const auto result = rotating.ResealSecrets();
  ASSERT_FALSE(result.ok());
  EXPECT_THAT(result.error().message, HasSubstr("lost"));
  EXPECT_EQ(Reveal("lost"), "v");
}

}  // namespace
}  // namespace strata::cloud
