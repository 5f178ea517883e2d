// SPDX-License-Identifier: Apache-2.0
#include <filesystem>
#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "server_world_test.hpp"

namespace strata::cloud {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr const char* kOwn = "Strata-Console: 1\r\nSec-Fetch-Site: same-origin\r\n";
constexpr const char* kFormLine = "Content-Type: application/x-www-form-urlencoded\r\n";

class ConsoleServer : public ServerWorld {
 protected:
  ConsoleServer() {
    config.console_dir = world.dir + "/console";
    config.limits.stream_pause = std::chrono::milliseconds(1);
    config.limits.stream_heartbeat = std::chrono::minutes(10);
    std::filesystem::create_directories(config.console_dir + "/assets");
    Write("index.html", "<!doctype html>the page");
    Write("index.html.br", "brotli of the page");
    Write("index.html.gz", "gzip of the page");
    Write("assets/app-1a2b.js", "script");
  }

  void Write(const std::string& name, const std::string& content) const {
    std::ofstream(config.console_dir + "/" + name) << content;
  }

  /// Without credentials.
  static std::string Plain(const std::string& method,
                           const std::string& path,
                           const std::string& headers = "",
                           const std::string& body = "") {
    const bool counted = !body.empty() || method == "POST" || method == "DELETE";
    return method + " " + path + " HTTP/1.1\r\nHost: cloud.test:1234\r\n" + headers +
           (counted ? "Content-Length: " + std::to_string(body.size()) + "\r\n" : "") + "\r\n" +
           body;
  }

  TestResponse Get(const std::string& path, const std::string& headers = "") {
    return People()->Ask(Plain("GET", path, headers));
  }

  TestResponse TrySignIn(const std::string& sid,
                         const std::string& secret,
                         const std::string& headers = kOwn) {
    return People()->Ask(Plain("POST",
                               "/console/session",
                               kFormLine + headers,
                               "Sid=" + Encode(sid) + "&Secret=" + Encode(secret)));
  }

  /// The line that the browser sends from then on.
  std::string SignIn(const std::string& sid, const std::string& secret) {
    const TestResponse answer = TrySignIn(sid, secret);
    EXPECT_EQ(answer.status, 200) << answer.body;
    const std::string cookie = answer.Header("set-cookie");
    return "Cookie: theme=dark; " + cookie.substr(0, cookie.find(';')) + "\r\n";
  }

  /// What happens in the account, with a session's cookie.
  std::unique_ptr<TestClient> Follow(const std::string& cookie) {
    auto client = People();
    client->Send(Plain("GET", "/v1/Events/Stream", cookie));
    EXPECT_EQ(client->Receive().status, 200);
    EXPECT_THAT(client->ReadUntil("\n\n"), HasSubstr("id: "));
    return client;
  }

