// SPDX-License-Identifier: Apache-2.0
#include "connection.hpp"

#include <algorithm>

namespace strata::engine {
namespace {

constexpr std::uint32_t kNever = 0xFFFFFFFF;

std::uint32_t Until(std::uint64_t at_ms, std::uint64_t now_ms) {
  return at_ms <= now_ms
             ? 0
             : static_cast<std::uint32_t>(std::min<std::uint64_t>(at_ms - now_ms, kNever));
}

}  // namespace

std::uint64_t Connection::CloseAt() const {
  return used_ms_ + std::uint64_t{policy_.grace_sec} * 1000;
}

std::uint64_t Connection::OpenAt() const {
  return answer_ms_ + std::uint64_t{policy_.check_in_sec} * 1000;
}

void Connection::OnAnswer(std::uint64_t now_ms) {
  answered_ = true;
  answer_ms_ = now_ms;
  used_ms_ = now_ms;
}

bool Connection::Decide(std::uint64_t now_ms, bool needed) {
  if (needed) {
    used_ms_ = now_ms;
  }
  if (!open_ && (needed || Stays() || now_ms >= OpenAt())) {
    open_ = true;
    answered_ = false;
  }
  if (open_ && !needed && !Stays() && answered_ && now_ms >= CloseAt()) {
    open_ = false;
  }
  return open_;
}

std::uint32_t Connection::WaitMs(std::uint64_t now_ms) const {
  if (!open_) {
    return Until(OpenAt(), now_ms);
  }
  return answered_ && !Stays() ? Until(CloseAt(), now_ms) : kNever;
}

}  // namespace strata::engine
