// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "strata/format/bundle/new_keys.hpp"

#include "world_test.hpp"

namespace strata::cloud {

inline bundle::PrivateKey NewKey() {
  return std::move(bundle::PrivateKey::Generate()).value();
}

inline KeyId SignerId(const bundle::PrivateKey& key) {
  return bundle::KeyIdOf(KeyType::kManifestSigner, key.public_key());
}

/// A world whose account has a rotation key: what its holder sends, and what devices see of it.
class KeyChangesWorld : public testing::Test {
 protected:
  KeyChangesWorld() {
    EXPECT_TRUE(
        world_.service
            ->RegisterKey(*world_.account, rotation_.public_key(), "offline", KeyType::kRotation)
            .ok());
  }

  /// The next message of the account's chain, empty.
  bundle::NewKeysBody Next() {
    bundle::NewKeysBody body;
    EXPECT_TRUE(FromHex(world_.account->sid.text().substr(2), body.fleet));
    const auto page = world_.service->ListKeyChanges(*world_.account, {.page_size = 1});
    EXPECT_TRUE(page.ok());
    body.sequence = 1;
    if (!page->items.empty()) {
      body.sequence = page->items.at(0).sequence + 1;
      body.previous_hash = page->items.at(0).hash;
    }
    return body;
  }

  bundle::NewKeysBody Adding(const bundle::PrivateKey& signer) {
    bundle::NewKeysBody body = Next();
    body.add_signers = {signer.public_key()};
    return body;
  }

  bundle::NewKeysBody Deleting(KeyId id) {
    bundle::NewKeysBody body = Next();
    body.delete_signers = {id};
    return body;
  }

  ApiResult<std::pair<KeyChange, bool>> Send(const bundle::NewKeysBody& body) {
    return Send(body, rotation_);
  }

  ApiResult<std::pair<KeyChange, bool>> Send(const bundle::NewKeysBody& body,
                                             const bundle::PrivateKey& key) {
    return world_.service->CreateKeyChange(*world_.account, bundle::SignNewKeys(body, key).value());
  }

  /// The refusal begins with this code.
  void ExpectRefused(const ApiResult<std::pair<KeyChange, bool>>& result, Code code) {
    ASSERT_FALSE(result.ok());
    EXPECT_EQ(Refusal(result), std::pair(400, 65006));
    EXPECT_EQ(result.error().message.substr(0, 4),
              std::to_string(static_cast<unsigned>(code)) + " ")
        << result.error().message;
    EXPECT_THAT(world_.signals.TakeKeys(), testing::IsEmpty());
  }

  std::size_t ChainLength() {
    return world_.service->ListKeyChanges(*world_.account, {})->items.size();
  }

  wire::DesiredState Desired(const TestWorld::TestDevice& device) {
    return wire::DecodeDesiredState(world_.service->Desired(device.identity)->bytes).value();
  }

  ApiOutcome Report(const TestWorld::TestDevice& device, const wire::Report& report) {
    return world_.service->TakeReport(device.identity, EncodeReport(report));
  }

  TestWorld world_;
  bundle::PrivateKey rotation_ = NewKey();
};

}  // namespace strata::cloud
