// SPDX-License-Identifier: Apache-2.0
#include "support/key_chain.hpp"

#include <algorithm>
#include <climits>

#include <boost/json.hpp>
#include <openssl/evp.h>

#include "strata/core/hex.hpp"
#include "strata/core/sid.hpp"

namespace strata::cli {
namespace {

Problem BadChain(const std::string& what) {
  return Local(Code::kCloudProtocol,
               "the cloud's chain of key changes can't be used: " + what,
               "check that the URL is a Strata cloud's and that its data is whole");
}

}  // namespace

std::optional<std::vector<std::uint8_t>> DecodeBase64(std::string_view text) {
  if (text.size() % 4 != 0 || text.size() > INT_MAX / 4) {
    return std::nullopt;
  }
  std::vector<std::uint8_t> bytes(text.size() / 4 * 3);
  const int length = EVP_DecodeBlock(bytes.data(),
                                     reinterpret_cast<const unsigned char*>(text.data()),
                                     static_cast<int>(text.size()));
  if (length != static_cast<int>(bytes.size())) {
    return std::nullopt;
  }
  const std::size_t padding = text.ends_with("==") ? 2 : (text.ends_with("=") ? 1 : 0);
  bytes.resize(bytes.size() - padding);
  return bytes;
}

std::optional<bundle::FleetId> ParseFleetId(std::string_view text) {
  bundle::FleetId fleet{};
  if (const auto account = AccountSid::Parse(text)) {
    return FromHex(account->text().substr(2), fleet) ? std::optional(fleet) : std::nullopt;
  }
  return FromHex(text, fleet) ? std::optional(fleet) : std::nullopt;
}

Expected<std::optional<NewestKeyChange>> FetchNewestKeyChange(Api& api) {
  ListRequest newest;
  newest.limit = 1;
  STRATA_TRY_ASSIGN(const std::vector<JsonObject> changes,
                    api.List("/v1/KeyChanges", "key_changes", newest));
  if (changes.empty()) {
    return std::optional<NewestKeyChange>();
  }
  const std::uint64_t sequence = NumberField(changes.front(), "sequence");
  STRATA_TRY_ASSIGN(const JsonObject whole, api.Get("/v1/KeyChanges/" + std::to_string(sequence)));
  const auto bytes = DecodeBase64(TextField(whole, "encoded_bytes"));
  if (!bytes) {
    return BadChain("its newest message is missing");
  }
  NewestKeyChange change;
  STRATA_TRY_ASSIGN(change.sealed, Lift(bundle::ParseNewKeys(*bytes)));
  STRATA_TRY_ASSIGN(change.body, Lift(bundle::ParseNewKeysBody(change.sealed.body)));
  if (change.body.sequence != sequence) {
    return BadChain("message " + std::to_string(sequence) + " says it is number " +
                    std::to_string(change.body.sequence));
  }
  change.hash = bundle::Sha256(change.sealed.body);
  return std::optional(std::move(change));
}

Outcome IsSignedByOneOf(const bundle::SealedNewKeys& sealed,
                        const std::vector<PublicKey>& rotation_keys) {
  const auto named =
      std::find_if(rotation_keys.begin(), rotation_keys.end(), [&sealed](const PublicKey& key) {
        return bundle::KeyIdOf(KeyType::kRotation, key) == sealed.signer;
      });
  if (named == rotation_keys.end()) {
    return Local(Code::kRotationKeyUnknown,
                 "the chain's newest message is signed with rotation key " +
                     bundle::KeyIdText(sealed.signer) + ", which was not given",
                 "name its public half with --rotation-key");
  }
  return Lift(bundle::VerifyNewKeys(sealed, *named));
}

}  // namespace strata::cli
