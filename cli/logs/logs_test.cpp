// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>

#include "support/event_reader.hpp"
#include "support/test_bed.hpp"

namespace strata::cli {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

std::string Event(int id, const std::string& type, const std::string& text) {
  return "id: " + std::to_string(id) + "\ndata: {\"id\":" + std::to_string(id) +
         R"(,"timestamp":"2026-01-31T12:34:56.000789Z","type":")" + type + R"(","text":")" + text +
         "\"}\n\n";
}

class Logs : public TestBed {
 protected:
  Logs() { SignInByEnvironment(); }

  void AnswerBegin(const std::string& logs = "[]") {
    cloud_.Answer(200, R"({"logs":)" + logs + "}");
    cloud_.Answer(200, "{}");
  }

  [[nodiscard]] std::vector<std::string> LastEventIds() const {
    std::vector<std::string> ids;
    for (const HttpRequest& request : cloud_.requests) {
      if (request.path.find("/Stream") != std::string::npos) {
        ids.push_back(request.headers.empty() ? "" : request.headers.front().second);
      }
    }
    return ids;
  }
};

TEST_F(Logs, Stream_EnablesLoggingAndWritesTheOriginalsLines) {
  AnswerBegin(R"([{"id":7}])");
  cloud_.Answer(200,
                "retry: 2000\nid: 7\n\n:\n\n" + Event(8, "app_logging", "hello") +
                    Event(9, "connection", "up"));
  ASSERT_EQ(Run({"logs", "stream", "board", "--lines", "2"}), 0) << err_;
  EXPECT_EQ(out_,
            "2026-01-31T12:34:56.000789Z [app_logging] hello\n"
            "2026-01-31T12:34:56.000789Z [connection]  up\n");
  EXPECT_THAT(err_, HasSubstr("Logging from board..."));
  ASSERT_EQ(cloud_.requests.size(), 3U);
  EXPECT_EQ(cloud_.requests[1].form, (Fields{{"LoggingEnabled", "true"}}));
  EXPECT_EQ(cloud_.requests[2].path, "/v1/Devices/board/Logs/Stream");
  EXPECT_THAT(LastEventIds(), ElementsAre("7"));
}

TEST_F(Logs, Stream_InTheOriginalsSpelling) {
  for (const std::vector<std::string>& words :
       {std::vector<std::string>{"microvisor:logs:stream", "UV1"}, {"logs:stream", "UV1"}}) {
    AnswerBegin();
    cloud_.Answer(200, Event(1, "ota_update", "COMPLETE"));
    std::vector<std::string> arguments = words;
    arguments.insert(arguments.end(), {"--lines", "1"});
    EXPECT_EQ(Run(arguments), 0) << err_;
    EXPECT_THAT(out_, HasSubstr("[ota_update]  COMPLETE\n"));
  }
}

TEST_F(Logs, Stream_ThatBreaks_GoesOnBehindItsLastLine) {
  AnswerBegin();
  cloud_.Answer(200, Event(3, "app_logging", "one") + "id: 4\ndata: {\"half");
  cloud_.answers.emplace_back(Local(Code::kCloudUnreachable, "gone"));
  cloud_.Answer(503, R"({"code":20503,"message":"starting","status":503})");
  cloud_.Answer(200, Event(4, "app_logging", "two"));
  const auto began = clock_;
  ASSERT_EQ(Run({"logs", "stream", "board", "--lines", "2"}), 0) << err_;
  EXPECT_THAT(LastEventIds(), ElementsAre("0", "3", "3", "3"));
  EXPECT_GE(clock_ - began, std::chrono::seconds(3)) << "with pauses";
  EXPECT_THAT(out_, HasSubstr("two"));
}

TEST_F(Logs, Stream_OfARevokedKey_IsTheCloudsRefusal) {
  AnswerBegin();
  cloud_.Answer(200, "");
  cloud_.Answer(401, R"({"code":20003,"message":"no","status":401})");
  EXPECT_EQ(Run({"logs", "stream", "board"}), 20);
}

