// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "strata/core/error_text.hpp"
#include "strata/format/wire/wire.hpp"

#include "external_url.hpp"
#include "form.hpp"
#include "json.hpp"
#include "range.hpp"
#include "router.hpp"
#include "site.hpp"
#include "target.hpp"

namespace strata::cloud::http {
namespace {

TEST(Target, ParseTarget_OriginAndAbsoluteForm_GivePathAndQuery) {
  EXPECT_EQ(ParseTarget("/v1/Apps?a=b?c")->path, "/v1/Apps");
  EXPECT_EQ(ParseTarget("/v1/Apps?a=b?c")->query, "a=b?c");
  EXPECT_EQ(ParseTarget("https://host:1/v1")->path, "/v1");
  for (const char* bad : {"", "*", "v1", "host:443", "/a b", "/a#b", "/\xc3\xa9", "http://host"}) {
    EXPECT_FALSE(ParseTarget(bad)) << bad;
  }
}

TEST(Target, SplitPath_SlashInASegment_DoesNotSplit) {
  EXPECT_EQ(*SplitPath("/v1/a%2Fb/"), (std::vector<std::string>{"v1", "a/b", ""}));
  EXPECT_EQ(*SplitPath("/a+b"), (std::vector<std::string>{"a+b"}));
}

TEST(Target, SplitPath_NotUtf8OrControlOrBadPercent_IsRefused) {
  for (const char* bad :
       {"/%", "/%4", "/%zz", "/%00", "/%0a", "/%7f", "/%ff", "/%c0%af", "/%ed%a0%80", "x"}) {
    EXPECT_FALSE(SplitPath(bad)) << bad;
  }
}

TEST(Target, IsUtf8_BordersOfEachLength_AreRight) {
  for (const char* good : {"",
                           "a",
                           "\xc2\x80",
                           "\xe0\xa0\x80",
                           "\xed\x9f\xbf",
                           "\xf0\x90\x80\x80",
                           "\xf4\x8f\xbf\xbf"}) {
    EXPECT_TRUE(IsUtf8(good)) << good;
  }
  for (const char* bad : {"\x80",
                          "\xc1\xbf",
                          "\xc2",
                          "\xe0\x9f\xbf",
                          "\xf0\x8f\xbf\xbf",
                          "\xf4\x90\x80\x80",
                          "\xf5\x80\x80\x80"}) {
    EXPECT_FALSE(IsUtf8(bad)) << bad;
  }
}

TEST(Form, Get_PlusPercentAndEmpty_AreDecoded) {
  const auto form = Form::Parse("A=a+b%2Bc&B=&C&&=x");
  ASSERT_TRUE(form.ok());
  EXPECT_EQ(*form->Get("A").value(), "a b+c");
  EXPECT_EQ(*form->Get("B").value(), "");
  EXPECT_EQ(*form->Get("C").value(), "");
  EXPECT_FALSE(form->Get("a").value());
}

TEST(Form, Get_GivenTwice_IsRefused) {
  const auto form = Form::Parse("A=1&B=2&A=1");
  EXPECT_FALSE(form->Get("A").ok());
  EXPECT_TRUE(form->Get("B").ok());
}

TEST(Form, Parse_BadPercentOrUtf8_IsRefused) {
  for (const char* bad : {"A=%", "A=%f", "A=%ff", "%=1"}) {
    EXPECT_FALSE(Form::Parse(bad).ok()) << bad;
  }
}

TEST(Form, GetBool_AnythingButTrueAndFalse_IsRefused) {
  EXPECT_TRUE(Form::Parse("A=true")->GetBool("A", false).value());
  EXPECT_TRUE(Form::Parse("")->GetBool("A", true).value());
  EXPECT_FALSE(Form::Parse("A=1")->GetBool("A", false).ok());
}

TEST(Range, ParseRange_OfTenBytes_IsCutToThem) {
  const auto range = [](std::string_view text) {
    const ByteRange found = ParseRange(text, 10);
    return std::tuple(found.kind, found.offset_bytes, found.length_bytes);
  };
  EXPECT_EQ(range("bytes=0-3"), std::tuple(RangeKind::kPart, 0U, 4U));
  EXPECT_EQ(range("bytes=4-"), std::tuple(RangeKind::kPart, 4U, 6U));
  EXPECT_EQ(range("bytes=9-100"), std::tuple(RangeKind::kPart, 9U, 1U));
  EXPECT_EQ(range("bytes=9-18446744073709551615"), std::tuple(RangeKind::kPart, 9U, 1U));
  EXPECT_EQ(range("bytes=10-"), std::tuple(RangeKind::kUnsatisfiable, 0U, 0U));
  for (const char* ignored : {"",
                              "bytes",
                              "bytes=",
                              "bytes=-",
                              "bytes=-5",
                              "bytes=5-4",
                              "bytes=0-1,3-4",
                              "items=0-1",
                              "bytes=a-b",
                              "bytes=0x1-2",
                              "bytes=18446744073709551616-",
                              "bytes=1--2",
                              "bytes=+1-2"}) {
    EXPECT_EQ(std::get<0>(range(ignored)), RangeKind::kWhole) << ignored;
  }
  EXPECT_EQ(ParseRange("bytes=0-", 0).kind, RangeKind::kUnsatisfiable);
}

TEST(Range, ParseWait_AmongPreferences_IsFoundAndBounded) {
  EXPECT_EQ(ParseWait("wait=10"), 10U);
  EXPECT_EQ(ParseWait("respond-async, Wait = 7; x"), 7U);
  EXPECT_EQ(ParseWait("wait"), kDefaultWaitSeconds);
  EXPECT_EQ(ParseWait("wait=999999"), kMaxWaitSeconds);
  for (const char* none : {"", "waiting=3", "wait=x", "wait=-1", "wait=99999999999999999999"}) {
    EXPECT_FALSE(ParseWait(none)) << none;
  }
}

ApiResult<Response> NoHandler(const Request&, const Api&) {
  return Response();
}

constexpr std::array kRoutes = {
    Route{.method = "GET", .pattern = "/v1/Apps", .handler = NoHandler},
    Route{.method = "GET", .pattern = "/v1/Apps/{}", .handler = NoHandler},
    Route{.method = "DELETE", .pattern = "/v1/Apps/{}", .handler = NoHandler},
    Route{.method = "GET", .pattern = "/v1/Apps/{}/Manifest", .handler = NoHandler}};

Match Find(std::string_view method, std::string_view path) {
  std::vector<std::string> segments = *SplitPath(path);
  DropJsonSuffix(segments);
  return FindRoute(kRoutes, method, segments);
}

TEST(Router, FindRoute_Patterns_GiveRouteParametersAndMethods) {
  EXPECT_EQ(Find("GET", "/v1/Apps").route, &kRoutes[0]);
  EXPECT_EQ(Find("GET", "/v1/Apps.json").route, &kRoutes[0]);
  EXPECT_EQ(Find("DELETE", "/v1/Apps/a%2Fb").parameters, (std::vector<std::string>{"a/b"}));
  EXPECT_EQ(Find("GET", "/v1/Apps/x.json").parameters, (std::vector<std::string>{"x"}));
  EXPECT_EQ(Find("GET", "/v1/Apps/x.json/Manifest").parameters,
            (std::vector<std::string>{"x.json"}));
  EXPECT_EQ(Find("POST", "/v1/Apps/x").allow, "GET, DELETE");
  EXPECT_EQ(Find("POST", "/v1/Apps/x").route, nullptr);
}

TEST(Router, FindRoute_OtherPaths_AreNotFound) {
  for (const char* path : {"/",
                           "/v1",
                           "/v1/",
                           "/v1/Apps/",
                           "/v1/apps",
                           "/v1/Apps/x/Manifest/y",
                           "//v1/Apps",
                           "/v1/Apps//Manifest"}) {
    EXPECT_EQ(Find("GET", path).allow, "") << path;
  }
}

TEST(BasicAuth, ParseBasic_FirstColon_Divides) {
  const auto credentials = ParseBasic("Basic QUM6YTpi");
  ASSERT_TRUE(credentials);
  EXPECT_EQ(credentials->user, "AC");
  EXPECT_EQ(credentials->password, "a:b");
  EXPECT_TRUE(ParseBasic("basic   QTpi"));
  for (const char* bad :
       {"", "Basic", "Bearer QTpi", "Basic QQ==", "Basic Q:pi", "Basic QTpiX", "Basic QT\npi"}) {
    EXPECT_FALSE(ParseBasic(bad)) << bad;
  }
}

TEST(ExternalUrl, Cidr_Borders_AreExact) {
  const auto cidr = Cidr::Parse("10.1.0.0/16");
  ASSERT_TRUE(cidr);
  EXPECT_TRUE(cidr->Contains(*Cidr::ParseAddress("10.1.255.255")));
  EXPECT_FALSE(cidr->Contains(*Cidr::ParseAddress("10.2.0.0")));
  EXPECT_FALSE(cidr->Contains(*Cidr::ParseAddress("::1")));
  EXPECT_TRUE(Cidr::Parse("fd00::/8")->Contains(*Cidr::ParseAddress("fdff::1")));
  for (const char* bad : {"", "10.0.0.0", "10.0.0.0/33", "x/8", "::/129", "10.0.0.0/-1"}) {
    EXPECT_FALSE(Cidr::Parse(bad)) << bad;
  }
}

TEST(Json, DateText_KnownSecond_HasTheOriginalsShape) {
  EXPECT_EQ(DateText(1'700'000'000), "2023-11-14T22:13:20Z");
}

TEST(Json, DeviceJson_ErrorAndState_AreToldInWords) {
  Device device{.sid = *DeviceSid::Parse("UV00112233445566778899aabbccddeeff"),
                .account_sid = *AccountSid::Parse("AC00112233445566778899aabbccddeeff")};
  device.app.update_status = UpdateStatus::kError;
  device.app.update_error_code = static_cast<std::uint32_t>(Code::kLayerHashMismatch);
  device.app.update_error_op = static_cast<std::uint32_t>(Op::kFetchLayer);
  device.app.update_state = static_cast<std::uint32_t>(wire::UpdateState::kFetchingLayers);
  const std::string json = DeviceJson(device, "https://x");
  EXPECT_NE(json.find("\"update_state\":\"fetching-layers\""), std::string::npos) << json;
  EXPECT_NE(json.find("\"update_status\":\"error\""), std::string::npos);
  EXPECT_NE(json.find("fetching a layer: " + std::string(TextOf(Code::kLayerHashMismatch).what)),
            std::string::npos);
}

}  // namespace
}  // namespace strata::cloud::http
