// SPDX-License-Identifier: Apache-2.0
#include "strata/platform/linux/curl_cloud.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "strata/format/wire/wire.hpp"

#include "scripted_server.hpp"

namespace strata::device {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;
using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

const Reply kWaiting{.bytes = "", .close = false, .stall = true};

/// A layer of 100 bytes, byte i being 'a' + i % 26.
std::string Layer(std::size_t first, std::size_t count) {
  std::string out;
  for (std::size_t i = first; i < first + count; ++i) {
    out.push_back(static_cast<char>('a' + i % 26));
  }
  return out;
}

std::string RangeHeader(std::size_t first, std::size_t last, std::size_t complete) {
  return "Content-Range: bytes " + std::to_string(first) + "-" + std::to_string(last) + "/" +
         std::to_string(complete) + "\r\n";
}

/// Answers a range request for the 100-byte layer as a good cloud does.
Reply GoodRange(const std::string& request) {
  const std::size_t at = request.find("Range: bytes=") + 13;
  const std::size_t first = std::stoul(request.substr(at));
  const std::size_t last =
      std::min<std::size_t>(99, std::stoul(request.substr(request.find('-', at) + 1)));
  return Answer(206, RangeHeader(first, last, 100), Layer(first, last - first + 1));
}

class CurlCloudTest : public ::testing::Test {
 protected:
  /// Polls are answered by `poll_`, everything else by `handler`.
  CurlCloud& Cloud(ScriptedServer::Handler handler) {
    server_ = std::make_unique<ScriptedServer>([this, handler](const std::string& request) {
      return request.starts_with("GET /device/v1/desired") ? poll_(request) : handler(request);
    });
    CurlCloudOptions options;
    options.base_url = server_->url();
    options.max_range_bytes = 40;
    options.stall = std::chrono::seconds(1);
    options.back_off_min = milliseconds(20);
    options.back_off_max = milliseconds(100);
    options.on_connection_change = [this](std::string_view words) {
      told_.emplace_back(words.empty() ? "the cloud answers again" : words);
    };
    options.allow_plain_http_for_tests = true;
    options.interrupt_fd = interrupt_fd_;
    auto made = CurlCloud::Make(options);
    EXPECT_TRUE(made.ok());
    cloud_ = std::move(made).value();
    return *cloud_;
  }

  Result<std::size_t> Fetch(std::uint32_t offset, std::uint32_t total, std::size_t count = 16) {
    bytes_.assign(count, '\0');
    auto got = cloud_->FetchLayer(
        Digest{}, offset, total, {reinterpret_cast<std::uint8_t*>(bytes_.data()), count});
    bytes_.resize(got.ok() ? *got : 0);
    return got;
  }

  Error FetchError(const Reply& reply, std::uint32_t total = 100) {
    Cloud([reply](const std::string&) { return reply; });
    return Fetch(0, total).error();
  }

  Result<std::size_t> NextDesired(milliseconds patience = milliseconds(3'000)) {
    const auto end = steady_clock::now() + patience;
    while (steady_clock::now() < end) {
      auto taken = cloud_->TakeDesired(desired_);
      if (!taken.ok() || *taken != 0) {
        return taken;
      }
      cloud_->Wait({}, milliseconds(20));
    }
    return std::size_t{0};
  }

  ScriptedServer::Handler poll_ = [](const std::string&) { return kWaiting; };
  std::vector<std::string> told_;
  int interrupt_fd_ = -1;
  std::unique_ptr<ScriptedServer> server_;
  std::unique_ptr<CurlCloud> cloud_;
  std::string bytes_;
  std::array<std::uint8_t, wire::kMaxDesiredStateBytes> desired_{};
};

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