  std::string SignIn() { return SignIn(std::string(world.account->sid.text()), world.token); }
};

TEST_F(ConsoleServer, Page_IsServedForEveryPathOfTheConsoleWithItsPolicy) {
  for (const char* path :
       {"/console/", "/console/iot/microvisor/apps/KA1", "/console/index.html"}) {
    const TestResponse page = Get(path);
    EXPECT_EQ(page.status, 200) << path;
    EXPECT_EQ(page.body, "<!doctype html>the page");
    EXPECT_EQ(page.Header("content-type"), "text/html; charset=utf-8");
    EXPECT_EQ(page.Header("cache-control"), "no-cache");
    EXPECT_EQ(page.Header("x-content-type-options"), "nosniff");
    EXPECT_EQ(page.Header("x-frame-options"), "DENY");
    EXPECT_EQ(page.Header("referrer-policy"), "no-referrer");
    EXPECT_THAT(page.Header("content-security-policy"), HasSubstr("default-src 'none'"));
    EXPECT_THAT(page.Header("content-security-policy"), HasSubstr("frame-ancestors 'none'"));
    EXPECT_THAT(page.Header("content-security-policy"), Not(HasSubstr("unsafe")));
    EXPECT_EQ(page.headers.count("access-control-allow-origin"), 0U);
  }
  for (const char* path : {"/", "/console"}) {
    const TestResponse sent_on = Get(path);
    EXPECT_EQ(sent_on.status, 302);
    EXPECT_EQ(sent_on.Header("location"), "/console/");
  }
}

TEST_F(ConsoleServer, Files_AreCompressedAndCachedAsTheirNameAllows) {
  EXPECT_EQ(Get("/console/", "Accept-Encoding: gzip, br\r\n").body, "brotli of the page");
  EXPECT_EQ(Get("/console/", "Accept-Encoding: br\r\n").Header("content-encoding"), "br");
  const TestResponse gzip = Get("/console/", "Accept-Encoding: gzip, br;q=0\r\n");
  EXPECT_EQ(gzip.body, "gzip of the page");
  EXPECT_EQ(gzip.Header("content-encoding"), "gzip");
  EXPECT_EQ(gzip.Header("vary"), "Accept-Encoding");
  const TestResponse plain = Get("/console/");
  EXPECT_EQ(plain.headers.count("content-encoding"), 0U);
  EXPECT_NE(plain.Header("etag"), gzip.Header("etag"));
  const TestResponse again = Get("/console/", "If-None-Match: " + plain.Header("etag") + "\r\n");
  EXPECT_EQ(again.status, 304);
  EXPECT_EQ(again.Header("etag"), plain.Header("etag"));
  const TestResponse script = Get("/console/assets/app-1a2b.js", "Accept-Encoding: br\r\n");
  EXPECT_EQ(script.body, "script") << "there is no smaller form of it";
  EXPECT_EQ(script.Header("content-type"), "text/javascript; charset=utf-8");
  EXPECT_EQ(script.Header("cache-control"), "public, max-age=31536000, immutable");
}

TEST_F(ConsoleServer, OtherPaths_ReachNoFile) {
  std::ofstream(world.dir + "/secret.txt") << "secret";
  for (const char* path : {"/console/assets/app-0000.js",
                           "/console/../secret.txt",
                           "/console/assets/../../secret.txt",
                           "/console/%2e%2e/secret.txt",
                           "/console//etc/passwd.txt"}) {
    const TestResponse answer = Get(path);
    EXPECT_EQ(answer.status, 404) << path;
    EXPECT_THAT(answer.body, Not(HasSubstr("secret\n")));
    EXPECT_THAT(answer.Header("content-security-policy"), HasSubstr("default-src 'none'"));
  }
  const TestResponse head = People()->Ask("HEAD /console/ HTTP/1.0\r\nHost: x\r\n\r\n");
  EXPECT_EQ(head.status, 200);
  const TestResponse put = People()->Ask(Plain("DELETE", "/console/"));
  EXPECT_EQ(put.status, 405);
  EXPECT_EQ(put.Header("allow"), "GET, HEAD");
}

TEST_F(ConsoleServer, WithoutFiles_SaysSoAndWithWrongOnesDoesNotStart) {
  std::filesystem::remove(config.console_dir + "/index.html");
  const auto refused = Server::Start(
      config, {.service = service.get(), .polls = &polls, .certificates = certificates.get()});
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().status, 400);
  EXPECT_THAT(refused.error().message, HasSubstr("index.html"));
  config.console_dir.clear();
  const TestResponse answer = Get("/console/");
  EXPECT_EQ(answer.status, 404);
  EXPECT_THAT(answer.body, HasSubstr("--console-dir"));
}

TEST_F(ConsoleServer, Session_OpensTheApiUntilSignOut) {
  EXPECT_EQ(Get("/console/session").status, 204);
  const std::string cookie = SignIn();
  const auto session = ParseJson(Get("/console/session", cookie).body);
  EXPECT_EQ(JsonText(session, "account_sid"), world.account->sid.text());
  EXPECT_TRUE(session.at("api_key_sid").is_null());
  EXPECT_EQ(boost::json::serialize(session.at("scopes")), "[\"admin\"]");
  EXPECT_EQ(Get("/v1/Apps", cookie).status, 200);
  const TestResponse made = People()->Ask(
      Plain("POST", "/v1/Configs", cookie + kOwn + kFormLine, "Key=color&Value=green"));
  EXPECT_EQ(made.status, 201) << made.body;
  EXPECT_EQ(Get("/v1/Apps", "").status, 401);
  const TestResponse out = People()->Ask(Plain("DELETE", "/console/session", cookie + kOwn));
  EXPECT_EQ(out.status, 204);
  EXPECT_THAT(out.Header("set-cookie"), HasSubstr("Max-Age=0"));
  EXPECT_EQ(Get("/v1/Apps", cookie).status, 401);
  const TestResponse gone = Get("/console/session", cookie);
  EXPECT_EQ(gone.status, 204);
  EXPECT_THAT(gone.Header("set-cookie"), HasSubstr("Max-Age=0"));
}

