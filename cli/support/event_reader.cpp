// SPDX-License-Identifier: Apache-2.0
#include "support/event_reader.hpp"

namespace strata::cli {

void EventReader::Append(std::string& to, std::string_view text) {
  if (to.size() + text.size() > kMaxBytes) {
    too_large_ = true;
    return;
  }
  to += text;
}

bool EventReader::EndEvent() {
  if (has_id_) {
    last_id_ = id_;
  }
  const bool whole = has_data_ && !too_large_;
  const std::string data = std::move(data_);
  data_.clear();
  id_.clear();
  has_id_ = has_data_ = too_large_ = false;
  return !whole || take_(data);
}

bool EventReader::TakeLine() {
  std::string_view line(line_);
  if (line.ends_with('\r')) {
    line.remove_suffix(1);
  }
  if (line.empty()) {
    return EndEvent();
  }
  const std::size_t colon = line.find(':');
  const std::string_view name = line.substr(0, colon);
  std::string_view value = colon == std::string_view::npos ? "" : line.substr(colon + 1);
  if (value.starts_with(' ')) {
    value.remove_prefix(1);
  }
  if (name == "data") {
    if (has_data_) {
      Append(data_, "\n");
    }
    Append(data_, value);
    has_data_ = true;
  } else if (name == "id" && value.size() <= 64) {
    id_ = value;
    has_id_ = true;
  }
  return true;
}

bool EventReader::Feed(std::string_view piece) {
  while (!piece.empty()) {
    const std::size_t end = piece.find('\n');
    Append(line_, piece.substr(0, end));
    if (end == std::string_view::npos) {
      return true;
    }
    piece.remove_prefix(end + 1);
    const bool more = TakeLine();
    line_.clear();
    if (!more) {
      return false;
    }
  }
  return true;
}

}  // namespace strata::cli
