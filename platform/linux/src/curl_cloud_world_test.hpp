// SPDX-License-Identifier: Apache-2.0
/// CurlCloudTest: CurlCloud before a server that answers as the test says.
#pragma once

#include <algorithm>
#include <array>
#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "strata/format/wire/wire.hpp"
#include "strata/platform/linux/curl_cloud.hpp"

#include "scripted_server.hpp"

namespace strata::device {

inline const Reply kWaiting{.bytes = "", .close = false, .stall = true};

/// A layer of 100 bytes, byte i being 'a' + i % 26.
inline std::string Layer(std::size_t first, std::size_t count) {
  std::string out;
  for (std::size_t i = first; i < first + count; ++i) {
    out.push_back(static_cast<char>('a' + i % 26));
  }
  return out;
}

inline std::string RangeHeader(std::size_t first, std::size_t last, std::size_t complete) {
  return "Content-Range: bytes " + std::to_string(first) + "-" + std::to_string(last) + "/" +
         std::to_string(complete) + "\r\n";
}

/// Answers a range request for the 100-byte layer as a good cloud does.
inline Reply GoodRange(const std::string& request) {
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
    options.back_off_min = std::chrono::milliseconds(20);
    options.back_off_max = std::chrono::milliseconds(100);
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

  Result<std::size_t> NextDesired(
      std::chrono::milliseconds patience = std::chrono::milliseconds(3'000)) {
    const auto end = std::chrono::steady_clock::now() + patience;
    while (std::chrono::steady_clock::now() < end) {
      auto taken = cloud_->TakeDesired(desired_);
      if (!taken.ok() || *taken != 0) {
        return taken;
      }
      cloud_->Wait({}, std::chrono::milliseconds(20));
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

}  // namespace strata::device
