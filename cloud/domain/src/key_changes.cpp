// SPDX-License-Identifier: Apache-2.0
// The chain of NewKeys messages. Reference: docs/spec/new-keys.md "Cloud", docs/spec/rest.md.
#include <algorithm>

#include "strata/format/bundle/new_keys.hpp"

#include "audit.hpp"
#include "audit_views.hpp"
#include "names.hpp"
#include "pages.hpp"
#include "service_impl.hpp"
#include "signers.hpp"

namespace strata::cloud {
namespace {

constexpr std::string_view kKeyChangeCollection = "/v1/KeyChanges";
constexpr std::string_view kDeviceCollection = "/device/v1/keys";

using bundle::NewKeysBody;
using bundle::SealedNewKeys;

ApiError FromNewKeys(const bundle::Failure& failure) {
  const bool ours = failure.error.code == Code::kInternal;
  return ours ? ServerFailed("key change", failure.error) : KeysRefused(failure);
}

ApiError Refused(Code code, std::string message) {
  return KeysRefused({Error{code, Op::kNewKeys, 0}, std::move(message)});
}

bundle::FleetId FleetOf(const AccountSid& account) {
  bundle::FleetId fleet{};
  static_cast<void>(FromHex(account.text().substr(2), fleet));  // a SID's form is its type's
  return fleet;
}

KeyId SignerId(const PublicKey& key) {
  return bundle::KeyIdOf(KeyType::kManifestSigner, key);
}

bool Contains(const std::vector<KeyId>& ids, KeyId id) {
  return std::find(ids.begin(), ids.end(), id) != ids.end();
}

/// As people see it, without the devices' counts. The bytes were checked when they came.
ApiResult<KeyChange> Describe(const KeyMessage& message) {
  const auto sealed = bundle::ParseNewKeys(message.bytes);
  const auto body = sealed.ok() ? bundle::ParseNewKeysBody(sealed->body)
                                : bundle::Expected<NewKeysBody>(sealed.failure());
  if (!body.ok()) {
    return ServerFailed("stored key change", body.failure().error);
  }
  KeyChange change{.account_sid = message.account_sid,
                   .sequence = message.sequence,
                   .hash = message.body_hash,
                   .signer = message.signer,
                   .revoked_signers = body->delete_signers,
                   .deleted_layer_keys = body->delete_layer_keys,
                   .added_layer_keys = static_cast<std::uint32_t>(body->add_layer_keys.size()),
                   .cloud_cas = static_cast<std::uint32_t>(body->cloud_cas.size()),
                   .date_created = message.date_created,
                   .message = message.bytes};
  for (const PublicKey& key : body->add_signers) {
    change.added_signers.push_back(SignerId(key));
  }
  return change;
}

ApiResult<KeyChange> DescribeWithDevices(StoreView& view, const KeyMessage& message) {
  STRATA_CLOUD_TRY_ASSIGN(KeyChange change, Describe(message));
  STRATA_CLOUD_TRY_ASSIGN(change.devices,
                          view.CountDevicesAt(message.account_sid, message.sequence));
  return change;
}

/// Signature before anything of the body is read.
ApiOutcome CheckSignature(StoreView& view, const AccountSid& account, const SealedNewKeys& sealed) {
  STRATA_CLOUD_TRY_ASSIGN(const std::optional<SigningKey> key,
                          view.FindKey(account, sealed.signer));
  if (!key || key->type != KeyType::kRotation) {
    return Refused(Code::kRotationKeyUnknown,
                   "it is signed with key " + bundle::KeyIdText(sealed.signer) +
                       ", which is no rotation key of this account");
  }
  const bundle::Outcome verified = bundle::VerifyNewKeys(sealed, key->public_key);
  return verified.ok() ? ApiOutcome(Empty{}) : FromNewKeys(verified.failure());
}

/// The body, when it is whole and may stand behind `newest`.
ApiResult<NewKeysBody> OpenBody(const AccountSid& account,
                                const std::optional<KeyMessage>& newest,
                                const SealedNewKeys& sealed) {
  auto body = bundle::ParseNewKeysBody(sealed.body);
  if (!body.ok()) {
    return FromNewKeys(body.failure());
  }
  for (const auto& ca : body->cloud_cas) {
    if (const bundle::Outcome usable = bundle::CheckCloudCa(ca); !usable.ok()) {
      return FromNewKeys(usable.failure());
    }
  }
  bundle::ChainHead head{.fleet = FleetOf(account)};
  if (newest) {
    head.sequence = newest->sequence;
    head.last_hash = newest->body_hash;
  }
  if (const bundle::Outcome next = bundle::CheckFollows(*body, head); !next.ok()) {
    return FromNewKeys(next.failure());
  }
  return std::move(body).value();
}

/// No device may be left without a signer or with more than it can hold. Which signers a device was
/// provisioned with is not known here: only one that a message adds is on every device for certain,
/// and the registered ones bound the number.
ApiOutcome CheckSigners(StoreView& view, const AccountSid& account, const NewKeysBody& body) {
  STRATA_CLOUD_TRY_ASSIGN(const std::vector<SigningKey> active, view.ActiveSigners(account));
  std::vector<KeyId> remaining;
  bool certain = !body.add_signers.empty();
  for (const SigningKey& key : active) {
    if (!Contains(body.delete_signers, key.key_id)) {
      remaining.push_back(key.key_id);
      certain = certain || key.added_by != 0;
    }
  }
  for (const PublicKey& key : body.add_signers) {
    if (!Contains(remaining, SignerId(key))) {
      remaining.push_back(SignerId(key));
    }
  }
  if (!body.delete_signers.empty() && !certain) {
    return Refused(Code::kLastSigner,
                   "no signer would be left that a key change gave to every device; name one "
                   "with --add-signer PUB.pem, also when the devices hold it already");
  }
  STRATA_CLOUD_TRY_ASSIGN(const std::optional<AccountRecord> owner, view.FindAccount(account));
  const bool development = owner && owner->account.development_signer;  // development devices' own
  const std::size_t held = remaining.size() + (development ? 1 : 0);
  if (!body.add_signers.empty() && held > kMaxSignersOnDevice) {
    return Refused(Code::kKeyStoreFull,
                   "devices hold at most 8 signers, this would make " + std::to_string(held) +
                       (development ? ", the account's development key included" : ""));
  }
  return Empty{};
}

/// The fleet has production devices in it, which never trust a key that the cloud holds.
ApiOutcome CheckNoDevelopmentKey(StoreView& view,
                                 const AccountSid& account,
                                 const NewKeysBody& body) {
  STRATA_CLOUD_TRY_ASSIGN(const std::optional<AccountRecord> owner, view.FindAccount(account));
  for (const PublicKey& key : body.add_signers) {
    if (owner && owner->account.development_signer == key) {
      return BadParameter(
          "File: it adds the account's development key, which only development devices trust");
    }
  }
  return Empty{};
}

ApiOutcome RevokeSigners(StoreTransaction& transaction,
                         const AccountSid& account,
                         const NewKeysBody& body) {
  for (const KeyId id : body.delete_signers) {
    STRATA_CLOUD_TRY_ASSIGN(std::optional<SigningKey> key, transaction.FindKey(account, id));
    if (key && key->type == KeyType::kManifestSigner) {
      key->revoked = true;
      key->added_by = 0;
      STRATA_CLOUD_TRY(transaction.UpdateKey(*key));
    }
  }
  return Empty{};
}

ApiOutcome AddSigners(StoreTransaction& transaction,
                      const KeyMessage& message,
                      const NewKeysBody& body) {
  for (const PublicKey& added : body.add_signers) {
    STRATA_CLOUD_TRY_ASSIGN(std::optional<SigningKey> key,
                            transaction.FindKey(message.account_sid, SignerId(added)));
    if (key && key->public_key != added) {
      return Refused(Code::kNewKeysMalformed, "another key with the id of an added one is known");
    }
    if (key) {
      key->revoked = false;
      key->added_by = message.sequence;
      STRATA_CLOUD_TRY(transaction.UpdateKey(*key));
      continue;
    }
    STRATA_CLOUD_TRY(
        transaction.InsertKey({.key_id = SignerId(added),
                               .account_sid = message.account_sid,
                               .friendly_name = "key change " + std::to_string(message.sequence),
                               .public_key = added,
                               .date_created = message.date_created,
                               .added_by = message.sequence}));
  }
  return Empty{};
}

ApiResult<std::pair<KeyChange, bool>> Accept(StoreTransaction& transaction,
                                             KeyMessage message,
                                             const SealedNewKeys& sealed) {
  const AccountSid& account = message.account_sid;
  STRATA_CLOUD_TRY(CheckSignature(transaction, account, sealed));
  STRATA_CLOUD_TRY_ASSIGN(const std::uint32_t sequence, transaction.NewestKeySequence(account));
  STRATA_CLOUD_TRY_ASSIGN(const std::optional<KeyMessage> newest,
                          transaction.FindKeyMessage(account, sequence));
  if (newest && newest->body_hash == message.body_hash) {
    STRATA_CLOUD_TRY_ASSIGN(KeyChange known, DescribeWithDevices(transaction, *newest));
    return std::pair(std::move(known), false);
  }
  STRATA_CLOUD_TRY_ASSIGN(const NewKeysBody body, OpenBody(account, newest, sealed));
  STRATA_CLOUD_TRY(CheckSigners(transaction, account, body));
  STRATA_CLOUD_TRY(CheckNoDevelopmentKey(transaction, account, body));
  message.sequence = body.sequence;
  STRATA_CLOUD_TRY(transaction.InsertKeyMessage(message));
  STRATA_CLOUD_TRY(RevokeSigners(transaction, account, body));
  STRATA_CLOUD_TRY(AddSigners(transaction, message, body));
  STRATA_CLOUD_TRY_ASSIGN(KeyChange change, DescribeWithDevices(transaction, message));
  return std::pair(std::move(change), true);
}

ApiResult<KeyMessage> Resolve(StoreView& view,
                              const AccountSid& account,
                              std::string_view collection,
                              std::string_view name) {
  const std::optional<std::uint32_t> sequence = ParseSequence(name);
  if (!sequence) {
    return NotFound(collection, name);
  }
  STRATA_CLOUD_TRY_ASSIGN(std::optional<KeyMessage> message,
                          view.FindKeyMessage(account, *sequence));
  if (!message) {
    return NotFound(collection, name);
  }
  return std::move(*message);
}

}  // namespace

ApiResult<std::pair<KeyChange, bool>> Service::CreateKeyChange(const Account& account,
                                                               ByteSpan bytes) {
  const auto sealed = bundle::ParseNewKeys(bytes);
  if (!sealed.ok()) {
    return FromNewKeys(sealed.failure());
  }
  const KeyMessage message{.account_sid = account.sid,
                           .body_hash = bundle::Sha256(sealed->body),
                           .signer = sealed->signer,
                           .bytes = {bytes.begin(), bytes.end()},
                           .date_created = impl_->ports.clock->Now()};
  using Accepted = std::pair<KeyChange, bool>;
  auto accepted = impl_->Write([&](StoreTransaction& transaction) -> ApiResult<Accepted> {
    STRATA_CLOUD_TRY_ASSIGN(Accepted change, Accept(transaction, message, *sealed));
    if (change.second) {
      STRATA_CLOUD_TRY(Note(transaction,
                            account.sid,
                            {.action = "key-change.create",
                             .resource = std::to_string(change.first.sequence),
                             .after = AuditView(change.first)}));
    }
    return change;
  });
  if (accepted.ok() && accepted->second) {
    impl_->ports.signals->KeysChanged(account.sid);
  }
  return accepted;
}

ApiResult<PageOf<KeyChange>> Service::ListKeyChanges(const Account& account,
                                                     const PageRequest& request) {
  const PageTokens tokens(impl_->page_key, ListKind::kKeyChanges, account.sid);
  return impl_->Read([&](StoreView& view) -> ApiResult<PageOf<KeyChange>> {
    STRATA_CLOUD_TRY_ASSIGN(const PageOf<KeyMessage> messages,
                            MakePage<KeyMessage>(tokens, request, [&](const ListQuery& query) {
                              return view.ListKeyMessages(account.sid, query);
                            }));
    PageOf<KeyChange> page{
        .items = {}, .next_token = messages.next_token, .previous_token = messages.previous_token};
    for (const KeyMessage& message : messages.items) {
      STRATA_CLOUD_TRY_ASSIGN(KeyChange change, DescribeWithDevices(view, message));
      page.items.push_back(std::move(change));
    }
    return page;
  });
}

ApiResult<KeyChange> Service::FetchKeyChange(const Account& account, std::string_view sequence) {
  return impl_->Read([&](StoreView& view) -> ApiResult<KeyChange> {
    STRATA_CLOUD_TRY_ASSIGN(const KeyMessage message,
                            Resolve(view, account.sid, kKeyChangeCollection, sequence));
    return DescribeWithDevices(view, message);
  });
}

ApiResult<std::vector<std::uint8_t>> Service::KeysForDevice(const DeviceIdentity& device,
                                                            std::string_view sequence) {
  return impl_->Read([&](StoreView& view) -> ApiResult<std::vector<std::uint8_t>> {
    STRATA_CLOUD_TRY_ASSIGN(KeyMessage message,
                            Resolve(view, device.account_sid, kDeviceCollection, sequence));
    return std::move(message.bytes);
  });
}

}  // namespace strata::cloud
