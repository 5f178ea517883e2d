// SPDX-License-Identifier: Apache-2.0
/// Pages of lists and the tokens that lead from one to the next.
/// A token is base64url (no padding) of: version 1 (1 byte) ‖ direction, 1 newer, 0 older (1) ‖
/// date (8, big-endian) ‖ sequence (8) ‖ HMAC-SHA256 under the page key (32), the latter over
/// "strata-page-v1" ‖ NUL ‖ list (1) ‖ account SID (34) ‖ what narrows the list ‖ the bytes before
/// it.
/// Security: tokens come back from clients; the MAC is compared in constant time before anything is
/// believed.
#pragma once

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "strata/cloud/domain/service.hpp"
#include "strata/cloud/domain/store.hpp"

#include "api_errors.hpp"

namespace strata::cloud {

enum class ListKind : std::uint8_t {
  kApps = 1,
  kKeys = 2,
  kDevices = 3,
  kKeyChanges = 4,
  kApiKeys = 5,
  kLogs = 6,
  kAudit = 8,
  kAuditCheckpoints = 9,
  kEvents = 10,
  kUpdates = 11,
  kWebhooks = 12,
  kDeadLetters = 13,
  kEnrolmentTokens = 14,
  kConfigs = 16,
  kSecrets = 17,
};

struct Cursor {
  ListPosition position;
  bool newer = false;

  friend bool operator==(const Cursor&, const Cursor&) = default;
};

/// The tokens of one list of one account. `key` outlives it. `narrowed` says which part of the list
/// it is (its device, its filters): a token of one part is none of another.
class PageTokens {
 public:
  PageTokens(ByteSpan key, ListKind list, const AccountSid& account, std::string narrowed = {})
      : key_(key), list_(list), account_(account), narrowed_(std::move(narrowed)) {}

  [[nodiscard]] std::string Seal(const Cursor& cursor) const;
  /// nullopt: not a token of this list, account and key.
  [[nodiscard]] std::optional<Cursor> Open(std::string_view token) const;

 private:
  [[nodiscard]] Digest MacOf(ByteSpan payload) const;

  ByteSpan key_;
  ListKind list_;
  AccountSid account_;
  std::string narrowed_;
};

inline constexpr std::uint32_t kMaxPageSize = 1000;

/// A page ends before its size where what it holds passes this: it is made in memory, and one
/// entry may hold several KiB.
inline constexpr std::size_t kMaxPageBytes = 1024UL * 1024;

/// About how many bytes an item holds beside its fixed fields; what has no long field weighs
/// nothing.
template <typename T>
std::size_t PageWeight(const T& /*item*/) {
  return 0;
}

inline std::size_t PageWeight(const AuditRecord& entry) {
  return entry.text.size();
}

inline std::size_t PageWeight(const Setting& setting) {
  return setting.value.size();
}

inline std::size_t PageWeight(const DeviceLogLine& line) {
  return line.text.size();
}

/// The first `most` rows from `query` on, or those that already fill a page. `list` as
/// MakePage()'s; asked for some at a time, so that no more is held than a page and the last part of
/// it.
template <typename T, typename List>
Result<ListedRows<T>> RowsFrom(ListQuery query, std::size_t most, List& list) {
  constexpr std::size_t kAtOnce = 200;
  ListedRows<T> rows;
  std::size_t weight = 0;
  bool more = true;
  while (more && rows.size() < most && weight <= kMaxPageBytes) {
    query.limit = static_cast<std::uint32_t>(std::min(most - rows.size(), kAtOnce));
    STRATA_TRY_ASSIGN(ListedRows<T> part, list(query));
    more = part.size() == query.limit;
    for (Listed<T>& row : part) {
      weight += PageWeight(row.item);
      rows.push_back(std::move(row));
    }
    if (more) {
      query.position = rows.back().position;
    }
  }
  return rows;
}

/// How many of the first items a page takes: `most`, or fewer, but one at least.
template <typename T>
std::size_t ItemsThatFit(const ListedRows<T>& rows, std::size_t most) {
  std::size_t weight = 0;
  std::size_t count = 0;
  while (count < std::min(rows.size(), most)) {
    weight += PageWeight(rows[count].item);
    if (count > 0 && weight > kMaxPageBytes) {
      break;
    }
    ++count;
  }
  return count;
}

/// The start that `request` asks for; nullopt inside: the first page. * 400/20001. * 400/20002.
ApiResult<std::optional<Cursor>> StartOf(const PageTokens& tokens, const PageRequest& request);

/// One page, in order. `list` takes a ListQuery and gives Result<ListedRows<T>>.
template <typename T, typename List>
ApiResult<PageOf<T>> MakePage(const PageTokens& tokens, const PageRequest& request, List list) {
  STRATA_CLOUD_TRY_ASSIGN(const std::optional<Cursor> start, StartOf(tokens, request));
  ListQuery query{.position = std::nullopt, .newer = false, .limit = 0};
  if (start) {
    query.position = start->position;
    query.newer = start->newer;
  }
  const auto wanted = static_cast<std::size_t>(request.page_size) + 1;
  STRATA_CLOUD_TRY_ASSIGN(ListedRows<T> rows, RowsFrom<T>(query, wanted, list));
  const std::size_t taken = ItemsThatFit(rows, request.page_size);
  const bool more_ahead = rows.size() > taken;
  rows.erase(rows.begin() + static_cast<std::ptrdiff_t>(taken), rows.end());
  if (query.newer) {
    std::reverse(rows.begin(), rows.end());
  }

  PageOf<T> page;
  if (rows.empty()) {
    return page;
  }
  bool more_behind = false;
  if (start) {
    const ListPosition edge = query.newer ? rows.back().position : rows.front().position;
    STRATA_CLOUD_TRY_ASSIGN(const ListedRows<T> behind,
                            list(ListQuery{.position = edge, .newer = !query.newer, .limit = 1}));
    more_behind = !behind.empty();
  }
  if (query.newer ? more_behind : more_ahead) {
    page.next_token = tokens.Seal({rows.back().position, false});
  }
  if (query.newer ? more_ahead : more_behind) {
    page.previous_token = tokens.Seal({rows.front().position, true});
  }
  page.items.reserve(rows.size());
  for (Listed<T>& row : rows) {
    page.items.push_back(std::move(row.item));
  }
  return page;
}

}  // namespace strata::cloud
