// SPDX-License-Identifier: Apache-2.0
// Each change has its entry and each entry its change; what a chain shows.
#include "audit.hpp"

#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "faulty_db_test.hpp"
#include "sql_store.hpp"
#include "sqlite_db.hpp"
#include "world_test.hpp"

namespace strata::cloud {
namespace {

using testing::ElementsAre;
using testing::EndsWith;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;
using testing::StartsWith;

constexpr PageRequest kAll{.page_size = 1000};

std::string HexText(const Digest& digest) {
  const auto hex = digest.ToHexText();
  return {hex.data(), hex.size()};
}

class AuditLog : public testing::Test {
 protected:
  /// Oldest first.
  std::vector<AuditEntry> Entries(const Account& account, const AuditQuery& query = {}) {
    auto page = world_.service->ListAudit(account, kAll, query);
    EXPECT_TRUE(page.ok());
    std::reverse(page->items.begin(), page->items.end());
    return page->items;
  }

  std::vector<AuditEntry> Entries() { return Entries(*world_.account); }

  std::string Newest() { return Entries().back().json; }

  /// Each entry's hash is right and names the one before it, from `previous` on.
  static void ExpectChain(const std::vector<AuditEntry>& entries,
                          std::uint64_t sequence = 0,
                          std::string previous = std::string(64, '0')) {
    for (const AuditEntry& entry : entries) {
      EXPECT_EQ(entry.sequence, ++sequence);
      const std::size_t end = entry.json.rfind(",\"hash\":\"");
      ASSERT_NE(end, std::string::npos);
      const std::string text = entry.json.substr(0, end);
      EXPECT_THAT(text, EndsWith(",\"previous_hash\":\"" + previous + "\""));
      EXPECT_THAT(text, StartsWith("{\"sequence\":" + std::to_string(sequence) + ","));
      previous = HexText(AuditHash(text));
      EXPECT_EQ(entry.json, text + ",\"hash\":\"" + previous + "\"}");
    }
  }

