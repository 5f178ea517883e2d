// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>

#include "strata/format/bundle/keys.hpp"

#include "audit/verify_log.hpp"
#include "support/test_bed.hpp"

namespace strata::cli {
namespace {

using bundle::PrivateKey;
using testing::HasSubstr;

std::string HexOf(ByteSpan bytes) {
  std::string text(2 * bytes.size(), '\0');
  ToHex(bytes, text);
  return text;
}

/// Writes logs by the words of docs/spec/audit.md alone.
class Writer {
 public:
  std::string Entry(const std::string& account = "AC1", const std::string& resource = "KA1") {
    const std::string text = "{\"sequence\":" + std::to_string(++sequence_) +
                             ",\"account_sid\":\"" + account + "\",\"resource\":\"" + resource +
                             "\",\"previous_hash\":\"" + hash_ + "\"";
    const std::string covered = std::string("strata-audit-v1\0", 16) + text;
    hash_ = HexOf(bundle::Sha256(AsBytes(covered)).bytes);
    return text + ",\"hash\":\"" + hash_ + "\"}\n";
  }

  [[nodiscard]] std::string Checkpoint(const PrivateKey& key,
                                       const std::string& account = "AC1") const {
    std::string pem = *bundle::PublicKeyToPem(key.public_key());
    for (std::size_t at = 0; (at = pem.find('\n', at)) != std::string::npos; at += 2) {
      pem.replace(at, 1, "\\n");
    }
    const std::string text = "{\"checkpoint\":" + std::to_string(sequence_) +
                             ",\"account_sid\":\"" + account + "\",\"hash\":\"" + hash_ +
                             "\",\"public_key\":\"" + pem + "\"";
    const Signature signature = *key.Sign("strata-audit-checkpoint-v1", AsBytes(text));
    return text + ",\"signature\":\"" + HexOf(signature) + "\"}\n";
  }

 private:
  std::uint64_t sequence_ = 0;
  std::string hash_ = std::string(64, '0');
};

class VerifyAudit : public testing::Test {
 protected:
  VerifyAudit() : key_(std::move(PrivateKey::Generate()).value()) {
    for (int i = 0; i < 5; ++i) {
      lines_.push_back(writer_.Entry());
      if (i == 2) {
        lines_.push_back(writer_.Checkpoint(key_));
      }
    }
    lines_.push_back(writer_.Checkpoint(key_));
  }

  static std::string Join(const std::vector<std::string>& lines) {
    std::string text;
    for (const std::string& line : lines) {
      text += line;
    }
    return text;
  }

  [[nodiscard]] Expected<AuditLogFacts> Verify(const std::vector<std::string>& lines) const {
    return VerifyAuditLog(Join(lines), key_.public_key(), {});
  }

  static int CodeOf(const Expected<AuditLogFacts>& result) {
    return result.ok() ? 0 : result.error().code;
  }

