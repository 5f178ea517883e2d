// SPDX-License-Identifier: Apache-2.0
/// Store: the cloud's metadata. Role: keeps rows, hands them out in transactions and guards what
/// must be unique. Does not decide: every rule lives in Service. Layers' bytes are in Blobs.
/// Security: every function below an account takes its SID and touches rows of that account only;
/// exceptions are IsLayerUsed, UsedLayers and LockLayers (layers are shared),
/// FindDeviceByFingerprint, FindApiKeyBySid, FindEnrolmentTokenBySid and FindSession, which are how
/// a device and a caller say whose they are, ForgetSessions, ForgetEnrolmentTokens, ListAccounts,
/// CountAll, RecordHour, ForgetHours, ForgetLogs, ForgetEvents, ForgetDeliveries, SilentDevices,
/// DueDeliveries, DeliveryTimes, CrowdedWebhooks and PullDeliveriesBack, and what serves the
/// rotation of master keys: SecretsBehind, WebhooksNotUnder and the ids of master keys. Errors of
/// all functions, and of a transaction as a whole:
/// * kAlreadyExists: a SID, unique name, key or fingerprint is taken.
/// * kInvalidArgument: a row refers to one that is not there, or is still referred to.
/// * kTimeout: the database was busy for too long; trying again may help.
/// * kTooLarge: the disk is full. * kMalformed: the database was found damaged; from then on
/// nothing is read or written. * kIo: anything else; `detail` is the engine's own code. Reference:
/// docs/spec/storage.md.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "strata/cloud/domain/enrolment.hpp"
#include "strata/cloud/domain/events.hpp"
#include "strata/cloud/domain/records.hpp"
#include "strata/cloud/domain/resources.hpp"
#include "strata/cloud/domain/webhooks.hpp"
#include "strata/core/bytes.hpp"
#include "strata/core/result.hpp"

namespace strata::cloud {

/// What can be read: a consistent snapshot, valid during the function it was given to. Single
/// caller.
class StoreView {
 public:
  virtual ~StoreView() = default;
  StoreView() = default;
  StoreView(const StoreView&) = delete;
  StoreView& operator=(const StoreView&) = delete;

  virtual Result<std::optional<AccountRecord>> FindAccount(const AccountSid& sid) = 0;

  /// All, oldest first: for who runs the cloud, never for an account.
  virtual Result<std::vector<Account>> ListAccounts() = 0;

  virtual Result<CloudTotals> CountAll() = 0;

  virtual Result<std::optional<ApiKeyRecord>> FindApiKeyBySid(const ApiKeySid& sid) = 0;
  virtual Result<std::optional<ApiKeyRecord>> FindApiKey(const AccountSid& account,
                                                         const ApiKeySid& sid) = 0;
  virtual Result<std::optional<SessionRecord>> FindSession(const Digest& token_hash) = 0;
  virtual Result<ListedRows<ApiKey>> ListApiKeys(const AccountSid& account,
                                                 const ListQuery& query) = 0;

  virtual Result<std::optional<EnrolmentTokenRecord>> FindEnrolmentTokenBySid(
      const EnrolmentTokenSid& sid) = 0;
  virtual Result<std::optional<EnrolmentTokenRecord>> FindEnrolmentToken(
      const AccountSid& account, const EnrolmentTokenSid& sid) = 0;
  virtual Result<ListedRows<EnrolmentToken>> ListEnrolmentTokens(const AccountSid& account,
                                                                 const ListQuery& query) = 0;
  /// Those that are neither used nor expired at `now`.
  virtual Result<std::uint64_t> CountEnrolmentTokens(const AccountSid& account,
                                                     UnixSeconds now) = 0;

