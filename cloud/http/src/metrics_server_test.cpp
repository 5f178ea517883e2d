// SPDX-License-Identifier: Apache-2.0
#include <ctime>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "metrics.hpp"
#include "openapi_test.hpp"
#include "server_world_test.hpp"

namespace strata::cloud {
namespace {

using testing::HasSubstr;
using testing::Not;

class MetricsServer : public ServerWorld {
 protected:
  MetricsServer() { config.metrics_listen = "127.0.0.1:0"; }

  TestResponse Metrics(const std::string& path) {
    if (!server) {
      Start();
    }
    const std::string request = "GET " + path + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
    const TestResponse answer = TestClient(server->metrics_port()).Ask(request);
    if (!path.starts_with("/v1/")) {
      EXPECT_EQ(OpenApi::Get().Check(request, answer), "");
    }
    return answer;
  }

  TestResponse Ready() { return People()->Ask("GET /readyz HTTP/1.1\r\nHost: x\r\n\r\n"); }
};

TEST_F(MetricsServer, Metrics_CountWhatTheListenersDid) {
  config.more_metrics = [] { return std::string("strata_more 7\n"); };
  config.certificate_expires = 1'900'000'000;
  MakeApp();
  const auto device = Provision("kitchen");
  ASSERT_EQ(People()->Ask(Request("GET", "/v1/Apps/none")).status, 404);
  const auto answer = Metrics("/metrics");
  ASSERT_EQ(answer.status, 200);
  EXPECT_THAT(answer.Header("content-type"), HasSubstr("version=0.0.4"));
  for (const char* line :
       {"strata_http_requests_total{listener=\"people\",code=\"4xx\"} 1\n",
        "strata_http_requests_total{listener=\"people\",code=\"2xx\"} 2\n",
        "strata_http_request_seconds_count{listener=\"people\"} 3\n",
        "strata_http_request_seconds_bucket{listener=\"people\",le=\"+Inf\"} 3\n",
        "strata_accounts 2\n",
        "strata_apps 1\n",
        "strata_devices{status=\"up-to-date\"} 1\n",
        "strata_certificate_expiry_seconds 1900000000\n",
        "strata_health{check=\"database\"} 1.000\n",
        "# TYPE strata_waiting_polls gauge\n",
        "strata_more 7\n"}) {
    EXPECT_THAT(answer.body, HasSubstr(line));
  }
  for (const std::string& secret :
       {std::string(world.account->sid.text()), device.sid, world.token}) {
    EXPECT_THAT(answer.body, Not(HasSubstr(secret)));
  }
  EXPECT_EQ(Metrics("/v1/Apps").status, 404) << "nothing else is here";
}

TEST_F(MetricsServer, Metrics_AreNotServedElsewhere) {
  EXPECT_EQ(People()->Ask("GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n").status, 404);
  EXPECT_EQ(Device(std::nullopt)->Ask("GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n").status, 401);
}

TEST_F(MetricsServer, OnAnAddressThatIsNotLoopback_AreRefused) {
  config.metrics_listen = "0.0.0.0:0";
  const auto started = Server::Start(
      config, {.service = service.get(), .polls = &polls, .certificates = certificates.get()});
  ASSERT_FALSE(started.ok());
  EXPECT_EQ(started.error().status, 400);
}

TEST_F(MetricsServer, Ready_SaysWhichCheckFails) {
  EXPECT_THAT(Ready().body, HasSubstr("{\"status\":\"ok\""));
  world.blobs->space = {.free_bytes = 1, .total_bytes = 100};
  auto answer = Ready();
  EXPECT_EQ(answer.status, 200) << "devices are served";
  EXPECT_THAT(answer.body, HasSubstr("\"disk\":{\"status\":\"degraded\""));
  world.store->healthy = false;
  answer = Ready();
  EXPECT_EQ(answer.status, 503);
  EXPECT_THAT(answer.body, HasSubstr("\"database\":{\"status\":\"failed\""));
  EXPECT_THAT(Metrics("/metrics").body, HasSubstr("strata_health{check=\"database\"} 0.000\n"));
}

TEST_F(MetricsServer, Health_AskedOften_WritesSeldom) {
  config.limits.health = std::chrono::hours(1);
  Ready();
  const int writes = world.store->probes;
  for (int i = 0; i < 20; ++i) {
    EXPECT_EQ(Ready().status, 200);
  }
  EXPECT_EQ(world.store->probes, writes) << "nobody can keep the database busy by asking";
}

TEST_F(MetricsServer, CertificateThatEndsSoon_IsToldEarly) {
  config.certificate_expires = std::time(nullptr) + 24 * 60 * 60;
  const auto health = People()->Ask("GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_EQ(health.status, 200);
  EXPECT_THAT(health.body, HasSubstr("expires within 14 days"));
}

TEST_F(MetricsServer, ClientThatDoesNotRead_IsCutOffAndFreed) {
  config.limits.write = std::chrono::milliseconds(200);
  const auto client = People();
  std::string requests;
  for (int i = 0; i < 2000; ++i) {  // many times what the buffers of both ends hold
    requests += "GET /docs/spec/rest.md HTTP/1.1\r\nHost: x\r\n\r\n";
  }
  ASSERT_TRUE(client->Send(requests));
  EXPECT_TRUE(Eventually([this] {
    return Metrics("/metrics").body.find("strata_http_connections{listener=\"people\"} 0\n") !=
           std::string::npos;
  }));
  EXPECT_EQ(Ready().status, 200);
}

TEST_F(MetricsServer, CertificateReplaced_IsShownInLaterHandshakesAlone) {
  const std::string ready = "GET /readyz HTTP/1.1\r\nHost: x\r\n\r\n";
  const auto before = People();
  ASSERT_EQ(before->Ask(ready).status, 200);
  const auto ca = pki::MakeCa(pki::CaUse::kServer, std::time(nullptr));
  const std::vector<std::string> names = {"127.0.0.1"};
  const auto other = pki::IssueServer(*ca, names, std::time(nullptr));
  const auto fits_not = pki::IssueServer(*ca, names, std::time(nullptr));
  EXPECT_FALSE(server->UseCertificate({other->certificate_pem, fits_not->key_pem}, 7));
  EXPECT_TRUE(TestClient(server->port(), config.server_ca_pem).connected()) << "nothing changed";
  ASSERT_TRUE(server->UseCertificate({other->certificate_pem, other->key_pem}, 1'900'000'000));
  EXPECT_EQ(before->Ask(ready).status, 200) << "it stands";
  EXPECT_FALSE(TestClient(server->port(), config.server_ca_pem).connected());
  EXPECT_EQ(TestClient(server->port(), ca->certificate_pem).Ask(ready).status, 200);
  EXPECT_TRUE(TestClient(server->device_port(), ca->certificate_pem).connected());
  EXPECT_THAT(Metrics("/metrics").body,
              HasSubstr("strata_certificate_expiry_seconds 1900000000\n"));
}

TEST_F(MetricsServer, WhatCantBeCounted_IsLeftOut) {
  MakeApp();
  Start();
  world.store->damaged = true;
  const auto answer = Metrics("/metrics");
  ASSERT_EQ(answer.status, 200);
  EXPECT_THAT(answer.body, HasSubstr("strata_health{check=\"database\"} 0.000\n"));
  EXPECT_THAT(answer.body, HasSubstr("strata_disk_free_bytes 50\n"));
  for (const char* name : {"strata_accounts", "strata_apps", "strata_devices"}) {
    EXPECT_THAT(answer.body, Not(HasSubstr(name))) << "0 would be a lie";
  }
}

TEST_F(MetricsServer, CertificateForPeople_IsShownToThemAlone) {
  const auto ca = pki::MakeCa(pki::CaUse::kServer, std::time(nullptr));
  const auto theirs =
      pki::IssueServer(*ca, std::vector<std::string>{"127.0.0.1"}, std::time(nullptr));
  config.certificate_expires = 2'000'000'000;
  config.people_tls = TlsFiles{theirs->certificate_pem, theirs->key_pem};
  config.people_certificate_expires = 1'900'000'000;
  Start();
  EXPECT_FALSE(TestClient(server->port(), config.server_ca_pem).connected());
  EXPECT_TRUE(TestClient(server->port(), ca->certificate_pem).connected());
  EXPECT_TRUE(TestClient(server->device_port(), config.server_ca_pem).connected());
  EXPECT_THAT(Metrics("/metrics").body, HasSubstr("strata_certificate_expiry_seconds 1900000000\n"))
      << "the first that ends";
  const auto fresh =
      pki::IssueServer(*ca, std::vector<std::string>{"127.0.0.1"}, std::time(nullptr));
  EXPECT_FALSE(server->UsePeopleCertificate({fresh->certificate_pem, theirs->key_pem}, 7));
  ASSERT_TRUE(
      server->UsePeopleCertificate({fresh->certificate_pem, fresh->key_pem}, 2'100'000'000));
  EXPECT_THAT(Metrics("/metrics").body,
              HasSubstr("strata_certificate_expiry_seconds 2000000000\n"));
}

TEST(MetricsFormat, Labels_AreEscaped) {
  EXPECT_EQ(http::Label("job", "a\"b\\c\nd"), "job=\"a\\\"b\\\\c d\"");
}

}  // namespace
}  // namespace strata::cloud