  PrivateKey key_;
  Writer writer_;
  std::vector<std::string> lines_;  ///< entries 1 2 3, checkpoint, 4 5, checkpoint
};

TEST_F(VerifyAudit, WholeLog_SaysWhatItProves) {
  const auto facts = Verify(lines_);
  ASSERT_TRUE(facts.ok()) << facts.error().message;
  EXPECT_EQ(facts.value().account_sid, "AC1");
  EXPECT_EQ(facts.value().first, 1U);
  EXPECT_EQ(facts.value().last, 5U);
  EXPECT_EQ(facts.value().checkpoints, 2U);
  EXPECT_EQ(facts.value().signed_up_to, 5U);
}

TEST_F(VerifyAudit, PrunedLog_BeginsBehindItsCheckpoint) {
  const std::vector<std::string> pruned(lines_.begin() + 3, lines_.end());
  const auto facts = Verify(pruned);
  ASSERT_TRUE(facts.ok()) << facts.error().message;
  EXPECT_EQ(facts.value().first, 4U);
  EXPECT_FALSE(Verify({lines_[4], lines_[5]}).ok()) << "without the checkpoint it could be any log";
}

TEST_F(VerifyAudit, AnyTampering_IsFound) {
  for (std::size_t i = 0; i < lines_.size(); ++i) {
    for (std::size_t at = 0; at + 1 < lines_[i].size(); ++at) {
      auto changed = lines_;
      changed[i][at] = changed[i][at] == '7' ? '8' : '7';
      EXPECT_FALSE(Verify(changed).ok()) << "line " << i << " character " << at;
    }
    auto removed = lines_;
    removed.erase(removed.begin() + static_cast<std::ptrdiff_t>(i));
    const bool last = i + 1 == lines_.size();
    const bool checkpoint = i == 3 || last;
    EXPECT_EQ(Verify(removed).ok(), checkpoint) << "a checkpoint may go, an entry may not: " << i;
    auto doubled = lines_;
    doubled.insert(doubled.begin() + static_cast<std::ptrdiff_t>(i), lines_[i]);
    EXPECT_EQ(Verify(doubled).ok(), checkpoint) << i;
    if (!last) {
      auto swapped = lines_;
      std::swap(swapped[i], swapped[i + 1]);
      EXPECT_FALSE(Verify(swapped).ok()) << i;
    }
  }
}

TEST_F(VerifyAudit, RewrittenChain_IsFoundByItsCheckpoints) {
  Writer forger;
  std::vector<std::string> forged = {forger.Entry(), forger.Entry("AC1", "KA2"), forger.Entry()};
  EXPECT_TRUE(Verify(forged).ok()) << "hashes alone prove no author";
  forged.push_back(lines_[3]);
  EXPECT_EQ(CodeOf(Verify(forged)), 109);
  const auto other = std::move(PrivateKey::Generate()).value();
  forged.back() = forger.Checkpoint(other);
  EXPECT_EQ(CodeOf(Verify(forged)), 205) << "signed by another key than the known one";
  EXPECT_TRUE(VerifyAuditLog(Join(forged), std::nullopt, {}).ok());
  forged.insert(forged.begin() + 3, forger.Checkpoint(key_));
  EXPECT_EQ(CodeOf(VerifyAuditLog(Join(forged), std::nullopt, {})), 205) << "two keys";
}

TEST_F(VerifyAudit, CutTail_IsFoundByAKnownCheckpoint) {
  const auto known = ReadCheckpoints(Join(lines_));
  ASSERT_TRUE(known.ok());
  const std::vector<std::string> cut(lines_.begin(), lines_.begin() + 4);
  EXPECT_TRUE(Verify(cut).ok());
  const auto found = VerifyAuditLog(Join(cut), std::nullopt, known.value());
  ASSERT_FALSE(found.ok());
  EXPECT_THAT(found.error().message, HasSubstr("its end was cut off"));
  EXPECT_TRUE(VerifyAuditLog(Join(lines_), std::nullopt, known.value()).ok());
  const std::vector<std::string> pruned(lines_.begin() + 6, lines_.end());
  EXPECT_TRUE(VerifyAuditLog(Join(pruned), std::nullopt, known.value()).ok())
      << "older than the log's begin";
}

TEST_F(VerifyAudit, KnownCheckpointOfAnotherHistory_IsFound) {
  Writer other;
  std::vector<std::string> history;
  for (int i = 0; i < 3; ++i) {
    history.push_back(other.Entry("AC1", "KA9"));
  }
  const auto known = ReadCheckpoints(other.Checkpoint(key_));
  EXPECT_EQ(CodeOf(VerifyAuditLog(Join(lines_), std::nullopt, known.value())), 109);
  const auto foreign = ReadCheckpoints(writer_.Checkpoint(key_, "AC2"));
  EXPECT_EQ(CodeOf(VerifyAuditLog(Join(lines_), std::nullopt, foreign.value())), 109);
}

TEST_F(VerifyAudit, OtherTexts_AreNoLogs) {
  for (const std::string& text : {std::string(),
                                  std::string("\n"),
                                  std::string("{}\n"),
                                  std::string("[]\n"),
                                  std::string("{\"checkpoint\":1}\n"),
                                  lines_[0] + "\n",
                                  lines_[0] + writer_.Entry("AC2"),
                                  "{\"sequence\":1" + std::string(kMaxAuditLineBytes, ' ') + "}"}) {
    EXPECT_FALSE(VerifyAuditLog(text, std::nullopt, {}).ok()) << text.substr(0, 100);
  }
}

class Audit : public TestBed {
 protected:
  Audit() { SignInByEnvironment(); }