  virtual Result<std::optional<App>> FindApp(const AccountSid& account, const AppSid& sid) = 0;
  virtual Result<std::optional<App>> FindAppNamed(const AccountSid& account,
                                                  std::string_view unique_name) = 0;
  virtual Result<std::optional<std::vector<std::uint8_t>>> FindManifest(const AccountSid& account,
                                                                        const AppSid& sid) = 0;
  virtual Result<std::optional<StoredLayer>> FindLayer(const AccountSid& account,
                                                       const AppSid& app,
                                                       const Digest& digest) = 0;
  /// Whether any app of the account has that layer.
  virtual Result<bool> HasLayer(const AccountSid& account, const Digest& digest) = 0;
  /// Whether any app of any account has that layer.
  virtual Result<bool> IsLayerUsed(const Digest& digest) = 0;
  /// The distinct layers of all apps whose first byte is `first`.
  virtual Result<std::vector<Digest>> UsedLayers(std::uint8_t first) = 0;
  virtual Result<std::vector<Digest>> LayersOf(const AccountSid& account, const AppSid& app) = 0;
  virtual Result<AccountUsage> UsageOf(const AccountSid& account) = 0;
  virtual Result<ListedRows<App>> ListApps(const AccountSid& account, const ListQuery& query) = 0;
  /// Devices whose target app, last proven app or running update is `app`.
  virtual Result<AppUsers> FindAppUsers(const AccountSid& account,
                                        const AppSid& app,
                                        std::uint32_t limit) = 0;
  /// The app made under an idempotency key at `since` or later.
  virtual Result<std::optional<App>> FindUpload(const AccountSid& account,
                                                std::string_view idempotency_key,
                                                UnixSeconds since) = 0;

  virtual Result<std::optional<SigningKey>> FindKey(const AccountSid& account, KeyId id) = 0;
  virtual Result<ListedRows<SigningKey>> ListKeys(const AccountSid& account,
                                                  const ListQuery& query) = 0;

  /// The manifest signers that are not revoked, in no order.
  virtual Result<std::vector<SigningKey>> ActiveSigners(const AccountSid& account) = 0;

  virtual Result<std::optional<KeyMessage>> FindKeyMessage(const AccountSid& account,
                                                           std::uint32_t sequence) = 0;
  virtual Result<ListedRows<KeyMessage>> ListKeyMessages(const AccountSid& account,
                                                         const ListQuery& query) = 0;
  /// Of the newest message; 0: there is none.
  virtual Result<std::uint32_t> NewestKeySequence(const AccountSid& account) = 0;
  virtual Result<KeyChangeDevices> CountDevicesAt(const AccountSid& account,
                                                  std::uint32_t key_sequence) = 0;

  virtual Result<std::optional<DeviceRecord>> FindDevice(const AccountSid& account,
                                                         const DeviceSid& sid) = 0;
  virtual Result<std::optional<DeviceRecord>> FindDeviceNamed(const AccountSid& account,
                                                              std::string_view unique_name) = 0;
  virtual Result<std::optional<DeviceRecord>> FindDeviceByFingerprint(
      const Digest& fingerprint) = 0;
  virtual Result<ListedRows<Device>> ListDevices(const AccountSid& account,
                                                 const ListQuery& query,
                                                 const DeviceFilter& filter) = 0;
  /// Devices of all accounts with a pending update that were targeted and last heard before then,
  /// or the one or the other after `now`, in the order of account and SID, from behind `last` on.
  virtual Result<std::vector<DeviceRecord>> SilentDevices(const std::optional<DeviceRecord>& last,
                                                          UnixSeconds before,
                                                          UnixSeconds now,
                                                          std::uint32_t limit) = 0;
  /// By target app and status, in no order.
  virtual Result<std::vector<DeviceCount>> CountDevices(const AccountSid& account) = 0;
  /// By the app last proven, in no order.
  virtual Result<std::vector<RunningCount>> CountRunning(const AccountSid& account) = 0;
  /// By hour, then target app, then status.
  virtual Result<std::vector<HourCount>> ListHours(const AccountSid& account,
                                                   const HourQuery& query) = 0;

