// SPDX-License-Identifier: Apache-2.0
#include <atomic>

#include <gtest/gtest.h>
#include <openssl/ui.h>

#include "strata/format/bundle/new_keys.hpp"

#include "server_world_test.hpp"

namespace strata::cloud {
namespace {

using PeopleServer = ServerWorld;

TEST_F(PeopleServer, Get_WithoutCredentials_IsRefusedAndSaysHow) {
  const auto response = People()->Ask("GET /v1/Apps HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_EQ(response.status, 401);
  EXPECT_EQ(response.Header("www-authenticate"), "Basic realm=\"strata\"");
  EXPECT_EQ(ParseJson(response.body).at("code"), 20003);
  EXPECT_EQ(ParseJson(response.body).at("status"), 401);
}

TEST_F(PeopleServer, Get_WithWrongToken_IsRefused) {
  world.token = "wrong";
  EXPECT_EQ(People()->Ask(Request("GET", "/v1/Apps")).status, 401);
}

TEST_F(PeopleServer, Get_UnknownPathWithoutCredentials_RevealsNothing) {
  EXPECT_EQ(People()->Ask("GET /v1/Nothing HTTP/1.1\r\nHost: x\r\n\r\n").status, 401);
}

TEST_F(PeopleServer, Answers_Always_CarryTheSafetyHeaders) {
  const auto response = People()->Ask(Request("GET", "/v1/Apps"));
  ASSERT_EQ(response.status, 200);
  EXPECT_EQ(response.Header("twilio-request-id").size(), 34U);
  EXPECT_EQ(response.Header("x-content-type-options"), "nosniff");
  EXPECT_EQ(response.Header("cache-control"), "no-store");
  EXPECT_EQ(response.Header("access-control-allow-origin"), "*");
  EXPECT_EQ(response.headers.count("access-control-allow-credentials"), 0U);
}

TEST_F(PeopleServer, Upload_SignedBundle_BecomesAnApp) {
  const std::string sid = MakeApp();
  const auto client = People();
  for (const std::string& path : {"/v1/Apps/" + sid, "/v1/Apps/" + sid + ".json"}) {
    const auto response = client->Ask(Request("GET", path));
    ASSERT_EQ(response.status, 200) << response.body;
    const auto app = ParseJson(response.body);
    EXPECT_EQ(JsonText(app, "sid"), sid);
    EXPECT_EQ(JsonText(app, "url"), "https://cloud.test:1234/v1/Apps/" + sid);
    EXPECT_EQ(JsonText(app.at("links").as_object(), "app_manifests"),
              "https://cloud.test:1234/v1/Apps/" + sid + "/Manifest");
    EXPECT_EQ(JsonText(app, "hash").substr(0, 7), "sha256:");
    EXPECT_EQ(JsonText(app, "date_created").size(), 20U);
  }
  EXPECT_EQ(client->Ask(Request("GET", "/v1/Apps/" + sid + "/Manifest")).status, 200);
  EXPECT_EQ(TempFiles(), 0U);
}

TEST_F(PeopleServer, UpdateDevice_LoggingAndRestart_AreBooleansOfTheForm) {
  const auto device = Provision("kitchen");
  const auto client = People();
  const std::string path = "/v1/Devices/kitchen";
  const auto on = client->Ask(FormRequest(path, "LoggingEnabled=true&RestartApp=true"));
  ASSERT_EQ(on.status, 200) << on.body;
  const auto logging = ParseJson(on.body).at("logging").as_object();
  EXPECT_EQ(logging.at("enabled"), true);
  EXPECT_EQ(JsonText(logging, "date_expires").size(), 20U);
  const auto kept = client->Ask(FormRequest(path, "RestartApp=true"));
  EXPECT_EQ(ParseJson(kept.body).at("logging"), boost::json::value(logging));
  const auto off = client->Ask(FormRequest(path, "LoggingEnabled=false"));
  EXPECT_EQ(ParseJson(off.body).at("logging").as_object().at("date_expires"), nullptr);
  for (const char* bad : {"LoggingEnabled=1",
                          "LoggingEnabled=",
                          "RestartApp=yes",
                          "RestartApp=true&RestartApp=true"}) {
    EXPECT_EQ(client->Ask(FormRequest(path, bad)).status, 400) << bad;
  }
}

TEST_F(PeopleServer, Delete_App_Answers204AndThen404) {
  const std::string sid = MakeApp();
  const auto client = People();
  EXPECT_EQ(client->Ask(Request("DELETE", "/v1/Apps/" + sid, "", "Content-Length: 0\r\n")).status,
            204);
  const auto gone = client->Ask(Request("GET", "/v1/Apps/" + sid));
  EXPECT_EQ(gone.status, 404);
  EXPECT_EQ(JsonText(ParseJson(gone.body), "message"),
            "The requested resource /v1/Apps/" + sid + " was not found");
}

TEST_F(PeopleServer, List_ManyApps_PagesByUrl) {
  for (std::uint8_t i = 1; i <= 3; ++i) {
    MakeApp(i);
  }
  const auto client = People();
  const auto first = ParseJson(client->Ask(Request("GET", "/v1/Apps?PageSize=2")).body);
  EXPECT_EQ(first.at("apps").as_array().size(), 2U);
  const auto& meta = first.at("meta").as_object();
  EXPECT_EQ(JsonText(meta, "key"), "apps");
  EXPECT_TRUE(meta.at("previous_page_url").is_null());
  const std::string next = JsonText(meta, "next_page_url");
  ASSERT_EQ(next.substr(0, 32), "https://cloud.test:1234/v1/Apps?");
  const auto second = ParseJson(client->Ask(Request("GET", next)).body);
  EXPECT_EQ(second.at("apps").as_array().size(), 1U);
  EXPECT_EQ(second.at("meta").as_object().at("page"), 1);
  EXPECT_TRUE(second.at("meta").as_object().at("next_page_url").is_null());
}

TEST_F(PeopleServer, List_BadPaging_IsRefused) {
  const auto client = People();
  for (const char* query :
       {"PageSize=0", "PageSize=1001", "PageSize=x", "Page=-1", "PageSize=1&PageSize=2"}) {
    const auto response = client->Ask(Request("GET", std::string("/v1/Apps?") + query));
    EXPECT_EQ(response.status, 400) << query;
    EXPECT_EQ(ParseJson(response.body).at("code"), 20001) << query;
  }
  EXPECT_EQ(ParseJson(client->Ask(Request("GET", "/v1/Apps?Page=1")).body).at("code"), 20002);
}

TEST_F(PeopleServer, Keys_RegisterTwice_Is201Then200) {
  const auto client = People();
  const TestKey key = MakeTestKey();
  EXPECT_EQ(client->Ask(FormRequest("/v1/Keys", "PublicKey=" + Encode(key.key_pem))).status, 400)
      << "a private key is no public key";
  const std::string list_before = client->Ask(Request("GET", "/v1/Keys")).body;
  const auto known = ParseJson(list_before).at("keys").as_array().at(0).as_object();
  const std::string form = "PublicKey=" + Encode(JsonText(known, "public_key"));
  EXPECT_EQ(client->Ask(FormRequest("/v1/Keys", form)).status, 200);
  EXPECT_EQ(client->Ask(Request("DELETE", "/v1/Keys/" + JsonText(known, "key_id"))).status, 204);
  EXPECT_EQ(client->Ask(FormRequest("/v1/Keys", form)).status, 201);
  EXPECT_EQ(client->Ask(FormRequest("/v1/Keys", form + "&Type=layer")).status, 400);
}

/// Notices when OpenSSL asks whoever sits at the server's terminal for a passphrase.
class WatchedTerminal {
 public:
  WatchedTerminal() : method_(UI_create_method("watched")) {
    asked_ = false;
    UI_method_set_opener(method_, [](UI*) {
      asked_ = true;
      return 0;
    });
    UI_set_default_method(method_);
  }

  ~WatchedTerminal() {
    UI_set_default_method(UI_OpenSSL());
    UI_destroy_method(method_);
  }

  WatchedTerminal(const WatchedTerminal&) = delete;
  WatchedTerminal& operator=(const WatchedTerminal&) = delete;

  [[nodiscard]] static bool asked() { return asked_; }

 private:
  static inline std::atomic<bool> asked_{false};
  UI_METHOD* method_;
};

TEST_F(PeopleServer, EncryptedPem_IsRefusedAndNobodyIsAskedForItsPassphrase) {
  const WatchedTerminal terminal;
  const auto encrypted = [](const std::string& what) {
    return Encode("-----BEGIN " + what +
                  "-----\nProc-Type: 4,ENCRYPTED\n"
                  "DEK-Info: AES-256-CBC,00112233445566778899AABBCCDDEEFF\n\n" +
                  std::string(64, 'A') + "\n-----END " + what + "-----\n");
  };
  const auto client = People();
  EXPECT_EQ(client->Ask(FormRequest("/v1/Keys", "PublicKey=" + encrypted("PUBLIC KEY"))).status,
            400);
  EXPECT_EQ(
      client->Ask(FormRequest("/v1/Devices", "Csr=" + encrypted("CERTIFICATE REQUEST"))).status,
      400);
  EXPECT_FALSE(terminal.asked());
}

TEST_F(PeopleServer, KeyChanges_UploadListAndFetch) {
  const auto client = People();
  const auto rotation = std::move(bundle::PrivateKey::Generate()).value();
  const std::string pem = bundle::PublicKeyToPem(rotation.public_key()).value();
  const auto registered =
      client->Ask(FormRequest("/v1/Keys", "Type=rotation&PublicKey=" + Encode(pem)));
  ASSERT_EQ(registered.status, 201);
  EXPECT_EQ(JsonText(ParseJson(registered.body), "type"), "rotation");
  EXPECT_FALSE(ParseJson(registered.body).at("revoked").as_bool());
  bundle::NewKeysBody body;
  body.sequence = 1;
  ASSERT_TRUE(FromHex(world.account->sid.text().substr(2), body.fleet));
  body.add_signers = {rotation.public_key()};
  const auto message = bundle::SignNewKeys(body, rotation).value();
  const auto post = [&](std::string_view file) {
    return client->Ask(Request("POST",
                               "/v1/KeyChanges",
                               UploadBody(file),
                               "Content-Type: multipart/form-data; boundary=b\r\n"));
  };
  const auto made = post(AsText(message));
  ASSERT_EQ(made.status, 201) << made.body;
  EXPECT_EQ(post(AsText(message)).status, 200) << "a lost answer is asked for again";
  const auto change = ParseJson(made.body);
  EXPECT_EQ(change.at("sequence"), 1);
  EXPECT_EQ(change.at("added_signers").as_array().size(), 1U);
  EXPECT_EQ(change.at("devices").as_object().at("total"), 0);
  EXPECT_EQ(JsonText(change, "hash").substr(0, 7), "sha256:");
  EXPECT_EQ(JsonText(change, "url"), "https://cloud.test:1234/v1/KeyChanges/1");
  EXPECT_TRUE(change.contains("encoded_bytes"));
  EXPECT_EQ(client->Ask(Request("GET", "/v1/KeyChanges/1")).body, made.body);
  EXPECT_EQ(client->Ask(Request("GET", "/v1/KeyChanges/2")).status, 404);
  const auto list = ParseJson(client->Ask(Request("GET", "/v1/KeyChanges")).body);
  ASSERT_EQ(list.at("key_changes").as_array().size(), 1U);
  EXPECT_FALSE(list.at("key_changes").as_array().at(0).as_object().contains("encoded_bytes"));

  const auto refused = post("junk");
  EXPECT_EQ(refused.status, 400);
  EXPECT_EQ(ParseJson(refused.body).at("code"), 65006);
  EXPECT_EQ(JsonText(ParseJson(refused.body), "message").substr(0, 21), "440 NewKeysMalformed:");
  EXPECT_EQ(post(std::string(65'537, 'x')).status, 413);
  EXPECT_EQ(People()->Ask(FormRequest("/v1/KeyChanges", "File=x")).status, 415);
  EXPECT_EQ(People()->Ask(Request("DELETE", "/v1/KeyChanges/1")).status, 405);
  EXPECT_EQ(People()->Ask("GET /v1/KeyChanges HTTP/1.1\r\nHost: x\r\n\r\n").status, 401);
}

TEST_F(PeopleServer, Provision_SameKeyTwice_IsTheSameDevice) {
  const auto client = People();
  const TestKey key = MakeTestKey();
  const std::string request = FormRequest("/v1/Devices", "Csr=" + Encode(key.csr_pem));
  const auto first = client->Ask(request);
  const auto second = client->Ask(request);
  ASSERT_EQ(first.status, 201) << first.body;
  EXPECT_EQ(second.status, 200);
  const auto device = ParseJson(first.body);
  EXPECT_EQ(JsonText(device, "sid"), JsonText(ParseJson(second.body), "sid"));
  EXPECT_EQ(JsonText(device, "ca_certificate"), config.server_ca_pem);
  EXPECT_EQ(JsonText(device, "device_url"), server->device_url());
  EXPECT_TRUE(device.at("app").as_object().at("target_sid").is_null());
  const auto fetched =
      ParseJson(client->Ask(Request("GET", "/v1/Devices/" + JsonText(device, "sid"))).body);
  EXPECT_FALSE(fetched.contains("certificate"));
}

TEST_F(PeopleServer, Update_Device_IsAppliedWholeOrNotAtAll) {
  const std::string app = MakeApp();
  const auto device = Provision();
  const auto client = People();
  const std::string path = "/v1/Devices/" + device.sid;
  EXPECT_EQ(client->Ask(FormRequest(path, "UniqueName=new&TargetApp=nothing")).status, 400);
  EXPECT_TRUE(ParseJson(client->Ask(Request("GET", path)).body).at("unique_name").is_null());
  EXPECT_EQ(client->Ask(FormRequest(path, "UniqueName=a&UniqueName=b")).status, 400);
  const auto done = client->Ask(FormRequest(path, "UniqueName=new&TargetApp=" + app));
  ASSERT_EQ(done.status, 200) << done.body;
  EXPECT_EQ(JsonText(ParseJson(done.body).at("app").as_object(), "update_status"), "pending");
}

TEST_F(PeopleServer, Routes_WrongMethodOrPath_SayWhatIs) {
  const auto client = People();
  const auto wrong = client->Ask(Request("PUT", "/v1/Apps/x"));
  EXPECT_EQ(wrong.status, 405);
  EXPECT_EQ(wrong.Header("allow"), "GET, DELETE");
  EXPECT_EQ(client->Ask(Request("GET", "/v1/Nothing")).status, 404);
  EXPECT_EQ(client->Ask(Request("GET", "/v1/Apps/")).status, 404);
  EXPECT_EQ(client->Ask(Request("GET", "/elsewhere")).status, 404);
  EXPECT_EQ(client->Ask("OPTIONS /v1/Apps HTTP/1.1\r\nHost: x\r\n\r\n").status, 204);
}

TEST_F(PeopleServer, Health_WithoutCredentials_Answers) {
  EXPECT_EQ(People()->Ask("GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n").body, "{\"status\":\"ok\"}");
  world.blobs->healthy = false;
  EXPECT_EQ(People()->Ask("GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n").status, 503);
}

TEST_F(PeopleServer, DevicesPaths_SayThatDevicesHaveAnotherUrl) {
  const auto answer = People()->Ask("GET /device/v1/other HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_EQ(answer.status, 404);
  EXPECT_NE(answer.body.find("devices have another URL"), std::string::npos) << answer.body;
}

TEST_F(PeopleServer, MoreInfo_LeadsToAPageThatNamesTheCode) {
  const auto refused = People()->Ask("GET /v1/Apps HTTP/1.1\r\nHost: x\r\n\r\n");
  ASSERT_EQ(refused.status, 401);
  ASSERT_NE(refused.body.find("/docs/spec/rest.md#errors"), std::string::npos) << refused.body;
  const auto page = People()->Ask("GET /docs/spec/rest.md HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_EQ(page.status, 200);
  EXPECT_NE(page.body.find("| 401 | 20003 |"), std::string::npos);
  EXPECT_EQ(People()->Ask("GET /docs/spec/../rest.md HTTP/1.1\r\nHost: x\r\n\r\n").status, 404);
  EXPECT_EQ(People()->Ask("DELETE /docs/spec/rest.md HTTP/1.1\r\nHost: x\r\n\r\n").status, 405);
}

}  // namespace
}  // namespace strata::cloud
