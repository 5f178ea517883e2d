// SPDX-License-Identifier: Apache-2.0
/// Service: every rule of the cloud, without HTTP, SQL or files in sight.
/// Role: takes parsed requests, decides, and acts through Store (metadata), Blobs (layers), Signals
/// (who waits) and Clock. Does not know routes, JSON or certificates' files. Context: thread-safe;
/// every function may block on the store and belongs on the worker pool. Durability: when a
/// changing function returns OK the change survives a crash. Security: every function below an
/// account takes the authenticated Account or Device and can reach nothing else. Reference:
/// docs/spec/rest.md, docs/spec/wire.md; decisions "Cloud".
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "strata/cloud/domain/api_error.hpp"
#include "strata/cloud/domain/blobs.hpp"
#include "strata/cloud/domain/enrolment.hpp"
#include "strata/cloud/domain/events.hpp"
#include "strata/cloud/domain/requests.hpp"
#include "strata/cloud/domain/resources.hpp"
#include "strata/cloud/domain/webhooks.hpp"
#include "strata/core/bytes.hpp"
#include "strata/core/digest.hpp"
#include "strata/core/keys.hpp"
#include "strata/core/sid.hpp"

namespace strata::bundle {
class PrivateKey;
}  // namespace strata::bundle

namespace strata::cloud {

struct AuditEvent;
struct CheckedBundle;
class Blobs;
class Clock;
class Random;
class Sealer;
class Signals;
class Store;
class StoreTransaction;

/// The id of the account's development key; kNone: it has none.
KeyId DevelopmentSignerOf(const Account& account);

class Service {
 public:
  struct Ports {
    Store* store = nullptr;
    Blobs* blobs = nullptr;
    Signals* signals = nullptr;
    Clock* clock = nullptr;
    Random* random = nullptr;
    Sealer* sealer = nullptr;
    const bundle::PrivateKey* audit_key = nullptr;  ///< signs checkpoints of audit logs
  };

  /// Everything in `ports` outlives the service. `page_key` (32 random bytes, stable) signs page
  /// tokens.
  Service(Ports ports, std::vector<std::uint8_t> page_key, AccountLimits limits = {});
  ~Service();
  Service(const Service&) = delete;
  Service& operator=(const Service&) = delete;

  /// The same service, whose changes are written down as this one's. As long as it lives, `this`
  /// does.
  [[nodiscard]] Service As(Origin origin) const;

  /// User and password of HTTP Basic: account SID and auth token, or an API key's SID and secret.
  /// Hashes are compared in constant time and an unknown SID takes as long as a wrong secret; both
  /// give the same refusal. * 401/20003.
  ApiResult<Caller> Authenticate(std::string_view user, std::string_view password);

  // Sessions of the console (docs/spec/console.md).
  /// Begins a session of 12 h with what Authenticate() takes. Second: the cookie's value, once, in
  /// clear. `address` is the client's: after five attempts on one SID from there each further one
  /// waits twice as long, up to 15 min. * 401/20003. * 429/20429: too early, or as AdmitRequest().
  ApiResult<std::pair<ConsoleSession, std::string>> SignIn(std::string_view user,
                                                           std::string_view password,
                                                           std::string_view address);
  /// * 401/20003: no such session, or it has ended: by time, by SignOut(), or because the API key
  /// or auth token it was begun with is no longer good.
  ApiResult<ConsoleSession> ResumeSession(std::string_view token);
  /// Ends the session, if there is one.
  ApiOutcome SignOut(std::string_view token);

  /// Counts a request of the account. * 429/20429.
  ApiOutcome AdmitRequest(const Account& account);
  /// Counts an upload that begins. * 429/20429.
  ApiOutcome AdmitUpload(const Account& account);

  // For who runs the cloud (`strata-cloud init` and `accounts`); of the ports they need store,
  // clock and random.
  /// Second: the auth token, once, in clear.
  ApiResult<std::pair<Account, std::string>> CreateAccount(std::string_view friendly_name);
  /// Oldest first.
  ApiResult<std::vector<Account>> ListAccounts();
  /// The new auth token, once, in clear; the old one is refused from now on. * 404/20404.
  ApiResult<std::string> ResetToken(const AccountSid& account);

  ApiResult<AccountUsage> UsageOf(const Account& account);
  [[nodiscard]] const AccountLimits& limits() const;
  ApiResult<Account> UpdateAccount(const Account& account, const AccountUpdate& update);

