// SPDX-License-Identifier: Apache-2.0
/// EventReader: cuts server-sent events (HTML Living Standard 9.2) into ids and data. Role: form
/// only; what the data means is the caller's. Security: the text is another machine's; an event of
/// more than 1 MiB is left out.
#pragma once

#include <functional>
#include <string>
#include <string_view>

namespace strata::cli {

class EventReader {
 public:
  /// What is told of each event; false: no more are wanted.
  using Take = std::function<bool(const std::string& data)>;

  /// `last_id` is kept up to date with the events that were told, and outlives this.
  EventReader(std::string& last_id, Take take) : last_id_(last_id), take_(std::move(take)) {}

  /// The next piece of the stream. False: no more are wanted.
  bool Feed(std::string_view piece);

 private:
  static constexpr std::size_t kMaxBytes = 1024 * 1024;

  bool TakeLine();
  bool EndEvent();
  void Append(std::string& to, std::string_view text);

  std::string& last_id_;
  Take take_;
  std::string line_;
  std::string id_;
  std::string data_;
  bool has_id_ = false;
  bool has_data_ = false;
  bool too_large_ = false;
};

}  // namespace strata::cli
