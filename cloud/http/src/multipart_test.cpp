// SPDX-License-Identifier: Apache-2.0
#include "multipart.hpp"

#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

namespace strata::cloud::http {
namespace {

using State = MultipartParser::State;
using Parts = std::vector<std::pair<std::string, std::string>>;

class Collector final : public MultipartSink {
 public:
  bool OnPart(std::string_view name) override {
    parts.emplace_back(name, "");
    return name != stop_at;
  }

  bool OnData(std::string_view piece) override {
    parts.back().second += piece;
    return true;
  }

  bool OnPartEnd() override {
    ++ended;
    return true;
  }

  Parts parts;
  std::size_t ended = 0;
  std::string stop_at = "stop";
};

struct Outcome {
  State state = State::kMore;
  Parts parts;
  std::size_t ended = 0;
};

Outcome Parse(std::string_view body, std::size_t piece_bytes, std::string_view boundary = "B") {
  Collector collector;
  MultipartParser parser(boundary, collector);
  Outcome outcome;
  for (std::size_t at = 0; at < body.size() && outcome.state == State::kMore; at += piece_bytes) {
    outcome.state = parser.Feed(body.substr(at, piece_bytes));
  }
  outcome.parts = collector.parts;
  outcome.ended = collector.ended;
  return outcome;
}

std::string Part(const std::string& name, const std::string& data) {
  return "--B\r\nContent-Disposition: form-data; name=\"" + name + "\"\r\n\r\n" + data + "\r\n";
}

TEST(Multipart, Feed_InPiecesOfAnySize_GivesTheSameParts) {
  const std::string data = "a\r\n--\r\n--A\r\n--\r\nBB\r\r\n-" + std::string(100, '\0');
  const std::string body = "pre\r\n" + Part("One", data) + Part("Two", "") + "--B--\r\nafter";
  const Parts expected = {{"One", data}, {"Two", ""}};
  for (std::size_t piece = 1; piece <= body.size(); ++piece) {
    const Outcome outcome = Parse(body, piece);
    ASSERT_EQ(outcome.state, State::kDone) << piece;
    ASSERT_EQ(outcome.parts, expected) << piece;
    ASSERT_EQ(outcome.ended, 2U) << piece;
  }
}

TEST(Multipart, Feed_WithoutItsLastBoundary_WantsMore) {
  EXPECT_EQ(Parse(Part("One", "data"), 1000).state, State::kMore);
  EXPECT_EQ(Parse(Part("One", "data") + "--B", 1000).state, State::kMore);
}

TEST(Multipart, Feed_SinkStops_Stops) {
  EXPECT_EQ(Parse(Part("stop", "data"), 7).state, State::kStopped);
}

TEST(Multipart, Feed_MalformedPart_IsRefused) {
  for (const std::string& body :
       {std::string("--B\r\nContent-Type: text/plain\r\n\r\nx\r\n--B--"),
        std::string("--B\r\n\r\nx\r\n--B--"),
        std::string("--Bx\r\nContent-Disposition: form-data; name=a\r\n\r\nx\r\n--B--"),
        std::string("--B\r\nContent-Disposition: attachment; name=a\r\n\r\nx\r\n--B--"),
        "--B\r\n" + std::string(9000, 'h') + "\r\n\r\n",
        "--B" + std::string(9000, ' ')}) {
    EXPECT_EQ(Parse(body, 100).state, State::kMalformed) << body.substr(0, 60);
  }
}

TEST(Multipart, Feed_QuotedName_IsUnquoted) {
  const Outcome outcome = Parse(
      "--B\r\nCONTENT-DISPOSITION: Form-Data; filename=\"a;name=x\"; "
      "name=\"a\\\"b\"\r\n\r\nx\r\n--B--",
      5);
  EXPECT_EQ(outcome.parts, (Parts{{"a\"b", "x"}}));
}

TEST(Multipart, BoundaryOf_LegalAndIllegalTypes_AreToldApart) {
  EXPECT_EQ(BoundaryOf("multipart/form-data; boundary=abc"), "abc");
  EXPECT_EQ(BoundaryOf("Multipart/Form-Data; charset=x; Boundary=\"a b\""), "a b");
  for (const char* bad : {"multipart/form-data",
                          "multipart/form-data; boundary=",
                          "multipart/form-data; boundary=\"a \"",
                          "multipart/form-data; boundary=\"a\x01\"",
                          "multipart/mixed; boundary=abc",
                          ""}) {
    EXPECT_FALSE(BoundaryOf(bad)) << bad;
  }
  EXPECT_FALSE(BoundaryOf("multipart/form-data; boundary=" + std::string(71, 'a')));
}

}  // namespace
}  // namespace strata::cloud::http