  // API keys. `sid` as it stands in the path.
  /// Second: the secret, once, in clear. * 400/20001: no scope, or a bad name.
  ApiResult<std::pair<ApiKey, std::string>> CreateApiKey(const Account& account,
                                                         std::string_view friendly_name,
                                                         Scopes scopes);
  ApiResult<PageOf<ApiKey>> ListApiKeys(const Account& account, const PageRequest& request);
  ApiResult<ApiKey> FetchApiKey(const Account& account, std::string_view sid);
  /// Requests that begin after it are refused.
  ApiOutcome DeleteApiKey(const Account& account, std::string_view sid);

  // Apps. `name` is a SID or a unique name, exact (".json" is the router's business).
  ApiResult<CreatedApp> CreateApp(const Account& account, const Upload& upload);
  ApiResult<PageOf<App>> ListApps(const Account& account, const PageRequest& request);
  ApiResult<App> FetchApp(const Account& account, std::string_view name);
  ApiResult<AppManifest> FetchManifest(const Account& account, std::string_view name);
  ApiOutcome DeleteApp(const Account& account, std::string_view name);

  // Manifest signers and rotation keys known to the account.
  ApiResult<std::pair<SigningKey, bool>> RegisterKey(
      const Account& account,
      const PublicKey& key,
      std::string_view friendly_name,
      KeyType type = KeyType::kManifestSigner);  ///< second: newly made
  ApiResult<PageOf<SigningKey>> ListKeys(const Account& account, const PageRequest& request);
  ApiResult<SigningKey> FetchKey(const Account& account, std::string_view key_id);
  ApiOutcome DeleteKey(const Account& account, std::string_view key_id);

  // The chain of NewKeys messages (docs/spec/new-keys.md).
  /// Accepts what every device of the account would accept, and nothing else; added signers are
  /// registered, deleted ones revoked, waiting devices woken. Second: newly accepted; false when
  /// the message is the chain's newest already. * 400/65006.
  ApiResult<std::pair<KeyChange, bool>> CreateKeyChange(const Account& account, ByteSpan message);
  ApiResult<PageOf<KeyChange>> ListKeyChanges(const Account& account, const PageRequest& request);
  /// `sequence` is decimal without leading zeros.
  ApiResult<KeyChange> FetchKeyChange(const Account& account, std::string_view sequence);

  // Devices, as people see them.
  ApiResult<ProvisionedDevice> ProvisionDevice(const Account& account,
                                               const DeviceRequest& request);

  // Enrolment tokens (docs/spec/enrolment.md). `sid` as it stands in the path.
  /// All of them or none. * 400/20001. * 400/65024: too many are waiting.
  ApiResult<std::vector<NewEnrolmentToken>> CreateEnrolmentTokens(
      const Account& account, const EnrolmentTokenRequest& request);
  ApiResult<PageOf<EnrolmentToken>> ListEnrolmentTokens(const Account& account,
                                                        const PageRequest& request);
  ApiResult<EnrolmentToken> FetchEnrolmentToken(const Account& account, std::string_view sid);
  /// From now on it lets nobody in; the device that it let in stays.
  ApiOutcome DeleteEnrolmentToken(const Account& account, std::string_view sid);
  /// Counts a try from that address, before anything is looked up. * 429/20429.
  ApiOutcome AdmitEnrolment(const std::string& address);
  /// Whose token that is, used or not. Hashes are compared in constant time and an unknown token
  /// takes as long as a wrong secret. * 401/20003.
  ApiResult<EnrolmentCaller> AuthenticateEnrolment(std::string_view text);
  /// Makes the device and uses the token up, both or neither. The same key again, with the token
  /// that let it in and before that expires, gives the same device. * 401/20003: revoked meanwhile.
  /// * 403/65022: used. * 403/65023: expired. * 400/20001. * 409/20409.
  ApiResult<ProvisionedDevice> EnrolDevice(const EnrolmentCaller& caller,
                                           const EnrolmentRequest& request);

  ApiResult<PageOf<Device>> ListDevices(const Account& account,
                                        const PageRequest& request,
                                        const DeviceQuery& query = {});
  ApiResult<DeviceCounts> CountDevices(const Account& account);
  /// By hour, then app; never more than 31 days.
  ApiResult<std::vector<HourTally>> DeviceHistory(const Account& account,
                                                  const HistoryRequest& request);
  /// Counts the devices of all accounts, once in each hour however often it is called, and drops
  /// hours older than 31 days. The program calls it every minute.
  ApiOutcome RecordHour();
  ApiResult<Device> FetchDevice(const Account& account, std::string_view name);
  ApiResult<Device> UpdateDevice(const Account& account,
                                 std::string_view name,
                                 const DeviceUpdate& update);

  /// Its certificate is refused from the next request on, its waiting request ends, its app can be
  /// deleted. Events and nothing else of it stay.
  ApiOutcome RemoveDevice(const Account& account, std::string_view name);

