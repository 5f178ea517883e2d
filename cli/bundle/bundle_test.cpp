// SPDX-License-Identifier: Apache-2.0
#include <boost/json.hpp>
#include <gmock/gmock.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include "strata/format/bundle/reader.hpp"

#include "support/api.hpp"
#include "support/test_bed.hpp"

namespace strata::cli {
namespace {

using testing::Contains;
using testing::HasSubstr;
using testing::Not;

/// A private key on another curve, PEM.
std::string KeyOnP384() {
  EVP_PKEY* key = EVP_EC_gen("P-384");
  BIO* out = BIO_new(BIO_s_mem());
  PEM_write_bio_PrivateKey(out, key, nullptr, nullptr, 0, nullptr, nullptr);
  char* data = nullptr;
  const long size = BIO_get_mem_data(out, &data);
  std::string pem(data, static_cast<std::size_t>(size));
  BIO_free(out);
  EVP_PKEY_free(key);
  return pem;
}

class Bundle : public TestBed {
 protected:
  Bundle() {
    EXPECT_EQ(Run({"keys", "generate", "signing", "--out", Path("sign.pem")}), 0);
    EXPECT_EQ(Run({"keys", "generate", "layer", "--out", Path("layer.pem")}), 0);
    std::string image;
    for (int i = 0; i < 100'000; ++i) {
      image.push_back(static_cast<char>(i * 7 + i / 251));
    }
    rom_ = Write("app.bin", image);
  }

  int Create(const std::vector<std::string>& more = {}, const std::string& out = "app.zip") {
    std::vector<std::string> arguments{
        "bundle", "create", rom_, Path(out), "--sign", Path("sign.pem")};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return Run(arguments);
  }

  JsonObject Inspect(const std::string& file = "app.zip") {
    EXPECT_EQ(Run({"bundle", "inspect", Path(file), "-o", "json"}), 0) << err_;
    return boost::json::parse(out_).as_array().at(0).as_object();
  }

