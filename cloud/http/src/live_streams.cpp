// SPDX-License-Identifier: Apache-2.0
#include "strata/cloud/http/live_streams.hpp"

#include <utility>

namespace strata::cloud {

std::optional<std::uint64_t> LiveStreams::Open(const AccountSid& account,
                                               std::string topic,
                                               std::size_t limit,
                                               Wake wake) {
  const std::lock_guard lock(mutex_);
  if (const auto others = accounts_.find(account);
      limit != 0 && others != accounts_.end() && others->second.size() >= limit) {
    return std::nullopt;
  }
  const std::uint64_t ticket = ++last_ticket_;
  accounts_[account].insert(ticket);
  topics_[topic].insert(ticket);
  const auto placed =
      streams_.emplace(ticket, Stream{account, std::move(topic), std::move(wake)}).first;
  if (stopped_) {
    placed->second.wake(true);
  }
  return ticket;
}

void LiveStreams::Close(std::uint64_t ticket) {
  const std::lock_guard lock(mutex_);
  const auto found = streams_.find(ticket);
  if (found == streams_.end()) {
    return;
  }
  const auto topic = topics_.find(found->second.topic);
  topic->second.erase(ticket);
  if (topic->second.empty()) {
    topics_.erase(topic);
  }
  const auto account = accounts_.find(found->second.account);
  account->second.erase(ticket);
  if (account->second.empty()) {
    accounts_.erase(account);
  }
  streams_.erase(found);
}

void LiveStreams::WakeTopic(std::string_view topic) {
  const std::lock_guard lock(mutex_);
  const auto found = topics_.find(topic);
  if (found == topics_.end()) {
    return;
  }
  for (const std::uint64_t ticket : found->second) {
    streams_.at(ticket).wake(false);
  }
}

void LiveStreams::WakeAccount(const AccountSid& account) {
  const std::lock_guard lock(mutex_);
  const auto found = accounts_.find(account);
  if (found == accounts_.end()) {
    return;
  }
  for (const std::uint64_t ticket : found->second) {
    streams_.at(ticket).wake(false);
  }
}

void LiveStreams::Stop() {
  const std::lock_guard lock(mutex_);
  stopped_ = true;
  for (const auto& [ticket, stream] : streams_) {
    stream.wake(true);
  }
}

std::size_t LiveStreams::size() const {
  const std::lock_guard lock(mutex_);
  return streams_.size();
}

}  // namespace strata::cloud