  /// Ends updates of devices that were not heard for too long, with the error kDeviceSilent; how
  /// many. A receipt that comes later still counts. The program calls it every minute.
  ApiResult<std::uint64_t> ExpireSilent();

  // What happened. Events are kept for 30 days, of each device its newest 100 updates.
  ApiResult<PageOf<Event>> ListEvents(const Account& account,
                                      const PageRequest& request,
                                      const EventQuery& query);
  /// As FindLog(), LogsBehind() and ForgetLogs().
  ApiResult<EventPlace> FindEvents(const Account& account,
                                   const EventQuery& query,
                                   std::optional<std::int64_t> after);
  ApiResult<std::vector<Event>> EventsBehind(const Account& account,
                                             const EventPlace& place,
                                             std::uint32_t limit);
  ApiOutcome ForgetEvents();
  ApiResult<PageOf<UpdateRecord>> ListUpdates(const Account& account,
                                              std::string_view name,
                                              const PageRequest& request);

  // Webhooks. `sid` as it stands in the path.
  /// Second: the secret, once, in clear. * 400/20001: not an https URL. * 400/65021: too many.
  ApiResult<std::pair<Webhook, std::string>> CreateWebhook(const Account& account,
                                                           std::string_view url,
                                                           std::string_view friendly_name);
  ApiResult<PageOf<Webhook>> ListWebhooks(const Account& account, const PageRequest& request);
  ApiResult<Webhook> FetchWebhook(const Account& account, std::string_view sid);
  ApiOutcome DeleteWebhook(const Account& account, std::string_view sid);
  /// Queues an event of the type webhook.test for it alone.
  ApiOutcome TestWebhook(const Account& account, std::string_view sid);
  ApiResult<PageOf<DeadLetter>> ListDeadLetters(const Account& account,
                                                std::string_view sid,
                                                const PageRequest& request);
  /// Puts dead letters of a webhook on their way again, all or that of one event, with as many
  /// attempts as new ones; how many. * 404/20404: no such webhook, or no dead letter of `event`.
  ApiResult<std::uint64_t> ResendDeadLetters(const Account& account,
                                             std::string_view sid,
                                             std::optional<std::int64_t> event);
  // For who delivers them.
  /// Deliveries that are due, at most `limit` and so many as may be added to those under way; they
  /// are not due again for two minutes. First of the account that has the fewest under way, among
  /// equals of the one whose turn was longest ago. Holds secrets. One caller at a time.
  ApiResult<std::vector<DueDelivery>> TakeDeliveries(std::uint32_t limit,
                                                     const DeliveriesUnderWay& under_way = {});
  /// Delivered: forgotten. Else it is tried again later, ten times at most.
  ApiOutcome ConcludeDelivery(const Delivery& delivery, const DeliveryResult& result);
  /// Of each webhook at most 10 000 deliveries wait: the oldest beyond that become dead letters.
  /// How many did.
  ApiResult<std::uint64_t> BuryDeliveries();

  // Devices' logs. At most 1 MiB of each device and 7 days are kept.
  ApiResult<PageOf<DeviceLogLine>> ListLogs(const Account& account,
                                            std::string_view name,
                                            const PageRequest& request);
  /// Where a device's log ends now; `after` when that is given and lies before it.
  ApiResult<LogPlace> FindLog(const Account& account,
                              std::string_view name,
                              std::optional<std::int64_t> after);
  /// At most `limit` lines behind a place, oldest first. Lines that are no longer kept are left
  /// out. * 404/20404: the device was removed.
  ApiResult<std::vector<DeviceLogLine>> LogsBehind(const Account& account,
                                                   const LogPlace& place,
                                                   std::uint32_t limit);
  /// Drops lines of all accounts older than 7 days. A job of the program.
  ApiOutcome ForgetLogs();

  // Configs and secrets. Keys are exact (".json" is the router's business).
  /// * 409/20409: the key is there. * 400/65020: the place is full.
  ApiResult<Setting> CreateSetting(const Account& account,
                                   const SettingPlace& place,
                                   std::string_view key,
                                   std::string_view value);
  ApiResult<PageOf<Setting>> ListSettings(const Account& account,
                                          const SettingPlace& place,
                                          const PageRequest& request);
  ApiResult<Setting> FetchSetting(const Account& account,
                                  const SettingPlace& place,
                                  std::string_view key);
  ApiResult<Setting> UpdateSetting(const Account& account,
                                   const SettingPlace& place,
                                   std::string_view key,
                                   std::string_view value);
  ApiOutcome DeleteSetting(const Account& account, const SettingPlace& place, std::string_view key);

