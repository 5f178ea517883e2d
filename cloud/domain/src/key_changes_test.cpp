// SPDX-License-Identifier: Apache-2.0
// The chain of NewKeys messages: what is accepted, what it changes, and that nothing else does.
#include "key_changes_test.hpp"

#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "faulty_db_test.hpp"
#include "sql_store.hpp"
#include "sqlite_db.hpp"

namespace strata::cloud {
namespace {

using bundle::NewKeysBody;
using bundle::PrivateKey;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

using KeyChanges = KeyChangesWorld;

TEST_F(KeyChanges, Accepted_RegistersAddedAndRevokesDeleted) {
  const PrivateKey fresh = NewKey();
  const KeyId old_id = SignerId(world_.signing_key);
  NewKeysBody body = Adding(fresh);
  body.delete_signers = {old_id, static_cast<KeyId>(77)};
  body.delete_layer_keys = {static_cast<KeyId>(5)};
  const auto made = Send(body);
  ASSERT_TRUE(made.ok()) << made.error().message;
  EXPECT_TRUE(made->second);
  const KeyChange& change = made->first;
  EXPECT_EQ(change.sequence, 1U);
  EXPECT_EQ(change.account_sid, world_.account->sid);
  EXPECT_EQ(change.signer, bundle::KeyIdOf(KeyType::kRotation, rotation_.public_key()));
  EXPECT_EQ(change.hash, bundle::Sha256(bundle::SerializeNewKeysBody(body)));
  EXPECT_THAT(change.added_signers, ElementsAre(SignerId(fresh)));
  EXPECT_THAT(change.revoked_signers, ElementsAre(old_id, static_cast<KeyId>(77)));
  EXPECT_THAT(change.deleted_layer_keys, ElementsAre(static_cast<KeyId>(5)));
  EXPECT_EQ(bundle::SignNewKeys(body, rotation_).value(), change.message);
  const auto added = world_.service->FetchKey(*world_.account, bundle::KeyIdText(SignerId(fresh)));
  ASSERT_TRUE(added.ok());
  EXPECT_FALSE(added->revoked);
  EXPECT_EQ(added->public_key, fresh.public_key());
  EXPECT_TRUE(world_.service->FetchKey(*world_.account, bundle::KeyIdText(old_id))->revoked);
  EXPECT_THAT(world_.signals.TakeKeys(), ElementsAre(world_.account->sid));
  const auto fetched = world_.service->FetchKeyChange(*world_.account, "1");
  ASSERT_TRUE(fetched.ok());
  EXPECT_EQ(fetched->message, change.message);
}

TEST_F(KeyChanges, NewestAgain_IsAnsweredAndChangesNothing) {
  const NewKeysBody body = Adding(NewKey());
  ASSERT_TRUE(Send(body).ok());
  ASSERT_THAT(world_.signals.TakeKeys(), SizeIs(1));
  const auto again = Send(body);
  ASSERT_TRUE(again.ok());
  EXPECT_FALSE(again->second);
  EXPECT_EQ(ChainLength(), 1U);
  EXPECT_THAT(world_.signals.TakeKeys(), IsEmpty());
  ASSERT_TRUE(Send(Next()).ok());
  world_.signals.TakeKeys();
  ExpectRefused(Send(body), Code::kNewKeysOutOfOrder);
}

TEST_F(KeyChanges, WhatDevicesWouldRefuse_IsRefused) {
  ASSERT_TRUE(Send(Adding(NewKey())).ok());
  world_.signals.TakeKeys();
  ExpectRefused(world_.service->CreateKeyChange(*world_.account, AsBytes("junk")),
                Code::kNewKeysMalformed);
  ExpectRefused(
      world_.service->CreateKeyChange(*world_.account, std::vector<std::uint8_t>(4097, 0x78)),
      Code::kNewKeysMalformed);
  ExpectRefused(Send(Next(), NewKey()), Code::kRotationKeyUnknown);
  NewKeysBody body = Next();
  ++body.sequence;
  ExpectRefused(Send(body), Code::kNewKeysOutOfOrder);
  body = Next();
  body.previous_hash = Digest{};
  ExpectRefused(Send(body), Code::kNewKeysOutOfOrder);
  body = Next();
  body.fleet[0] ^= 1;
  ExpectRefused(Send(body), Code::kNewKeysOtherFleet);
  body = Next();
  body.cloud_cas = {{0x30, 0x03, 0x02, 0x01, 0x00}};
  ExpectRefused(Send(body), Code::kNewKeysMalformed);
  auto bent = bundle::ParseNewKeys(bundle::SignNewKeys(Next(), rotation_).value()).value();
  bent.signature[40] ^= 1;
  ExpectRefused(world_.service->CreateKeyChange(*world_.account, bundle::SerializeNewKeys(bent)),
                Code::kSignatureInvalid);
  EXPECT_EQ(ChainLength(), 1U);
}

// The body is junk: whoever reads it before the signature says 440.
TEST_F(KeyChanges, Signature_IsCheckedBeforeTheBodyIsRead) {
  bundle::SealedNewKeys sealed;
  sealed.signer = bundle::KeyIdOf(KeyType::kRotation, rotation_.public_key());
  sealed.body = {0xff, 0xff};
  ExpectRefused(world_.service->CreateKeyChange(*world_.account, bundle::SerializeNewKeys(sealed)),
                Code::kSignatureInvalid);
  sealed.signature = *rotation_.Sign(bundle::kNewKeysPrefix, sealed.body);
  ExpectRefused(world_.service->CreateKeyChange(*world_.account, bundle::SerializeNewKeys(sealed)),
                Code::kNewKeysMalformed);
}

TEST_F(KeyChanges, OtherKindsOfKeysAndMessages_AreRefused) {
  // A registered signer is no rotation key, even if the very key pair signs.
  ASSERT_TRUE(world_.service->RegisterKey(*world_.account, rotation_.public_key(), "twice").ok());
  bundle::SealedNewKeys sealed;
  sealed.signer = SignerId(rotation_);
  sealed.body = bundle::SerializeNewKeysBody(Next());
  sealed.signature = *rotation_.Sign(bundle::kNewKeysPrefix, sealed.body);
  ExpectRefused(world_.service->CreateKeyChange(*world_.account, bundle::SerializeNewKeys(sealed)),
                Code::kRotationKeyUnknown);
  sealed.signer = bundle::KeyIdOf(KeyType::kRotation, rotation_.public_key());
  sealed.signature = *rotation_.Sign(bundle::kManifestPrefix, sealed.body);
  ExpectRefused(world_.service->CreateKeyChange(*world_.account, bundle::SerializeNewKeys(sealed)),
                Code::kSignatureInvalid);
  // And a rotation key signs no bundle.
  const auto zip = HandMadeBundle(
      rotation_,
      [](bundle::AppBody&) {},
      [&](bundle::SealedManifest& manifest) {
        manifest.signer = bundle::KeyIdOf(KeyType::kRotation, rotation_.public_key());
      });
  EXPECT_EQ(Refusal(world_.UploadZip(*world_.account, zip)), std::pair(400, 65003));
}

TEST_F(KeyChanges, LastSigner_MayGoOnlyWhenAMessageGaveAnother) {
  const KeyId old_id = SignerId(world_.signing_key);
  // Registered, but did a device ever hear of it?
  ASSERT_TRUE(world_.service->RegisterKey(*world_.account, NewKey().public_key(), "other").ok());
  ExpectRefused(Send(Deleting(old_id)), Code::kLastSigner);
  const PrivateKey fresh = NewKey();
  ASSERT_TRUE(Send(Adding(fresh)).ok());
  ASSERT_TRUE(Send(Deleting(old_id)).ok());
  world_.signals.TakeKeys();
  ExpectRefused(Send(Deleting(SignerId(fresh))), Code::kLastSigner);
  NewKeysBody swap = Deleting(SignerId(fresh));
  swap.add_signers = {fresh.public_key()};
  ASSERT_TRUE(Send(swap).ok()) << "deletions come before additions";
  EXPECT_FALSE(
      world_.service->FetchKey(*world_.account, bundle::KeyIdText(SignerId(fresh)))->revoked);
}

TEST_F(KeyChanges, NinthSigner_IsRefused) {
  NewKeysBody body = Next();
  for (int i = 0; i < 7; ++i) {
    body.add_signers.push_back(NewKey().public_key());
  }
  body.add_signers.push_back(world_.signing_key.public_key());  // there already
  ASSERT_TRUE(Send(body).ok());
  world_.signals.TakeKeys();
  ExpectRefused(Send(Adding(NewKey())), Code::kKeyStoreFull);
  NewKeysBody swap = Adding(NewKey());
  swap.delete_signers = {SignerId(world_.signing_key)};
  EXPECT_TRUE(Send(swap).ok());
}

TEST_F(KeyChanges, RevokedSigner_UploadsAndDeploymentsAreRefused) {
  const App app = world_.MakeApp(0x11);
  const App running = world_.MakeApp(0x33);
  const auto zip = world_.SignedBundle(0x22).zip;
  const auto device = world_.MakeDevice();
  world_.Deploy(device, running);
  NewKeysBody body = Adding(NewKey());
  const KeyId old_id = SignerId(world_.signing_key);
  body.delete_signers = {old_id};
  ASSERT_TRUE(Send(body).ok());

  const auto upload = world_.UploadZip(*world_.account, zip);
  EXPECT_EQ(Refusal(upload), std::pair(400, 65003));
  EXPECT_THAT(upload.error().message, HasSubstr("revoked"));
  const auto deploy = world_.service->UpdateDevice(
      *world_.account, device.resource.sid.text(), {.target_app = std::string(app.sid.text())});
  EXPECT_EQ(Refusal(deploy), std::pair(400, 65008));
  EXPECT_EQ(world_.Fetch(device).app.target_sid, running.sid) << "what is deployed stays";

  // The way back is a key change, not a second registration.
  const std::string id = bundle::KeyIdText(old_id);
  EXPECT_EQ(Refusal(world_.service->DeleteKey(*world_.account, id)), std::pair(400, 20001));
  const auto again =
      world_.service->RegisterKey(*world_.account, world_.signing_key.public_key(), "again");
  ASSERT_TRUE(again.ok());
  EXPECT_TRUE(again->first.revoked);
  ASSERT_TRUE(Send(Adding(world_.signing_key)).ok());
  EXPECT_TRUE(world_.UploadZip(*world_.account, zip).ok());
}

TEST_F(KeyChanges, EachStoreCallFailing_LeavesTheChainAsItWas) {
  const NewKeysBody body = Adding(NewKey());
  const std::size_t keys = world_.service->ListKeys(*world_.account, {})->items.size();
  for (int call = 1;; ++call) {
    world_.store->calls_until_failure = call;
    const auto result = Send(body);
    const bool fired = world_.store->calls_until_failure <= 0;
    world_.store->calls_until_failure = 0;
    if (!fired) {
      ASSERT_TRUE(result.ok());
      EXPECT_GE(call, 2);
      return;
    }
    EXPECT_EQ(Refusal(result), std::pair(500, 20500));
    EXPECT_EQ(ChainLength(), 0U);
    EXPECT_EQ(world_.service->ListKeys(*world_.account, {})->items.size(), keys);
    EXPECT_THAT(world_.signals.TakeKeys(), IsEmpty());
  }
}

TEST_F(KeyChanges, EachStatementFailing_LeavesTheChainAsItWas) {
  NewKeysBody body = Adding(NewKey());
  body.add_signers.push_back(world_.signing_key.public_key());
  body.delete_signers = {SignerId(world_.signing_key)};
  const auto message = bundle::SignNewKeys(body, rotation_).value();
  int until_failure = 0;
  SqlStore store(std::make_unique<FaultyDb>(
      std::move(OpenSqliteDb({.path = world_.dir + "/strata.db", .readers = 1})).value(),
      until_failure));
  Service service({.store = &store,
                   .blobs = world_.blobs.get(),
                   .signals = &world_.signals,
                   .clock = &world_.clock,
                   .random = &world_.random,
                   .sealer = world_.sealer.get()},
                  std::vector<std::uint8_t>(32, 0x5A));
  int failures = 0;
  for (int call = 1;; ++call) {
    until_failure = call;
    const auto result = service.CreateKeyChange(*world_.account, message);
    const bool fired = until_failure <= 0;
    until_failure = 0;
    if (!fired) {
      ASSERT_TRUE(result.ok()) << result.error().message;
      break;
    }
    ++failures;
    EXPECT_EQ(Refusal(result), std::pair(500, 20500)) << "statement " << call;
    EXPECT_EQ(ChainLength(), 0U) << "statement " << call;
    EXPECT_THAT(world_.service->ListKeys(*world_.account, {})->items, SizeIs(2))
        << "statement " << call;
    EXPECT_THAT(world_.signals.TakeKeys(), IsEmpty());
  }
  EXPECT_GE(failures, 10);
  EXPECT_EQ(ChainLength(), 1U);
  EXPECT_THAT(world_.signals.TakeKeys(), SizeIs(1));
}

}  // namespace
}  // namespace strata::cloud
