// SPDX-License-Identifier: Apache-2.0
#include "pages.hpp"

#include <array>
#include <limits>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "hmac.hpp"

namespace strata::cloud {
namespace {

const std::vector<std::uint8_t> kKey(32, 1);

AccountSid AccountOf(std::uint8_t seed) {
  std::array<std::uint8_t, 16> bytes{};
  bytes.fill(seed);
  return AccountSid::FromBytes(bytes);
}

std::string Hex(const Digest& digest) {
  const auto text = digest.ToHexText();
  return {text.data(), text.size()};
}

TEST(HmacSha256, Rfc4231Vectors_Match) {
  const std::vector<std::uint8_t> short_key(20, 0x0b);
  EXPECT_EQ(Hex(HmacSha256(short_key, AsBytes("Hi There"))),
            "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
  EXPECT_EQ(Hex(HmacSha256(AsBytes("Jefe"), AsBytes("what do ya want for nothing?"))),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
  const std::vector<std::uint8_t> long_key(131, 0xaa);
  EXPECT_EQ(
      Hex(HmacSha256(long_key, AsBytes("Test Using Larger Than Block-Size Key - Hash Key First"))),
      "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
}

TEST(PageTokens, SealThenOpen_GivesTheCursorBack) {
  const PageTokens tokens(kKey, ListKind::kApps, AccountOf(1));
  for (const Cursor& cursor :
       {Cursor{{1'700'000'000, 42}, false},
        Cursor{{0, 0}, true},
        Cursor{{-1, -1}, true},
        Cursor{{std::numeric_limits<std::int64_t>::max(), std::numeric_limits<std::int64_t>::min()},
               false}}) {
    EXPECT_EQ(tokens.Open(tokens.Seal(cursor)), cursor);
  }
}

TEST(PageTokens, Seal_OnlyUrlSafeCharacters) {
  const PageTokens tokens(kKey, ListKind::kApps, AccountOf(1));
  for (std::int64_t sequence = 0; sequence < 50; ++sequence) {
    const std::string token = tokens.Seal({{1, sequence}, false});
    EXPECT_EQ(
        token.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"),
        std::string::npos);
  }
}

TEST(PageTokens, Open_OtherAccountListOrKey_IsRefused) {
  const std::string token = PageTokens(kKey, ListKind::kApps, AccountOf(1)).Seal({{5, 5}, false});
  const std::vector<std::uint8_t> other_key(32, 2);
  EXPECT_FALSE(PageTokens(kKey, ListKind::kApps, AccountOf(2)).Open(token).has_value());
  EXPECT_FALSE(PageTokens(kKey, ListKind::kKeys, AccountOf(1)).Open(token).has_value());
  EXPECT_FALSE(PageTokens(kKey, ListKind::kDevices, AccountOf(1)).Open(token).has_value());
  EXPECT_FALSE(PageTokens(other_key, ListKind::kApps, AccountOf(1)).Open(token).has_value());
  EXPECT_TRUE(PageTokens(kKey, ListKind::kApps, AccountOf(1)).Open(token).has_value());
}

TEST(PageTokens, Open_AnyCharacterChanged_IsRefused) {
  const PageTokens tokens(kKey, ListKind::kApps, AccountOf(1));
  const std::string token = tokens.Seal({{1'700'000'000, 7}, true});
  for (std::size_t i = 0; i < token.size(); ++i) {
    for (const char c : {'A', 'B', '-', '_', '=', '+', '/', '\0', '\xff'}) {
      if (token[i] == c) {
        continue;
      }
      std::string changed = token;
      changed[i] = c;
      EXPECT_FALSE(tokens.Open(changed).has_value()) << i;
    }
  }
  EXPECT_FALSE(tokens.Open("").has_value());
  EXPECT_FALSE(tokens.Open(token + "A").has_value());
  EXPECT_FALSE(tokens.Open(token.substr(1)).has_value());
}

TEST(PageTokens, Open_TokenInAnotherSpelling_IsRefused) {
  // 50 bytes leave 2 unused bits in the last character: only one of four spellings counts.
  const PageTokens tokens(kKey, ListKind::kApps, AccountOf(1));
  const std::string token = tokens.Seal({{1, 1}, false});
  int accepted = 0;
  for (const char c :
       std::string_view("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")) {
    std::string changed = token;
    changed.back() = c;
    accepted += tokens.Open(changed).has_value() ? 1 : 0;
  }
  EXPECT_EQ(accepted, 1);
}

TEST(StartOf, PageSizeOutOfRange_IsRefused) {
  const PageTokens tokens(kKey, ListKind::kApps, AccountOf(1));
  for (const std::uint32_t size : {0U, 1001U, std::numeric_limits<std::uint32_t>::max()}) {
    const auto start = StartOf(tokens, {.page_size = size});
    ASSERT_FALSE(start.ok());
    EXPECT_EQ(start.error().code, 20001);
  }
  EXPECT_TRUE(StartOf(tokens, {.page_size = 1}).ok());
  EXPECT_TRUE(StartOf(tokens, {.page_size = 1000}).ok());
}

TEST(StartOf, PageWithoutToken_IsRefused) {
  const PageTokens tokens(kKey, ListKind::kApps, AccountOf(1));
  const auto start = StartOf(tokens, {.page = 1});
  ASSERT_FALSE(start.ok());
  EXPECT_EQ(start.error().status, 400);
  EXPECT_EQ(start.error().code, 20002);
  const auto bad = StartOf(tokens, {.page_token = "rubbish"});
  ASSERT_FALSE(bad.ok());
  EXPECT_EQ(bad.error().code, 20002);
}

/// A list in memory, newest first; two neighbours always share a date.
class MemoryList {
 public:
  explicit MemoryList(int count) {
    for (int i = count - 1; i >= 0; --i) {
      rows_.push_back({i, {i / 2, i}});
    }
  }

  Result<ListedRows<int>> operator()(const ListQuery& query) const {
    ListedRows<int> out;
    for (const Listed<int>& row : rows_) {
      const bool fits = !query.position || (query.newer ? row.position > *query.position
                                                        : row.position < *query.position);
      if (fits) {
        out.push_back(row);
      }
    }
    if (query.newer) {
      std::reverse(out.begin(), out.end());
    }
    if (out.size() > query.limit) {
      out.erase(out.begin() + query.limit, out.end());
    }
    return out;
  }

  void Remove(int item) {
    std::erase_if(rows_, [item](const Listed<int>& row) { return row.item == item; });
  }

 private:
  ListedRows<int> rows_;
};

class Walk : public testing::TestWithParam<std::pair<int, std::uint32_t>> {};

TEST_P(Walk, ForwardThenBackward_SeesEveryItemOnceInOrder) {
  const auto [count, page_size] = GetParam();
  const PageTokens tokens(kKey, ListKind::kApps, AccountOf(1));
  const MemoryList list(count);
  std::vector<int> forward;
  std::vector<std::vector<int>> pages;
  std::optional<std::string> token;
  std::optional<std::string> previous;
  do {
    const auto page = MakePage<int>(tokens, {.page_size = page_size, .page_token = token}, list);
    ASSERT_TRUE(page.ok());
    EXPECT_EQ(page->previous_token.has_value(), !pages.empty());
    pages.push_back(page->items);
    forward.insert(forward.end(), page->items.begin(), page->items.end());
    token = page->next_token;
    previous = page->previous_token;
  } while (token);
  ASSERT_EQ(forward.size(), static_cast<std::size_t>(count));
  for (int i = 0; i < count; ++i) {
    EXPECT_EQ(forward[static_cast<std::size_t>(i)], count - 1 - i);
  }
  for (std::size_t i = pages.size() - 1; i > 0; --i) {
    ASSERT_TRUE(previous.has_value());
    const auto page = MakePage<int>(tokens, {.page_size = page_size, .page_token = previous}, list);
    ASSERT_TRUE(page.ok());
    EXPECT_EQ(page->items, pages[i - 1]);
    EXPECT_TRUE(page->next_token.has_value());
    previous = page->previous_token;
  }
  EXPECT_FALSE(previous.has_value());
}

INSTANTIATE_TEST_SUITE_P(Sizes,
                         Walk,
                         testing::Values(std::pair(0, 5U),
                                         std::pair(1, 1U),
                                         std::pair(5, 5U),
                                         std::pair(6, 5U),
                                         std::pair(10, 5U),
                                         std::pair(23, 4U),
                                         std::pair(7, 1U)));

TEST(MakePage, ItemsRemovedBetweenPages_NothingElseIsLostOrSeenTwice) {
  const PageTokens tokens(kKey, ListKind::kApps, AccountOf(1));
  MemoryList list(10);
  const auto first = MakePage<int>(tokens, {.page_size = 3}, list);
  ASSERT_TRUE(first.ok());
  list.Remove(7);  // the item that the token stands at
  list.Remove(5);
  const auto second =
      MakePage<int>(tokens, {.page_size = 3, .page_token = first->next_token}, list);
  ASSERT_TRUE(second.ok());
  EXPECT_EQ(second->items, (std::vector<int>{6, 4, 3}));
}

TEST(MakePage, EverythingBehindTheTokenRemoved_IsAnEmptyLastPage) {
  const PageTokens tokens(kKey, ListKind::kApps, AccountOf(1));
  MemoryList list(4);
  const auto first = MakePage<int>(tokens, {.page_size = 2}, list);
  list.Remove(0);
  list.Remove(1);
  const auto second =
      MakePage<int>(tokens, {.page_size = 2, .page_token = first->next_token}, list);
  ASSERT_TRUE(second.ok());
  EXPECT_TRUE(second->items.empty());
  EXPECT_FALSE(second->next_token.has_value());
}

/// 50 settings of 100 kB, newest first.
Result<ListedRows<Setting>> LongSettings(const ListQuery& query) {
  constexpr std::int64_t kCount = 50;
  ListedRows<Setting> rows;
  const std::int64_t step = query.newer ? 1 : -1;
  std::int64_t number = query.position ? query.position->sequence + step : kCount - 1;
  for (; number >= 0 && number < kCount && rows.size() < query.limit; number += step) {
    rows.push_back({.item = {.account_sid = AccountOf(1),
                             .key = std::to_string(number),
                             .value = std::string(100'000, 'x')},
                    .position = {.date = 0, .sequence = number}});
  }
  return rows;
}

TEST(MakePage, LongItems_EndAPageEarlyAndNoneIsLost) {
  const PageTokens tokens(kKey, ListKind::kConfigs, AccountOf(1));
  PageRequest request{.page_size = 1000};
  std::vector<std::string> forward;
  std::optional<std::string> previous;
  do {
    const auto page = MakePage<Setting>(tokens, request, LongSettings);
    ASSERT_TRUE(page.ok());
    EXPECT_LE(page->items.size(), kMaxPageBytes / 100'000);
    EXPECT_FALSE(page->items.empty());
    for (const Setting& setting : page->items) {
      forward.push_back(setting.key);
    }
    request.page_token = page->next_token;
    previous = page->previous_token;
  } while (request.page_token);
  ASSERT_EQ(forward.size(), 50U);
  EXPECT_EQ(forward.front(), "49");
  EXPECT_EQ(forward.back(), "0");
  std::size_t backward = 0;
  while (previous) {
    const auto page =
        MakePage<Setting>(tokens, {.page_size = 1000, .page_token = previous}, LongSettings);
    backward += page->items.size();
    previous = page->previous_token;
  }
  EXPECT_EQ(backward, 50U - 10U) << "all before the last page, which ten fit on";
}

TEST(MakePage, FailingList_IsAServerError) {
  const PageTokens tokens(kKey, ListKind::kApps, AccountOf(1));
  const auto page = MakePage<int>(
      tokens, {}, [](const ListQuery&) -> Result<ListedRows<int>> { return Fail(Code::kIo); });
  ASSERT_FALSE(page.ok());
  EXPECT_EQ(page.error().status, 500);
}

}  // namespace
}  // namespace strata::cloud
