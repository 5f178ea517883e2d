// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <chrono>
#include <thread>

#include <gmock/gmock.h>
#include <unistd.h>

#include "curl_cloud_world_test.hpp"

namespace strata::device {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;
using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::StartsWith;

TEST_F(CurlCloudTest, FetchManifest_LargerThanItsRoom_IsTooLarge) {
  Cloud([](const std::string&) { return Answer(200, "", std::string(101, 'm')); });
  std::array<std::uint8_t, 100> small{};
  EXPECT_EQ(cloud_->FetchManifest(Digest{}, small).error().code, Code::kManifestTooLarge);
  std::array<std::uint8_t, 101> enough{};
  const auto got = cloud_->FetchManifest(Digest{}, enough);
  ASSERT_TRUE(got.ok());
  EXPECT_EQ(*got, 101U);
  EXPECT_THAT(server_->requests().back(),
              StartsWith("GET /device/v1/manifests/" + std::string(64, '0') + " HTTP/1.1\r\n"));
}

TEST_F(CurlCloudTest, FetchNewKeys_AsksForTheSequence) {
  Cloud([](const std::string& request) {
    return request.find("/keys/12 ") != std::string::npos ? Answer(200, "", std::string(101, 'k'))
                                                          : Answer(404, "", "{}");
  });
  std::array<std::uint8_t, 101> enough{};
  const auto got = cloud_->FetchNewKeys(12, enough);
  ASSERT_TRUE(got.ok());
  EXPECT_EQ(*got, 101U);
  EXPECT_THAT(server_->requests(), Contains(StartsWith("GET /device/v1/keys/12 HTTP/1.1\r\n")));
  EXPECT_EQ(cloud_->FetchNewKeys(13, enough).error().code, Code::kNotFound);
  EXPECT_EQ(cloud_->FetchNewKeys(12, MutableByteSpan(enough).first(100)).error().code,
            Code::kNewKeysMalformed);
}

TEST_F(CurlCloudTest, Send_OfMessages_PostsTheirBytesOverOneConnection) {
  Cloud([](const std::string& request) {
    return request.find("receipts") != std::string::npos ? Answer(400, "", "{}")
                                                         : Answer(204, "", "");
  });
  EXPECT_TRUE(cloud_->SendReport(AsBytes("one")).ok());
  EXPECT_TRUE(cloud_->SendReport(AsBytes("two")).ok());
  EXPECT_EQ(cloud_->SendReceipt(AsBytes("three")).error().code, Code::kCloudRefused);
  const std::string last = server_->requests().back();
  EXPECT_THAT(last, StartsWith("POST /device/v1/receipts HTTP/1.1\r\n"));
  EXPECT_THAT(last, HasSubstr("Content-Type: application/x-protobuf\r\n"));
  EXPECT_TRUE(last.ends_with("\r\n\r\nthree"));
  EXPECT_LE(server_->connections(), 2) << "one for the poll, one for the rest";
}

TEST_F(CurlCloudTest, Request_WhenTheDeviceEnds_StopsWaitingAtOnce) {
  std::array<int, 2> ends{};
  ASSERT_EQ(::pipe(ends.data()), 0);
  ASSERT_EQ(::write(ends[1], "x", 1), 1);
  interrupt_fd_ = ends[0];
  const auto began = steady_clock::now();
  EXPECT_EQ(FetchError(kWaiting).code, Code::kCloudUnreachable);
  EXPECT_LT(steady_clock::now() - began, milliseconds(900));
  ::close(ends[0]);
  ::close(ends[1]);
}

TEST_F(CurlCloudTest, PlainHttp_OutsideTests_IsRefused) {
  Cloud(GoodRange);
  CurlCloudOptions options;
  options.base_url = server_->url();
  auto cloud = CurlCloud::Make(options);
  ASSERT_TRUE(cloud.ok());
  EXPECT_FALSE((*cloud)->SendReport(AsBytes("x")).ok());
  EXPECT_TRUE(server_->requests().empty());
}

TEST_F(CurlCloudTest, RenewCertificate_SendsTheRequestAndGivesTheAnswer) {
  CurlCloud& cloud = Cloud([](const std::string&) {
    return Answer(200, "Content-Type: application/pkix-cert\r\n", "fresh");
  });
  std::array<std::uint8_t, 16> out{};
  const auto size = cloud.RenewCertificate(AsBytes("csr"), out);
  ASSERT_TRUE(size.ok());
  EXPECT_EQ(AsText(ByteSpan(out).first(*size)), "fresh");
  std::string sent;
  for (const std::string& request : server_->requests()) {
    sent = request.starts_with("POST") ? request : sent;
  }
  EXPECT_THAT(sent, StartsWith("POST /device/v1/certificate HTTP/1.1"));
  EXPECT_THAT(sent, HasSubstr("Content-Type: application/pkcs10\r\n"));
  EXPECT_EQ(cloud.RenewCertificate(AsBytes("csr"), MutableByteSpan(out).first(4)).error().code,
            Code::kCloudProtocol)
      << "longer than there is room for";
}

std::optional<Status> PostedWithin(CurlCloud& cloud, milliseconds patience) {
  const auto end = steady_clock::now() + patience;
  std::optional<Status> answer;
  while (!answer && steady_clock::now() < end) {
    cloud.Wait({}, milliseconds(20));
    answer = cloud.TakeLogsAnswer();
  }
  return answer;
}

TEST_F(CurlCloudTest, StartLogs_GoesBesideARequestThatTakesItsTime) {
  const std::string batch(5'000, 'l');
  // A layer that comes only when the log is there.
  auto& cloud = Cloud([this](const std::string& request) {
    if (request.starts_with("POST /device/v1/logs")) {
      return Answer(204, "", "");
    }
    const auto end = steady_clock::now() + std::chrono::seconds(5);
    while (steady_clock::now() < end) {
      const auto seen = server_->requests();
      if (std::any_of(seen.begin(), seen.end(), [](const std::string& each) {
            return each.starts_with("POST /device/v1/logs");
          })) {
        return GoodRange(request);
      }
      std::this_thread::sleep_for(milliseconds(1));
    }
    return Answer(500, "", "");
  });
  ASSERT_TRUE(cloud.StartLogs(AsBytes(batch)));
  EXPECT_FALSE(cloud.StartLogs(AsBytes(batch))) << "one at a time";
  EXPECT_TRUE(Fetch(0, 100).ok());
  const auto answer = PostedWithin(cloud, milliseconds(5'000));
  ASSERT_TRUE(answer.has_value());
  EXPECT_TRUE(answer->ok());
  EXPECT_FALSE(cloud.TakeLogsAnswer().has_value()) << "told once";
  EXPECT_THAT(server_->requests(), Contains(HasSubstr(batch)));
}

TEST_F(CurlCloudTest, StartLogs_RefusedOrCutOff_SaysSo) {
  auto& cloud = Cloud([](const std::string&) { return Answer(429, "Retry-After: 9\r\n", "{}"); });
  ASSERT_TRUE(cloud.StartLogs(AsBytes(std::string_view("batch"))));
  const auto refused = PostedWithin(cloud, milliseconds(5'000));
  ASSERT_TRUE(refused.has_value());
  EXPECT_EQ(refused->error().code, Code::kCloudUnreachable);
  ASSERT_TRUE(cloud.StartLogs(AsBytes(std::string_view("batch"))));
  cloud.SetConnected(false);
  const auto cut = cloud.TakeLogsAnswer();
  ASSERT_TRUE(cut.has_value());
  EXPECT_FALSE(cut->ok());
  EXPECT_FALSE(cloud.StartLogs(AsBytes(std::string_view("batch")))) << "no connection is wanted";
}

}  // namespace
}  // namespace strata::device