TEST_F(ConsoleServer, Cookie_IsForThisHostOverTlsAndNoScript) {
  const TestResponse answer = TrySignIn(std::string(world.account->sid.text()), world.token);
  const std::string cookie = answer.Header("set-cookie");
  EXPECT_EQ(cookie.substr(0, 22), "__Host-strata-session=");
  for (const char* part : {"; Path=/;", "; HttpOnly", "; SameSite=Strict", "; Secure"}) {
    EXPECT_THAT(cookie + ";", HasSubstr(part));
  }
  EXPECT_THAT(cookie, Not(HasSubstr("Domain")));
  EXPECT_THAT(answer.body, Not(HasSubstr(cookie.substr(22, 32))));
  EXPECT_EQ(answer.Header("cache-control"), "no-store");
}

TEST_F(ConsoleServer, Cookie_WithoutTls_HasItsPlainName) {
  config.plain_http = true;
  const TestResponse answer = TrySignIn(std::string(world.account->sid.text()), world.token);
  EXPECT_EQ(answer.Header("set-cookie").substr(0, 15), "strata-session=");
  EXPECT_THAT(answer.Header("set-cookie"), Not(HasSubstr("Secure")));
}

TEST_F(ConsoleServer, ForeignPage_CanUseNoPasswordThatTheBrowserKeeps) {
  const std::string form = "Key=a&Value=b";
  const auto post = [&](const std::string& headers) {
    return People()->Ask(Request("POST", "/v1/Configs", form, headers + kFormLine)).status;
  };
  EXPECT_EQ(post("Sec-Fetch-Site: cross-site\r\nSec-Fetch-Mode: navigate\r\n"), 403);
  EXPECT_EQ(post("Sec-Fetch-Site: same-site\r\nSec-Fetch-Mode: no-cors\r\n"), 403);
  EXPECT_EQ(post("Sec-Fetch-Site: cross-site\r\n"), 403);
  EXPECT_EQ(post("Sec-Fetch-Site: cross-site\r\nSec-Fetch-Mode: cors\r\n"), 201)
      << "a script that holds the credentials itself";
  EXPECT_EQ(post("Origin: https://evil.test\r\n"), 403) << "an old browser, or no TLS";
  EXPECT_EQ(post("Origin: null\r\n"), 403);
  EXPECT_EQ(People()->Ask(Request("GET", "/v1/Apps", "", "Origin: https://evil.test\r\n")).status,
            200)
      << "who only looks changes nothing, and the page can't read it";
  // And no browser is asked for one.
  const TestResponse refused = People()->Ask(Plain("GET", "/v1/Apps", "Sec-Fetch-Site: none\r\n"));
  EXPECT_EQ(refused.status, 401);
  EXPECT_EQ(refused.headers.count("www-authenticate"), 0U);
  EXPECT_EQ(People()->Ask(Plain("GET", "/v1/Apps")).headers.count("www-authenticate"), 1U);
}

TEST_F(ConsoleServer, ForeignPage_CanUseNoSession) {
  const std::string cookie = SignIn();
  const std::string foreign[] = {"Strata-Console: 1\r\nSec-Fetch-Site: same-site\r\n",
                                 "Strata-Console: 1\r\nOrigin: https://evil.test\r\n",
                                 "Sec-Fetch-Site: same-origin\r\n",
                                 ""};
  for (const std::string& headers : foreign) {
    for (const char* path : {"/v1/Configs", "/console/session"}) {
      const TestResponse refused = People()->Ask(
          Plain("POST", path, cookie + headers + kFormLine, "Key=a&Value=b&Sid=x&Secret=y"));
      EXPECT_EQ(refused.status, 403) << path << " " << headers << refused.body;
    }
  }
  EXPECT_EQ(Get("/v1/Apps", cookie + "Sec-Fetch-Site: cross-site\r\n").status, 403);
  EXPECT_EQ(Get("/console/session", cookie + "Sec-Fetch-Site: cross-site\r\n").status, 403);
  EXPECT_EQ(People()->Ask(Plain("DELETE", "/console/session", cookie)).status, 403);
  const TestResponse list = Get("/v1/Configs", cookie);
  EXPECT_EQ(list.headers.count("access-control-allow-credentials"), 0U);
  EXPECT_THAT(list.body, HasSubstr("\"configs\":[]"));
  // A browser asks before it lets another origin send this header; the answer does not name it.
  const TestResponse preflight = People()->Ask(Plain("OPTIONS", "/v1/Configs"));
  EXPECT_THAT(preflight.Header("access-control-allow-headers"), Not(HasSubstr("Strata-Console")));
}

