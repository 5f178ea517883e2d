// SPDX-License-Identifier: Apache-2.0
/// The statements of the store over any DbConnection; what each does stands in store.hpp.
/// Every statement names account_sid but those that store.hpp excepts; a test holds this.
#pragma once

#include "strata/cloud/domain/store.hpp"

#include "db.hpp"

namespace strata::cloud {

/// Writes the row $1 of `markers`: who wrote it first makes others wait until he is done.
std::string_view MarkStatement();

/// The text of column devices.tags, and back.
std::string JoinTags(const std::vector<std::string>& tags);
std::vector<std::string> SplitTags(std::string_view text);

class SqlTransaction final : public StoreTransaction {
 public:
  /// `connection` outlives it and is inside a transaction.
  explicit SqlTransaction(DbConnection& connection) : connection_(connection) {}

  Result<std::optional<AccountRecord>> FindAccount(const AccountSid& sid) override;

  Result<std::vector<Account>> ListAccounts() override;
  Result<CloudTotals> CountAll() override;
  Result<std::optional<ApiKeyRecord>> FindApiKeyBySid(const ApiKeySid& sid) override;
  Result<std::optional<ApiKeyRecord>> FindApiKey(const AccountSid& account,
                                                 const ApiKeySid& sid) override;
  Result<std::optional<SessionRecord>> FindSession(const Digest& token_hash) override;
  Result<ListedRows<ApiKey>> ListApiKeys(const AccountSid& account,
                                         const ListQuery& query) override;
  Result<std::optional<EnrolmentTokenRecord>> FindEnrolmentTokenBySid(
      const EnrolmentTokenSid& sid) override;
  Result<std::optional<EnrolmentTokenRecord>> FindEnrolmentToken(
      const AccountSid& account, const EnrolmentTokenSid& sid) override;
  Result<ListedRows<EnrolmentToken>> ListEnrolmentTokens(const AccountSid& account,
                                                         const ListQuery& query) override;
  Result<std::uint64_t> CountEnrolmentTokens(const AccountSid& account, UnixSeconds now) override;

  Result<std::optional<App>> FindApp(const AccountSid& account, const AppSid& sid) override;
  Result<std::optional<App>> FindAppNamed(const AccountSid& account,
                                          std::string_view unique_name) override;
  Result<std::optional<std::vector<std::uint8_t>>> FindManifest(const AccountSid& account,
                                                                const AppSid& sid) override;
  Result<std::optional<StoredLayer>> FindLayer(const AccountSid& account,
                                               const AppSid& app,
                                               const Digest& digest) override;
  Result<bool> HasLayer(const AccountSid& account, const Digest& digest) override;
  Result<bool> IsLayerUsed(const Digest& digest) override;
  Result<std::vector<Digest>> UsedLayers(std::uint8_t first) override;
  Result<std::vector<Digest>> LayersOf(const AccountSid& account, const AppSid& app) override;
  Result<AccountUsage> UsageOf(const AccountSid& account) override;
  Result<ListedRows<App>> ListApps(const AccountSid& account, const ListQuery& query) override;
  Result<AppUsers> FindAppUsers(const AccountSid& account,
                                const AppSid& app,
                                std::uint32_t limit) override;
  Result<std::optional<App>> FindUpload(const AccountSid& account,
                                        std::string_view idempotency_key,
                                        UnixSeconds since) override;

  Result<std::optional<SigningKey>> FindKey(const AccountSid& account, KeyId id) override;
  Result<ListedRows<SigningKey>> ListKeys(const AccountSid& account,
                                          const ListQuery& query) override;
  Result<std::vector<SigningKey>> ActiveSigners(const AccountSid& account) override;

  Result<std::optional<KeyMessage>> FindKeyMessage(const AccountSid& account,
                                                   std::uint32_t sequence) override;
  Result<ListedRows<KeyMessage>> ListKeyMessages(const AccountSid& account,
                                                 const ListQuery& query) override;
  Result<std::uint32_t> NewestKeySequence(const AccountSid& account) override;
  Result<KeyChangeDevices> CountDevicesAt(const AccountSid& account,
                                          std::uint32_t key_sequence) override;

