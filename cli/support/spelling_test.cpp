// SPDX-License-Identifier: Apache-2.0
#include "support/spelling.hpp"

#include <gtest/gtest.h>

#include "support/text.hpp"

namespace strata::cli {
namespace {

struct Row {
  const char* given;
  const char* ours;
};

class SpellingTable : public testing::TestWithParam<Row> {};

TEST_P(SpellingTable, OurSpelling_EachKnownForm_IsTranslated) {
  EXPECT_EQ(OurSpelling(Split(GetParam().given, ' ')), Split(GetParam().ours, ' '));
}

INSTANTIATE_TEST_SUITE_P(
    Rows,
    SpellingTable,
    testing::Values(
        Row{"apps list -o json", "apps list -o json"},
        Row{"apps:list -o json", "apps list -o json"},
        Row{"bundle:create a b", "bundle create a b"},
        Row{"--version", "--version"},
        Row{"apps create C:x.zip name", "apps create C:x.zip name"},
        Row{"microvisor:apps:bundle rom.bin out.zip", "bundle create rom.bin out.zip"},
        Row{"microvisor apps bundle rom.bin out.zip", "bundle create rom.bin out.zip"},
        Row{"microvisor apps:bundle a:b.bin out.zip", "bundle create a:b.bin out.zip"},
        Row{"microvisor:apps:create f.zip name", "apps create f.zip name"},
        Row{"api:microvisor:v1:apps:list", "apps list"},
        Row{"api microvisor v1 apps list", "apps list"},
        Row{"api:microvisor:v1:apps:fetch --sid X", "apps fetch --sid X"},
        Row{"api:microvisor:v1:apps:remove --sid X", "apps remove --sid X"},
        Row{"api:microvisor:v1:apps:manifest:fetch --app-sid X", "apps manifest --app-sid X"},
        Row{"api:microvisor:v1:devices:list", "devices list"},
        Row{"api:microvisor:v1:devices:fetch --sid X", "devices fetch --sid X"},
        Row{"api:microvisor:v1:devices:update --sid X --target-app Y",
            "devices update --sid X --target-app Y"},
        Row{"api:microvisor:v1\\:devices:update --sid X --target-app Y",
            "devices update --sid X --target-app Y"},
        Row{"api:microvisor:v1:devices --sid X --target-app Y",
            "devices update --sid X --target-app Y"},
        Row{"api:microvisor:v1:devices --sid X --target-app=Y",
            "devices update --sid X --target-app=Y"},
        Row{"api microvisor v1 devices --sid X --target-app Y",
            "devices update --sid X --target-app Y"},
        Row{"api:microvisor:v1:devices --sid X", "devices --sid X"},
        Row{"help bundle create", "bundle create --help"},
        Row{"help microvisor:apps:bundle", "bundle create --help"},
        Row{"microvisor:deploy proj --devicesid X", "deploy proj --devicesid X"},
        Row{"microvisor deploy ./a:b -d", "deploy ./a:b -d"},
        Row{"microvisor:debug:generate_keypair --force", "debug generate_keypair --force"},
        Row{"api:microvisor:v1:devices:configs:list --device-sid X",
            "devices configs list --device-sid X"},
        Row{"devices:secrets:list", "devices secrets list"},
        Row{"help exit-codes", "help exit-codes"}));

TEST(OurSpelling, NoArguments_StaysEmpty) {
  EXPECT_TRUE(OurSpelling({}).empty());
}

}  // namespace
}  // namespace strata::cli
