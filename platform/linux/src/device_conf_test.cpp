// SPDX-License-Identifier: Apache-2.0
#include "device_conf.hpp"

#include <gtest/gtest.h>

namespace strata::device {
namespace {

constexpr std::string_view kGood =
    "version=1\nsid=UV0123456789abcdef0123456789abcdef\ndevice_url=https://127.0.0.1:8443\n"
    "hardware=mps2-an505\ndevelopment=no\n";

std::string Replaced(std::string_view from, std::string_view to) {
  std::string text(kGood);
  text.replace(text.find(from), from.size(), to);
  return text;
}

TEST(DeviceConf, Parse_OfCompleteText_GivesEveryValue) {
  const auto conf = ParseDeviceConf(kGood);
  ASSERT_TRUE(conf.ok());
  EXPECT_EQ(conf->sid.text(), "UV0123456789abcdef0123456789abcdef");
  EXPECT_EQ(conf->device_url, "https://127.0.0.1:8443");
  EXPECT_EQ(conf->profile->name, "mps2-an505");
  EXPECT_FALSE(conf->development);
}

TEST(DeviceConf, Parse_OfUrlWithSlashAtTheEnd_DropsIt) {
  const auto conf = ParseDeviceConf(Replaced("8443\n", "8443/\n"));
  ASSERT_TRUE(conf.ok());
  EXPECT_EQ(conf->device_url, "https://127.0.0.1:8443");
}

TEST(DeviceConf, Parse_WithAnyKeyMissing_IsRefusedByItsName) {
  for (const std::string name : {"version", "sid", "device_url", "hardware", "development"}) {
    std::string text(kGood);
    const std::size_t start = text.find(name + "=");
    text.erase(start, text.find('\n', start) + 1 - start);
    const auto conf = ParseDeviceConf(text);
    ASSERT_FALSE(conf.ok()) << name;
    EXPECT_NE(conf.failure().message.find(name + " is missing"), std::string::npos);
  }
}

TEST(DeviceConf, Parse_OfAnythingElse_IsRefused) {
  const std::string good(kGood);
  for (const std::string& text : {good + "version=1\n",
                                  good + "extra=1\n",
                                  good + "\n",
                                  good.substr(0, good.size() - 1),
                                  Replaced("=no", "=maybe"),
                                  Replaced("UV0123", "KA0123"),
                                  Replaced("mps2-an505", "toaster"),
                                  Replaced("https://", "http://"),
                                  Replaced("127.0.0.1:8443", ""),
                                  Replaced("127.0.0.1", "user@127.0.0.1"),
                                  Replaced(":8443", ":8443/path"),
                                  std::string(kMaxConfBytes + 1, '\n'),
                                  std::string()}) {
    EXPECT_FALSE(ParseDeviceConf(text).ok()) << text;
  }
}

TEST(DeviceConf, Parse_OfAnotherVersion_IsUnsupported) {
  const auto conf = ParseDeviceConf(Replaced("version=1", "version=2"));
  ASSERT_FALSE(conf.ok());
  EXPECT_EQ(conf.failure().error.code, Code::kUnsupported);
}

}  // namespace
}  // namespace strata::device
