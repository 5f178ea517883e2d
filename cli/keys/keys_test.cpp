// SPDX-License-Identifier: Apache-2.0
#include "strata/format/bundle/keys.hpp"

#include <gmock/gmock.h>

#include "support/test_bed.hpp"

namespace strata::cli {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

class Keys : public TestBed {};

TEST_F(Keys, Generate_WritesAPrivateAndAPublicFile) {
  ASSERT_EQ(Run({"keys", "generate", "signing", "--out", Path("k.pem")}), 0);
  EXPECT_EQ(ModeOf(Path("k.pem")), 0600U);
  EXPECT_EQ(ModeOf(Path("k.pem.pub")), 0644U);
  const auto key = bundle::PrivateKey::FromPem(Read(Path("k.pem")));
  const auto pub = bundle::PublicKeyFromPem(Read(Path("k.pem.pub")));
  ASSERT_TRUE(key.ok());
  ASSERT_TRUE(pub.ok());
  EXPECT_EQ(key->public_key(), *pub);
  EXPECT_THAT(out_, HasSubstr(bundle::KeyIdText(bundle::KeyIdOf(KeyType::kManifestSigner, *pub))));
}

TEST_F(Keys, Generate_EachType_HasItsOwnKeyId) {
  ASSERT_EQ(Run({"keys", "generate", "layer", "--out", Path("l.pem"), "-o", "json"}), 0);
  const auto pub = bundle::PublicKeyFromPem(Read(Path("l.pem.pub")));
  EXPECT_THAT(out_, HasSubstr(bundle::KeyIdText(bundle::KeyIdOf(KeyType::kLayer, *pub))));
}

TEST_F(Keys, Generate_FileExists_IsRefusedAndUntouched) {
  const std::string file = Write("k.pem", "precious");
  EXPECT_EQ(Run({"keys", "generate", "signing", "--out", file}), 10);
  EXPECT_EQ(Read(file), "precious");
  EXPECT_THAT(Names(), ElementsAre("k.pem"));
}

TEST_F(Keys, Generate_PublicFileExists_IsRefusedAndLeavesNoPrivateOne) {
  const std::string file = Write("k.pem.pub", "precious");
  EXPECT_EQ(Run({"keys", "generate", "signing", "--out", Path("k.pem")}), 10);
  EXPECT_EQ(Read(file), "precious");
  EXPECT_THAT(Names(), ElementsAre("k.pem.pub"));
}

TEST_F(Keys, Generate_Force_ReplacesBothAndTightensTheMode) {
  const std::string file = Write("k.pem", "old");
  ::chmod(file.c_str(), 0644);
  ASSERT_EQ(Run({"keys", "generate", "rotation", "--out", file, "--force"}), 0);
  EXPECT_EQ(ModeOf(file), 0600U);
  EXPECT_THAT(Read(file), HasSubstr("PRIVATE KEY"));
}

TEST_F(Keys, Generate_UnknownType_IsAUsageError) {
  EXPECT_EQ(Run({"keys", "generate", "master", "--out", Path("k.pem")}), 1);
  EXPECT_TRUE(Names().empty());
}

TEST_F(Keys, Generate_DirectoryMissing_IsRefused) {
  EXPECT_EQ(Run({"keys", "generate", "signing", "--out", Path("no/k.pem")}), 10);
}

TEST_F(Keys, Register_SendsThePublicKeyAndName) {
  SignInByEnvironment();
  ASSERT_EQ(Run({"keys", "generate", "signing", "--out", Path("k.pem")}), 0);
  cloud_.Answer(201, R"({"key_id":"0011","type":"signing","friendly_name":"release"})");
  ASSERT_EQ(Run({"keys", "register", Path("k.pem.pub"), "--friendly-name", "release"}), 0);
  const HttpRequest& request = cloud_.requests.at(0);
  EXPECT_EQ(request.path, "/v1/Keys");
  EXPECT_EQ(request.form.at(0),
            (std::pair<std::string, std::string>("PublicKey", Read(Path("k.pem.pub")))));
  EXPECT_EQ(request.form.at(2).second, "release");
  EXPECT_EQ(out_, "Key ID  Type     Friendly Name\n0011    signing  release\n");
}

TEST_F(Keys, Register_PrivateKey_IsRefusedAndNeverSent) {
  SignInByEnvironment();
  ASSERT_EQ(Run({"keys", "generate", "signing", "--out", Path("k.pem")}), 0);
  EXPECT_EQ(Run({"keys", "register", Path("k.pem")}), 81);
  EXPECT_TRUE(cloud_.requests.empty());
  EXPECT_THAT(err_, Not(HasSubstr("BEGIN")));
}

TEST_F(Keys, List_ShowsKeys) {
  SignInByEnvironment();
  cloud_.Answer(200, R"({"keys":[{"key_id":"0011","type":"signing"}],"meta":{}})");
  cloud_.Answer(200, R"({"key_changes":[],"meta":{}})");
  ASSERT_EQ(Run({"keys:list", "--properties", "keyId"}), 0);
  EXPECT_EQ(out_, "Key ID\n0011\n");
  EXPECT_EQ(err_, "No key changes\n");
}

TEST_F(Keys, List_WithAChain_SaysWhereItAndTheDevicesStand) {
  SignInByEnvironment();
  cloud_.Answer(200,
                R"({"keys":[{"key_id":"0011","type":"rotation","revoked":false},)"
                R"({"key_id":"0022","type":"signing","revoked":true}],"meta":{}})");
  cloud_.Answer(200,
                R"({"key_changes":[{"sequence":5,"devices":{"total":4,"current":2,"refused":1}}],)"
                R"("meta":{}})");
  ASSERT_EQ(Run({"keys", "list", "-o", "tsv", "--properties", "keyId,type,revoked"}), 0);
  EXPECT_EQ(out_, "keyId\ttype\trevoked\n0011\trotation\tfalse\n0022\tsigning\ttrue\n");
  EXPECT_EQ(err_, "Newest key change: 5; 2 of 4 devices stand there, 1 refused it\n");
}

TEST_F(Keys, List_OfACloudWithoutKeyChanges_ShowsTheKeys) {
  SignInByEnvironment();
  cloud_.Answer(200, R"({"keys":[{"key_id":"0011"}],"meta":{}})");
  cloud_.Answer(404, R"({"code":20404,"message":"not found"})");
  ASSERT_EQ(Run({"keys", "list", "--properties", "keyId"}), 0);
  EXPECT_EQ(out_, "Key ID\n0011\n");
  EXPECT_EQ(err_, "");
}

TEST_F(Keys, Register_RotationKey_SaysSo) {
  SignInByEnvironment();
  ASSERT_EQ(Run({"keys", "generate", "rotation", "--out", Path("r.pem")}), 0);
  cloud_.Answer(201, R"({"key_id":"0011","type":"rotation"})");
  ASSERT_EQ(Run({"keys", "register", Path("r.pem.pub"), "--type", "rotation"}), 0);
  EXPECT_EQ(cloud_.requests.at(0).form.at(1).second, "rotation");
  EXPECT_EQ(Run({"keys", "register", Path("r.pem.pub"), "--type", "layer"}), 1);
}

TEST_F(Keys, Generate_Receiver_HasItsOwnKeyId) {
  ASSERT_EQ(Run({"keys", "generate", "receiver", "--out", Path("v.pem"), "-o", "json"}), 0);
  const auto pub = bundle::PublicKeyFromPem(Read(Path("v.pem.pub")));
  EXPECT_THAT(out_, HasSubstr(bundle::KeyIdText(bundle::KeyIdOf(KeyType::kReceiver, *pub))));
}

}  // namespace
}  // namespace strata::cli
