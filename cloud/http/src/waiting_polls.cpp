// SPDX-License-Identifier: Apache-2.0
#include "strata/cloud/http/waiting_polls.hpp"

#include <utility>

namespace strata::cloud {

void WaitingPolls::DesiredStateChanged(const DeviceSid& device) {
  const std::lock_guard lock(mutex_);
  const auto found = waiting_.find(device);
  if (found == waiting_.end()) {
    return;
  }
  for (const auto& [ticket, wake] : found->second.wakes) {
    wake(Reason::kChanged);
  }
}

void WaitingPolls::KeysChanged(const AccountSid& account) {
  const std::lock_guard lock(mutex_);
  for (const auto& [device, of_device] : waiting_) {
    if (of_device.account != account) {
      continue;
    }
    for (const auto& [ticket, wake] : of_device.wakes) {
      wake(Reason::kChanged);
    }
  }
}

void WaitingPolls::LogsArrived(const DeviceSid& device) {
  streams_.WakeTopic(device.text());
}

void WaitingPolls::EventsArrived(const AccountSid& account) {
  streams_.WakeTopic(account.text());
  if (on_events_) {
    on_events_();
  }
}

void WaitingPolls::AccessChanged(const AccountSid& account) {
  streams_.WakeAccount(account);
}

std::uint64_t WaitingPolls::Register(const AccountSid& account,
                                     const DeviceSid& device,
                                     Wake wake) {
  const std::lock_guard lock(mutex_);
  auto& wakes = waiting_.try_emplace(device, OfDevice{.account = account}).first->second.wakes;
  if (wakes.size() >= kPerDevice) {
    // It unregisters itself later; waking it twice does no harm.
    wakes.begin()->second(Reason::kGiveUp);
  }
  const std::uint64_t ticket = ++last_ticket_;
  const auto placed = wakes.emplace(ticket, std::move(wake)).first;
  if (stopped_) {
    placed->second(Reason::kGiveUp);
  }
  return ticket;
}

void WaitingPolls::Unregister(const DeviceSid& device, std::uint64_t ticket) {
  const std::lock_guard lock(mutex_);
  const auto found = waiting_.find(device);
  if (found == waiting_.end()) {
    return;
  }
  found->second.wakes.erase(ticket);
  if (found->second.wakes.empty()) {
    waiting_.erase(found);
  }
}

void WaitingPolls::Stop() {
  streams_.Stop();
  const std::lock_guard lock(mutex_);
  stopped_ = true;
  for (const auto& [device, of_device] : waiting_) {
    for (const auto& [ticket, wake] : of_device.wakes) {
      wake(Reason::kGiveUp);
    }
  }
}

std::size_t WaitingPolls::size() const {
  const std::lock_guard lock(mutex_);
  std::size_t count = 0;
  for (const auto& [device, of_device] : waiting_) {
    count += of_device.wakes.size();
  }
  return count;
}

}  // namespace strata::cloud