  Result<std::optional<DeviceRecord>> FindDevice(const AccountSid& account,
                                                 const DeviceSid& sid) override;
  Result<std::optional<DeviceRecord>> FindDeviceNamed(const AccountSid& account,
                                                      std::string_view unique_name) override;
  Result<std::optional<DeviceRecord>> FindDeviceByFingerprint(const Digest& fingerprint) override;
  Result<ListedRows<Device>> ListDevices(const AccountSid& account,
                                         const ListQuery& query,
                                         const DeviceFilter& filter) override;
  Result<std::vector<DeviceRecord>> SilentDevices(const std::optional<DeviceRecord>& last,
                                                  UnixSeconds before,
                                                  UnixSeconds now,
                                                  std::uint32_t limit) override;
  Result<std::vector<DeviceCount>> CountDevices(const AccountSid& account) override;
  Result<std::vector<RunningCount>> CountRunning(const AccountSid& account) override;
  Result<std::vector<HourCount>> ListHours(const AccountSid& account,
                                           const HourQuery& query) override;

  Result<std::optional<AuditHead>> FindAuditHead(const AccountSid& account) override;
  Result<std::optional<AuditHead>> FindAuditOlder(const AccountSid& account,
                                                  UnixSeconds before) override;
  Result<ListedRows<AuditRecord>> ListAudit(const AccountSid& account,
                                            const ListQuery& query,
                                            const AuditFilter& filter) override;
  Result<std::optional<AuditCheckpointRecord>> FindAuditCheckpoint(const AccountSid& account,
                                                                   std::uint64_t sequence) override;
  Result<ListedRows<AuditCheckpointRecord>> ListAuditCheckpoints(const AccountSid& account,
                                                                 const ListQuery& query) override;
  Result<ListedRows<Event>> ListEvents(const AccountSid& account,
                                       const ListQuery& query,
                                       const EventFilter& filter) override;
  Result<ListedRows<UpdateRecord>> ListUpdates(const AccountSid& account,
                                               const DeviceSid& device,
                                               const ListQuery& query) override;
  Result<std::optional<UpdateRecord>> FindUpdate(const AccountSid& account,
                                                 const DeviceSid& device,
                                                 const DeploymentId& deployment) override;
  Result<std::int64_t> NewestSequence(const AccountSid& account) override;
  Result<ListedRows<DeviceLogLine>> ListLogs(const AccountSid& account,
                                             const DeviceSid& device,
                                             const ListQuery& query) override;
  Result<std::int64_t> NewestLogSequence(const AccountSid& account,
                                         const DeviceSid& device) override;

  Result<std::optional<SettingRecord>> FindSetting(const SettingScope& scope,
                                                   std::string_view key) override;
  Result<ListedRows<Setting>> ListSettings(const SettingScope& scope,
                                           const ListQuery& query) override;
  Result<std::uint64_t> CountSettings(const SettingScope& scope) override;
  Result<std::vector<SettingRecord>> SecretsBehind(const std::optional<SettingRecord>& last,
                                                   std::uint32_t limit) override;
  Result<std::vector<std::string>> MasterKeyIds() override;
  Result<std::optional<WebhookRecord>> FindWebhook(const AccountSid& account,
                                                   const WebhookSid& sid) override;
  Result<ListedRows<Webhook>> ListWebhooks(const AccountSid& account,
                                           const ListQuery& query) override;
  Result<std::uint64_t> CountWebhooks(const AccountSid& account) override;
  Result<std::optional<Event>> FindEvent(const AccountSid& account, std::int64_t sequence) override;
  Result<std::optional<Delivery>> FindDelivery(const AccountSid& account,
                                               const WebhookSid& webhook,
                                               std::int64_t event) override;
  Result<ListedRows<Delivery>> ListDeadLetters(const AccountSid& account,
                                               const WebhookSid& webhook,
                                               const ListQuery& query) override;
  Result<std::vector<Delivery>> DueDeliveries(UnixSeconds now,
                                              std::uint32_t per_webhook,
                                              std::uint32_t limit) override;
  Result<std::optional<std::pair<UnixSeconds, UnixSeconds>>> DeliveryTimes() override;
  Result<std::vector<std::pair<AccountSid, WebhookSid>>> CrowdedWebhooks(
      std::uint32_t waiting) override;
  Result<std::vector<WebhookRecord>> WebhooksNotUnder(std::string_view master_key_id) override;
  Result<std::vector<AccountRecord>> DevelopmentKeysNotUnder(
      std::string_view master_key_id) override;
  Result<bool> IsMasterKeyUsed(std::string_view key_id) override;

