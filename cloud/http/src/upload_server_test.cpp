// SPDX-License-Identifier: Apache-2.0
// Uploads over the wire: forms of all kinds, limits, clients that go.
#include <gtest/gtest.h>

#include "server_world_test.hpp"

namespace strata::cloud {
namespace {

using UploadServer = ServerWorld;

TEST_F(UploadServer, NameBeforeFileAndUnknownParts_AreTaken) {
  const auto bundle = world.SignedBundle();
  const std::string body =
      "preamble\r\n--b\r\nContent-Disposition: form-data; name=\"UniqueName\"\r\n\r\nblue app\r\n"
      "--b\r\nContent-Disposition: form-data; name=\"Extra\"\r\n\r\nignored\r\n" +
      UploadBody(AsText(bundle.zip));
  const auto client = People();
  const auto response = client->Ask(
      Request("POST", "/v1/Apps", body, "Content-Type: multipart/form-data; boundary=b\r\n"));
  ASSERT_EQ(response.status, 201) << response.body;
  EXPECT_EQ(JsonText(ParseJson(response.body), "unique_name"), "blue app");
  EXPECT_EQ(client->Ask(Request("GET", "/v1/Apps/blue%20app")).status, 200);
  EXPECT_EQ(client->Ask(Request("GET", "/v1/Apps/blue%2Fapp")).status, 404);
}

TEST_F(UploadServer, Chunked_IsTaken) {
  const std::string body = UploadBody(AsText(world.SignedBundle().zip));
  const std::size_t half = body.size() / 2;
  char first[32] = {};
  char second[32] = {};
  std::snprintf(first, sizeof(first), "%zx\r\n", half);
  std::snprintf(second, sizeof(second), "%zx\r\n", body.size() - half);
  std::string request =
      Request("POST",
              "/v1/Apps",
              "",
              "Content-Type: multipart/form-data; boundary=b\r\nTransfer-Encoding: chunked\r\n");
  request += first + body.substr(0, half) + "\r\n" + second + body.substr(half) + "\r\n0\r\n\r\n";
  EXPECT_EQ(People()->Ask(request).status, 201);
}

TEST_F(UploadServer, SameIdempotencyKey_GivesTheFirstAnswer) {
  const auto bundle = world.SignedBundle();
  const std::string request = UploadRequest(AsText(bundle.zip), "Idempotency-Key: k1\r\n");
  const auto client = People();
  const auto first = client->Ask(request);
  const auto second = client->Ask(request);
  EXPECT_EQ(first.status, 201);
  EXPECT_EQ(first.headers.count("idempotent-replay"), 0U);
  EXPECT_EQ(second.Header("idempotent-replay"), "true");
  EXPECT_EQ(JsonText(ParseJson(first.body), "sid"), JsonText(ParseJson(second.body), "sid"));
}

TEST_F(UploadServer, FileOverItsLimit_Is413AndLeavesNothing) {
  config.limits.file_bytes = 100'000;
  const auto client = People();
  const auto response = client->Ask(UploadRequest(std::string(100'001, 'x')));
  EXPECT_EQ(response.status, 413);
  EXPECT_EQ(ParseJson(response.body).at("code"), 20413);
  EXPECT_EQ(People()->Ask(UploadRequest(std::string(100'000, 'x'))).status, 400)
      << "exactly the limit";
  EXPECT_TRUE(Eventually([&] { return TempFiles() == 0; }));
}

TEST_F(UploadServer, AnnouncedTooLarge_Is413BeforeContinue) {
  config.limits.file_bytes = 100'000;
  const auto client = People();
  const auto response = client->Ask(Request("POST",
                                            "/v1/Apps",
                                            "",
                                            "Content-Type: multipart/form-data; boundary=b\r\n"
                                            "Content-Length: 1000000\r\nExpect: 100-continue\r\n"));
  EXPECT_EQ(response.status, 413);
  EXPECT_EQ(response.Header("connection"), "close");
}

TEST_F(UploadServer, AnnouncedTooLargeAndSentAnyway_StillDeliversTheMessage) {
  config.limits.file_bytes = 100'000;
  const auto client = People();
  EXPECT_EQ(client->Ask(UploadRequest(std::string(8'000'000, 'x'))).status, 413);
}

TEST_F(UploadServer, ExpectContinue_IsInvitedThenTaken) {
  const std::string body = UploadBody(AsText(world.SignedBundle().zip));
  const auto client = People();
  const auto invitation =
      client->Ask(Request("POST",
                          "/v1/Apps",
                          "",
                          "Content-Type: multipart/form-data; boundary=b\r\nContent-Length: " +
                              std::to_string(body.size()) + "\r\nExpect: 100-continue\r\n"));
  ASSERT_EQ(invitation.status, 100);
  EXPECT_EQ(client->Ask(body).status, 201);
}

TEST_F(UploadServer, WithoutCredentials_IsRefusedBeforeItsBody) {
  const auto response = People()->Ask(
      "POST /v1/Apps HTTP/1.1\r\nHost: x\r\nContent-Type: multipart/form-data; boundary=b\r\n"
      "Content-Length: 60000000\r\nExpect: 100-continue\r\n\r\n");
  EXPECT_EQ(response.status, 401);
  EXPECT_EQ(TempFiles(), 0U);
}

TEST_F(UploadServer, ClientGoesAwayMidway_LeavesNoFile) {
  const auto client = People();
  std::string request = UploadRequest(std::string(1'000'000, 'x'));
  request.resize(600'000);
  ASSERT_TRUE(client->Send(request));
  ASSERT_TRUE(Eventually([&] { return TempFiles() == 1; }));
  client->Disconnect();
  EXPECT_TRUE(Eventually([&] { return TempFiles() == 0; }));
}

TEST_F(UploadServer, BodyEndsBeforeItsBoundary_IsRefused) {
  const std::string body = "--b\r\nContent-Disposition: form-data; name=\"File\"\r\n\r\nabc";
  EXPECT_EQ(People()
                ->Ask(Request(
                    "POST", "/v1/Apps", body, "Content-Type: multipart/form-data; boundary=b\r\n"))
                .status,
            400);
}

TEST_F(UploadServer, WithoutLengthTypeOrBoundary_IsRefusedEachWithItsStatus) {
  const std::string type = "Content-Type: multipart/form-data; boundary=b\r\n";
  EXPECT_EQ(People()->Ask(Request("POST", "/v1/Apps", "", type)).status, 411);
  EXPECT_EQ(People()->Ask(FormRequest("/v1/Apps", "File=x")).status, 415);
  EXPECT_EQ(People()
                ->Ask(Request("POST", "/v1/Apps", "x", "Content-Type: multipart/form-data\r\n"))
                .status,
            400);
}

}  // namespace
}  // namespace strata::cloud
