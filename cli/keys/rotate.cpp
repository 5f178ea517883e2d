// SPDX-License-Identifier: Apache-2.0
#include "keys/rotate.hpp"

#include <algorithm>

#include "strata/format/bundle/new_keys.hpp"

#include "keys/send_change.hpp"
#include "support/key_chain.hpp"
#include "support/key_files.hpp"
#include "support/output.hpp"
#include "support/text.hpp"

namespace strata::cli {
namespace {

using bundle::NewKeysBody;
using bundle::PrivateKey;

/// 16 hexadecimal digits, or a PEM file (of either half) whose id under `type` is meant.
Expected<KeyId> KeyIdArgument(const std::string& text, KeyType type) {
  std::string lower(text);
  std::transform(lower.begin(), lower.end(), lower.begin(), [](char c) {
    return c >= 'A' && c <= 'F' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  std::array<std::uint8_t, 8> bytes{};
  if (FromHex(lower, bytes)) {
    return static_cast<KeyId>(LoadBigEndian<std::uint64_t>(bytes));
  }
  STRATA_TRY_ASSIGN(const LayerKeyFile key, LoadLayerKey(text));
  return bundle::KeyIdOf(type, key.public_key);
}

Outcome CheckOptions(const RotateOptions& options) {
  const bool nothing = options.add_signers.empty() && options.delete_signers.empty() &&
                       options.add_layer_keys.empty() && options.delete_layer_keys.empty() &&
                       options.cloud_cas.empty();
  if (nothing) {
    return Usage("name what shall change, e.g. --add-signer PUB.pem");
  }
  if (options.add_layer_keys.empty() != options.receivers.empty()) {
    return Usage("--add-layer-key and --receiver go together");
  }
  const ChainOptions& chain = options.chain;
  const bool offline = chain.sequence || !chain.fleet.empty() || !chain.previous_hash.empty();
  if (offline && (!chain.sequence || chain.fleet.empty())) {
    return Usage(
        "without the cloud the message's place takes --sequence and --fleet, and "
        "--previous-hash from message 2 on");
  }
  if (offline && (*chain.sequence == 0 || (*chain.sequence == 1) != chain.previous_hash.empty())) {
    return Usage("message 1 has no --previous-hash, every later one has");
  }
  if (offline && chain.out.empty()) {
    return Usage("a message made without the cloud goes to a file: --out FILE");
  }
  return Done{};
}

Expected<NewKeysBody> OfflinePlace(const ChainOptions& chain) {
  NewKeysBody body;
  body.sequence = *chain.sequence;
  const auto fleet = ParseFleetId(chain.fleet);
  if (!fleet) {
    return Usage("--fleet is an account SID (AC...) or its 32 hexadecimal digits");
  }
  body.fleet = *fleet;
  if (!chain.previous_hash.empty()) {
    std::string_view hex = chain.previous_hash;
    hex.remove_prefix(hex.starts_with("sha256:") ? 7 : 0);
    body.previous_hash = Digest::FromHexText(hex);
    if (!body.previous_hash) {
      return Usage("--previous-hash is the hash of strata keys changes: 64 hexadecimal digits");
    }
  }
  return body;
}

/// The place behind the newest message; whose fleet it is the account of the rotation key says.
Expected<NewKeysBody> PlaceFromCloud(Api& api, const PrivateKey& rotation_key) {
  const std::string id =
      bundle::KeyIdText(bundle::KeyIdOf(KeyType::kRotation, rotation_key.public_key()));
  const Expected<JsonObject> key = api.Get("/v1/Keys/" + id);
  if (!key.ok() && key.error().code == 20404) {
    return Local(Code::kRotationKeyUnknown,
                 "the account does not know rotation key " + id,
                 "register its public half with strata keys register PUB.pem --type rotation");
  }
  if (!key.ok()) {
    return key.error();
  }
  const auto fleet = ParseFleetId(TextField(key.value(), "account_sid"));
  if (!fleet) {
    return Local(Code::kCloudProtocol, "the cloud's answer lacks an account SID");
  }
  STRATA_TRY_ASSIGN(const auto newest, FetchNewestKeyChange(api));
  NewKeysBody body;
  body.fleet = *fleet;
  body.sequence = 1;
  if (newest && newest->body.fleet != body.fleet) {
    return Local(Code::kNewKeysOtherFleet, "the cloud's chain belongs to another account");
  }
  if (newest) {
    body.sequence = newest->body.sequence + 1;
    body.previous_hash = newest->hash;
  }
  return body;
}

Outcome AddKeys(const RotateOptions& options, NewKeysBody& body) {
  for (const std::string& file : options.add_signers) {
    STRATA_TRY_ASSIGN(const PublicKey key, LoadPublicKey(file));
    body.add_signers.push_back(key);
  }
  std::vector<PublicKey> receivers;
  for (const std::string& file : options.receivers) {
    STRATA_TRY_ASSIGN(const PublicKey key, LoadPublicKey(file));
    receivers.push_back(key);
  }
  for (const std::string& file : options.add_layer_keys) {
    STRATA_TRY_ASSIGN(const PrivateKey key, LoadPrivateKey(file));
    for (const PublicKey& receiver : receivers) {
      STRATA_TRY_ASSIGN(const bundle::WrappedLayerKey wrapped,
                        Lift(bundle::WrapLayerKey(key, receiver, body.fleet, body.sequence)));
      body.add_layer_keys.push_back(wrapped);
    }
  }
  for (const std::string& file : options.cloud_cas) {
    STRATA_TRY_ASSIGN(const std::string pem, ReadTextFile(file));
    STRATA_TRY_ASSIGN(std::vector<std::uint8_t> der, Lift(bundle::CloudCaFromPem(pem), file));
    body.cloud_cas.push_back(std::move(der));
  }
  return Done{};
}

Outcome DeleteKeys(const RotateOptions& options, NewKeysBody& body) {
  for (const std::string& text : options.delete_signers) {
    STRATA_TRY_ASSIGN(const KeyId id, KeyIdArgument(text, KeyType::kManifestSigner));
    body.delete_signers.push_back(id);
  }
  for (const std::string& text : options.delete_layer_keys) {
    STRATA_TRY_ASSIGN(const KeyId id, KeyIdArgument(text, KeyType::kLayer));
    body.delete_layer_keys.push_back(id);
  }
  return Done{};
}

Outcome Write(const NewKeysBody& body,
              const std::vector<std::uint8_t>& message,
              const std::string& file,
              const Session& session) {
  STRATA_TRY(WriteFile(file, AsText(message), kPublicFile, Overwrite::kRefuse));
  const JsonObject record{
      {"sequence", body.sequence},
      {"hash", "sha256:" + HexText(bundle::Sha256(bundle::SerializeNewKeysBody(body)).bytes)},
      {"fleetId", HexText(body.fleet)},
      {"file", file}};
  WriteRecords(session, {record}, "sequence,hash,file");
  return Done{};
}

void AddChainOptions(CLI::App& verb, ChainOptions& chain) {
  verb.add_option("--rotation-key", chain.rotation_key, "Private rotation key that signs")
      ->required();
  verb.add_option("--out", chain.out, "Write the message instead of sending it");
  verb.add_option("--sequence", chain.sequence, "Number of the message, without asking the cloud")
      ->group("Offline, with --out");
  verb.add_option("--previous-hash",
                  chain.previous_hash,
                  "Hash of the message before, of strata keys changes; not for message 1")
      ->group("Offline, with --out");
  verb.add_option("--fleet", chain.fleet, "The account SID")->group("Offline, with --out");
}

void Repeatable(CLI::App& verb,
                const std::string& name,
                std::vector<std::string>& values,
                const std::string& description) {
  verb.add_option(name, values, description + "; repeatable")
      ->expected(1)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
}

}  // namespace

Outcome RunRotateKeys(const RotateOptions& options, Session& session) {
  STRATA_TRY(CheckOptions(options));
  STRATA_TRY_ASSIGN(const PrivateKey rotation_key, LoadPrivateKey(options.chain.rotation_key));
  std::optional<Api> api;
  NewKeysBody body;
  if (options.chain.sequence) {
    STRATA_TRY_ASSIGN(body, OfflinePlace(options.chain));
  } else {
    STRATA_TRY_ASSIGN(Api connected, session.Connect());
    api.emplace(std::move(connected));
    STRATA_TRY_ASSIGN(body, PlaceFromCloud(*api, rotation_key));
  }
  STRATA_TRY(DeleteKeys(options, body));
  STRATA_TRY(AddKeys(options, body));
  STRATA_TRY_ASSIGN(const std::vector<std::uint8_t> message,
                    Lift(bundle::SignNewKeys(body, rotation_key)));
  if (!options.chain.out.empty()) {
    return Write(body, message, options.chain.out, session);
  }
  return SendKeyChange(*api, message, session);
}

Outcome RunRevokeKey(const RevokeOptions& options, Session& session) {
  RotateOptions rotate;
  rotate.chain = options.chain;
  rotate.delete_signers = {options.key};
  rotate.add_signers = options.add_signers;
  return RunRotateKeys(rotate, session);
}

void AddRotateKeys(CLI::App& noun, Session& session) {
  CLI::App& verb =
      AddVerb(noun,
              session,
              "rotate",
              "Change the keys of every device of the account: the next message of its chain",
              "strata keys rotate --rotation-key rotation.pem --add-signer new.pem.pub");
  auto options = std::make_shared<RotateOptions>();
  AddChainOptions(verb, options->chain);
  Repeatable(verb, "--add-signer", options->add_signers, "Public key of a new manifest signer");
  Repeatable(verb,
             "--delete-signer",
             options->delete_signers,
             "Key id or public key of a signer to revoke");
  Repeatable(verb,
             "--add-layer-key",
             options->add_layer_keys,
             "Private layer key, sealed to each --receiver");
  Repeatable(verb,
             "--receiver",
             options->receivers,
             "Public receiver key that the devices were provisioned with");
  Repeatable(verb,
             "--delete-layer-key",
             options->delete_layer_keys,
             "Key id or file of a layer key to forget");
  Repeatable(verb,
             "--cloud-ca",
             options->cloud_cas,
             "Certificate of a cloud CA; those given replace every one pinned before");
  Bind(verb, session, options, RunRotateKeys);
}

void AddRevokeKey(CLI::App& noun, Session& session) {
  CLI::App& verb =
      AddVerb(noun,
              session,
              "revoke",
              "Take a manifest signer from every device; cloud and devices refuse what it signs",
              "strata keys revoke old.pem.pub --rotation-key rotation.pem");
  auto options = std::make_shared<RevokeOptions>();
  verb.add_option("KEY", options->key, "Key id or public key of the signer")->required();
  AddChainOptions(verb, options->chain);
  Repeatable(verb,
             "--add-signer",
             options->add_signers,
             "Public key of a signer that takes its place or stays");
  Bind(verb, session, options, RunRevokeKey);
}

}  // namespace strata::cli