  std::string rom_;
};

TEST_F(Bundle, Create_ThenInspectAndVerify_AgreeOnEverything) {
  ASSERT_EQ(Create({"--app-version",
                    "1.2.3",
                    "--hardware",
                    "mps2-an505",
                    "--security-counter",
                    "0x10",
                    "--trial-ready",
                    "--trial-window",
                    "2",
                    "--maximum-politeness-time",
                    "60",
                    "--layer-size",
                    "16K"}),
            0)
      << err_;
  EXPECT_THAT(out_, testing::StartsWith("Bundle written to file: " + Path("app.zip") + "\n"));
  EXPECT_EQ(ModeOf(Path("app.zip")), 0644U);
  const JsonObject record = Inspect();
  EXPECT_EQ(TextField(record, "appVersion"), "1.2.3");
  EXPECT_EQ(TextField(record, "hardwareType"), "mps2-an505");
  EXPECT_EQ(NumberField(record, "securityCounter"), 16U);
  EXPECT_EQ(NumberField(record, "maximumPolitenessTime"), 60U);
  EXPECT_EQ(record.at("trial").at("windowSec").as_int64(), 2);
  EXPECT_TRUE(record.at("trial").at("ready").as_bool());
  EXPECT_EQ(record.at("layers").as_array().size(), 7U);
  EXPECT_EQ(Run({"bundle", "verify", Path("app.zip"), "--key", Path("sign.pem.pub")}), 0) << err_;
  EXPECT_THAT(out_, HasSubstr("verified"));
}

TEST_F(Bundle, Create_ThePagesCommand_WorksWithTheProfilesKey) {
  cloud_.Answer(200, "{}");
  cloud_.Answer(201, R"({"key_id":"00"})");
  ASSERT_EQ(Run({"login", "--url", "https://c.example", "--account-sid", "AC1"}, "t\n"), 0) << err_;
  ASSERT_EQ(Run({"microvisor:apps:bundle", rom_, Path("out.zip")}), 0) << err_;
  EXPECT_EQ(Run({"bundle", "verify", Path("out.zip")}), 0) << err_;
}

TEST_F(Bundle, Create_SameInputs_GiveTheSameBytes) {
  ASSERT_EQ(Create({"--encrypt-with", Path("layer.pem")}, "a.zip"), 0) << err_;
  ASSERT_EQ(Create({"--encrypt-with", Path("layer.pem")}, "b.zip"), 0);
  EXPECT_EQ(Read(Path("a.zip")), Read(Path("b.zip")));
}

TEST_F(Bundle, Create_EncryptedWithEitherHalf_NamesTheLayerKeyAndHidesTheImage) {
  ASSERT_EQ(Create({"--encrypt-with", Path("layer.pem.pub")}), 0) << err_;
  const JsonObject record = Inspect();
  EXPECT_EQ(TextField(record, "encryptedWithKeyId").size(), 16U);
  ASSERT_EQ(Create({"--encrypt-with", Path("layer.pem")}), 0);
  EXPECT_EQ(TextField(Inspect(), "encryptedWithKeyId"), TextField(record, "encryptedWithKeyId"));
  EXPECT_EQ(Run({"bundle", "verify", Path("app.zip"), "--key", Path("sign.pem.pub")}), 0) << err_;
}

TEST_F(Bundle, Create_DataLayerAndPlacement_StandInTheManifest) {
  const std::string data = Write("fonts.bin", "fonts");
  ASSERT_EQ(Create({"--at", "0x10000+256K", "--layer", data + "@external:64K+0x2000"}), 0) << err_;
  const auto layers = Inspect().at("layers").as_array();
  const auto placed = [&layers](const char* medium, std::int64_t start) {
    return std::any_of(layers.begin(), layers.end(), [&](const Json& layer) {
      return layer.at("medium").as_string() == medium && layer.at("start").as_int64() == start;
    });
  };
  EXPECT_TRUE(placed("internal", 0x10000));
  EXPECT_TRUE(placed("external", 0x10000));
  EXPECT_FALSE(placed("internal", 0));
}

TEST_F(Bundle, Create_DebugAndCrashKeys_AreTaken) {
  ASSERT_EQ(Run({"keys", "generate", "debug", "--out", Path("d.pem")}), 0);
  ASSERT_EQ(Create({"-k",
                    Path("d.pem.pub"),
                    "--crash-report-key",
                    Path("d.pem.pub"),
                    "--crash-stack-bytes",
                    "1K",
                    "--minimum-restart-interval",
                    "5",
                    "--maximum-restart-interval",
                    "50"}),
            0)
      << err_;
  const JsonObject record = Inspect();
  EXPECT_EQ(TextField(record, "debugAuthKeyId").size(), 16U);
  EXPECT_EQ(NumberField(record, "crashStackBytes"), 1024U);
  EXPECT_EQ(NumberField(record, "maximumRestartInterval"), 50U);
}

TEST_F(Bundle, Create_NoKeyAtAll_IsRefusedSayingWhatToDo) {
  EXPECT_EQ(Run({"bundle", "create", rom_, Path("app.zip")}), 10);
  EXPECT_THAT(err_, HasSubstr("run strata login"));
  EXPECT_THAT(err_, HasSubstr("--unsigned"));
  EXPECT_THAT(Names(), Not(Contains("app.zip")));
}

TEST_F(Bundle, Sign_AnUnsignedBundle_MakesItVerify) {
  ASSERT_EQ(Run({"bundle", "create", rom_, Path("raw.zip"), "--unsigned"}), 0) << err_;
  EXPECT_EQ(Run({"bundle", "verify", Path("raw.zip"), "--key", Path("sign.pem.pub")}), 20);
  ASSERT_EQ(Run({"bundle", "sign", Path("raw.zip"), Path("app.zip"), "--sign", Path("sign.pem")}),
            0)
      << err_;
  EXPECT_EQ(Run({"bundle", "verify", Path("app.zip"), "--key", Path("sign.pem.pub")}), 0) << err_;
  ASSERT_EQ(Create({}, "direct.zip"), 0);
  EXPECT_EQ(Read(Path("app.zip")), Read(Path("direct.zip")));
}

TEST_F(Bundle, Verify_AnotherKeyOrATamperedFile_Fails) {
  ASSERT_EQ(Create(), 0);
  ASSERT_EQ(Run({"keys", "generate", "signing", "--out", Path("other.pem")}), 0);
  EXPECT_EQ(Run({"bundle", "verify", Path("app.zip"), "--key", Path("other.pem.pub")}), 20);
  EXPECT_THAT(err_, HasSubstr("204 SignerUnknown"));
  std::string bytes = Read(Path("app.zip"));
  for (const std::size_t at : {std::size_t{100}, bytes.size() / 2, bytes.size() - 3}) {
    std::string tampered = bytes;
    tampered[at] = static_cast<char>(tampered[at] ^ 1);
    (void)Write("bad.zip", tampered);
    EXPECT_NE(Run({"bundle", "verify", Path("bad.zip"), "--key", Path("sign.pem.pub")}), 0) << at;
  }
}

TEST_F(Bundle, Inspect_Columns_ShowFactsAndLayers) {
  ASSERT_EQ(Create({"--app-version", "9"}), 0);
  ASSERT_EQ(Run({"bundle", "inspect", Path("app.zip")}), 0);
  EXPECT_THAT(out_, HasSubstr("App Version"));
  EXPECT_THAT(out_, HasSubstr("Medium    Start"));
  EXPECT_THAT(out_, HasSubstr("internal  0x00000000  0x00010000  65536"));
}

TEST_F(Bundle, Inspect_NoBundle_IsRefused) {
  EXPECT_EQ(Run({"bundle", "inspect", Write("x.zip", "")}), 80);
  EXPECT_EQ(Run({"bundle", "inspect", rom_}), 80);
  EXPECT_EQ(Run({"bundle", "inspect", Path("none")}), 10);
}

struct Refusal {
  const char* name;
  std::vector<std::string> options;
  int exit_code;
  const char* words;
};

class BundleRefusals : public Bundle, public testing::WithParamInterface<Refusal> {};

TEST_P(BundleRefusals, Create_OneClearLineAndNoOutput) {
  (void)Write("p384.pem", KeyOnP384());
  (void)Write("junk.pem", "not a key");
  (void)Write("data", std::string(100, 'x'));
  (void)Write("huge", std::string(2 * 1024 * 1024, 'x'));
  (void)Write("empty", "");
  std::vector<std::string> options;
  for (std::string option : GetParam().options) {
    if (const std::size_t at = option.find("DIR/"); at != std::string::npos) {
      option.replace(at, 3, dir_.string());
    }
    options.push_back(option);
  }
  const std::vector<std::string> before = Names();
  EXPECT_EQ(Create(options), GetParam().exit_code) << err_;
  EXPECT_THAT(err_, HasSubstr(GetParam().words));
  EXPECT_EQ(std::count(err_.begin(), err_.end(), '\n'), 1);
  EXPECT_EQ(out_, "");
  EXPECT_EQ(Names(), before);
}

INSTANTIATE_TEST_SUITE_P(
    Matrix,
    BundleRefusals,
    testing::Values(
        Refusal{"TooManyLayers",
                {"--layer",
                 "DIR/data@external:0x0+4K",
                 "--layer",
                 "DIR/data@external:0x1000+4K",
                 "--layer-size",
                 "0"},
                10,
                "--layer-size"},
        Refusal{"Overlap", {"--layer", "DIR/data@internal:0"}, 21, "PlacementOverlap"},
        Refusal{"Unaligned", {"--layer", "DIR/data@external:0x10"}, 20, "PlacementUnaligned"},
        Refusal{"UnalignedAt", {"--at", "0x11"}, 20, "PlacementUnaligned"},
        Refusal{
            "OutOfBounds", {"--layer", "DIR/data@external:0x7FFFF000"}, 20, "PlacementOutOfBounds"},
        Refusal{"InStagingSlots", {"--layer", "DIR/data@external:2M"}, 20, "PlacementOutOfBounds"},
        Refusal{"LayerFileTooBig", {"--layer", "DIR/huge@external:0"}, 82, "ImageTooLarge"},
        Refusal{"EmptyLayerFile", {"--layer", "DIR/empty@external:0"}, 82, "ImageEmpty"},
        Refusal{"NoSuchLayerFile", {"--layer", "DIR/none@external:0"}, 10, "NotFound"},
        Refusal{"BadLayerText", {"--layer", "DIR/data@flash:0"}, 10, "FILE@MEDIUM"},
        Refusal{"WrongCurve", {"--encrypt-with", "DIR/p384.pem"}, 81, "KeyWrongType"},
        Refusal{"JunkKey", {"--encrypt-with", "DIR/junk.pem"}, 81, "KeyUnreadable"},
        Refusal{"PrivateWherePublic", {"-k", "DIR/sign.pem"}, 81, "KeyWrongType"},
        Refusal{"UnknownHardware", {"--hardware", "z80"}, 10, "stm32u585"},
        Refusal{"RestartBounds",
                {"--minimum-restart-interval", "9", "--maximum-restart-interval", "5"},
                21,
                "PolicyInvalid"},
        Refusal{"LongVersion", {"--app-version", std::string(65, 'v')}, 21, "PolicyInvalid"},
        Refusal{"TrialWindow", {"--trial-window", "86401"}, 21, "PolicyInvalid"},
        Refusal{"AbsurdNumber", {"--security-counter", "many"}, 10, "--security-counter"},
        Refusal{"NegativeNumber", {"--connection-grace-time=-1"}, 10, "--connection-grace-time"},
        Refusal{"SignedAndUnsigned", {"--unsigned"}, 1, "excludes"}),
    [](const testing::TestParamInfo<Refusal>& tested) { return std::string(tested.param.name); });

TEST_F(Bundle, Create_ManyDataLayers_AreTooMany) {
  (void)Write("data", "x");
  std::vector<std::string> options;
  for (int i = 0; i < 33; ++i) {
    options.emplace_back("--layer");
    options.push_back(Path("data") + "@external:" + std::to_string(i * 4096));
  }
  EXPECT_EQ(Create(options), 20);
  EXPECT_THAT(err_, HasSubstr("ManifestTooManyLayers"));
  EXPECT_THAT(Names(), Not(Contains("app.zip")));
}

TEST_F(Bundle, Create_BadImages_AreRefused) {
  rom_ = Write("app.bin", "");
  EXPECT_EQ(Create(), 82);
  EXPECT_THAT(err_, HasSubstr("820 ImageEmpty"));
  rom_ = Write("app.bin", std::string(1024 * 1024 + 1, 'x'));
  EXPECT_EQ(Create(), 82);
  EXPECT_THAT(err_, HasSubstr("821 ImageTooLarge"));
  rom_ = Write("app.elf",
               "\x7f"
               "ELF broken");
  EXPECT_EQ(Create(), 82);
  EXPECT_THAT(err_, HasSubstr("822 ImageMalformed"));
  EXPECT_THAT(err_, HasSubstr("--hardware"));
  rom_ = dir_.string();
  EXPECT_EQ(Create(), 10);
  EXPECT_THAT(Names(), Not(Contains("app.zip")));
}

TEST_F(Bundle, Create_WrongSigningKey_IsRefused) {
  for (const auto& [file, words] : std::vector<std::pair<std::string, std::string>>{
           {Write("p384.pem", KeyOnP384()), "KeyWrongType"},
           {Path("sign.pem.pub"), "KeyWrongType"},
           {rom_, "TooLarge"},
           {Write("junk", "junk"), "KeyUnreadable"}}) {
    EXPECT_NE(Run({"bundle", "create", rom_, Path("app.zip"), "--sign", file}), 0);
    EXPECT_THAT(err_, HasSubstr(words));
    EXPECT_THAT(err_, Not(HasSubstr("BEGIN")));
  }
  EXPECT_THAT(Names(), Not(Contains("app.zip")));
}

TEST_F(Bundle, Create_Fails_KeepsTheOlderBundle) {
  ASSERT_EQ(Create(), 0);
  const std::string before = Read(Path("app.zip"));
  EXPECT_NE(Create({"--at", "0x11"}), 0);
  EXPECT_EQ(Read(Path("app.zip")), before);
}

TEST_F(Bundle, Create_OutputIsAnInputOrNoFile_IsRefused) {
  const std::string before = Read(rom_);
  EXPECT_EQ(Run({"bundle", "create", rom_, rom_, "--sign", Path("sign.pem")}), 10);
  EXPECT_EQ(Run({"bundle", "create", rom_, Path("sign.pem"), "--sign", Path("sign.pem")}), 10);
  EXPECT_EQ(Run({"bundle", "create", rom_, "/dev/null", "--sign", Path("sign.pem")}), 10);
  EXPECT_EQ(Run({"bundle", "create", rom_, Path("no/app.zip"), "--sign", Path("sign.pem")}), 10);
  EXPECT_EQ(Read(rom_), before);
}

}  // namespace
}  // namespace strata::cli
