// SPDX-License-Identifier: Apache-2.0
// Layers: read ahead, and never more trusted than the manifest says.
#include <algorithm>
#include <chrono>

#include <gmock/gmock.h>

#include "curl_cloud_world_test.hpp"

namespace strata::device {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;
using ::testing::HasSubstr;
using ::testing::Not;

TEST_F(CurlCloudTest, FetchLayer_ReadingOn_CostsOneRequestPerReadAhead) {
  Cloud(GoodRange);
  std::string layer;
  while (layer.size() < 100) {
    ASSERT_TRUE(Fetch(static_cast<std::uint32_t>(layer.size()), 100).ok());
    layer += bytes_;
  }
  EXPECT_EQ(layer, Layer(0, 100));
  int ranges = 0;
  for (const std::string& request : server_->requests()) {
    ranges += request.find("Range:") != std::string::npos ? 1 : 0;
  }
  EXPECT_EQ(ranges, 3);
  EXPECT_EQ(Fetch(100, 100).error().code, Code::kLayerTooShort);
}

TEST_F(CurlCloudTest, FetchLayer_OfTheSameBytesAgain_AsksTheCloudAgain) {
  Cloud(GoodRange);
  // The poll runs beside and asks when it likes.
  const auto asked = [this] {
    const auto requests = server_->requests();
    return std::count_if(requests.begin(), requests.end(), [](const std::string& request) {
      return request.starts_with("GET /device/v1/layers/");
    });
  };
  ASSERT_TRUE(Fetch(0, 100).ok());
  const auto before = asked();
  ASSERT_TRUE(Fetch(0, 100).ok());
  EXPECT_EQ(asked(), before + 1);
}

TEST_F(CurlCloudTest, FetchLayer_OfUnknownSize_EndsWhereTheCloudSaysSo) {
  Cloud([](const std::string& request) {
    return request.find("bytes=100-") != std::string::npos ? Answer(416, "", "")
                                                           : GoodRange(request);
  });
  ASSERT_TRUE(Fetch(96, 0).ok());
  EXPECT_EQ(bytes_, Layer(96, 4));
  EXPECT_EQ(Fetch(100, 0).error().code, Code::kLayerTooShort);
}

TEST_F(CurlCloudTest, FetchLayer_AnsweredWithAnotherRange_IsAProtocolError) {
  EXPECT_EQ(FetchError(Answer(206, RangeHeader(1, 40, 100), Layer(1, 40))).code,
            Code::kCloudProtocol);
}

TEST_F(CurlCloudTest, FetchLayer_AnsweredTooShort_IsAProtocolError) {
  EXPECT_EQ(FetchError(Answer(206, RangeHeader(0, 38, 100), Layer(0, 39))).code,
            Code::kCloudProtocol);
  EXPECT_EQ(FetchError(Answer(206, RangeHeader(0, 39, 100), Layer(0, 39))).code,
            Code::kCloudProtocol);
}

TEST_F(CurlCloudTest, FetchLayer_AnsweredTooLong_IsAProtocolError) {
  EXPECT_EQ(FetchError(Answer(206, RangeHeader(0, 40, 100), Layer(0, 41))).code,
            Code::kCloudProtocol);
  EXPECT_EQ(FetchError(Answer(206, RangeHeader(0, 39, 100), Layer(0, 41))).code,
            Code::kCloudProtocol);
  EXPECT_EQ(FetchError({"HTTP/1.1 206 Part\r\nTransfer-Encoding: chunked\r\n" +
                        RangeHeader(0, 39, 100) + "\r\n29\r\n" + Layer(0, 41) + "\r\n0\r\n\r\n"})
                .code,
            Code::kCloudProtocol);
}

TEST_F(CurlCloudTest, FetchLayer_AnsweredInShortChunks_IsAProtocolError) {
  EXPECT_EQ(FetchError({"HTTP/1.1 206 Part\r\nTransfer-Encoding: chunked\r\n" +
                        RangeHeader(0, 39, 100) + "\r\n5\r\n" + Layer(0, 5) + "\r\n0\r\n\r\n"})
                .code,
            Code::kCloudProtocol);
}

TEST_F(CurlCloudTest, FetchLayer_AnsweredWithoutARange_IsAProtocolError) {
  EXPECT_EQ(FetchError(Answer(206, "", Layer(0, 40))).code, Code::kCloudProtocol);
  EXPECT_EQ(FetchError(Answer(206, RangeHeader(0, 39, 100), "")).code, Code::kCloudProtocol);
  const Error whole = FetchError(Answer(200, "", Layer(0, 100)));
  EXPECT_EQ(whole.code, Code::kCloudProtocol);
  EXPECT_EQ(whole.detail, 200U);
}

TEST_F(CurlCloudTest, FetchLayer_OfAnotherSizeThanTheManifests_IsAProtocolError) {
  EXPECT_EQ(FetchError(Answer(206, RangeHeader(0, 39, 101), Layer(0, 40))).code,
            Code::kCloudProtocol);
}

TEST_F(CurlCloudTest, FetchLayer_Redirected_IsAProtocolErrorAndNotFollowed) {
  const Error error = FetchError(Answer(302, "Location: /elsewhere\r\n", ""));
  EXPECT_EQ(error.code, Code::kCloudProtocol);
  EXPECT_EQ(error.detail, 302U);
  for (const std::string& request : server_->requests()) {
    EXPECT_THAT(request, Not(HasSubstr("/elsewhere")));
  }
}

TEST_F(CurlCloudTest, FetchLayer_TornOff_DeliversWhatCameAndThenGoesOnThere) {
  Cloud([](const std::string& request) {
    if (request.find("bytes=0-") == std::string::npos) {
      return GoodRange(request);
    }
    return Reply{"HTTP/1.1 206 Part\r\nContent-Length: 40\r\n" + RangeHeader(0, 39, 100) + "\r\n" +
                     Layer(0, 7),
                 true};
  });
  ASSERT_TRUE(Fetch(0, 100).ok());
  EXPECT_EQ(bytes_, Layer(0, 7));
  ASSERT_TRUE(Fetch(7, 100).ok());
  EXPECT_EQ(bytes_, Layer(7, 16));
}

TEST_F(CurlCloudTest, FetchLayer_TornOffBeforeItsBody_IsUnreachable) {
  EXPECT_EQ(
      FetchError(
          {"HTTP/1.1 206 Part\r\nContent-Length: 40\r\n" + RangeHeader(0, 39, 100) + "\r\n", true})
          .code,
      Code::kCloudUnreachable);
  EXPECT_EQ(FetchError({"", true}).code, Code::kCloudUnreachable);
}

TEST_F(CurlCloudTest, FetchLayer_Stalled_IsUnreachableInBoundedTime) {
  const auto began = steady_clock::now();
  EXPECT_EQ(FetchError(kWaiting).code, Code::kCloudUnreachable);
  EXPECT_LT(steady_clock::now() - began, milliseconds(5'000));
}

TEST_F(CurlCloudTest, FetchLayer_RefusedByStatus_SaysWhich) {
  EXPECT_EQ(FetchError(Answer(404, "", "{}")).code, Code::kNotFound);
  const Error refused = FetchError(Answer(403, "", "{}"));
  EXPECT_EQ(refused.code, Code::kCloudRefused);
  EXPECT_EQ(refused.detail, 403U);
  EXPECT_EQ(FetchError(Answer(503, "", "")).code, Code::kCloudUnreachable);
}

TEST_F(CurlCloudTest, FetchLayer_AnsweredWithNoise_IsAnError) {
  EXPECT_FALSE(FetchError({"SSH-2.0-OpenSSH\r\n\r\n", true}) == Error{});
  EXPECT_EQ(FetchError(Answer(500, "", std::string(200'000, 'x'))).code, Code::kCloudUnreachable);
}

}  // namespace
}  // namespace strata::device