  /// nullopt: nothing was ever written down.
  virtual Result<std::optional<AuditHead>> FindAuditHead(const AccountSid& account) = 0;
  /// The newest entry such that it and all before it are older than `before`, and that is not the
  /// newest of all; nullopt: there is none.
  virtual Result<std::optional<AuditHead>> FindAuditOlder(const AccountSid& account,
                                                          UnixSeconds before) = 0;
  /// Ordered by sequence alone, whatever the clock did; a position's date counts for nothing.
  virtual Result<ListedRows<AuditRecord>> ListAudit(const AccountSid& account,
                                                    const ListQuery& query,
                                                    const AuditFilter& filter) = 0;
  virtual Result<std::optional<AuditCheckpointRecord>> FindAuditCheckpoint(
      const AccountSid& account, std::uint64_t sequence) = 0;
  /// Ordered as ListAudit.
  virtual Result<ListedRows<AuditCheckpointRecord>> ListAuditCheckpoints(
      const AccountSid& account, const ListQuery& query) = 0;
  // Ordered by `sequence`; the positions' dates are 0.
  virtual Result<ListedRows<Event>> ListEvents(const AccountSid& account,
                                               const ListQuery& query,
                                               const EventFilter& filter) = 0;
  virtual Result<ListedRows<UpdateRecord>> ListUpdates(const AccountSid& account,
                                                       const DeviceSid& device,
                                                       const ListQuery& query) = 0;
  virtual Result<std::optional<UpdateRecord>> FindUpdate(const AccountSid& account,
                                                         const DeviceSid& device,
                                                         const DeploymentId& deployment) = 0;
  /// The number that the account gave last, to an event or anything else.
  virtual Result<std::int64_t> NewestSequence(const AccountSid& account) = 0;
  virtual Result<ListedRows<DeviceLogLine>> ListLogs(const AccountSid& account,
                                                     const DeviceSid& device,
                                                     const ListQuery& query) = 0;
  /// Of the newest line that there ever was; 0: none.
  virtual Result<std::int64_t> NewestLogSequence(const AccountSid& account,
                                                 const DeviceSid& device) = 0;

  virtual Result<std::optional<SettingRecord>> FindSetting(const SettingScope& scope,
                                                           std::string_view key) = 0;
  virtual Result<ListedRows<Setting>> ListSettings(const SettingScope& scope,
                                                   const ListQuery& query) = 0;
  virtual Result<std::uint64_t> CountSettings(const SettingScope& scope) = 0;
  /// Secrets of all accounts in the order of their places, from behind `last` on.
  virtual Result<std::vector<SettingRecord>> SecretsBehind(const std::optional<SettingRecord>& last,
                                                           std::uint32_t limit) = 0;
  /// Master keys under which something may be sealed, in no order.
  virtual Result<std::vector<std::string>> MasterKeyIds() = 0;
  virtual Result<std::optional<WebhookRecord>> FindWebhook(const AccountSid& account,
                                                           const WebhookSid& sid) = 0;
  virtual Result<ListedRows<Webhook>> ListWebhooks(const AccountSid& account,
                                                   const ListQuery& query) = 0;
  virtual Result<std::uint64_t> CountWebhooks(const AccountSid& account) = 0;
  virtual Result<std::optional<Event>> FindEvent(const AccountSid& account,
                                                 std::int64_t sequence) = 0;
  virtual Result<std::optional<Delivery>> FindDelivery(const AccountSid& account,
                                                       const WebhookSid& webhook,
                                                       std::int64_t event) = 0;
  /// Those that were given up, ordered by event; the positions' dates are 0.
  virtual Result<ListedRows<Delivery>> ListDeadLetters(const AccountSid& account,
                                                       const WebhookSid& webhook,
                                                       const ListQuery& query) = 0;
  /// Of all accounts by turns, of each the longest due first, at most `per_webhook` of each
  /// webhook.
  virtual Result<std::vector<Delivery>> DueDeliveries(UnixSeconds now,
                                                      std::uint32_t per_webhook,
                                                      std::uint32_t limit) = 0;
  /// The first and the last next attempt of all deliveries of all accounts; nullopt: none waits.
  virtual Result<std::optional<std::pair<UnixSeconds, UnixSeconds>>> DeliveryTimes() = 0;
  /// Webhooks of all accounts for which more than `waiting` deliveries wait.
  virtual Result<std::vector<std::pair<AccountSid, WebhookSid>>> CrowdedWebhooks(
      std::uint32_t waiting) = 0;
  /// Webhooks of all accounts of which the secret is sealed under another master key than that.
  virtual Result<std::vector<WebhookRecord>> WebhooksNotUnder(std::string_view master_key_id) = 0;
  /// Accounts of which the development key is sealed under another master key than that.
  virtual Result<std::vector<AccountRecord>> DevelopmentKeysNotUnder(
      std::string_view master_key_id) = 0;
  /// Whether something is sealed under that key.
  virtual Result<bool> IsMasterKeyUsed(std::string_view key_id) = 0;
};

/// What can be changed; reads see the changes made before them in the same transaction.
class StoreTransaction : public StoreView {
 public:
  virtual Status InsertAccount(const AccountRecord& record) = 0;

