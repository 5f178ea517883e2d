// SPDX-License-Identifier: Apache-2.0
#include "cookies.hpp"

#include <gtest/gtest.h>

namespace strata::cloud::http {
namespace {

TEST(Cookies, Value_OfTheOneOfThatName) {
  for (const char* header : {"s=1", "a=b; s=1", " s = 1 ;c", "s=1;", "xs=2; s=1; S=3", "; ;s=1"}) {
    EXPECT_EQ(CookieValue(header, "s"), "1") << header;
  }
  for (const char* header : {"", "s", "s=", "S=1", "xs=1", "as=s=1", "s=1; s=2", "s=1; s=1"}) {
    EXPECT_EQ(CookieValue(header, "s"), "") << header;
  }
}

TEST(Cookies, AcceptEncoding_NamesWhatIsNotRefused) {
  const auto parse = [](const char* value) {
    const AcceptedCodings codings = ParseAcceptEncoding(value);
    return std::pair(codings.brotli, codings.gzip);
  };
  EXPECT_EQ(parse("gzip, deflate, br"), std::pair(true, true));
  EXPECT_EQ(parse("BR;q=0.1,gzip;q=0"), std::pair(true, false));
  EXPECT_EQ(parse("br ; q=0.000 , gzip;q=1"), std::pair(false, true));
  EXPECT_EQ(parse("brotli, gzipped, *;q=1"), std::pair(false, false));
  EXPECT_EQ(parse(""), std::pair(false, false));
}

struct Sender {
  const char* method;
  std::vector<Header> headers;
  bool own;
};

TEST(Cookies, FromOwnPage_IsWhatTheBrowserSaysAndNoFormCanSend) {
  const Header console{"Strata-Console", "1"};
  const Header cross{"Sec-Fetch-Site", "cross-site"};
  const Header same_site{"Sec-Fetch-Site", "same-site"};
  const Header same_origin{"Sec-Fetch-Site", "same-origin"};
  const Header typed{"Sec-Fetch-Site", "none"};
  const Header own_origin{"Origin", "https://cloud.test:8443"};
  const Sender senders[] = {
      {"GET", {}, true},
      {"GET", {typed}, true},
      {"GET", {same_origin}, true},
      {"GET", {cross}, false},
      {"GET", {same_site, console}, false},
      {"GET", {{"Origin", "https://cloud.test"}}, false},
      {"POST", {console}, true},
      {"POST", {console, own_origin, same_origin}, true},
      {"DELETE", {console, own_origin}, true},
      {"POST", {own_origin, same_origin}, false},
      {"POST", {console, typed}, false},
      {"POST", {console, same_site}, false},
      {"POST", {console, cross}, false},
      {"POST", {console, {"Origin", "null"}}, false},
      {"POST", {console, {"Origin", "https://cloud.test:8444"}}, false},
      {"POST", {console, {"Origin", "https://evil.test/cloud.test:8443"}}, false},
  };
  for (const Sender& sender : senders) {
    Request request;
    request.method = sender.method;
    request.base_url = "https://cloud.test:8443";
    request.headers = sender.headers;
    EXPECT_EQ(IsFromOwnPage(request), sender.own) << &sender - senders;
  }
}

}  // namespace
}  // namespace strata::cloud::http
