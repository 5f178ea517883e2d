// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "rate_limiter.hpp"
#include "world_test.hpp"

namespace strata::cloud {
namespace {

using testing::HasSubstr;

class AccountQuota : public testing::Test {
 protected:
  /// The world's own service has the defaults.
  void Limit(const AccountLimits& limits) {
    world_.service = std::make_unique<Service>(Service::Ports{.store = world_.store.get(),
                                                              .blobs = world_.blobs.get(),
                                                              .signals = &world_.signals,
                                                              .clock = &world_.clock,
                                                              .random = &world_.random},
                                               std::vector<std::uint8_t>(32, 0x5A),
                                               limits);
  }

  ApiResult<CreatedApp> Upload(std::uint8_t fill, std::optional<std::string> key = {}) {
    return world_.UploadZip(
        *world_.account, world_.SignedBundle(fill).zip, std::nullopt, std::move(key));
  }

  TestWorld world_;
};

TEST_F(AccountQuota, Apps_OneMoreThanAllowed_IsRefusedUntilOneGoes) {
  Limit({.apps = 2});
  const auto first = Upload(1, "key");
  ASSERT_TRUE(first.ok());
  ASSERT_TRUE(Upload(2).ok());
  const std::size_t blobs = world_.BlobCount();
  const auto third = Upload(3);
  EXPECT_EQ(Refusal(third), std::pair(400, 65010));
  EXPECT_THAT(third.error().message, HasSubstr("strata apps remove"));
  EXPECT_EQ(world_.BlobCount(), blobs) << "nothing was stored";
  EXPECT_TRUE(Upload(1, "key")->replayed) << "an answer given again makes no app";
  EXPECT_EQ(Refusal(world_.UploadZip(*world_.stranger, world_.SignedBundle(3).zip)),
            std::pair(400, 65003))
      << "each account has its own count";
  ASSERT_TRUE(world_.service->DeleteApp(*world_.account, first->app.sid.text()).ok());
  EXPECT_TRUE(Upload(3).ok());
}

TEST_F(AccountQuota, Bytes_CountEachDistinctLayerOnce) {
  const auto app = Upload(1);
  ASSERT_TRUE(app.ok());
  const std::uint64_t size = app->app.size_bytes;
  EXPECT_EQ(world_.service->UsageOf(*world_.account)->app_bytes, size);
  Limit({.app_bytes = size + 1});
  EXPECT_TRUE(Upload(1).ok()) << "its layers are there already";
  EXPECT_EQ(world_.service->UsageOf(*world_.account)->app_bytes, size);
  EXPECT_EQ(world_.service->UsageOf(*world_.account)->apps, 2U);
  EXPECT_EQ(world_.service->UsageOf(*world_.stranger)->apps, 0U);
  const std::size_t blobs = world_.BlobCount();
  EXPECT_EQ(Refusal(Upload(9)), std::pair(400, 65011));
  EXPECT_EQ(world_.BlobCount(), blobs);
  Limit({.app_bytes = 2 * size});
  EXPECT_TRUE(Upload(9).ok()) << "exactly the limit";
}

TEST_F(AccountQuota, Zero_IsNoLimit) {
  Limit({.apps = 0, .app_bytes = 0, .uploads_per_min = 0, .requests_per_sec = 0});
  EXPECT_TRUE(Upload(1).ok());
  for (int i = 0; i < 5000; ++i) {
    ASSERT_TRUE(world_.service->AdmitRequest(*world_.account).ok());
    ASSERT_TRUE(world_.service->AdmitUpload(*world_.account).ok());
  }
}

TEST_F(AccountQuota, Rates_AreEachAccountsOwnAndSayHowLongToWait) {
  Limit({.uploads_per_min = 2, .requests_per_sec = 3});
  for (int i = 0; i < 6; ++i) {
    EXPECT_TRUE(world_.service->AdmitRequest(*world_.account).ok()) << i;
  }
  const auto request = world_.service->AdmitRequest(*world_.account);
  EXPECT_EQ(Refusal(request), std::pair(429, 20429));
  EXPECT_EQ(request.error().retry_after_sec, 1);
  EXPECT_TRUE(world_.service->AdmitRequest(*world_.stranger).ok());
  EXPECT_TRUE(world_.service->AdmitUpload(*world_.account).ok());
  EXPECT_TRUE(world_.service->AdmitUpload(*world_.account).ok());
  const auto upload = world_.service->AdmitUpload(*world_.account);
  EXPECT_EQ(Refusal(upload), std::pair(429, 20429));
  EXPECT_EQ(upload.error().retry_after_sec, 30);
  world_.clock.Advance(29);
  EXPECT_FALSE(world_.service->AdmitUpload(*world_.account).ok());
  world_.clock.Advance(1);
  EXPECT_TRUE(world_.service->AdmitUpload(*world_.account).ok()) << "as it was told";
}

TEST(Rates, Take_ComesBackAtItsRateUpToTheBurst) {
  RateLimiter<AccountSid> limiter(10, 60, 10);
  const auto account = AccountSid::FromBytes(std::array<std::uint8_t, 16>{});
  for (int i = 0; i < 10; ++i) {
    EXPECT_EQ(limiter.Take(account, 1000), 0);
  }
  EXPECT_EQ(limiter.Take(account, 1000), 6);
  EXPECT_EQ(limiter.Take(account, 1005), 1);
  EXPECT_EQ(limiter.Take(account, 1006), 0);
  EXPECT_EQ(limiter.Take(account, 900), 6) << "a clock that steps back";
  EXPECT_EQ(limiter.Take(account, 905), 1);
  EXPECT_EQ(limiter.Take(account, 906), 0);
  for (int i = 0; i < 10; ++i) {
    EXPECT_EQ(limiter.Take(account, 4'000'000'000), 0) << "never more than the burst";
  }
  EXPECT_EQ(limiter.Take(account, 4'000'000'000), 6);
}

TEST(Rates, VeryMany_AreNotAllRemembered) {
  RateLimiter<std::uint32_t> limiter(10, 60, 1);
  constexpr std::uint32_t kMany = 200'000;
  for (std::uint32_t who = 0; who < kMany; ++who) {
    ASSERT_EQ(limiter.Take(who, 1000), 0);
  }
  EXPECT_EQ(limiter.Take(0, 1000), 6) << "up to here they are";
  EXPECT_EQ(limiter.Take(kMany, 1000), 0);
  EXPECT_EQ(limiter.Take(0, 1000), 0) << "forgotten";
  EXPECT_EQ(limiter.Take(kMany - 1, 1000), 6) << "most are not";
}

}  // namespace
}  // namespace strata::cloud
