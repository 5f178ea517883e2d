// SPDX-License-Identifier: Apache-2.0
#include "profiles/profiles.hpp"

#include "support/profiles.hpp"
#include "support/test_bed.hpp"

namespace strata::cli {
namespace {

class ProfilesTest : public TestBed {
 protected:
  ProfilesTest() {
    Save("default", "AC1", "token-of-default");
    Save("factory", "AC2", "token-of-factory");
  }

  void Save(const std::string& name, const std::string& sid, const std::string& token) {
    const auto store = ProfileStore::Open(Environment(env_));
    const Profile profile{.name = name,
                          .url = "https://" + name + ".example",
                          .account_sid = sid,
                          .auth_token = token,
                          .ca_file = {},
                          .signing_key_file = {}};
    ASSERT_TRUE(store.value().Save(profile, "a CA").ok());
  }
};

TEST_F(ProfilesTest, List_ShowsWhichIsActiveAndNoToken) {
  ASSERT_EQ(Run({"profiles", "list"}), 0);
  EXPECT_EQ(out_,
            "Profile  Account SID  URL                      Active\n"
            "default  AC1          https://default.example  false\n"
            "factory  AC2          https://factory.example  true\n");
  ASSERT_EQ(Run({"profiles:list", "-o", "json"}), 0);
  EXPECT_EQ(out_.find("token-of"), std::string::npos);
}

TEST_F(ProfilesTest, Use_ChangesWhomTheNextCommandAsks) {
  ASSERT_EQ(Run({"profiles", "use", "default"}), 0);
  cloud_.Answer(200, R"({"apps": [], "meta": {}})");
  ASSERT_EQ(Run({"apps", "list"}), 0);
  EXPECT_EQ(cloud_.connections.back().user, "AC1");
}

TEST_F(ProfilesTest, UseOfNone_IsRefusedAndChangesNothing) {
  EXPECT_EQ(Run({"profiles", "use", "nobody"}), 10);
  EXPECT_NE(err_.find("there is no profile 'nobody'"), std::string::npos) << err_;
  ASSERT_EQ(Run({"profiles", "list", "-o", "tsv", "--no-header", "--properties", "active"}), 0);
  EXPECT_EQ(out_, "false\ntrue\n");
}

TEST_F(ProfilesTest, Remove_ForgetsTokenAndCaAndLeavesNoneActive) {
  ASSERT_EQ(Run({"profiles", "remove", "factory"}), 0);
  EXPECT_FALSE(std::filesystem::exists(dir_ / "config/profiles/factory.json"));
  EXPECT_FALSE(std::filesystem::exists(dir_ / "config/profiles/factory.ca.pem"));
  EXPECT_EQ(Run({"apps", "list"}), 10);
  EXPECT_NE(err_.find("not signed in"), std::string::npos) << err_;
  EXPECT_EQ(Run({"profiles", "remove", "factory"}), 10);
}

TEST_F(ProfilesTest, RemoveOfAnother_LeavesTheActiveOne) {
  ASSERT_EQ(Run({"profiles", "remove", "default"}), 0);
  cloud_.Answer(200, R"({"apps": [], "meta": {}})");
  ASSERT_EQ(Run({"apps", "list"}), 0);
  EXPECT_EQ(cloud_.connections.back().user, "AC2");
}

TEST_F(ProfilesTest, ProfileThatOthersCanRead_IsListedWithAWarning) {
  ASSERT_EQ(::chmod((dir_ / "config/profiles/default.json").c_str(), 0644), 0);
  ASSERT_EQ(Run({"profiles", "list"}), 0);
  EXPECT_NE(err_.find("chmod 600"), std::string::npos) << err_;
  EXPECT_EQ(out_.find("AC1"), std::string::npos);
}

TEST_F(ProfilesTest, NoProfiles_IsNoFailure) {
  std::filesystem::remove_all(dir_ / "config");
  EXPECT_EQ(Run({"profiles", "list"}), 0);
  EXPECT_NE(err_.find("No results"), std::string::npos) << err_;
}

}  // namespace
}  // namespace strata::cli