  /// Writes everything but identity (SID, date_created).
  virtual Status UpdateAccount(const AccountRecord& record) = 0;

  virtual Status InsertApiKey(const ApiKeyRecord& record) = 0;
  /// Nothing happens when there is none.
  virtual Status DeleteApiKey(const AccountSid& account, const ApiKeySid& sid) = 0;
  virtual Status TouchApiKey(const AccountSid& account, const ApiKeySid& sid, UnixSeconds now) = 0;
  /// As one that was not used.
  virtual Status InsertEnrolmentToken(const EnrolmentTokenRecord& record) = 0;
  /// Writes date_used and device_sid.
  virtual Status UseEnrolmentToken(const EnrolmentToken& token) = 0;
  /// Nothing happens when there is none.
  virtual Status DeleteEnrolmentToken(const AccountSid& account, const EnrolmentTokenSid& sid) = 0;
  /// Of all accounts, those that expired before then, used or not.
  virtual Status ForgetEnrolmentTokens(UnixSeconds before) = 0;
  /// Sessions go with their API key.
  virtual Status InsertSession(const SessionRecord& record) = 0;
  virtual Status DeleteSession(const AccountSid& account, const Digest& token_hash) = 0;
  /// Of those that were begun with `secret_hash` only the `keep` newest stay.
  virtual Status TrimSessions(const AccountSid& account,
                              const Digest& secret_hash,
                              std::uint32_t keep) = 0;
  /// Of all accounts, those that expire at `now` or before.
  virtual Status ForgetSessions(UnixSeconds now) = 0;

  /// The app with its manifest and its distinct layers.
  virtual Status InsertApp(const App& app,
                           ByteSpan manifest,
                           const std::vector<StoredLayer>& layers) = 0;
  /// Until this transaction ends no other one gets here: between them stands who says that a layer
  /// is used, and who removes layers that are not.
  virtual Status LockLayers() = 0;
  /// Also forgets the idempotency keys it was made under. Nothing happens when there is none.
  virtual Status DeleteApp(const AccountSid& account, const AppSid& sid) = 0;
  /// Remembers that `app` was made under an idempotency key; replaces an older memory of the same
  /// key.
  virtual Status RememberUpload(const AccountSid& account,
                                std::string_view idempotency_key,
                                const AppSid& app,
                                UnixSeconds now) = 0;
  /// Forgets the idempotency keys of the account that are older than `before`.
  virtual Status ForgetUploads(const AccountSid& account, UnixSeconds before) = 0;

  virtual Status InsertKey(const SigningKey& key) = 0;
  virtual Status DeleteKey(const AccountSid& account, KeyId id) = 0;
  /// Writes `revoked` and `added_by`.
  virtual Status UpdateKey(const SigningKey& key) = 0;

  virtual Status InsertKeyMessage(const KeyMessage& message) = 0;

  /// Without tags.
  virtual Status InsertDevice(const DeviceRecord& record) = 0;
  /// Writes everything but identity (SID, account, key, hardware type, date_created), tags and
  /// date_last_seen.
  virtual Status UpdateDevice(const DeviceRecord& record) = 0;
  virtual Status TouchDevice(const AccountSid& account, const DeviceSid& sid, UnixSeconds now) = 0;

  virtual Status SetTags(const AccountSid& account,
                         const DeviceSid& device,
                         const std::vector<std::string>& tags) = 0;
  /// Counts the devices of all accounts by target app and status, unless that was done for `hour`;
  /// an account without devices gets a count of 0 without target app.
  virtual Status RecordHour(UnixSeconds hour) = 0;
  virtual Status ForgetHours(UnixSeconds before) = 0;

  virtual Status InsertAudit(const AuditRecord& record) = 0;
  virtual Status InsertAuditCheckpoint(const AuditCheckpointRecord& record) = 0;
  /// Deletes entries up to `sequence`, and checkpoints before it.
  virtual Status DeleteAudit(const AccountSid& account, std::uint64_t sequence) = 0;
  /// Its settings, tags, logs and updates go with it. Nothing happens when there is none.
  virtual Status DeleteDevice(const AccountSid& account, const DeviceSid& sid) = 0;