  Status InsertAccount(const AccountRecord& record) override;
  Status UpdateAccount(const AccountRecord& record) override;
  Status InsertApiKey(const ApiKeyRecord& record) override;
  Status DeleteApiKey(const AccountSid& account, const ApiKeySid& sid) override;
  Status TouchApiKey(const AccountSid& account, const ApiKeySid& sid, UnixSeconds now) override;
  Status InsertEnrolmentToken(const EnrolmentTokenRecord& record) override;
  Status UseEnrolmentToken(const EnrolmentToken& token) override;
  Status DeleteEnrolmentToken(const AccountSid& account, const EnrolmentTokenSid& sid) override;
  Status ForgetEnrolmentTokens(UnixSeconds before) override;
  Status InsertSession(const SessionRecord& record) override;
  Status DeleteSession(const AccountSid& account, const Digest& token_hash) override;
  Status TrimSessions(const AccountSid& account,
                      const Digest& secret_hash,
                      std::uint32_t keep) override;
  Status ForgetSessions(UnixSeconds now) override;
  Status InsertApp(const App& app,
                   ByteSpan manifest,
                   const std::vector<StoredLayer>& layers) override;
  Status LockLayers() override;
  Status DeleteApp(const AccountSid& account, const AppSid& sid) override;
  Status RememberUpload(const AccountSid& account,
                        std::string_view idempotency_key,
                        const AppSid& app,
                        UnixSeconds now) override;
  Status ForgetUploads(const AccountSid& account, UnixSeconds before) override;
  Status InsertKey(const SigningKey& key) override;
  Status DeleteKey(const AccountSid& account, KeyId id) override;
  Status UpdateKey(const SigningKey& key) override;
  Status InsertKeyMessage(const KeyMessage& message) override;
  Status InsertDevice(const DeviceRecord& record) override;
  Status UpdateDevice(const DeviceRecord& record) override;
  Status TouchDevice(const AccountSid& account, const DeviceSid& sid, UnixSeconds now) override;
  Status SetTags(const AccountSid& account,
                 const DeviceSid& device,
                 const std::vector<std::string>& tags) override;
  Status RecordHour(UnixSeconds hour) override;
  Status ForgetHours(UnixSeconds before) override;
  Status InsertAudit(const AuditRecord& record) override;
  Status InsertAuditCheckpoint(const AuditCheckpointRecord& record) override;
  Status DeleteAudit(const AccountSid& account, std::uint64_t sequence) override;
  Status DeleteDevice(const AccountSid& account, const DeviceSid& sid) override;
  Status InsertWebhook(const WebhookRecord& record) override;
  Status UpdateWebhook(const WebhookRecord& record) override;
  Status DeleteWebhook(const AccountSid& account, const WebhookSid& sid) override;
  Status QueueDeliveries(const AccountSid& account,
                         std::int64_t event,
                         UnixSeconds now,
                         const std::optional<WebhookSid>& only) override;
  Result<std::uint64_t> ReviveDeliveries(const AccountSid& account,
                                         const WebhookSid& webhook,
                                         std::optional<std::int64_t> event,
                                         UnixSeconds now) override;
  Status UpdateDelivery(const Delivery& delivery) override;
  Status DeleteDelivery(const Delivery& delivery) override;
  Status PullDeliveriesBack(UnixSeconds now) override;
  Result<std::uint64_t> BuryDeliveries(const AccountSid& account,
                                       const WebhookSid& webhook,
                                       std::uint32_t keep,
                                       std::string_view why,
                                       UnixSeconds now) override;
  Status ForgetDeliveries(UnixSeconds before) override;
  Result<std::int64_t> InsertEvent(const Event& event) override;
  Status ForgetEvents(UnixMicros before) override;
  Status InsertUpdate(const UpdateRecord& update, std::uint32_t keep) override;
  Status ChangeUpdate(const UpdateRecord& update) override;
  Status AppendLogs(const AccountSid& account,
                    const DeviceSid& device,
                    const std::vector<DeviceLogLine>& lines,
                    std::int64_t keep_bytes) override;
  Status ForgetLogs(UnixMicros before) override;
  Status InsertSetting(const SettingRecord& record) override;
  Status UpdateSetting(const SettingRecord& record) override;
  Status DeleteSetting(const SettingScope& scope, std::string_view key) override;
  Status InsertMasterKeyId(std::string_view key_id, UnixSeconds now) override;
  Status DeleteMasterKeyId(std::string_view key_id) override;

 private:
  /// What narrows a list: `sql` with `#` where its value goes.
  struct Condition {
    std::string_view sql;
    Value value;
  };

  /// The next of the account's numbers; also makes later writers of the account wait for this
  /// transaction.
  Result<std::int64_t> NextSequence(const AccountSid& account);
  /// `select` = "SELECT … FROM table"; adds the account's rows of one page in order, of those that
  /// meet every condition.
  Result<Rows> ListPage(std::string_view select,
                        const AccountSid& account,
                        const ListQuery& query,
                        const std::vector<Condition>& conditions = {});
  Status Run(std::string_view sql, const Values& params);

  DbConnection& connection_;
};

}  // namespace strata::cloud