TEST_F(ConsoleServer, OwnCredentials_CountBeforeTheCookie) {
  const std::string cookie = SignIn();
  EXPECT_EQ(
      People()->Ask(Request("GET", "/v1/Apps", "", cookie, TestCredentials{"AC", "x"})).status,
      401);
  EXPECT_EQ(People()->Ask(Request("GET", "/v1/Apps", "", "Cookie: strata-session=0\r\n")).status,
            200);
}

TEST_F(ConsoleServer, Refusal_OpensNoPasswordWindowOfTheBrowser) {
  const TestResponse wrong = TrySignIn(std::string(world.account->sid.text()), "wrong");
  EXPECT_EQ(wrong.status, 401);
  EXPECT_EQ(wrong.headers.count("www-authenticate"), 0U);
  EXPECT_EQ(wrong.headers.count("set-cookie"), 0U);
  EXPECT_EQ(Get("/v1/Apps", kOwn).headers.count("www-authenticate"), 0U);
  EXPECT_EQ(Get("/v1/Apps").headers.count("www-authenticate"), 1U);
  EXPECT_EQ(TrySignIn("", "").status, 400);
}

TEST_F(ConsoleServer, SignIn_TriedTooOften_IsSlowedDown) {
  const std::string sid(world.account->sid.text());
  for (int i = 0; i < 5; ++i) {
    EXPECT_EQ(TrySignIn(sid, "wrong").status, 401);
  }
  const TestResponse slowed = TrySignIn(sid, world.token);
  EXPECT_EQ(slowed.status, 429);
  EXPECT_EQ(slowed.Header("retry-after"), "1");
  EXPECT_EQ(People()->Ask(Request("GET", "/v1/Apps")).status, 200) << "nobody is locked out";
}

TEST_F(ConsoleServer, SessionOfAnApiKey_MayWhatTheKeyMay) {
  const auto made = service->CreateApiKey(*world.account, "wall", Scope::kRead);
  const std::string cookie = SignIn(std::string(made->first.sid.text()), made->second);
  EXPECT_EQ(Get("/v1/Apps", cookie).status, 200);
  EXPECT_EQ(Get("/v1/ApiKeys", cookie).status, 403);
  ASSERT_TRUE(service->DeleteApiKey(*world.account, made->first.sid.text()).ok());
  EXPECT_EQ(Get("/v1/Apps", cookie).status, 401);
}

TEST_F(ConsoleServer, StreamOfASession_BringsWhatHappensUntilItsKeyIsDeleted) {
  const auto key = ParseJson(People()->Ask(FormRequest("/v1/ApiKeys", "Scopes=read")).body);
  const auto reader = Follow(SignIn(JsonText(key, "sid"), JsonText(key, "secret")));
  const auto admin = Follow(SignIn());
  Provision("board");
  EXPECT_THAT(reader->ReadUntil("device.provisioned"), HasSubstr("id: "));
  ASSERT_EQ(People()->Ask(Request("DELETE", "/v1/ApiKeys/" + JsonText(key, "sid"))).status, 204);
  reader->ReadUntil({});
  EXPECT_TRUE(reader->Closed());
  EXPECT_TRUE(Eventually([this] { return polls.streams().size() == 1; })) << "the other one stays";
}

TEST_F(ConsoleServer, StreamsOfASession_EndWhenItSignsOut) {
  const std::string cookie = SignIn();
  const auto one = Follow(cookie);
  const auto two = Follow(cookie);
  const auto other = Follow(SignIn());
  ASSERT_EQ(People()->Ask(Plain("DELETE", "/console/session", kOwn + cookie)).status, 204);
  one->ReadUntil({});
  two->ReadUntil({});
  EXPECT_TRUE(one->Closed());
  EXPECT_TRUE(two->Closed());
  EXPECT_TRUE(Eventually([this] { return polls.streams().size() == 1; })) << "the other one stays";
}

}  // namespace
}  // namespace strata::cloud
