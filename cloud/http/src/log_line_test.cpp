// SPDX-License-Identifier: Apache-2.0
#include "strata/cloud/http/log_line.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "client_test.hpp"
#include "server_world_test.hpp"

namespace strata::cloud {
namespace {

using testing::HasSubstr;
using testing::MatchesRegex;
using testing::Not;

/// What stands behind the time.
std::string Rest(const std::string& line) {
  return line.substr(std::min(line.find_first_of(" ,") + 1, line.size()));
}

TEST(LogLine, BothFormats_HaveTheSameFields) {
  LogLine line;
  line.Add("job", "garbage").AddNumber("removed", -3).Add("words", "a \"b\"");
  const std::string json = line.Text(LogFormat::kJson);
  const std::string text = line.Text(LogFormat::kText);
  EXPECT_EQ(Rest(json), "\"job\":\"garbage\",\"removed\":-3,\"words\":\"a \\\"b\\\"\"}\n");
  EXPECT_EQ(Rest(text), "job=garbage removed=-3 words=\"a \\\"b\\\"\"\n");
  EXPECT_THAT(text, MatchesRegex("time=[-0-9]{10}T[:0-9]{8}Z .*\n"));
  EXPECT_THAT(ParseJson(json).at("time").as_string().c_str(), HasSubstr("Z"));
}

TEST(LogLine, Values_NeitherEndTheLineNorLookLikeAField) {
  for (const char* value : {"a\nstatus=200",
                            "a status=200",
                            "a\"",
                            "=",
                            "",
                            "\x1b[31m",
                            "\xc3\xa9",
                            "back\\slash",
                            "\r"}) {
    LogLine line;
    line.Add("path", value);
    for (const LogFormat format : {LogFormat::kJson, LogFormat::kText}) {
      const std::string text = line.Text(format);
      EXPECT_EQ(text.find('\n'), text.size() - 1) << value;
      EXPECT_THAT(text, Not(HasSubstr("\x1b"))) << value;
    }
    EXPECT_THAT(line.Text(LogFormat::kText), HasSubstr(" path=\"")) << value;
  }
}

class LogServer : public ServerWorld {
 protected:
  /// The lines that the server wrote.
  std::string Lines() {
    server.reset();
    ::close(pipe_[1]);
    std::string text;
    char buffer[4096];
    for (ssize_t got = 0; (got = ::read(pipe_[0], buffer, sizeof buffer)) > 0;) {
      text.append(buffer, static_cast<std::size_t>(got));
    }
    ::close(pipe_[0]);
    return text;
  }

  void Begin(LogFormat format) {
    ASSERT_EQ(::pipe(pipe_), 0);
    config.log = {.fd = pipe_[1], .format = format};
    Start();
  }

  int pipe_[2] = {-1, -1};
};

TEST_F(LogServer, Request_IsOneLineWithoutSecrets) {
  for (const LogFormat format : {LogFormat::kJson, LogFormat::kText}) {
    Begin(format);
    ASSERT_EQ(People()->Ask(Request("GET", "/v1/Apps?PageToken=s3cret")).status, 400);
    const std::string text = Lines();
    EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 1) << text;
    EXPECT_THAT(text, HasSubstr("/v1/Apps"));
    EXPECT_THAT(text, HasSubstr("400"));
    EXPECT_THAT(text, Not(HasSubstr("s3cret")));
    EXPECT_THAT(text, Not(HasSubstr(world.token)));
    EXPECT_EQ(text.front() == '{', format == LogFormat::kJson);
  }
}

}  // namespace
}  // namespace strata::cloud
