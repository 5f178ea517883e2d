// SPDX-License-Identifier: Apache-2.0
#include "http_request.hpp"

#include <gtest/gtest.h>

namespace strata::conformance {
namespace {

const std::string kHash(64, 'a');

TEST(ParseRequestHead, GetWithHeaders_IsRead) {
  const auto request = ParseRequestHead(
      "GET /device/v1/desired HTTP/1.1\r\nHost: x\r\nIf-None-Match: \"1\" \r\n\r\n");
  ASSERT_TRUE(request);
  EXPECT_EQ(request->method, "GET");
  EXPECT_EQ(request->path, "/device/v1/desired");
  EXPECT_EQ(request->Header("if-none-match"), "\"1\"");
  EXPECT_EQ(request->Header("range"), "");
}

TEST(ParseRequestHead, WhatIsNoRequest_IsRefused) {
  for (const char* head : {"",
                           "GET / HTTP/1.1\r\n",
                           "GET / HTTP/1.0\r\n\r\n",
                           "GET  / HTTP/1.1\r\n\r\n",
                           "GET /a b HTTP/1.1\r\n\r\n",
                           " / HTTP/1.1\r\n\r\n",
                           "GET  HTTP/1.1\r\n\r\n",
                           "GET / HTTP/1.1\r\nNoColon\r\n\r\n",
                           "GET / HTTP/1.1\r\n: x\r\n\r\n",
                           "GET / HTTP/1.1\r\nA: 1\r\na: 2\r\n\r\n",
                           "GET / HTTP/1.1\r\nA: \x01\r\n\r\n",
                           "GET / HTTP/1.1\r\n\r\nmore"}) {
    EXPECT_FALSE(ParseRequestHead(head)) << head;
  }
}

TEST(BodyLength, AnnouncedOrNone) {
  Request request;
  EXPECT_EQ(BodyLength(request), 0U);
  request.headers["content-length"] = "17";
  EXPECT_EQ(BodyLength(request), 17U);
  for (const char* bad : {"-1", "1 ", "0x10", "", "65537", "99999999999999999999999"}) {
    request.headers["content-length"] = bad;
    EXPECT_FALSE(BodyLength(request)) << bad;
  }
  EXPECT_FALSE(BodyLength(Request{"POST", "/", {{"transfer-encoding", "chunked"}}, ""}));
}

TEST(ParseRange, BothForms_AreRead) {
  EXPECT_EQ(ParseRange("bytes=0-9"), (ByteRange{0, 9}));
  EXPECT_EQ(ParseRange("bytes=7-"), (ByteRange{7, std::nullopt}));
  for (const char* bad : {"", "bytes=", "bytes=-5", "bytes=9-1", "bytes=1-2,3-4", "bits=1-2"}) {
    EXPECT_FALSE(ParseRange(bad)) << bad;
  }
}

TEST(PieceOf, RangeIsCutAtTheEnd) {
  const auto piece = [](const std::string& range) {
    const auto found = PieceOf(Request{"GET", "/", {{"range", range}}, ""}, 100);
    return found ? std::to_string(found->first) + "-" + std::to_string(found->last) : "none";
  };
  EXPECT_EQ(piece(""), "0-99");
  EXPECT_EQ(piece("bytes=10-19"), "10-19");
  EXPECT_EQ(piece("bytes=10-"), "10-99");
  EXPECT_EQ(piece("bytes=99-1000"), "99-99");
  EXPECT_EQ(piece("bytes=100-"), "none");
  EXPECT_FALSE(PieceOf(Request{}, 0));
}

TEST(DestinationOf, RoutesOfTheDeviceApi_AreFound) {
  const auto route = [](const std::string& method, const std::string& path) {
    return DestinationOf(Request{method, path, {}, {}}).route;
  };
  EXPECT_EQ(route("GET", "/device/v1/desired"), Route::kDesired);
  EXPECT_EQ(route("GET", "/device/v1/manifests/" + kHash), Route::kManifest);
  EXPECT_EQ(route("GET", "/device/v1/layers/" + kHash), Route::kLayer);
  EXPECT_EQ(route("POST", "/device/v1/reports"), Route::kReport);
  EXPECT_EQ(route("POST", "/device/v1/receipts"), Route::kReceipt);
  EXPECT_EQ(route("GET", "/device/v1/keys/17"), Route::kKeys);
  EXPECT_EQ(route("POST", "/device/v1/certificate"), Route::kCertificate);
  EXPECT_EQ(route("GET", "/device/v1/keys/"), Route::kUnknown);
  EXPECT_EQ(route("GET", "/device/v1/keys/-1"), Route::kUnknown);
  EXPECT_EQ(route("POST", "/device/v1/desired"), Route::kUnknown);
  EXPECT_EQ(route("GET", "/device/v1/layers/" + kHash + "a"), Route::kUnknown);
  EXPECT_EQ(route("GET", "/device/v1/layers/../" + kHash), Route::kUnknown);
}

}  // namespace
}  // namespace strata::conformance
