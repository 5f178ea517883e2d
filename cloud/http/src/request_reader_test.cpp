// SPDX-License-Identifier: Apache-2.0
#include "request_reader.hpp"

#include <algorithm>
#include <string>

#include <gtest/gtest.h>

namespace strata::cloud::http {
namespace {

using State = RequestReader::State;

constexpr std::uint32_t kLimit = 1000;
constexpr const char* kStart = "GET / HTTP/1.1\r\nHost: x\r\n";
constexpr const char* kChunked = "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n";

/// A reader with what a connection keeps for it.
struct Connection {
  RequestReader reader{kLimit};
  std::string buffer;

  State Head(const std::string& piece) {
    buffer += piece;
    std::size_t used = 0;
    const State state = reader.PutHead(buffer, used);
    buffer.erase(0, used);
    return state;
  }

  State Body(const std::string& piece) {
    buffer += piece;
    std::size_t used = 0;
    const State state = reader.PutBody(buffer, used, [](std::string_view) { return true; });
    buffer.erase(0, used);
    return state;
  }
};

/// A head of exactly `size` bytes, its last field long.
std::string HeadOf(std::size_t size) {
  const std::string start = std::string(kStart) + "A: ";
  return start + std::string(size - start.size() - 4, 'a') + "\r\n\r\n";
}

TEST(RequestReader, Head_OfExactlyTheLimit_IsReadInPiecesOfAnySize) {
  for (const std::size_t piece : {1U, 2U, 3U, 7U, 64U, 999U, 1000U}) {
    for (const std::size_t size : {kLimit, kLimit + 1}) {
      const std::string head = HeadOf(size);
      Connection connection;
      State state = State::kMore;
      for (std::size_t at = 0; at < head.size() && state == State::kMore; at += piece) {
        state = connection.Head(head.substr(at, piece));
      }
      EXPECT_EQ(state, size == kLimit ? State::kDone : State::kTooLarge) << size << " by " << piece;
    }
  }
}

TEST(RequestReader, Head_OfFieldsWithoutEnd_IsTooLargeHoweverItIsCut) {
  // 0: pieces end with a field; 1 to 4: behind so many characters of the next one.
  for (std::size_t cut = 0; cut < 5; ++cut) {
    const std::string field = "X-a: 1\r\n";
    Connection connection;
    State state = connection.Head(kStart + field.substr(0, cut));
    std::size_t sent = 0;
    while (state == State::kMore && sent < 100 * kLimit) {
      const std::string piece = field.substr(cut) + field.substr(0, cut);
      sent += piece.size();
      state = connection.Head(piece);
    }
    EXPECT_EQ(state, State::kTooLarge) << cut;
    EXPECT_LE(sent, kLimit + field.size()) << cut;
  }
}

TEST(RequestReader, Body_ThatGoesOnAfterwards_DoesNotCountAsHead) {
  Connection connection;
  EXPECT_EQ(connection.Head("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5000\r\n\r\n" +
                            std::string(5000, 'b')),
            State::kDone);
  EXPECT_EQ(connection.Body(""), State::kDone);
}

TEST(RequestReader, Chunks_LineOrTrailerWithoutEnd_IsBadAndNotKept) {
  for (const char* begin : {"5;a=", "0\r\nX: ", "0\r\nX", "0", "5\r\nhello\r\n1;"}) {
    for (const char* piece : {"a", "-a: 1\r\nX", "0", "; a"}) {
      Connection connection;
      ASSERT_EQ(connection.Head(kChunked), State::kDone);
      State state = connection.Body(begin);
      std::size_t most = 0;
      for (std::size_t sent = 0; state == State::kMore && sent < 10 * kLimit; ++sent) {
        state = connection.Body(piece);
        most = std::max(most, connection.buffer.size());
      }
      EXPECT_EQ(state, State::kBad) << begin << piece;
      EXPECT_LE(most, kLimit + 16) << begin << piece;
    }
  }
}

TEST(RequestReader, Chunks_CutAnywhere_AreReadAlike) {
  for (const std::string& body : {std::string("0\r\n\r\n"),
                                  std::string("5\r\nhello\r\n0\r\n\r\n"),
                                  std::string("1;a=b\r\nx\r\n00;c\r\nX: y\r\nZ: w\r\n\r\n")}) {
    for (std::size_t first = 0; first <= body.size(); ++first) {
      for (std::size_t second = first; second <= body.size(); ++second) {
        Connection connection;
        ASSERT_EQ(connection.Head(kChunked), State::kDone);
        State state = State::kMore;
        for (const std::string& piece :
             {body.substr(0, first), body.substr(first, second - first), body.substr(second)}) {
          EXPECT_EQ(state, State::kMore) << first << " " << second;
          state = piece.empty() ? state : connection.Body(piece);
          if (state == State::kDone) {
            break;
          }
        }
        EXPECT_EQ(state, State::kDone) << first << " " << second;
        EXPECT_TRUE(connection.buffer.empty());
      }
    }
  }
}

TEST(RequestReader, Chunks_ManySmallOnesAndATrailer_AreRead) {
  Connection connection;
  ASSERT_EQ(connection.Head(kChunked), State::kDone);
  for (std::size_t i = 0; i < 10 * kLimit; ++i) {
    ASSERT_EQ(connection.Body("1;a=b\r\nx\r\n"), State::kMore);
  }
  EXPECT_EQ(connection.Body("0\r\nX: y\r\n\r\n"), State::kDone);
}

TEST(RequestReader, IsHost_WhatCouldBreakAUrl_IsRefused) {
  EXPECT_TRUE(IsHost("a.example:80"));
  EXPECT_TRUE(IsHost("[::1]:8443"));
  for (const char* bad : {"", "a/b", "a b", "a@b", "a\"", "a?b", "a\\b"}) {
    EXPECT_FALSE(IsHost(bad)) << bad;
  }
}

}  // namespace
}  // namespace strata::cloud::http