TEST_F(Logs, Stream_WithAReadersKey_LooksOnly) {
  cloud_.Answer(200, R"({"logs":[]})");
  cloud_.Answer(403, R"({"code":20006,"message":"this needs deploy","status":403})");
  cloud_.Answer(200, Event(1, "app_logging", "seen"));
  ASSERT_EQ(Run({"logs", "stream", "board", "--lines", "1"}), 0) << err_;
  EXPECT_THAT(err_, HasSubstr("this needs deploy"));
  EXPECT_THAT(out_, HasSubstr("seen"));
}

TEST_F(Logs, Stream_NoEnable_ChangesNothing) {
  cloud_.Answer(200, Event(1, "app_logging", "seen"));
  ASSERT_EQ(Run({"logs", "stream", "board", "--no-enable", "--lines", "1"}), 0) << err_;
  EXPECT_EQ(cloud_.requests.size(), 1U);
}

TEST_F(Logs, Stream_Past_ShowsWhatIsKeptAndEnds) {
  cloud_.Answer(200, "retry: 2000\nid: 0\n\n" + Event(1, "app_logging", "old"));
  ASSERT_EQ(Run({"logs", "stream", "board", "--past"}), 0) << err_;
  EXPECT_THAT(out_, HasSubstr("old"));
  ASSERT_EQ(cloud_.requests.size(), 1U);
  EXPECT_EQ(cloud_.requests[0].path, "/v1/Devices/board/Logs/Stream?Follow=false");
  EXPECT_THAT(LastEventIds(), ElementsAre("0"));
}

TEST_F(Logs, Stream_Formats) {
  AnswerBegin();
  cloud_.Answer(200, Event(1, "app_logging", "a\\tb"));
  ASSERT_EQ(Run({"logs", "stream", "board", "--lines", "1", "-o", "json"}), 0);
  EXPECT_THAT(out_, HasSubstr(R"("type":"app_logging","text":"a\tb"})"));
  AnswerBegin();
  cloud_.Answer(200, Event(1, "app_logging", "\\u001b[31m"));
  ASSERT_EQ(Run({"logs", "stream", "board", "--lines", "1", "-o", "tsv"}), 0);
  EXPECT_EQ(out_, "2026-01-31T12:34:56.000789Z\tapp_logging\t\\x1B[31m\n");
}

TEST(EventReader, CutsEventsWhereverThePiecesEnd) {
  const std::string text =
      ": comment\r\nid: 1\r\ndata: a\r\ndata:b\r\n\r\nid: 2\n\nevent: x\ndata\n\ndata: c\n";
  for (std::size_t size = 1; size < text.size(); ++size) {
    std::vector<std::string> events;
    std::string last_id;
    EventReader reader(last_id, [&events](const std::string& data) {
      events.push_back(data);
      return true;
    });
    for (std::size_t at = 0; at < text.size(); at += size) {
      EXPECT_TRUE(reader.Feed(std::string_view(text).substr(at, size)));
    }
    EXPECT_THAT(events, ElementsAre("a\nb", ""));
    EXPECT_EQ(last_id, "2");
  }
}

TEST(EventReader, TooLarge_IsLeftOut) {
  std::vector<std::string> events;
  std::string last_id;
  EventReader reader(last_id, [&events](const std::string& data) {
    events.push_back(data);
    return true;
  });
  EXPECT_TRUE(reader.Feed("id: 1\ndata: "));
  for (int i = 0; i < 33; ++i) {
    EXPECT_TRUE(reader.Feed(std::string(64 * 1024, 'x')));
  }
  EXPECT_TRUE(reader.Feed("\n\ndata: small\n\n"));
  EXPECT_THAT(events, ElementsAre("small"));
}

}  // namespace
}  // namespace strata::cli
