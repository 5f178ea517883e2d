// SPDX-License-Identifier: Apache-2.0
#include "audit.hpp"
#include "audit_views.hpp"
#include "development_key.hpp"
#include "names.hpp"
#include "pages.hpp"
#include "service_impl.hpp"
#include "uploads.hpp"

namespace strata::cloud {
namespace {

constexpr std::string_view kAppCollection = "/v1/Apps";
constexpr UnixSeconds kIdempotencySec = 24 * 60 * 60;
constexpr std::uint32_t kUsersNamed = 3;
constexpr int kStoreAttempts = 3;

ApiError InUse(const App& app, const AppUsers& users) {
  std::string message = "the app " + std::string(app.sid.text()) + " can't be deleted: ";
  bool first = true;
  for (const AppUser& user : users.first) {
    const std::string device = Describe(user.sid, user.unique_name);
    message += first ? "" : "; ";
    message += user.targets ? device + " targets it"
                            : "waiting for " + device + " to confirm its new target app";
    first = false;
  }
  if (users.count > users.first.size()) {
    message += "; and " + std::to_string(users.count - users.first.size()) + " more";
  }
  message +=
      "; give them another target app with strata devices update --sid SID --target-app APP, "
      "wait until they have confirmed it, and delete again";
  return {400, 65004, std::move(message)};
}

/// What can be refused without looking at the file; an app when the upload was answered before.
ApiResult<std::optional<App>> CheckBeforeReading(StoreView& view,
                                                 const AccountSid& account,
                                                 const Upload& upload,
                                                 UnixSeconds now) {
  if (upload.idempotency_key) {
    STRATA_CLOUD_TRY_ASSIGN(
        std::optional<App> before,
        view.FindUpload(account, *upload.idempotency_key, now - kIdempotencySec));
    if (before) {
      return before;
    }
  }
  if (upload.unique_name) {
    STRATA_CLOUD_TRY_ASSIGN(const std::optional<App> other,
                            view.FindAppNamed(account, *upload.unique_name));
    if (other) {
      return NameTaken(*upload.unique_name);
    }
  }
  return std::optional<App>();
}

ApiOutcome CheckCount(const AccountUsage& usage, const AccountLimits& limits) {
  const bool full = limits.apps != 0 && usage.apps >= limits.apps;
  return full ? ApiOutcome(TooManyApps(limits.apps)) : Empty{};
}

ApiOutcome CheckQuota(StoreView& view,
                      const AccountSid& account,
                      const CheckedBundle& checked,
                      const AccountLimits& limits) {
  STRATA_CLOUD_TRY_ASSIGN(const AccountUsage usage, view.UsageOf(account));
  STRATA_CLOUD_TRY(CheckCount(usage, limits));
  std::uint64_t bytes = usage.app_bytes;
  for (const StoredLayer& layer : checked.layers) {
    STRATA_CLOUD_TRY_ASSIGN(const bool known, view.HasLayer(account, layer.digest));
    bytes += known ? 0 : layer.size_bytes;
  }
  const bool full = limits.app_bytes != 0 && bytes > limits.app_bytes;
  return full ? ApiOutcome(TooManyBytes(limits.app_bytes)) : Empty{};
}

ApiError DevelopmentSigningIsOff() {
  return {400,
          65003,
          "the bundle is signed with the account's development key, but development signing is "
          "off; sign it with a registered key, or turn it on with strata accounts update "
          "--development-signing on"};
}

/// Time has passed since the signature was checked.
ApiOutcome CheckSignerStill(StoreView& view, const App& app) {
  STRATA_CLOUD_TRY_ASSIGN(const std::optional<AccountRecord> record,
                          view.FindAccount(app.account_sid));
  if (record && IsDevelopmentSigner(record->account, app.signer)) {
    return record->account.development_signing ? ApiOutcome(Empty{}) : DevelopmentSigningIsOff();
  }
  STRATA_CLOUD_TRY_ASSIGN(const std::optional<SigningKey> signer,
                          view.FindKey(app.account_sid, app.signer));
  if (!signer || signer->revoked) {
    return ApiError{400,
                    65003,
                    "the bundle's signing key was removed or revoked during the upload; register "
                    "a key with strata keys register PUB.pem, sign with it and upload again"};
  }
  return Empty{};
}

/// The key that `id` names for the uploads of an account.
ApiResult<std::optional<SigningKey>> SignerOf(StoreView& view, const Account& account, KeyId id) {
  if (IsDevelopmentSigner(account, id)) {
    if (!account.development_signing) {
      return DevelopmentSigningIsOff();
    }
    return std::optional(SigningKey{
        .key_id = id, .account_sid = account.sid, .public_key = *account.development_signer});
  }
  STRATA_CLOUD_TRY_ASSIGN(std::optional<SigningKey> key, view.FindKey(account.sid, id));
  return key;
}

/// All metadata of an upload, or the app that the same upload made meanwhile.
ApiResult<std::optional<App>> InsertUploaded(StoreTransaction& transaction,
                                             const App& app,
                                             const Upload& upload,
                                             const CheckedBundle& checked,
                                             const AccountLimits& limits) {
  // Time has passed since the first look: another request may have come first.
  STRATA_CLOUD_TRY_ASSIGN(
      std::optional<App> before,
      CheckBeforeReading(transaction, app.account_sid, upload, app.date_created));
  if (before) {
    return before;
  }
  STRATA_CLOUD_TRY(CheckSignerStill(transaction, app));
  STRATA_CLOUD_TRY(CheckQuota(transaction, app.account_sid, checked, limits));
  STRATA_CLOUD_TRY(transaction.InsertApp(app, checked.manifest_bytes, checked.layers));
  if (upload.idempotency_key) {
    STRATA_CLOUD_TRY(
        transaction.ForgetUploads(app.account_sid, app.date_created - kIdempotencySec));
    STRATA_CLOUD_TRY(transaction.RememberUpload(
        app.account_sid, *upload.idempotency_key, app.sid, app.date_created));
  }
  return std::optional<App>();
}

ApiError LayersGone() {
  return {503, 20503, "the bundle's layers could not be kept; upload it again", 1};
}

/// Garbage collection removes layers behind the same lock: what is there now stays.
ApiResult<bool> AreLayersGone(StoreTransaction& transaction,
                              Blobs& blobs,
                              const CheckedBundle& checked) {
  STRATA_CLOUD_TRY(transaction.LockLayers());
  for (const StoredLayer& layer : checked.layers) {
    const auto found = blobs.Find(layer.digest);
    if (!found.ok()) {
      return ServerFailed("blobs", found.error());
    }
    if (!found->has_value()) {
      return true;
    }
  }
  return false;
}

CreatedApp Answer(const Account& account, const App& app, bool replayed) {
  return {app, WarningsFor(app, IsDevelopmentSigner(account, app.signer)), replayed};
}

ApiOutcome CheckFields(const Upload& upload) {
  if (upload.unique_name) {
    STRATA_CLOUD_TRY(CheckUniqueName(*upload.unique_name));
  }
  if (upload.idempotency_key) {
    STRATA_CLOUD_TRY(CheckIdempotencyKey(*upload.idempotency_key));
  }
  return Empty{};
}

ApiOutcome CheckDisk(Blobs& blobs) {
  const auto space = blobs.FreeSpace();
  if (!space.ok()) {
    return space.error().code == Code::kUnsupported ? ApiOutcome(Empty{})
                                                    : ServerFailed("blobs", space.error());
  }
  const bool nearly_full = space->free_bytes < space->total_bytes / 20;
  return nearly_full ? ApiOutcome(DiskNearlyFull()) : Empty{};
}

}  // namespace

ApiResult<CreatedApp> Service::CreateApp(const Account& account, const Upload& upload) {
  STRATA_CLOUD_TRY(CheckFields(upload));
  const UnixSeconds now = impl_->ports.clock->Now();
  STRATA_CLOUD_TRY_ASSIGN(const std::optional<App> before, impl_->Read([&](StoreView& view) {
    return CheckBeforeReading(view, account.sid, upload, now);
  }));
  if (before) {
    return Answer(account, *before, true);
  }
  if (upload.size_bytes > bundle::kMaxBundleBytes) {
    return UploadTooLarge();
  }
  STRATA_CLOUD_TRY(CheckDisk(*impl_->ports.blobs));
  STRATA_CLOUD_TRY_ASSIGN(const AccountUsage usage, UsageOf(account));
  STRATA_CLOUD_TRY(CheckCount(usage, impl_->limits));

  const auto find_signer = [&](KeyId id) {
    return impl_->Read([&](StoreView& view) { return SignerOf(view, account, id); });
  };
  SignUnsigned sign;
  if (account.development_signing) {
    sign = [&](const std::vector<std::uint8_t>& body) {
      return impl_->SignForDevelopment(account.sid, body);
    };
  }
  STRATA_CLOUD_TRY_ASSIGN(const CheckedBundle checked, CheckBundle(upload.path, find_signer, sign));
  STRATA_CLOUD_TRY_ASSIGN(const auto sid_bytes, impl_->RandomId());
  App app{.sid = AppSid::FromBytes(sid_bytes),
          .account_sid = account.sid,
          .unique_name = upload.unique_name,
          .date_created = now,
          .date_updated = now};
  Describe(checked, app);

  // Before anything is stored, so that a full account can't fill the disk; and again at the end.
  STRATA_CLOUD_TRY(impl_->Read(
      [&](StoreView& view) { return CheckQuota(view, account.sid, checked, impl_->limits); }));
  STRATA_CLOUD_TRY_ASSIGN(const std::optional<App> meanwhile, Store(app, upload, checked));
  impl_->ports.signals->EventsArrived(account.sid);
  return meanwhile ? Answer(account, *meanwhile, true) : Answer(account, app, false);
}

ApiResult<std::optional<App>> Service::Store(const App& app,
                                             const Upload& upload,
                                             const CheckedBundle& checked) {
  using Known = std::optional<App>;
  Blobs& blobs = *impl_->ports.blobs;
  bool layers_gone = false;
  for (int attempt = 0; attempt < kStoreAttempts; ++attempt) {
    // Layers first: a crash in between leaves layers that nobody names, never a name without
    // layers.
    STRATA_CLOUD_TRY(StoreLayers(checked, blobs));
    auto stored = impl_->Write([&](StoreTransaction& transaction) -> ApiResult<Known> {
      layers_gone = false;
      STRATA_CLOUD_TRY_ASSIGN(Known known,
                              InsertUploaded(transaction, app, upload, checked, impl_->limits));
      if (known) {
        return known;
      }
      STRATA_CLOUD_TRY_ASSIGN(layers_gone, AreLayersGone(transaction, blobs, checked));
      if (layers_gone) {
        return LayersGone();
      }
      STRATA_CLOUD_TRY(Note(transaction,
                            app.account_sid,
                            {.action = "app.create",
                             .resource = std::string(app.sid.text()),
                             .after = AuditView(app)}));
      STRATA_CLOUD_TRY(impl_->Record(transaction, EventOf(EventType::kAppCreated, app)));
      return known;
    });
    if (!layers_gone) {
      return stored;
    }
  }
  return LayersGone();
}

ApiResult<PageOf<App>> Service::ListApps(const Account& account, const PageRequest& request) {
  const PageTokens tokens(impl_->page_key, ListKind::kApps, account.sid);
  return impl_->Read([&](StoreView& view) {
    return MakePage<App>(
        tokens, request, [&](const ListQuery& query) { return view.ListApps(account.sid, query); });
  });
}

ApiResult<App> Service::FetchApp(const Account& account, std::string_view name) {
  return impl_->Read([&](StoreView& view) -> ApiResult<App> {
    STRATA_CLOUD_TRY_ASSIGN(const std::optional<App> app, ResolveApp(view, account.sid, name));
    if (!app) {
      return NotFound(kAppCollection, name);
    }
    return *app;
  });
}

ApiResult<AppManifest> Service::FetchManifest(const Account& account, std::string_view name) {
  return impl_->Read([&](StoreView& view) -> ApiResult<AppManifest> {
    STRATA_CLOUD_TRY_ASSIGN(const std::optional<App> app, ResolveApp(view, account.sid, name));
    if (!app) {
      return NotFound(kAppCollection, name, "/Manifest");
    }
    STRATA_CLOUD_TRY_ASSIGN(auto manifest, view.FindManifest(account.sid, app->sid));
    if (!manifest) {
      return NotFound(kAppCollection, name, "/Manifest");
    }
    return AppManifest{*app, std::move(*manifest)};
  });
}

ApiOutcome Service::DeleteApp(const Account& account, std::string_view name) {
  STRATA_CLOUD_TRY(impl_->Write([&](StoreTransaction& transaction) -> ApiOutcome {
    STRATA_CLOUD_TRY_ASSIGN(const std::optional<App> app,
                            ResolveApp(transaction, account.sid, name));
    if (!app) {
      return NotFound(kAppCollection, name);
    }
    STRATA_CLOUD_TRY_ASSIGN(const AppUsers users,
                            transaction.FindAppUsers(account.sid, app->sid, kUsersNamed));
    if (users.count > 0) {
      return InUse(*app, users);
    }
    STRATA_CLOUD_TRY(transaction.DeleteApp(account.sid, app->sid));
    STRATA_CLOUD_TRY(impl_->Record(transaction, EventOf(EventType::kAppDeleted, *app)));
    return Note(transaction,
                account.sid,
                {.action = "app.delete",
                 .resource = std::string(app->sid.text()),
                 .before = AuditView(*app)});
  }));
  impl_->ports.signals->EventsArrived(account.sid);
  return Empty{};
}

}  // namespace strata::cloud
