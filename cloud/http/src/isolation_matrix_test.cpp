// SPDX-License-Identifier: Apache-2.0
// Every route, over real TLS, with everything that must not open it. The tables of the fixture name
// each route; a route without an entry fails the test.
#include "isolation_matrix_test.hpp"

#include <ctime>

#include "access.hpp"

namespace strata::cloud {
namespace {

using testing::HasSubstr;

TEST_F(IsolationMatrix, EveryRoute_HasItsEntry) {
  const Entries people = PeopleEntries();
  const Entries devices = DeviceEntries();
  for (const http::Route& route : http::PeopleRoutes()) {
    EXPECT_TRUE(people.contains(NameOf(route))) << NameOf(route) << " is not in PeopleEntries()";
  }
  for (const http::Route& route : http::DeviceSideRoutes()) {
    EXPECT_TRUE(devices.contains(NameOf(route))) << NameOf(route) << " is not in DeviceEntries()";
  }
  EXPECT_EQ(people.size(), http::PeopleRoutes().size());
  EXPECT_EQ(devices.size(), http::DeviceSideRoutes().size());
}

TEST_F(IsolationMatrix, EveryRoute_WithGoodCredentials_IsOpen) {
  // So that a closed door below is closed for its reason; each answer is held against the file.
  const Entries entries = DeviceEntries();
  for (const http::Route& route : http::DeviceSideRoutes()) {
    std::string request = Anonymous(route, entries.at(NameOf(route)));
    if (route.by_token) {
      request.insert(request.find("\r\n") + 2, "Authorization: Bearer " + token_ + "\r\n");
    }
    const auto answer = Device(device_.identity)->Ask(request);
    EXPECT_LT(answer.status, 300) << NameOf(route) << " " << answer.body;
  }
  people_ = PeopleEntries();
  for (const char* method : {"GET", "POST", "DELETE"}) {
    for (const http::Route& route : http::PeopleRoutes()) {
      // The device itself goes at the very end.
      if (route.method == method && NameOf(route) != "DELETE /v1/Devices/{}") {
        const std::uint64_t written = NewestAuditEntry();
        const auto answer = People()->Ask(Ready(route, people_.at(NameOf(route))));
        const bool in_use = NameOf(route) == "DELETE /v1/Apps/{}" && answer.status == 400;
        EXPECT_TRUE(answer.status < 300 || in_use) << NameOf(route) << " " << answer.body;
        const bool changes = route.method != "GET" && answer.status != 200 && !in_use &&
                             NameOf(route) != "POST /v1/AuditCheckpoints";
        const bool updates = NameOf(route).ends_with("/{}") || NameOf(route) == "POST /v1/Account";
        EXPECT_EQ(NewestAuditEntry() - written,
                  changes || (route.method == "POST" && updates) ? 1U : 0U)
            << "each change is written down: " << NameOf(route);
      }
    }
  }
  const std::uint64_t written = NewestAuditEntry();
  EXPECT_EQ(People()->Ask(Request("DELETE", "/v1/Devices/" + device_.sid)).status, 204);
  EXPECT_EQ(NewestAuditEntry() - written, 1U);
}

TEST_F(IsolationMatrix, PeopleRoutes_WithoutGoodCredentials_AreClosed) {
  people_ = PeopleEntries();
  const TestCredentials revoked = MakeApiKey("admin");
  ASSERT_EQ(People()->Ask(Request("DELETE", "/v1/ApiKeys/" + revoked.user)).status, 204);
  const std::string before = State();
  const TestCredentials bad[] = {
      {std::string(world.account->sid.text()), "wrong"},
      {std::string(world.account->sid.text()), stranger_.password},
      {stranger_.user, world.token},
      {"AC" + std::string(32, '0'), world.token},
      {api_key_.user, world.token},
      {api_key_.user, revoked.password},
      {std::string(world.account->sid.text()), api_key_.password},
      {"SK" + std::string(32, '0'), api_key_.password},
      {"", ""},
      revoked,
  };
  for (const http::Route& route : http::PeopleRoutes()) {
    SCOPED_TRACE(NameOf(route));
    const Entry& entry = people_.at(NameOf(route));
    ExpectRefusal(People()->Ask(Anonymous(route, entry)), 401, 20003);
    for (const TestCredentials& credentials : bad) {
      ExpectRefusal(People()->Ask(Ready(route, entry, credentials)), 401, 20003);
    }
    for (const std::string& token : {std::string(32, '0'), world.token, stranger_.password}) {
      ExpectRefusal(People()->Ask(WithCookie(route, entry, token)), 401, 20003);
    }
    // A device's certificate is nothing here, not even its own account's.
    for (const TestIdentity& identity : {device_.identity, foreign_device_}) {
      TestClient device(server->port(), config.server_ca_pem, identity);
      ExpectRefusal(device.Ask(Anonymous(route, entry)), 401, 20003);
    }
  }
  EXPECT_EQ(State(), before);
}

TEST_F(IsolationMatrix, PeopleRoutes_WithEachScope_OpenOnlyWhatTheTableSays) {
  people_ = PeopleEntries();
  const std::string before = State();
  std::map<Scope, TestCredentials> keys;
  for (const Scope scope : {Scope::kRead, Scope::kDeploy, Scope::kProvision}) {
    const auto made = service->CreateApiKey(*world.stranger, "", scope);
    keys[scope] = {std::string(made->first.sid.text()), made->second};
  }
  for (const http::Route& route : http::PeopleRoutes()) {
    for (const auto& [scope, key] : keys) {
      SCOPED_TRACE(NameOf(route) + " with " + std::string(NameOf(scope)));
      const Entry& entry = people_.at(NameOf(route));
      if (!http::CheckAccess(route, scope).ok()) {
        const auto refused = People()->Ask(Ready(route, entry, key));
        ExpectRefusal(refused, 403, 20006);
        EXPECT_THAT(refused.body, HasSubstr("needs an API key with the scope"));
        continue;
      }
      const auto answer = People()->Ask(Ready(route, entry, key));
      EXPECT_EQ(answer.status, entry.stranger) << "as with the other account's own token";
    }
  }
  EXPECT_EQ(State(), before);
}

TEST_F(IsolationMatrix, PeopleRoutes_OfAnotherAccount_ReachNothing) {
  people_ = PeopleEntries();
  const std::string before = State();
  for (const http::Route& route : http::PeopleRoutes()) {
    SCOPED_TRACE(NameOf(route));
    const Entry& entry = people_.at(NameOf(route));
    const auto answer = People()->Ask(Ready(route, entry, stranger_));
    EXPECT_EQ(answer.status, entry.stranger) << answer.body;
    if (answer.status < 300) {
      ExpectNothingOfTheVictim(answer);
    }
  }
  EXPECT_EQ(State(), before);
}

TEST_F(IsolationMatrix, PeopleRoutes_WithAnotherAccountsSession_ReachNothing) {
  people_ = PeopleEntries();
  const std::string before = State();
  const auto session = service->SignIn(stranger_.user, stranger_.password, "192.0.2.1");
  ASSERT_TRUE(session.ok());
  for (const http::Route& route : http::PeopleRoutes()) {
    SCOPED_TRACE(NameOf(route));
    const Entry& entry = people_.at(NameOf(route));
    const auto answer = People()->Ask(WithCookie(route, entry, session->second));
    EXPECT_EQ(answer.status, entry.stranger) << answer.body;
    if (answer.status < 300) {
      ExpectNothingOfTheVictim(answer);
    }
  }
  EXPECT_EQ(State(), before);
}

TEST_F(IsolationMatrix, PeopleRoutes_WithACookieThatAnotherPageSends_AreClosed) {
  people_ = PeopleEntries();
  const std::string before = State();
  const auto session = service->SignIn(world.account->sid.text(), world.token, "192.0.2.1");
  ASSERT_TRUE(session.ok());
  for (const http::Route& route : http::PeopleRoutes()) {
    SCOPED_TRACE(NameOf(route));
    std::string text = WithCookie(route, people_.at(NameOf(route)), session->second);
    const std::string own = "Strata-Console: 1\r\n";
    text.replace(text.find(own), own.size(), "Sec-Fetch-Site: cross-site\r\n");
    ExpectRefusal(People()->Ask(text), 403, 20006);
  }
  EXPECT_EQ(State(), before);
}

TEST_F(IsolationMatrix, DeviceRoutes_OfAnotherAccountsDevice_ReachNothing) {
  people_ = PeopleEntries();
  const Entries entries = DeviceEntries();
  const std::string before = State();
  for (const http::Route& route : http::DeviceSideRoutes()) {
    SCOPED_TRACE(NameOf(route));
    const Entry& entry = entries.at(NameOf(route));
    const auto answer = Device(foreign_device_)->Ask(Anonymous(route, entry));
    EXPECT_EQ(answer.status, entry.stranger) << answer.body;
    ExpectNothingOfTheVictim(answer);
  }
  EXPECT_EQ(State(), before);
}

TEST_F(IsolationMatrix, DeviceRoutes_WithoutADevicesCertificate_AreClosed) {
  people_ = PeopleEntries();
  const Entries entries = DeviceEntries();
  const TestKey unknown = MakeTestKey();
  const DeviceSid sid = *DeviceSid::Parse(device_.sid);
  const auto other_ca = pki::MakeCa(pki::CaUse::kDevices, std::time(nullptr));
  const TestIdentity nobody{*pki::IssueDevice(device_ca, sid, unknown.point, std::time(nullptr)),
                            unknown.key_pem};
  const TestIdentity forged{*pki::IssueDevice(*other_ca, sid, unknown.point, std::time(nullptr)),
                            unknown.key_pem};
  const std::string before = State();
  for (const http::Route& route : http::DeviceSideRoutes()) {
    SCOPED_TRACE(NameOf(route));
    const Entry& entry = entries.at(NameOf(route));
    ExpectRefusal(Device(std::nullopt)->Ask(Ready(route, entry)), 401, 20003);
    // A certificate, good or bad, is nothing where a token opens.
    const std::pair<int, int> refusal =
        route.by_token ? std::pair(401, 20003) : std::pair(403, 20006);
    ExpectRefusal(Device(nobody)->Ask(Ready(route, entry)), refusal.first, refusal.second);
    ExpectRefusal(Device(forged)->Ask(Ready(route, entry)), refusal.first, refusal.second);
    ExpectRefusal(People()->Ask(Ready(route, entry)), 404, 20404);
  }
  for (const http::Route& route : http::PeopleRoutes()) {
    SCOPED_TRACE(NameOf(route));
    ExpectRefusal(
        Device(device_.identity)->Ask(Ready(route, people_.at(NameOf(route)))), 404, 20404);
  }
  EXPECT_EQ(State(), before);
}

}  // namespace
}  // namespace strata::cloud