  TestWorld world_;
};

TEST_F(AuditLog, Changes_AreWrittenDownWithWhoWhatFromWhereAndAChain) {
  const Origin origin{.actor = "SK1", .address = "192.0.2.7", .request = "RQ1"};
  Service acting = world_.service->As(origin);
  ASSERT_TRUE(acting.UpdateAccount(*world_.account, {.friendly_name = "a\"\\é"}).ok());
  const std::string update = Newest();
  EXPECT_THAT(update, HasSubstr(R"("actor":"SK1","address":"192.0.2.7","request":"RQ1",)"));
  EXPECT_THAT(update,
              HasSubstr("\"action\":\"account.update\",\"resource\":\"" +
                        std::string(world_.account->sid.text()) + "\""));
  EXPECT_THAT(update,
              HasSubstr(R"("before":{"friendly_name":"ours","development_signing":false})"));
  world_.MakeApp(0x11, "blink");
  const auto device = world_.MakeDevice("kitchen");
  ASSERT_TRUE(
      world_.service->UpdateDevice(*world_.account, "kitchen", {.target_app = "blink"}).ok());
  EXPECT_THAT(Newest(), HasSubstr("\"target_sid\":null"));
  EXPECT_THAT(Newest(), HasSubstr("\"target_sid\":\"KA"));
  EXPECT_THAT(Newest(), HasSubstr("\"actor\":\"cloud\",\"address\":null,\"request\":null,"));
  const auto entries = Entries();
  EXPECT_THAT(entries, SizeIs(6));
  ExpectChain(entries);
  EXPECT_THAT(entries.front().json, HasSubstr("\"action\":\"account.create\""));
  ExpectChain(Entries(*world_.stranger));
  EXPECT_THAT(Entries(*world_.stranger), SizeIs(1)) << "each account has a chain of its own";
}

TEST_F(AuditLog, WhatChangesNothing_HasNoEntry) {
  const auto zip = world_.SignedBundle().zip;
  ASSERT_TRUE(world_.UploadZip(*world_.account, zip, "blink", "once").ok());
  const auto device = world_.MakeDevice("kitchen");
  const std::size_t before = Entries().size();
  Service& service = *world_.service;
  EXPECT_TRUE(world_.UploadZip(*world_.account, zip, "blink", "once")->replayed);
  EXPECT_FALSE(world_.UploadZip(*world_.account, zip, "blink").ok());
  EXPECT_TRUE(service.RegisterKey(*world_.account, world_.signing_key.public_key(), "again").ok());
  EXPECT_TRUE(
      service.ProvisionDevice(*world_.account, {.public_key = device.key.public_key()}).ok());
  EXPECT_TRUE(service.UpdateDevice(*world_.account, "kitchen", {.unique_name = "kitchen"}).ok());
  EXPECT_TRUE(service.UpdateAccount(*world_.account, {.friendly_name = "ours"}).ok());
  EXPECT_FALSE(service.DeleteApp(*world_.account, "none").ok());
  EXPECT_FALSE(service.DeleteKey(*world_.account, "00000000000000ff").ok());
  const wire::Report report{.state = wire::UpdateState::kIdle, .error = {}};
  EXPECT_TRUE(service.TakeReport(device.identity, EncodeReport(report)).ok());
  EXPECT_TRUE(service.RecordHour().ok());
  EXPECT_THAT(Entries(), SizeIs(before));
}

TEST_F(AuditLog, Entries_HoldNoSecret) {
  Service& service = *world_.service;
  const SettingPlace secrets{.kind = SettingKind::kSecret};
  ASSERT_TRUE(service.CreateSetting(*world_.account, secrets, "k", "hush-1").ok());
  ASSERT_TRUE(service.UpdateSetting(*world_.account, secrets, "k", "hush-2").ok());
  ASSERT_TRUE(service.CreateSetting(*world_.account, {}, "k", "loud").ok());
  const auto key = service.CreateApiKey(*world_.account, "ci", Scope::kRead);
  const std::string token = *service.ResetToken(world_.account->sid);
  std::string all;
  for (const AuditEntry& entry : Entries()) {
    all += entry.json;
  }
  for (const std::string& secret : {std::string("hush"), key->second, token, world_.token}) {
    EXPECT_THAT(all, Not(HasSubstr(secret)));
  }
  EXPECT_THAT(all, HasSubstr("\"after\":{\"value\":\"loud\"}"));
  EXPECT_THAT(all, HasSubstr("\"before\":{\"version\":1},\"after\":{\"version\":2}"));
}

TEST_F(AuditLog, List_NarrowsAndPages) {
  Service& service = *world_.service;
  ASSERT_TRUE(service.As({.actor = "SK9"}).CreateSetting(*world_.account, {}, "a", "1").ok());
  world_.clock.Advance(100);
  ASSERT_TRUE(service.UpdateSetting(*world_.account, {}, "a", "2").ok());
  const UnixSeconds now = world_.clock.Now();
  EXPECT_THAT(Entries(*world_.account, {.actor = "SK9"}), SizeIs(1));
  EXPECT_THAT(Entries(*world_.account, {.action = "config.update"}), SizeIs(1));
  EXPECT_THAT(Entries(*world_.account, {.resource = "a"}), SizeIs(2));
  EXPECT_THAT(Entries(*world_.account, {.since = now}), SizeIs(1));
  EXPECT_THAT(Entries(*world_.account, {.until = now}), SizeIs(3));
  EXPECT_THAT(Entries(*world_.account, {.actor = "SK9", .action = "config.update"}), IsEmpty());
  std::vector<std::uint64_t> seen;
  PageRequest request{.page_size = 1};
  do {
    const auto page = service.ListAudit(*world_.account, request);
    ASSERT_TRUE(page.ok());
    seen.push_back(page->items.at(0).sequence);
    request.page_token = page->next_token;
  } while (request.page_token);
  EXPECT_THAT(seen, ElementsAre(4, 3, 2, 1));
  const auto token = service.ListAudit(*world_.account, {.page_size = 1})->next_token;
  EXPECT_EQ(Refusal(service.ListAudit(*world_.stranger, {.page_token = token})),
            std::pair(400, 20002));
  EXPECT_EQ(Refusal(service.ListAudit(*world_.account, {.page_token = token}, {.actor = "x"})),
            std::pair(400, 20002));
}

TEST_F(AuditLog, ClockGoingBack_KeepsTheOrder) {
  world_.clock.Advance(-1000);
  ASSERT_TRUE(world_.service->CreateSetting(*world_.account, {}, "a", "1").ok());
  ExpectChain(Entries());
}

TEST_F(AuditLog, Checkpoint_IsSignedOnceForEachHead) {
  const auto made = world_.service->CreateAuditCheckpoint(*world_.account);
  ASSERT_TRUE(made.ok());
  EXPECT_TRUE(made->second);
  EXPECT_EQ(made->first.sequence, 2U);
  const auto again = world_.service->CreateAuditCheckpoint(*world_.account);
  EXPECT_FALSE(again->second);
  EXPECT_EQ(again->first.json, made->first.json);
  EXPECT_THAT(world_.service->ListAuditCheckpoints(*world_.account, kAll)->items, SizeIs(1));
  EXPECT_THAT(world_.service->ListAuditCheckpoints(*world_.stranger, kAll)->items, IsEmpty());

  const std::string& json = made->first.json;
  const std::size_t end = json.rfind(",\"signature\":\"");
  Signature signature{};
  ASSERT_TRUE(FromHex(std::string_view(json).substr(end + 14, 128), signature));
  const std::string text = json.substr(0, end);
  const PublicKey& key = world_.audit_key.public_key();
  EXPECT_TRUE(bundle::VerifySignature(key, kCheckpointPrefix, AsBytes(text), signature));
  for (const std::string_view other :
       {bundle::kManifestPrefix, bundle::kReceiptPrefix, bundle::kNewKeysPrefix}) {
    EXPECT_FALSE(bundle::VerifySignature(key, other, AsBytes(text), signature));
  }
  const std::string newest = Newest();
  EXPECT_THAT(text, HasSubstr(newest.substr(newest.size() - 66, 64))) << "the newest entry's hash";
}

TEST_F(AuditLog, Prune_LeavesACheckpointThatTheRestFollows) {
  world_.clock.Advance(1000);
  const UnixSeconds now = world_.clock.Now();
  ASSERT_TRUE(world_.service->CreateSetting(*world_.account, {}, "a", "1").ok());
  const std::string second = Entries()[1].json;
  ASSERT_TRUE(world_.service->PruneAudit(now).ok());
  auto left = Entries();
  ASSERT_THAT(left, SizeIs(1));
  ExpectChain(left, 2, second.substr(second.size() - 66, 64));
  const auto checkpoints = world_.service->ListAuditCheckpoints(*world_.account, kAll)->items;
  ASSERT_THAT(checkpoints, SizeIs(1));
  EXPECT_EQ(checkpoints[0].sequence, 2U);
  EXPECT_THAT(Entries(*world_.stranger), SizeIs(1)) << "the newest entry stays, however old";

  ASSERT_TRUE(world_.service->PruneAudit(now).ok());
  EXPECT_THAT(Entries(), SizeIs(1));
  world_.clock.Advance(1000);
  ASSERT_TRUE(world_.service->PruneAudit(now + 1).ok());
  EXPECT_THAT(Entries(), SizeIs(1)) << "the newest entry stays";
  ASSERT_TRUE(world_.service->DeleteSetting(*world_.account, {}, "a").ok());
  left = Entries();
  ExpectChain(left, 2, second.substr(second.size() - 66, 64));
}

TEST_F(AuditLog, EachStatementFailing_LeavesNeitherChangeNorEntry) {
  int until_failure = 0;
  SqlStore store(std::make_unique<FaultyDb>(
      std::move(OpenSqliteDb({.path = world_.dir + "/strata.db", .readers = 1})).value(),
      until_failure));
  Service service({.store = &store,
                   .blobs = world_.blobs.get(),
                   .signals = &world_.signals,
                   .clock = &world_.clock,
                   .random = &world_.random,
                   .sealer = world_.sealer.get(),
                   .audit_key = &world_.audit_key},
                  std::vector<std::uint8_t>(32, 0x5A));
  const Account& account = *world_.account;
  const auto device_key = std::move(bundle::PrivateKey::Generate()).value();
  const auto new_key = std::move(bundle::PrivateKey::Generate()).value();
  const std::string path = world_.dir + "/bundle.zip";
  const auto zip = world_.SignedBundle().zip;
  std::ofstream(path, std::ios::binary) << AsText(zip);
  const std::string key_id =
      bundle::KeyIdText(bundle::KeyIdOf(KeyType::kManifestSigner, new_key.public_key()));
  std::string api_key;
  const std::vector<std::pair<std::string, std::function<bool()>>> changes = {
      {"account.update",
       [&] { return service.UpdateAccount(account, {.friendly_name = "n"}).ok(); }},
      {"account.reset-token", [&] { return service.ResetToken(account.sid).ok(); }},
      {"api-key.create",
       [&] {
         const auto made = service.CreateApiKey(account, "ci", Scope::kRead);
         api_key = made.ok() ? std::string(made->first.sid.text()) : "";
         return made.ok();
       }},
      {"api-key.delete", [&] { return service.DeleteApiKey(account, api_key).ok(); }},
      {"key.register",
       [&] { return service.RegisterKey(account, new_key.public_key(), "x").ok(); }},
      {"key.delete", [&] { return service.DeleteKey(account, key_id).ok(); }},
      {"app.create",
       [&] {
         return service
             .CreateApp(account, {.path = path, .size_bytes = zip.size(), .unique_name = "blink"})
             .ok();
       }},
      {"device.provision",
       [&] {
         return service
             .ProvisionDevice(account,
                              {.public_key = device_key.public_key(),
                               .unique_name = "kitchen",
                               .hardware_type = "stm32u585",
                               .tags = "a,b"})
             .ok();
       }},
      {"device.update",
       [&] { return service.UpdateDevice(account, "kitchen", {.tags = "c"}).ok(); }},
      {"app.delete", [&] { return service.DeleteApp(account, "blink").ok(); }},
      {"config.create", [&] { return service.CreateSetting(account, {}, "k", "v").ok(); }},
      {"config.update", [&] { return service.UpdateSetting(account, {}, "k", "w").ok(); }},
      {"config.delete", [&] { return service.DeleteSetting(account, {}, "k").ok(); }},
      {"device.remove", [&] { return service.RemoveDevice(account, "kitchen").ok(); }},
  };
  for (const auto& [action, change] : changes) {
    SCOPED_TRACE(action);
    const std::size_t before = Entries().size();
    int call = 1;
    for (;; ++call) {
      until_failure = call;
      const bool done = change();
      const bool fired = until_failure <= 0;
      until_failure = 0;
      if (!fired) {
        ASSERT_TRUE(done);
        break;
      }
      ASSERT_FALSE(done) << "statement " << call;
      ASSERT_THAT(Entries(), SizeIs(before)) << "statement " << call;
    }
    EXPECT_GE(call, 3);
    ASSERT_THAT(Entries(), SizeIs(before + 1));
    EXPECT_THAT(Newest(), HasSubstr("\"action\":\"" + action + "\""));
  }
  ExpectChain(Entries());
}

TEST(AuditFormat, WorkedExample_IsWhatTheSpecSays) {
  const auto account = AccountSid::FromBytes(std::array<std::uint8_t, 16>{});
  const AuditRecord first = MakeAuditRecord(
      account,
      std::nullopt,
      {.actor = "local:0"},
      {.action = "account.create", .resource = std::string(account.text()), .after = "{}"},
      1'700'000'000);
  const AuditRecord second = MakeAuditRecord(
      account,
      AuditHead{first.sequence, first.hash},
      {.actor = "SK00000000000000000000000000000001",
       .address = "192.0.2.7",
       .request = "RQ00000000000000000000000000000002"},
      {.action = "config.create", .resource = "a \"b\"\n", .after = R"({"value":"é"})"},
      1'700'000'060);
  std::array<std::uint8_t, kPrivateKeyBytes> scalar{};
  scalar.back() = 1;
  const auto key = std::move(bundle::PrivateKey::FromScalar(scalar)).value();
  const auto checkpoint =
      MakeCheckpoint(account, {second.sequence, second.hash}, key, 1'700'000'120);
  const std::string example = "```\n" + EntryOf(first).json + "\n" + EntryOf(second).json + "\n" +
                              checkpoint->json + "\n```\n";
  std::ifstream file(std::string(STRATA_SOURCE_DIR) + "/docs/spec/audit.md");
  const std::string spec{std::istreambuf_iterator<char>(file), {}};
  EXPECT_THAT(spec, HasSubstr(example));
}

}  // namespace
}  // namespace strata::cloud