  // The audit log (docs/spec/audit.md). Every changing function above writes its entry in the
  // transaction of the change, so that neither is without the other.
  ApiResult<PageOf<AuditEntry>> ListAudit(const Account& account,
                                          const PageRequest& request,
                                          const AuditQuery& query = {});
  ApiResult<PageOf<AuditCheckpoint>> ListAuditCheckpoints(const Account& account,
                                                          const PageRequest& request);
  /// Signs where the log stands. Second: newly made; false when its newest entry had one already.
  /// * 404/20404: nothing was ever written down.
  ApiResult<std::pair<AuditCheckpoint, bool>> CreateAuditCheckpoint(const Account& account);
  /// Deletes, in all accounts, entries older than `before` behind a checkpoint of the last of them.
  /// An account's newest entry stays. For who runs the cloud.
  ApiOutcome PruneAudit(UnixSeconds before);
  /// Writes down in all accounts what was done to the cloud as a whole.
  ApiOutcome NoteForAll(std::string_view action, std::string_view resource);

  /// Notes that the sealer's newest master key is in use from now on. First thing a server does.
  ApiOutcome AdoptMasterKey();
  /// Seals every secret anew that is not under the sealer's newest master key, then forgets all
  /// other master keys; how many it sealed. Cut anywhere it may be called again. No server may run.
  ApiResult<std::uint64_t> ResealSecrets();

  // Device side. The device is found by its certificate's public key; * 403/20006: none of ours.
  ApiResult<DeviceIdentity> IdentifyDevice(const Digest& public_key_fingerprint);
  /// The encoded DesiredState and its ETag (quoted).
  ApiResult<DesiredStateBody> Desired(const DeviceIdentity& device);
  ApiResult<std::vector<std::uint8_t>> ManifestForDevice(const DeviceIdentity& device,
                                                         const Digest& hash);
  ApiResult<BlobHandle> LayerForDevice(const DeviceIdentity& device, const Digest& digest);
  /// The NewKeys message of that number, decimal without leading zeros. * 404/20404.
  ApiResult<std::vector<std::uint8_t>> KeysForDevice(const DeviceIdentity& device,
                                                     std::string_view sequence);
  /// An encoded SettingsAnswer to an encoded SettingsRequest. It holds secrets. * 400/20001.
  ApiResult<std::vector<std::uint8_t>> SettingsForDevice(const DeviceIdentity& device,
                                                         ByteSpan body);
  ApiOutcome TakeReport(const DeviceIdentity& device, ByteSpan body);
  ApiOutcome TakeReceipt(const DeviceIdentity& device, ByteSpan body);
  /// Keeps the lines while logging is enabled, else drops them. * 400/20001. * 429/20429.
  ApiOutcome TakeLogs(const DeviceIdentity& device, ByteSpan body);

  // Care of layers (docs/spec/storage.md). One caller at a time; uploads and deletes go on.
  /// Removes layers that no app names and that were written more than `wait_sec` ago. * 500, 503:
  /// what it removed before stays removed.
  ApiResult<GarbageFound> CollectGarbage(UnixSeconds wait_sec, const GoOn& go_on);
  /// Reads layers whose hash a device doubts.
  ApiResult<ScrubFound> CheckSuspects(const GoOn& go_on);
  /// Reads the layers behind those of the call before, until `max_bytes` were read, and looks
  /// which are gone that apps name.
  ApiResult<ScrubFound> Scrub(std::uint64_t max_bytes, const GoOn& go_on);

  /// Looks for damage in the next part of the database. * 503/20503: it is damaged; from then on
  /// every request is refused so, and health says it.
  ApiOutcome CheckDatabase(const GoOn& go_on);

  /// * 503/20503: the database does not answer.
  ApiResult<CloudTotals> CountAll();
  /// Of the disk of layers; nullopt: it can't be asked.
  std::optional<Blobs::Space> DiskSpace();
  /// Reads and writes database and disk; costs a few syncs.
  std::vector<HealthCheck> Checks();
  /// The problems of Checks() that failed. Empty text: none.
  std::string Health();

 private:
  struct Impl;
  Service(std::shared_ptr<Impl> impl, Origin origin);
  /// Writes `event` down. Whoever changes something calls it in the same transaction.
  ApiOutcome Note(StoreTransaction& transaction,
                  const AccountSid& account,
                  const AuditEvent& event) const;

  /// Layers and metadata of a checked upload, or the app that the same upload made meanwhile.
  ApiResult<std::optional<App>> Store(const App& app,
                                      const Upload& upload,
                                      const CheckedBundle& checked);

  std::shared_ptr<Impl> impl_;
  Origin origin_;
};

}  // namespace strata::cloud