  /// The example of docs/spec/audit.md: two entries and a checkpoint.
  static std::vector<std::string> Example() {
    const std::string page = Read(std::string(STRATA_SOURCE_DIR) + "/docs/spec/audit.md");
    std::istringstream lines(page.substr(page.rfind("```\n{") + 4));
    std::vector<std::string> example(3);
    for (std::string& line : example) {
      std::getline(lines, line);
    }
    return example;
  }
};

TEST_F(Audit, ExportAndVerify_TheWorkedExample) {
  const auto lines = Example();
  cloud_.Answer(201, lines[2]);
  cloud_.Answer(200, R"({"audit_checkpoints":[)" + lines[2] + R"(],"meta":{}})");
  cloud_.Answer(200, R"({"audit_log":[)" + lines[1] + "," + lines[0] + R"(],"meta":{}})");
  ASSERT_EQ(Run({"audit", "export", Path("log.jsonl")}), 0) << err_;
  EXPECT_EQ(cloud_.requests.at(0).method, "POST");
  EXPECT_EQ(cloud_.requests.at(2).path, "/v1/AuditLog?PageSize=1000");
  EXPECT_EQ(Read(Path("log.jsonl")), lines[0] + "\n" + lines[1] + "\n" + lines[2] + "\n")
      << "byte for byte";
  EXPECT_EQ(ModeOf(Path("log.jsonl")), 0600U);
  ASSERT_EQ(Run({"audit", "verify", Path("log.jsonl"), "--checkpoint", Path("log.jsonl")}), 0)
      << err_;
  EXPECT_THAT(err_, HasSubstr("compare its fingerprint"));
  ASSERT_EQ(Run({"audit", "verify", Path("log.jsonl"), "-o", "json"}), 0);
  EXPECT_THAT(out_, HasSubstr("\"signedUpTo\": 2"));
  std::string changed = Read(Path("log.jsonl"));
  changed.replace(changed.find("192.0.2.7"), 9, "192.0.2.8");
  EXPECT_EQ(Run({"audit", "verify", Write("changed.jsonl", changed)}), 10);
  EXPECT_THAT(err_, HasSubstr("line 2: entry 2 was changed"));
  const auto other = std::move(PrivateKey::Generate()).value();
  const std::string pub = Write("other.pub", *bundle::PublicKeyToPem(other.public_key()));
  EXPECT_EQ(Run({"audit", "verify", Path("log.jsonl"), "--key", pub}), 20);
}

TEST_F(Audit, Export_ThatWasPrunedMeanwhile_IsNotWritten) {
  const auto lines = Example();
  cloud_.Answer(201, lines[2]);
  cloud_.Answer(200, R"({"audit_checkpoints":[],"meta":{}})");
  cloud_.Answer(200, R"({"audit_log":[)" + lines[1] + R"(],"meta":{}})");
  EXPECT_EQ(Run({"audit", "export", Path("log.jsonl")}), 60);
  EXPECT_FALSE(std::filesystem::exists(Path("log.jsonl")));
}

TEST_F(Audit, List_PassesItsFilters) {
  cloud_.Answer(200, R"({"audit_log":[)" + Example()[1] + R"(],"meta":{}})");
  ASSERT_EQ(Run({"audit", "list", "--action", "config.create", "--since", "2026-01-01T00:00:00Z"}),
            0);
  EXPECT_EQ(cloud_.requests.at(0).path,
            "/v1/AuditLog?Action=config.create&Since=2026-01-01T00%3A00%3A00Z");
  EXPECT_THAT(out_, HasSubstr("config.create"));
  wall_ = std::chrono::sys_days(std::chrono::year(2026) / 3 / 1) + std::chrono::hours(1);
  cloud_.Answer(200, R"({"audit_log":[],"meta":{}})");
  ASSERT_EQ(Run({"audit", "list", "--since", "24h", "--until", "30m"}), 0) << err_;
  EXPECT_EQ(cloud_.requests.back().path,
            "/v1/AuditLog?Since=2026-02-28T01%3A00%3A00Z&Until=2026-03-01T00%3A30%3A00Z");
  EXPECT_EQ(Run({"audit", "list", "--since", "yesterday"}), 10);
}

}  // namespace
}  // namespace strata::cli