  virtual Status InsertWebhook(const WebhookRecord& record) = 0;
  /// Writes the secret.
  virtual Status UpdateWebhook(const WebhookRecord& record) = 0;
  /// Its deliveries go with it. Nothing happens when there is none.
  virtual Status DeleteWebhook(const AccountSid& account, const WebhookSid& sid) = 0;
  /// An event for each webhook of the account, or for `only` that one.
  virtual Status QueueDeliveries(const AccountSid& account,
                                 std::int64_t event,
                                 UnixSeconds now,
                                 const std::optional<WebhookSid>& only) = 0;
  /// Makes dead letters of a webhook, all or that of one event, deliveries that are due at `now`
  /// and were never tried; how many.
  virtual Result<std::uint64_t> ReviveDeliveries(const AccountSid& account,
                                                 const WebhookSid& webhook,
                                                 std::optional<std::int64_t> event,
                                                 UnixSeconds now) = 0;
  /// Writes everything but what it is about and date_created.
  virtual Status UpdateDelivery(const Delivery& delivery) = 0;
  virtual Status DeleteDelivery(const Delivery& delivery) = 0;
  /// What a wrong clock put off for more than a day, of all accounts, is due at `now`.
  virtual Status PullDeliveriesBack(UnixSeconds now) = 0;
  /// Of the deliveries that wait only the `keep` newest still do; the others are given up at `now`.
  /// How many were.
  virtual Result<std::uint64_t> BuryDeliveries(const AccountSid& account,
                                               const WebhookSid& webhook,
                                               std::uint32_t keep,
                                               std::string_view why,
                                               UnixSeconds now) = 0;
  /// Deliveries of all accounts whose event is no longer kept.
  virtual Status ForgetDeliveries(UnixSeconds before) = 0;

  /// Gives it the account's next number, which it returns. Progress takes the place of the device's
  /// earlier one, and so does a report of another key change.
  virtual Result<std::int64_t> InsertEvent(const Event& event) = 0;
  /// Of all accounts.
  virtual Status ForgetEvents(UnixMicros before) = 0;
  /// Gives it the account's next number, and drops the device's oldest so that `keep` are left.
  virtual Status InsertUpdate(const UpdateRecord& update, std::uint32_t keep) = 0;
  /// Writes outcome, error, progress, date_started and date_ended.
  virtual Status ChangeUpdate(const UpdateRecord& update) = 0;

  /// Adds lines, which get their numbers here, and drops the oldest so that those left take at most
  /// `keep_bytes` and nearly as much, each counted with kLogLineBytes more than its text has; no
  /// text has more than kMaxLogTextBytes.
  virtual Status AppendLogs(const AccountSid& account,
                            const DeviceSid& device,
                            const std::vector<DeviceLogLine>& lines,
                            std::int64_t keep_bytes) = 0;
  /// Of all accounts.
  virtual Status ForgetLogs(UnixMicros before) = 0;

  virtual Status InsertSetting(const SettingRecord& record) = 0;
  /// Writes value, version and date_updated.
  virtual Status UpdateSetting(const SettingRecord& record) = 0;
  virtual Status DeleteSetting(const SettingScope& scope, std::string_view key) = 0;
  /// Nothing happens when it is there.
  virtual Status InsertMasterKeyId(std::string_view key_id, UnixSeconds now) = 0;
  virtual Status DeleteMasterKeyId(std::string_view key_id) = 0;
};

/// Context: thread-safe; blocks on the disk or network.
class Store {
 public:
  using ReadBody = std::function<Status(StoreView&)>;
  using WriteBody = std::function<Status(StoreTransaction&)>;

  virtual ~Store() = default;
  Store() = default;
  Store(const Store&) = delete;
  Store& operator=(const Store&) = delete;

  /// Runs `body` over one snapshot and returns what it returned.
  virtual Status Read(const ReadBody& body) = 0;

  /// Runs `body` as one transaction, isolated from all others (serializable). Durable when OK comes
  /// back. A failing body leaves nothing changed and its error is returned; so does a failing
  /// commit. `body` may be run again when the engine asks for it, so it has no effects but on the
  /// transaction and on what it overwrites whole; it must not call Read or Write.
  virtual Status Write(const WriteBody& body) = 0;

  /// OK when the database answers and takes a write.
  virtual Status Probe() = 0;

  /// Looks for damage in a part of the database, the next one at each call, beside everything else.
  /// Ends early, with OK, when `go_on` says false. * kMalformed: it is damaged.
  virtual Status CheckPart(const std::function<bool()>& go_on) = 0;
};

}  // namespace strata::cloud
