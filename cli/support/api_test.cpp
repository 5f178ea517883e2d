// SPDX-License-Identifier: Apache-2.0
#include "support/api.hpp"

#include <gmock/gmock.h>

#include "support/test_bed.hpp"

namespace strata::cli {
namespace {

using testing::HasSubstr;

class ApiPaths : public TestBed {
 protected:
  ApiPaths() { SignInByEnvironment(); }
};

TEST_F(ApiPaths, NamesOfDots_AreRefusedBeforeAnythingIsSent) {
  for (const std::string name : {".", ".."}) {
    for (const auto& arguments : std::vector<std::vector<std::string>>{
             {"devices", "secrets", "remove", "--device-sid", name, "--key", "s2"},
             {"devices", "secrets", "remove", "--device-sid", "one", "--key", name},
             {"devices", "configs", "list", "--device-sid", name},
             {"apps", "remove", "--sid", name},
             {"apps", "manifest", "--app-sid", name},
             {"devices", "update", "--sid", name, "--target-app", "v1"},
             {"logs", "stream", name, "--no-enable"}}) {
      EXPECT_EQ(Run(arguments), 10);
      EXPECT_THAT(err_, HasSubstr("error 100 InvalidArgument: '" + name + "' is no name"));
    }
  }
  EXPECT_TRUE(cloud_.requests.empty());
}

TEST_F(ApiPaths, NamesWithDotsAmongOtherLetters_AreSent) {
  for (const auto& [name, segment] :
       Fields{{"...", "..."}, {".env", ".env"}, {"../x", "..%2Fx"}, {"a..b", "a..b"}}) {
    cloud_.Answer(200, R"({"key":"k"})");
    EXPECT_EQ(Run({"configs", "fetch", "--key", name}), 0) << err_;
    EXPECT_EQ(cloud_.requests.back().path, "/v1/Configs/" + segment);
  }
}

}  // namespace
}  // namespace strata::cli
