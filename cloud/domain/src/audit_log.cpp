// SPDX-License-Identifier: Apache-2.0
// The audit log as Service keeps it. Reference: docs/spec/audit.md.
#include "audit.hpp"
#include "pages.hpp"
#include "service_impl.hpp"

namespace strata::cloud {
namespace {

constexpr std::size_t kMaxFilterChars = 256;

/// Every part by a name and its length: two different filters never read the same.
std::string TextOf(const AuditFilter& filter) {
  std::string text;
  const auto add = [&text](char name, const std::optional<std::string>& value) {
    if (value) {
      text += name + std::to_string(value->size()) + ':' + *value;
    }
  };
  const auto number = [](const std::optional<UnixSeconds>& date) {
    return date ? std::optional(std::to_string(*date)) : std::nullopt;
  };
  add('w', filter.actor);
  add('a', filter.action);
  add('r', filter.resource);
  add('s', number(filter.since));
  add('u', number(filter.until));
  return text;
}

/// Signed and kept; `head` has none yet.
ApiResult<AuditCheckpointRecord> Checkpoint(StoreTransaction& transaction,
                                            const AccountSid& account,
                                            const AuditHead& head,
                                            const bundle::PrivateKey& key,
                                            UnixSeconds now) {
  STRATA_CLOUD_TRY_ASSIGN(const AuditCheckpointRecord record,
                          MakeCheckpoint(account, head, key, now));
  STRATA_CLOUD_TRY(transaction.InsertAuditCheckpoint(record));
  return record;
}

ApiOutcome PruneOne(StoreTransaction& transaction,
                    const AccountSid& account,
                    UnixSeconds before,
                    const bundle::PrivateKey& key,
                    UnixSeconds now) {
  STRATA_CLOUD_TRY_ASSIGN(const std::optional<AuditHead> last,
                          transaction.FindAuditOlder(account, before));
  if (!last) {
    return Empty{};
  }
  STRATA_CLOUD_TRY_ASSIGN(const auto known,
                          transaction.FindAuditCheckpoint(account, last->sequence));
  if (!known) {
    STRATA_CLOUD_TRY(Checkpoint(transaction, account, *last, key, now));
  }
  STRATA_CLOUD_TRY(transaction.DeleteAudit(account, last->sequence));
  return Empty{};
}

}  // namespace

ApiOutcome Service::Note(StoreTransaction& transaction,
                         const AccountSid& account,
                         const AuditEvent& event) const {
  STRATA_CLOUD_TRY_ASSIGN(const std::optional<AuditHead> head, transaction.FindAuditHead(account));
  STRATA_CLOUD_TRY(transaction.InsertAudit(
      MakeAuditRecord(account, head, origin_, event, impl_->ports.clock->Now())));
  return Empty{};
}

ApiOutcome Service::NoteForAll(std::string_view action, std::string_view resource) {
  return impl_->Write([&](StoreTransaction& transaction) -> ApiOutcome {
    STRATA_CLOUD_TRY_ASSIGN(const std::vector<Account> accounts, transaction.ListAccounts());
    for (const Account& account : accounts) {
      STRATA_CLOUD_TRY(Note(transaction,
                            account.sid,
                            {.action = std::string(action), .resource = std::string(resource)}));
    }
    return Empty{};
  });
}

ApiResult<PageOf<AuditEntry>> Service::ListAudit(const Account& account,
                                                 const PageRequest& request,
                                                 const AuditQuery& query) {
  for (const auto& text : {query.actor, query.action, query.resource}) {
    if (text && text->size() > kMaxFilterChars) {
      return BadParameter("Actor, Action, Resource: at most 256 bytes");
    }
  }
  const AuditFilter filter{.actor = query.actor,
                           .action = query.action,
                           .resource = query.resource,
                           .since = query.since,
                           .until = query.until};
  const PageTokens tokens(impl_->page_key, ListKind::kAudit, account.sid, TextOf(filter));
  STRATA_CLOUD_TRY_ASSIGN(const PageOf<AuditRecord> found, impl_->Read([&](StoreView& view) {
    return MakePage<AuditRecord>(tokens, request, [&](const ListQuery& list) {
      return view.ListAudit(account.sid, list, filter);
    });
  }));
  PageOf<AuditEntry> page{
      .items = {}, .next_token = found.next_token, .previous_token = found.previous_token};
  for (const AuditRecord& record : found.items) {
    page.items.push_back(EntryOf(record));
  }
  return page;
}

ApiResult<PageOf<AuditCheckpoint>> Service::ListAuditCheckpoints(const Account& account,
                                                                 const PageRequest& request) {
  const PageTokens tokens(impl_->page_key, ListKind::kAuditCheckpoints, account.sid);
  STRATA_CLOUD_TRY_ASSIGN(
      const PageOf<AuditCheckpointRecord> found, impl_->Read([&](StoreView& view) {
        return MakePage<AuditCheckpointRecord>(tokens, request, [&](const ListQuery& list) {
          return view.ListAuditCheckpoints(account.sid, list);
        });
      }));
  PageOf<AuditCheckpoint> page{
      .items = {}, .next_token = found.next_token, .previous_token = found.previous_token};
  for (const AuditCheckpointRecord& record : found.items) {
    page.items.push_back({record.sequence, record.json});
  }
  return page;
}

ApiResult<std::pair<AuditCheckpoint, bool>> Service::CreateAuditCheckpoint(const Account& account) {
  using Made = std::pair<AuditCheckpoint, bool>;
  const UnixSeconds now = impl_->ports.clock->Now();
  return impl_->Write([&](StoreTransaction& transaction) -> ApiResult<Made> {
    STRATA_CLOUD_TRY_ASSIGN(const std::optional<AuditHead> head,
                            transaction.FindAuditHead(account.sid));
    if (!head) {
      return NotFound("/v1/AuditLog", "", "");
    }
    STRATA_CLOUD_TRY_ASSIGN(const auto known,
                            transaction.FindAuditCheckpoint(account.sid, head->sequence));
    if (known) {
      return Made({known->sequence, known->json}, false);
    }
    STRATA_CLOUD_TRY_ASSIGN(
        const AuditCheckpointRecord made,
        Checkpoint(transaction, account.sid, *head, *impl_->ports.audit_key, now));
    return Made({made.sequence, made.json}, true);
  });
}

ApiOutcome Service::PruneAudit(UnixSeconds before) {
  STRATA_CLOUD_TRY_ASSIGN(const std::vector<Account> accounts, ListAccounts());
  const UnixSeconds now = impl_->ports.clock->Now();
  for (const Account& account : accounts) {
    STRATA_CLOUD_TRY(impl_->Write([&](StoreTransaction& transaction) {
      return PruneOne(transaction, account.sid, before, *impl_->ports.audit_key, now);
    }));
  }
  return Empty{};
}

}  // namespace strata::cloud
