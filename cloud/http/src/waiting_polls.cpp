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
  for (const auto& [ticket, wake] : found->second) {
    wake(Reason::kChanged);
  }
}

std::uint64_t WaitingPolls::Register(const DeviceSid& device, Wake wake) {
  const std::lock_guard lock(mutex_);
  OfDevice& of_device = waiting_[device];
  if (of_device.size() >= kPerDevice) {
    // It unregisters itself later; waking it twice does no harm.
    of_device.begin()->second(Reason::kGiveUp);
  }
  const std::uint64_t ticket = ++last_ticket_;
  const auto placed = of_device.emplace(ticket, std::move(wake)).first;
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
  found->second.erase(ticket);
  if (found->second.empty()) {
    waiting_.erase(found);
  }
}

void WaitingPolls::Stop() {
  const std::lock_guard lock(mutex_);
  stopped_ = true;
  for (const auto& [device, of_device] : waiting_) {
    for (const auto& [ticket, wake] : of_device) {
      wake(Reason::kGiveUp);
    }
  }
}

std::size_t WaitingPolls::size() const {
  const std::lock_guard lock(mutex_);
  std::size_t count = 0;
  for (const auto& [device, of_device] : waiting_) {
    count += of_device.size();
  }
  return count;
}

}  // namespace strata::cloud
