// SPDX-License-Identifier: Apache-2.0
// The long poll beside all other requests.
#include <array>
#include <atomic>
#include <chrono>
#include <thread>

#include <gmock/gmock.h>

#include "curl_cloud_world_test.hpp"

namespace strata::device {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;
using ::testing::HasSubstr;

TEST_F(CurlCloudTest, Poll_AfterAnAnswer_WaitsWithItsEtagAndDeliversTheChange) {
  poll_ = [](const std::string& request) {
    if (request.find("If-None-Match") == std::string::npos) {
      return Answer(200, "ETag: \"one\"\r\n", "first");
    }
    return request.find("\"one\"") != std::string::npos ? Answer(200, "ETag: \"two\"\r\n", "second")
                                                        : kWaiting;
  };
  Cloud(GoodRange);
  auto first = NextDesired();
  ASSERT_TRUE(first.ok());
  EXPECT_EQ(AsText(ByteSpan(desired_).first(*first)), "first");
  auto second = NextDesired();
  ASSERT_TRUE(second.ok());
  EXPECT_EQ(AsText(ByteSpan(desired_).first(*second)), "second");
  EXPECT_THAT(server_->requests().front(), HasSubstr("Prefer: wait=50\r\n"));
  EXPECT_EQ(*NextDesired(milliseconds(50)), 0U);
}

TEST_F(CurlCloudTest, Poll_Unchanged_DeliversNothingUntilRefreshed) {
  poll_ = [](const std::string& request) {
    return request.find("If-None-Match: \"one\"") != std::string::npos
               ? Answer(304, "", "")
               : Answer(200, "ETag: \"one\"\r\n", "state");
  };
  Cloud(GoodRange);
  EXPECT_EQ(*NextDesired(), 5U);
  EXPECT_EQ(*NextDesired(milliseconds(500)), 0U);
  cloud_->RefreshDesired();
  EXPECT_EQ(*NextDesired(), 5U);
}

TEST_F(CurlCloudTest, Disconnected_AsksNothingUntilConnectedAgain) {
  std::atomic<int> asked{0};
  poll_ = [&asked](const std::string&) {
    ++asked;
    return Answer(200, "ETag: \"one\"\r\n", "state");
  };
  Cloud(GoodRange);
  EXPECT_EQ(*NextDesired(), 5U);
  cloud_->SetConnected(false);
  const int before = asked;
  EXPECT_EQ(*NextDesired(milliseconds(500)), 0U);
  EXPECT_EQ(asked, before);
  cloud_->SetConnected(true);
  EXPECT_EQ(*NextDesired(), 5U) << "told again although it did not change";
}

TEST_F(CurlCloudTest, Poll_Failing_IsToldOnceAndBacksOff) {
  std::atomic<int> asked{0};
  poll_ = [&asked](const std::string&) {
    return ++asked < 5 ? Answer(503, "", "") : Answer(200, "ETag: \"one\"\r\n", "state");
  };
  Cloud(GoodRange);
  const auto began = steady_clock::now();
  EXPECT_EQ(NextDesired().error().code, Code::kCloudUnreachable);
  EXPECT_EQ(*NextDesired(), 5U);
  EXPECT_GE(steady_clock::now() - began, milliseconds(10 + 20 + 40 + 50));
  ASSERT_EQ(told_.size(), 2U);
  EXPECT_THAT(told_[0], HasSubstr("status 503"));
  EXPECT_EQ(told_[1], "the cloud answers again");
}

TEST_F(CurlCloudTest, Poll_AnsweredWithoutEtagOrTooLong_IsAProtocolError) {
  poll_ = [](const std::string&) { return Answer(200, "", "state"); };
  Cloud(GoodRange);
  EXPECT_EQ(NextDesired().error().code, Code::kCloudProtocol);
  poll_ = [](const std::string&) {
    return Answer(200, "ETag: \"one\"\r\n", std::string(wire::kMaxDesiredStateBytes + 1, 'x'));
  };
  Cloud(GoodRange);
  EXPECT_EQ(NextDesired().error().code, Code::kCloudProtocol);
}

TEST_F(CurlCloudTest, Poll_WhileARequestBlocks_GoesOn) {
  std::atomic<bool> asked{false};
  poll_ = [&asked](const std::string&) {
    asked = true;
    return kWaiting;
  };
  Cloud([&asked](const std::string& request) {
    for (int i = 0; i < 1000 && !asked; ++i) {
      std::this_thread::sleep_for(milliseconds(1));
    }
    return GoodRange(request);
  });
  EXPECT_TRUE(Fetch(0, 100).ok());
  EXPECT_TRUE(asked);
}

TEST_F(CurlCloudTest, PollAnsweredWith403_IsARefusalUntilOneIsAnsweredWell) {
  std::atomic<int> status{403};
  poll_ = [&status](const std::string&) {
    return status == 200 ? Answer(200, "ETag: \"a\"\r\n", "") : Answer(status, "", "no");
  };
  CurlCloud& cloud = Cloud([](const std::string&) { return Answer(404, "", ""); });
  EXPECT_FALSE(cloud.refused());
  const auto until = [&](bool refused) {
    for (int i = 0; i < 500 && cloud.refused() != refused; ++i) {
      std::array<std::uint8_t, wire::kMaxDesiredStateBytes> state{};
      static_cast<void>(cloud.TakeDesired(state).ok());
      cloud.Wait({}, milliseconds(20));
    }
    return cloud.refused();
  };
  EXPECT_TRUE(until(true));
  status = 500;
  EXPECT_FALSE(until(false)) << "unwell is not refusing";
  status = 403;
  EXPECT_TRUE(until(true));
  status = 200;
  EXPECT_FALSE(until(false));
}

TEST_F(CurlCloudTest, Reconnect_MakesNewConnections) {
  poll_ = [](const std::string&) { return Answer(200, "ETag: \"a\"\r\n", ""); };
  CurlCloud& cloud = Cloud([](const std::string&) { return Answer(204, "", ""); });
  ASSERT_TRUE(cloud.SendReport(AsBytes("one")).ok());
  const int before = server_->connections();
  ASSERT_TRUE(cloud.SendReport(AsBytes("two")).ok());
  cloud.Reconnect();
  EXPECT_TRUE(cloud.connected());
  ASSERT_TRUE(cloud.SendReport(AsBytes("three")).ok());
  EXPECT_GT(server_->connections(), before);
  cloud.SetConnected(false);
  cloud.Reconnect();
  EXPECT_FALSE(cloud.connected()) << "it does not connect a device that shall not be";
}

TEST_F(CurlCloudTest, LoggingEnabled_IsWhatTheLastDesiredStateSays) {
  std::array<std::uint8_t, wire::kMaxDesiredStateBytes> bytes{};
  const wire::DesiredState state{.deployment = std::nullopt, .logging_enabled = true};
  const std::size_t size = wire::Encode(state, bytes).value();
  const std::string body(AsText(ByteSpan(bytes).first(size)));
  poll_ = [body](const std::string& request) {
    return request.find("If-None-Match") != std::string::npos
               ? kWaiting
               : Answer(200, "ETag: \"a\"\r\n", body);
  };
  auto& cloud = Cloud([](const std::string&) { return Answer(404, "", ""); });
  EXPECT_EQ(cloud.logging_enabled(), std::nullopt);
  ASSERT_TRUE(NextDesired().ok());
  EXPECT_EQ(cloud.logging_enabled(), true);
}

}  // namespace
}  // namespace strata::device
